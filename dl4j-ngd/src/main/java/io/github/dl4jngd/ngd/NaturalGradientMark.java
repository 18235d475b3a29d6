package io.github.dl4jngd.ngd;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lies among the penalties of every trained layer of a model with a natural gradient and adds nothing to them; public
 * because Deeplearning4j's JSON, and so every saved model, has its name.
 *
 * <p>DL4J copies a layer's penalties wherever it copies a model or writes its configuration, but never an updater. So a
 * clone, a restored, converted or otherwise derived model still has the mark, and no natural gradient: the mark then
 * refuses the model's first step, which would have been an ordinary one. Steps of a natural gradient and everything
 * that is not training pass.
 */
public final class NaturalGradientMark implements Regularization {

    private static final long serialVersionUID = 1L;

    private static final Logger log = LoggerFactory.getLogger(NaturalGradient.class);

    /** One copy of a model copies many marks. */
    private static final long BETWEEN_WARNINGS = 1_000_000_000;

    private static final AtomicLong LAST_WARNING = new AtomicLong(System.nanoTime() - 2 * BETWEEN_WARNINGS);

    /** The method that trained the model. */
    private final String method;

    /**
     * Creates a mark, from code or from a saved configuration.
     *
     * @param method the method that trained the model
     */
    @JsonCreator
    public NaturalGradientMark(@JsonProperty("method") String method) {
        this.method = method;
    }

    /**
     * The method that trained the model.
     *
     * @return its name
     */
    @JsonProperty("method")
    public String method() {
        return method;
    }

    @Override
    public ApplyStep applyStep() {
        return ApplyStep.BEFORE_UPDATER;
    }

    /**
     * Lets natural-gradient steps pass.
     *
     * @throws NaturalGradientException in any other step
     */
    @Override
    public void apply(INDArray parameter, INDArray gradient, double rate, int iteration, int epoch) {
        if (!PreconditionedStep.isOpen()) {
            throw new NaturalGradientException("Iteration " + iteration
                    + ": the model's updater is Deeplearning4j's own, but it carries the mark of a natural gradient ("
                    + method
                    + "), from which it was cloned, restored or converted, or whose guard was dropped with the model's listeners; the step would have been an ordinary one. Call NaturalGradient.attach(model, configuration) to go on with a natural "
                    + "gradient, or NaturalGradient.unmark(model) to go on without");
        }
    }

    @Override
    public double score(INDArray parameter, int iteration, int epoch) {
        return 0;
    }

    /**
     * A mark never changes, and copies of a model keep it. Transfer learning may freeze every layer that has one and
     * add layers without: then no step would be refused, so the warning comes now.
     */
    @Override
    @SuppressWarnings("MissingSuperCall") // immutable
    public Regularization clone() {
        if (System.nanoTime() - LAST_WARNING.get() > BETWEEN_WARNINGS
                && StackWalker.getInstance().walk(frames -> frames.anyMatch(NaturalGradientMark::isTransferLearning))) {
            LAST_WARNING.set(System.nanoTime());
            log.warn(
                    "Transfer learning from a model with a natural gradient ({}): the new model has none. Call NaturalGradient.attach(model,"
                            + " configuration), or unmark(model) to train it without",
                    method);
        }
        return this;
    }

    private static boolean isTransferLearning(StackWalker.StackFrame frame) {
        return frame.getClassName().startsWith(TransferLearning.class.getName());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NaturalGradientMark mark && Objects.equals(mark.method, method);
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(method);
    }

    @Override
    public String toString() {
        return "NaturalGradientMark(" + method + ")";
    }
}
