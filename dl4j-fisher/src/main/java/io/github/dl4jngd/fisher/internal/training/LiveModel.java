package io.github.dl4jngd.fisher.internal.training;

import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.fisher.operation.ParameterSlice;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import io.github.dl4jngd.fisher.training.StepReport;
import io.github.dl4jngd.fisher.training.StepReporter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.optimize.Solver;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * A model in the middle of a training step, of either of DL4J's classes: its minibatch at hand and its learning rate.
 * Reads only.
 */
public interface LiveModel {

    /**
     * A model to watch.
     *
     * @param model an initialised {@link MultiLayerNetwork} or {@link ComputationGraph}
     * @return its minibatch and learning rate
     * @throws UnsupportedModelException if it is neither
     */
    static LiveModel of(Model model) {
        if (model instanceof MultiLayerNetwork network) {
            return new LiveMultiLayerNetwork(network);
        }
        if (model instanceof ComputationGraph graph) {
            return new LiveComputationGraph(graph);
        }
        throw new UnsupportedModelException("The model is a " + model.getClass().getName()
                + "; a MultiLayerNetwork or a ComputationGraph is needed");
    }

    /**
     * Compiles the model.
     *
     * @param statistics what batch normalisations are linearised as
     * @return the compiled network; it follows the model's parameters as they change
     * @throws UnsupportedModelException if a layer, loss or setting is not covered, naming it
     */
    LinearizedNetwork compile(BatchStatistics statistics);

    /**
     * The current inputs.
     *
     * @return first axis N; null if there are none, and null for one that is missing
     */
    @Nullable List<@Nullable INDArray> inputs();

    /**
     * The current labels.
     *
     * @return y for each output layer, first axis N; null if there are none, and null for one that is missing
     */
    @Nullable List<@Nullable INDArray> labels();

    /**
     * The weights of samples or positions in the current minibatch's loss.
     *
     * @return the mask that each output layer holds; null where there is none
     */
    List<@Nullable INDArray> lossMasks();

    /**
     * The masks that layers other than the output layers hold.
     *
     * @return the masks by {@link LayerDescription#key()}
     */
    Map<String, INDArray> layerMasks();

    /** Takes all masks away, as DL4J does at the end of a step that does not fail. */
    void clearMasks();

    /**
     * A layer of the model.
     *
     * @param key as {@link LayerDescription#key()} gives it
     * @return the layer
     */
    Layer layer(String key);

    /**
     * The updater as it is.
     *
     * @return DL4J's or one's own; null where none has been made yet
     */
    @Nullable Object updater();

    /**
     * The step that is being made.
     *
     * @return the iteration, from 0
     */
    int iteration();

    /**
     * The pass over the data that is being made.
     *
     * @return the epoch, from 0
     */
    int epoch();

    /**
     * The loss of the minibatch with penalties, as the model computed it last.
     *
     * @return the score
     */
    double score();

    /**
     * Whether the gradient that the updater gets is the mean over the minibatch, as by default, or the sum.
     *
     * @return true for the mean
     */
    boolean isMeanGradient();

    /**
     * All layers, also those without parameters.
     *
     * @return in the model's order
     */
    List<Layer> layers();

    /** Tells every layer the iteration and the epoch, as DL4J does before a pass. */
    default void announceCounts() {
        for (Layer layer : layers()) {
            layer.setIterationCount(iteration());
            layer.setEpochCount(epoch());
        }
    }

    /**
     * L1 and L2 of all layers that the step trains.
     *
     * @return what the score has beside the data loss
     */
    double penalties();

    /**
     * What the updaters work on: the gradients of all parameters, in the order of the parameter vector.
     *
     * @return [1, P] or [P], the model's own
     */
    INDArray gradientVector();

    /**
     * Puts in what a forward and backward pass leaves in the model.
     *
     * @param gradient views of {@link #gradientVector()}
     * @param score the mean loss with penalties
     */
    void setPass(Gradient gradient, double score);

    /**
     * What DL4J calls to make a step.
     *
     * @return the solver; null where none has been made yet
     */
    @Nullable Solver solver();

    /**
     * Replaces what DL4J calls to make a step, and with it the updater.
     *
     * @param solver of this model; null for one that DL4J makes when it needs it
     */
    void setSolver(@Nullable Solver solver);

    /**
     * What makes the current minibatch unusable.
     *
     * @return the reason; null if the minibatch can be used
     */
    default @Nullable String objection() {
        return isComplete(inputs()) && isComplete(labels())
                ? null
                : "the model has no input or labels at hand; train it with fit";
    }

    private static boolean isComplete(@Nullable List<@Nullable INDArray> arrays) {
        return arrays != null && arrays.stream().allMatch(Objects::nonNull);
    }

    /**
     * The updaters' learning rates in force, of all trainable parameters that have one. A frozen layer's own updater is
     * never used.
     *
     * @param network the model, compiled
     * @param iteration for schedules
     * @param epoch for schedules
     * @return the rates, in the order of the parameters
     */
    default DoubleStream learningRates(LinearizedNetwork network, int iteration, int epoch) {
        return network.trainableLayers().stream()
                .flatMapToDouble(description -> description.trainableParameters().stream()
                        .map(parameter -> updaterOf(description, parameter))
                        .filter(IUpdater::hasLearningRate)
                        .mapToDouble(updater -> updater.getLearningRate(iteration, epoch)));
    }

    /**
     * The updaters of all trainable parameters.
     *
     * @param network the model, compiled
     * @return different ones, in the order of the parameters
     */
    default Set<IUpdater> updaters(LinearizedNetwork network) {
        return network.trainableLayers().stream()
                .flatMap(description ->
                        description.trainableParameters().stream().map(parameter -> updaterOf(description, parameter)))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /**
     * Parameters that one updater updates, and what it keeps of them.
     *
     * @param updater its configuration
     * @param state its arrays by DL4J's names, one number a parameter; those in use
     * @param from the first of the parameters in the parameter vector
     * @param to the one after the last
     */
    record UpdaterPart(IUpdater updater, Map<String, INDArray> state, long from, long to) {}

    /**
     * All parameters by their updaters.
     *
     * @return the parts in the order of the parameter vector; empty before the first step has made an updater
     */
    default List<UpdaterPart> updaterParts() {
        return updater() instanceof BaseMultiLayerUpdater<?> updater
                ? updater.getUpdaterBlocks().stream().map(LiveModel::part).toList()
                : List.of();
    }

    private static UpdaterPart part(UpdaterBlock block) {
        GradientUpdater<?> updater = block.getGradientUpdater();
        return new UpdaterPart(
                updater.getConfig(), updater.getState(), block.getParamOffsetStart(), block.getParamOffsetEnd());
    }

    private IUpdater updaterOf(LayerDescription description, ParameterSlice parameter) {
        return layer(description.key()).conf().getLayer().getUpdaterByParam(parameter.name());
    }

    /**
     * The natural-gradient step made last, where one is attached.
     *
     * @return its report; empty without a natural gradient, or before its first step
     */
    default Optional<StepReport> lastStep() {
        return updater() instanceof StepReporter reporter ? reporter.lastStep() : Optional.empty();
    }
}
