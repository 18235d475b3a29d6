package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.OutputLoss;
import io.github.dl4jngd.fisher.network.shard.ShardSums;
import io.github.dl4jngd.fisher.operation.ParameterSlice;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The forward and backward pass of a step, made by the linearised network in place of DL4J's: what the natural gradient
 * needs of the minibatch, a forward pass and the residual sent back, is what DL4J needs for score and gradient, too.
 *
 * <p>It is taken over only where the linearised network computes what DL4J does, to rounding; else the step has DL4J's
 * own pass, and whatever was wrong with the minibatch is said by whom it was always said by.
 */
final class FusedPass {

    private final NaturalGradientConfiguration configuration;
    private final LinearizedNetwork network;
    private final LiveModel model;
    private final Curvature curvature;
    private final StepWorkspace workspace;
    /** Why this model's steps have DL4J's pass. */
    private Optional<String> objection;

    /** Whether steps are made of sums over shards alone. */
    private boolean sharded;

    /** The shards of the step that is about to be made; null where there is none. */
    private ShardSums shards;

    /** Whether every parameter is trained: none is frozen, or a running statistic. */
    private final boolean trainsAll;

    /** Of the step at hand; null where DL4J makes the pass, and between steps. */
    private StepPoint point;

    /** Views of the gradient vector, which DL4J never replaces. */
    private Gradient gradient;

    private INDArray gradientVector;

    /** A listener that {@code onGradientCalculation} only tells of the time. */
    interface IgnoresGradients {}

    FusedPass(
            NaturalGradientConfiguration configuration,
            LinearizedNetwork network,
            LiveModel model,
            Curvature curvature,
            StepWorkspace workspace) {
        this.configuration = configuration;
        this.network = network;
        this.model = model;
        this.curvature = curvature;
        this.workspace = workspace;
        this.trainsAll =
                network.blocks().stream().mapToLong(ParameterBlock::parameters).sum()
                        == network.parameters().length();
        this.objection = Optional.ofNullable(objection(configuration, network, model));
    }

    private static String objection(
            NaturalGradientConfiguration configuration, LinearizedNetwork network, LiveModel model) {
        if (!configuration.fusedStep()) {
            return "fusedStep(false)";
        }
        if (configuration.gradientRegularization().isPresent()) {
            return "the gradient is regularised";
        }
        if (network.isNoisy()) {
            return "the model has dropout or weight noise";
        }
        if (!network.matchesTraining()) {
            return "batch statistics are linearised without their derivative";
        }
        if (!network.knowsOutputLoss()) {
            return "there are several output layers or a centre loss, or the loss is taken at each position, or of a softmax "
                    + "or sigmoid in a layer below";
        }
        if (!model.isMeanGradient()) {
            return "the gradient is a sum over the minibatch (miniBatch(false))";
        }
        for (LayerDescription layer : network.layers()) {
            Layer own = model.layer(layer.key()).conf().getLayer();
            if (own instanceof FrozenLayerWithBackprop) {
                return "layer " + layer.name() + " is a FrozenLayerWithBackprop";
            }
            boolean ofStatistics = layer.configuration() instanceof BatchNormalization;
            if (layer.trainable()
                    && !ofStatistics
                    && layer.trainableParameters().size() < layer.parameters().size()) {
                return "layer " + layer.name() + " has parameters that move by a rule of DL4J's and not by a gradient";
            }
            if (layer.configuration() instanceof LocalResponseNormalization) {
                return "layer " + layer.name()
                        + " is a LocalResponseNormalization, of which DL4J's gradient is another";
            }
        }
        return null;
    }

    /** Why no step's pass is taken over; empty where they are, unless a minibatch or a listener is in the way. */
    Optional<String> objection() {
        return objection;
    }

    /**
     * Begins a step, and makes its pass where it can: score and gradient are then in the model as DL4J would have left
     * them there.
     *
     * @param listeners the model's
     * @return to be closed at the end of the step
     */
    Step begin(Collection<TrainingListener> listeners) {
        if (sharded) {
            return beginOfShards();
        }
        if (objection.isPresent()) {
            return new Step(Optional.empty());
        }
        Step begun = new Step(Optional.of(workspace.enter()));
        boolean taken = false;
        try {
            taken = take(listeners);
            return taken ? begun : new Step(Optional.empty());
        } finally {
            if (!taken) {
                begun.close();
            }
        }
    }

    /** A step whose pass may have been taken over; the pass's arrays live until it is closed. */
    final class Step implements AutoCloseable {

        private final Optional<MemoryWorkspace> opened;

        private Step(Optional<MemoryWorkspace> opened) {
            this.opened = opened;
        }

        /** Whether score and gradient are in the model; else DL4J has to compute them. */
        boolean isTaken() {
            return opened.isPresent();
        }

        @Override
        public void close() {
            point = null;
            opened.ifPresent(MemoryWorkspace::close);
        }
    }

    /** From now on no step has a minibatch at hand: each has shards, and what the model is shown is an example. */
    void takeShards() {
        sharded = true;
        objection = Optional.empty();
    }

    boolean isSharded() {
        return sharded;
    }

    /** The shards of the next step; null for none. */
    void next(ShardSums sums) {
        shards = sums;
    }

    private Step beginOfShards() {
        if (shards == null) {
            throw new NaturalGradientException(
                    "The model trains on shards, by the steps of its sharded natural gradient; fit was called on the model itself. "
                            + "Train by those steps, or detach the natural gradient");
        }
        Step begun = new Step(Optional.of(workspace.enter()));
        boolean taken = false;
        try {
            model.announceCounts();
            prepareGradient();
            ShardedPoint made =
                    ShardedPoint.of(configuration, network, shards, model.iteration(), curvature.observes());
            made.writeGradient(gradientVector);
            model.setPass(gradient, made.loss() + model.penalties());
            point = made;
            taken = true;
            return begun;
        } finally {
            if (!taken) {
                begun.close();
            }
        }
    }

    /**
     * That nothing speaks against the samples of the step at hand.
     *
     * @throws NumericalFailureException if some have numbers that are not finite
     */
    void requireSound() {
        if (sharded && point == null) {
            throw new NaturalGradientException(
                    "The step has Deeplearning4j's own pass over the example that the model was shown; train by the steps of the "
                            + "sharded natural gradient");
        }
        if (point instanceof ShardedPoint own && !own.faults().isEmpty()) {
            throw new NumericalFailureException(
                    String.join("; ", own.faults()) + ". The parameters were left as they are");
        }
    }

    /** Whether it made the pass; if not, nothing has been changed that DL4J's own will not change. */
    private boolean take(Collection<TrainingListener> listeners) {
        if (model.objection() != null
                || model.lossMasks().stream().anyMatch(Objects::nonNull)
                || !model.layerMasks().isEmpty()
                || listeners.stream().anyMatch(FusedPass::looksAtActivations)) {
            return false;
        }
        MinibatchPoint taken = new MinibatchPoint(configuration, network, model);
        try {
            taken.linearize();
        } catch (IllegalArgumentException e) {
            // DL4J, or the preconditioner after it, says what is wrong with the minibatch
            return false;
        }
        OutputLoss loss = network.outputLoss(
                taken.linearization().outputs(), taken.labels().get(0));
        double dataLoss = loss.sum() / taken.samples();
        if (!Double.isFinite(dataLoss)) {
            return false;
        }
        model.announceCounts();
        prepareGradient();
        boolean looked = configuration.logEvery() > 0 || listeners.stream().anyMatch(FusedPass::looksAtGradients);
        boolean whole = looked || !trainsAll;
        taken.backpropagate(
                loss.gradient(),
                gradientVector,
                curvature.usesLogits(taken),
                block -> !whole && curvature.solvesFromRows(block, taken));
        taken.linearization().writeStatistics(gradientVector);
        model.setPass(gradient, dataLoss + model.penalties());
        point = taken;
        return true;
    }

    /** DL4J hands over every layer's activations, which the linearised network has not as DL4J has them. */
    private static boolean looksAtActivations(TrainingListener listener) {
        return listensTo(listener, "onForwardPass", Model.class, List.class)
                || listensTo(listener, "onForwardPass", Model.class, Map.class);
    }

    private static boolean looksAtGradients(TrainingListener listener) {
        return !(listener instanceof IgnoresGradients)
                && (listensTo(listener, "onBackwardPass", Model.class)
                        || listensTo(listener, "onGradientCalculation", Model.class));
    }

    /** Whether a listener has a method of its own for an event. */
    private static boolean listensTo(TrainingListener listener, String event, Class<?>... arguments) {
        try {
            Class<?> owner = listener.getClass().getMethod(event, arguments).getDeclaringClass();
            return owner != BaseTrainingListener.class && owner != TrainingListener.class;
        } catch (NoSuchMethodException e) {
            return true;
        }
    }

    @SuppressWarnings("try") // the scope is a resource that is never named
    private void prepareGradient() {
        INDArray vector = model.gradientVector();
        if (gradient != null && vector.data() == gradientVector.data()) {
            return;
        }
        try (MemoryWorkspace outside = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            gradientVector = vector.reshape(vector.length());
            gradient = new DefaultGradient(vector);
            for (LayerDescription layer : network.layers()) {
                // running statistics are updated, too, where γ and β are locked
                for (ParameterSlice slice : layer.trainable() ? layer.parameters() : List.<ParameterSlice>of()) {
                    gradient.setGradientFor(layer.key() + "_" + slice.name(), slice.of(gradientVector));
                }
            }
        }
    }

    /** The minibatch of the pass that was taken over for the step at hand; empty where DL4J made it. */
    Optional<StepPoint> point() {
        return Optional.ofNullable(point);
    }

    /**
     * The gradient of the step at hand as one vector, [P], without a copy: what is written to it is what the updaters
     * get.
     *
     * @param handed what the updater was handed
     * @return empty where DL4J made the pass, and where the vector has numbers that are no gradient of a trained
     *     parameter
     */
    Optional<INDArray> vector(Gradient handed) {
        return point != null && handed == gradient && trainsAll ? Optional.of(gradientVector) : Optional.empty();
    }
}
