package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A gradient regularisation attached to a model: its updaters get the gradient of L + (γ/2)‖∇L‖² by a finite
 * difference, that of sharpness-aware minimisation, or of flooding.
 *
 * <pre>{@code
 * GradientRegularization gr = GradientRegularization.attach(net, ForwardDifference.of(0.01, 0.05));
 * net.fit(trainIterator, epochs);
 * gr.lastDiagnostics();
 * }</pre>
 *
 * <p>Each step Deeplearning4j computes g as ever. A {@link RegularizationRule} with a second gradient then linearises
 * the network at θ + εg, at the step's own minibatch with its masks and its dropout, and sends the residual back; batch
 * normalisation takes the minibatch's statistics there, too. The live model is not run a second time: running
 * statistics, listeners, score and iteration count are those of one pass. Everything after it, gradient
 * normalisation, L1 and L2, the updater with its schedule, weight decay, constraints, acts as ever. Cost: a forward
 * and a backward pass and two vectors of the length of θ.
 *
 * <p>It stands where a natural gradient would stand and has its lifecycle: it comes back where Deeplearning4j replaces
 * the updater ({@link ReplacementPolicy#REATTACH}), copies of the model in memory are marked and refuse ordinary steps,
 * the workers of a {@code ParallelWrapper} get one each, {@link CheckpointListener} writes its checkpoints, and a step
 * whose numbers are not finite stops training with what was wrong. With a natural gradient it is composed in that one's
 * configuration ({@link NaturalGradientConfiguration.Builder#gradientRegularization}): first regularised, then
 * preconditioned.
 *
 * <p>Weight noise and local response normalisation are refused where the rule takes a second gradient. Not thread-safe,
 * like the model itself. Source: Karakida, Takase, Hayase &amp; Osawa, ICML 2023.
 */
public final class GradientRegularization implements AutoCloseable {

    private final NaturalGradient attached;

    private GradientRegularization(NaturalGradient attached) {
        this.attached = attached;
    }

    /**
     * Regularises a model's gradients. The state of the updaters (momentum) is kept.
     *
     * @param model an initialised network
     * @param rule how
     * @return the attached regularisation
     * @throws UnsupportedModelException if the model has a layer, loss or setting that is not covered; the model is
     *     unchanged
     * @throws IllegalStateException if the model has a natural gradient or a regularisation already, or an updater that
     *     is not DL4J's own
     */
    public static GradientRegularization attach(MultiLayerNetwork model, RegularizationRule rule) {
        return attach(UpdaterSlot.of(model), rule);
    }

    /**
     * Regularises a graph's gradients. The state of the updaters (momentum) is kept.
     *
     * @param model an initialised graph; with several output layers L is the sum of their losses
     * @param rule how
     * @return the attached regularisation
     * @throws UnsupportedModelException if the model has a layer, vertex, loss or setting that is not covered; the
     *     model is unchanged
     * @throws IllegalStateException if the model has a natural gradient or a regularisation already, or an updater that
     *     is not DL4J's own
     */
    public static GradientRegularization attach(ComputationGraph model, RegularizationRule rule) {
        return attach(UpdaterSlot.of(model), rule);
    }

    private static GradientRegularization attach(UpdaterSlot model, RegularizationRule rule) {
        Objects.requireNonNull(rule, "rule");
        NaturalGradient.of(model.model()).ifPresent(present -> {
            throw new IllegalStateException(
                    "The model has a " + present.configuration().title()
                            + "; detach it and attach it with gradientRegularization(rule) in its configuration, which regularises "
                            + "first and preconditions then");
        });
        return new GradientRegularization(NaturalGradient.attach(
                model, PlainGradient.builder().gradientRegularization(rule).build()));
    }

    /**
     * The gradient regularisation of a model.
     *
     * @param model any model
     * @return what is attached to it without a natural gradient, or empty
     */
    public static Optional<GradientRegularization> of(Model model) {
        return NaturalGradient.attached(model)
                .filter(present -> !present.configuration().preconditions())
                .map(GradientRegularization::new);
    }

    /**
     * Goes on from a checkpoint with a new model.
     *
     * @param file what {@link #save} wrote
     * @return the regularisation, attached to {@link #model()}, which is as it was
     * @throws CheckpointException if the file is no checkpoint of a gradient regularisation, damaged, or of another
     *     version
     * @throws IOException when reading fails
     */
    public static GradientRegularization restore(Path file) throws IOException {
        Checkpoint checkpoint = Checkpoint.read(file).requireNaturalGradient(false);
        return new GradientRegularization(NaturalGradient.restore(checkpoint, checkpoint.newModel()));
    }

    /**
     * Goes on from a checkpoint with a model at hand, whose parameters, updater state and counters are replaced;
     * learning rates, schedules and listeners stay its own.
     *
     * @param file what {@link #save} wrote
     * @param model a {@link MultiLayerNetwork} or {@link ComputationGraph} with the same layers
     * @return the regularisation, with the checkpoint's rule, attached to the model
     * @throws CheckpointException if the file is no checkpoint of a gradient regularisation, damaged, of another
     *     version or another model; the model is unchanged
     * @throws IOException when reading fails
     */
    public static GradientRegularization restore(Path file, Model model) throws IOException {
        Checkpoint checkpoint = Checkpoint.read(file).requireNaturalGradient(false);
        return new GradientRegularization(NaturalGradient.restore(checkpoint, UpdaterSlot.of(model)));
    }

    /**
     * Writes a checkpoint: the model, the state of its updaters, its counters, the rule and the state of ND4J's random
     * generator; see {@link NaturalGradient#save}.
     *
     * @param file its path; the folder must exist
     * @throws IOException when writing fails
     * @throws IllegalStateException if the regularisation is detached
     */
    public void save(Path file) throws IOException {
        attached.save(file);
    }

    /**
     * The model that this is attached to.
     *
     * @return a {@link MultiLayerNetwork} or {@link ComputationGraph}
     */
    public Model model() {
        return attached.model();
    }

    /**
     * How gradients are regularised.
     *
     * @return the rule
     */
    public RegularizationRule rule() {
        return attached.configuration().gradientRegularization().orElseThrow();
    }

    /**
     * What the last step's regularisation did.
     *
     * @return ‖g‖, ‖ΔR‖, the losses at both places and the angle between both gradients; empty before the first step
     */
    public Optional<RegularizationDiagnostics> lastDiagnostics() {
        return attached.lastRegularization();
    }

    /**
     * What it was attached to, with the memory that it takes.
     *
     * @return the registration; {@code toString()} is a table
     */
    public Registration registration() {
        return attached.registration();
    }

    /**
     * Whether the model's next step will be regularised.
     *
     * @return false after {@link #detach()}, and where the next step would be refused
     */
    public boolean isAttached() {
        return attached.isAttached();
    }

    /**
     * Gives the model its own updater back, with its state, and takes away everything else that attaching put there.
     *
     * @throws IllegalStateException if it has been detached already
     */
    public void detach() {
        attached.detach();
    }

    /** Detaches if that has not been done. */
    @Override
    public void close() {
        attached.close();
    }
}
