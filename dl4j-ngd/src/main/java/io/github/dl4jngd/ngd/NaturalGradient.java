package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.network.BatchStatistics;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.UnsupportedModelException;
import java.util.Optional;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A natural gradient attached to a model.
 *
 * <pre>{@code
 * NaturalGradient ngd = NaturalGradient.attach(net, Kfac.builder().damping(1e-2).build());
 * net.fit(trainIterator, epochs);
 * }</pre>
 *
 * <p>Each step the raw gradient of the mean data loss is replaced by step × (F̂ + ρI)⁻¹g; then the model's own settings act as
 * ever, in DL4J's order:
 *
 * <ul>
 *   <li>gradient normalisation and clipping act on the natural gradient;
 *   <li>L1 and L2 are added to it unpreconditioned, which makes them decoupled penalties on the parameters;
 *   <li>the updater (Sgd, Nesterovs, Adam, …) with its learning rate or schedule takes the result for its gradient: with {@code
 *       Sgd(1.0)} and a measured step each update goes to the minimum of the quadratic model along v;
 *   <li>weight decay and constraints follow;
 *   <li>frozen layers keep their parameters and have no block; dropout and weight noise stay in DL4J's gradient and are off in the
 *       curvature, so the general form of the solution is used, which needs a positive damping.
 * </ul>
 *
 * <p>Reading parameters and data, never the global random generator: a model that trains with the natural gradient detached trains
 * exactly as one that never had it. Not thread-safe, like the model itself.
 */
public final class NaturalGradient implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NaturalGradient.class);

    /** The minibatch size that the registration's memory is predicted for where none is given. */
    public static final int DEFAULT_REGISTRATION_SAMPLES = 128;

    private final UpdaterSlot model;
    private final PreconditionedUpdater updater;
    private final Registration registration;

    private NaturalGradient(UpdaterSlot model, PreconditionedUpdater updater, Registration registration) {
        this.model = model;
        this.updater = updater;
        this.registration = registration;
    }

    /**
     * Puts a natural gradient in front of a model's updaters. The state of the updaters (momentum) is kept.
     *
     * @param model an initialised network
     * @param configuration the method and its options
     * @return the attached natural gradient; its {@link #registration()} is logged
     * @throws UnsupportedModelException if the model has a layer, loss or setting that is not covered; the model is unchanged
     * @throws IllegalStateException if the model has a natural gradient already, or an updater that is not DL4J's own
     */
    public static NaturalGradient attach(MultiLayerNetwork model, NaturalGradientConfiguration configuration) {
        return attach(model, configuration, DEFAULT_REGISTRATION_SAMPLES);
    }

    /**
     * The same, with the memory in the registration predicted for a given minibatch size.
     *
     * @param model an initialised network
     * @param configuration the method and its options
     * @param samples the minibatch size
     * @return the attached natural gradient
     */
    public static NaturalGradient attach(
            MultiLayerNetwork model, NaturalGradientConfiguration configuration, int samples) {
        return attach(new MultiLayerUpdaterSlot(model), configuration, samples);
    }

    /**
     * Puts a natural gradient in front of a graph's updaters. The state of the updaters (momentum) is kept.
     *
     * @param model an initialised graph with one output layer
     * @param configuration the method and its options
     * @return the attached natural gradient; its {@link #registration()} is logged
     * @throws UnsupportedModelException if the model has a layer, vertex, loss or setting that is not covered; the model is unchanged
     * @throws IllegalStateException if the model has a natural gradient already, or an updater that is not DL4J's own
     */
    public static NaturalGradient attach(ComputationGraph model, NaturalGradientConfiguration configuration) {
        return attach(model, configuration, DEFAULT_REGISTRATION_SAMPLES);
    }

    /**
     * The same, with the memory in the registration predicted for a given minibatch size.
     *
     * @param model an initialised graph with one output layer
     * @param configuration the method and its options
     * @param samples the minibatch size
     * @return the attached natural gradient
     */
    public static NaturalGradient attach(
            ComputationGraph model, NaturalGradientConfiguration configuration, int samples) {
        return attach(new GraphUpdaterSlot(model), configuration, samples);
    }

    private static NaturalGradient attach(UpdaterSlot model, NaturalGradientConfiguration configuration, int samples) {
        LinearizedNetwork network = model.live().compile(configuration.batchStatistics());
        checkTraining(model, network, configuration);
        BaseMultiLayerUpdater<?> before = model.updater();
        if (before instanceof PreconditionedUpdater) {
            throw new IllegalStateException("The model has a natural gradient attached already; detach it first");
        }
        if (before.getClass() != model.plainUpdater()) {
            throw new IllegalStateException("The model's updater is a "
                    + before.getClass().getName() + ", not DL4J's own "
                    + model.plainUpdater().getSimpleName() + "; a natural gradient works in front of that only");
        }
        Registration registration = Registration.of(network, configuration, samples);
        PreconditionedUpdater updater = model.precondition(new Preconditioner(configuration, network, model.live()));
        log.info("Attached:\n{}", registration);
        return new NaturalGradient(model, updater, registration);
    }

    private static void checkTraining(
            UpdaterSlot model, LinearizedNetwork network, NaturalGradientConfiguration configuration) {
        OptimizationAlgorithm algorithm = model.configuration().getOptimizationAlgo();
        if (algorithm != OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT) {
            throw new UnsupportedModelException("The model's optimisation algorithm is " + algorithm
                    + "; a natural gradient needs STOCHASTIC_GRADIENT_DESCENT");
        }
        if (model.backpropType() != BackpropType.Standard) {
            throw new UnsupportedModelException(
                    "The model trains by " + model.backpropType() + "; a natural gradient needs Standard");
        }
        if (configuration.adaptiveDamping().isPresent()
                && network.isNormalized()
                && network.statistics() != BatchStatistics.COUPLED) {
            throw new UnsupportedModelException(
                    "Adaptive damping compares a step with the model's prediction, which with "
                            + network.statistics()
                            + " batch statistics is of another function; use batchStatistics(COUPLED) or a constant damping");
        }
        if (configuration.stepScaling() == StepScaling.ANALYTIC
                && network.couplesSamples()
                && !(configuration instanceof ExactNaturalGradient)) {
            throw new UnsupportedModelException(
                    "Batch statistics couple the samples, for which there is no analytic isotropy constant; use "
                            + "stepScaling(MEASURED)");
        }
        if (network.trainableLayers().isEmpty()) {
            throw new UnsupportedModelException("All of the model's layers are frozen or have no parameters");
        }
        if (!network.matchesTraining()
                && configuration.damping() == 0
                && configuration.dampingSchedule().isEmpty()) {
            throw new UnsupportedModelException(
                    "The model trains with dropout, weight noise or batch statistics that are no part of its linearisation; then a "
                            + "natural gradient needs a damping above zero");
        }
    }

    /**
     * Gives the model its own updater back, with its state.
     *
     * @throws IllegalStateException if the model's updater is no longer this natural gradient's
     */
    public void detach() {
        if (!isAttached()) {
            throw new IllegalStateException("The natural gradient is not attached to its model any more");
        }
        model.restoreUpdater(updater.getStateViewArray());
        updater.preconditioner().close();
    }

    /**
     * Whether the model's next step will be a natural-gradient step. DL4J replaces updaters silently in clone, restore,
     * setLearningRate, clear and transfer learning.
     *
     * @return true while the model's updater is this one
     */
    public boolean isAttached() {
        return model.updaterIfPresent() == updater;
    }

    /**
     * What was attached to what.
     *
     * @return the registration; {@code toString()} is a table
     */
    public Registration registration() {
        return registration;
    }

    /**
     * The last step's diagnostics.
     *
     * @return the diagnostics, or empty before the first step
     */
    public Optional<StepDiagnostics> lastDiagnostics() {
        return Optional.ofNullable(updater.preconditioner().lastDiagnostics());
    }

    /**
     * The method and its options.
     *
     * @return the configuration
     */
    public NaturalGradientConfiguration configuration() {
        return updater.preconditioner().configuration();
    }

    /** Detaches if still attached. */
    @Override
    public void close() {
        if (isAttached()) {
            detach();
        }
    }
}
