package io.github.dl4jngd.ngd;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.deeplearning4j.nn.gradient.Gradient;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An update of DL4J's with a preconditioner in front, the same for both of its updater classes.
 *
 * <p>DL4J divides the summed gradient by the minibatch size, then comes the preconditioner, then gradient
 * normalisation, L1/L2, the configured updater and weight decay, as ever. A step that is skipped reaches none of them:
 * parameters and updater state stay.
 */
final class PreconditionedStep {

    private static final ThreadLocal<Boolean> OPEN = ThreadLocal.withInitial(() -> false);

    private final Preconditioner preconditioner;
    private final Supplier<INDArray> updaterState;
    private NaturalGradient owner;
    private int iteration;
    private int epoch;

    /**
     * A step of an updater.
     *
     * @param preconditioner what comes first
     * @param updaterState the updater's state, as it is when asked for; null where it has none
     */
    PreconditionedStep(Preconditioner preconditioner, Supplier<INDArray> updaterState) {
        this.preconditioner = preconditioner;
        this.updaterState = updaterState;
    }

    void setOwner(NaturalGradient naturalGradient) {
        owner = naturalGradient;
    }

    /** Whose updater this is; the workers of a {@code ParallelWrapper} have nobody's. */
    Optional<NaturalGradient> owner() {
        return Optional.ofNullable(owner);
    }

    /** Whether the calling thread is in the middle of a natural-gradient step. */
    static boolean isOpen() {
        return OPEN.get();
    }

    Preconditioner preconditioner() {
        return preconditioner;
    }

    /**
     * Runs DL4J's update.
     *
     * @param divided whether DL4J divides the gradient by the minibatch size, and calls {@link #afterDivision} then
     * @param dl4j the superclass's update
     */
    void update(Gradient gradient, int iteration, int epoch, int batchSize, boolean divided, Runnable dl4j) {
        this.iteration = iteration;
        this.epoch = epoch;
        OPEN.set(true);
        owner().ifPresent(NaturalGradient::keepGuard);
        boolean made = false;
        try {
            if (!divided) {
                // The gradient is a sum. In its place the updater gets the natural gradient of the mean, whatever the
                // batch size.
                preconditioner.precondition(gradient, 1.0 / batchSize, iteration, epoch, updaterState.get());
            }
            dl4j.run();
            made = true;
        } catch (StepSkippedException e) {
            made = true;
            // DL4J subtracts the gradients from the parameters next
            gradient.gradientForVariable().values().stream()
                    .filter(Objects::nonNull)
                    .forEach(view -> view.assign(0));
        } finally {
            OPEN.remove();
            if (!made) {
                preconditioner.abandon();
            }
        }
    }

    void afterDivision(Gradient gradient) {
        preconditioner.precondition(gradient, 1, iteration, epoch, updaterState.get());
    }
}
