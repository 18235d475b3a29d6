package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.optimize.Solver;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.optimize.solvers.BaseOptimizer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Where a model, of either of DL4J's classes, keeps its updater. */
interface UpdaterSlot {

    /** The slot of a model of either class. */
    static UpdaterSlot of(Model model) {
        Objects.requireNonNull(model, "model");
        if (model instanceof MultiLayerNetwork network) {
            return new MultiLayerUpdaterSlot(network);
        }
        if (model instanceof ComputationGraph graph) {
            return new GraphUpdaterSlot(graph);
        }
        throw new UnsupportedModelException("The model is a " + model.getClass().getName()
                + "; a MultiLayerNetwork or a ComputationGraph is needed");
    }

    /**
     * A new model of a class with a configuration that {@link #json()} wrote and parameters, which must be as many as
     * it has.
     */
    static UpdaterSlot fromJson(String type, String json, INDArray parameters) {
        if (type.equals(MultiLayerNetwork.class.getName())) {
            MultiLayerNetwork network = new MultiLayerNetwork(MultiLayerConfiguration.fromJson(json));
            network.init(parameters, true);
            return of(network);
        }
        if (type.equals(ComputationGraph.class.getName())) {
            ComputationGraph graph = new ComputationGraph(ComputationGraphConfiguration.fromJson(json));
            graph.init(parameters, true);
            return of(graph);
        }
        throw new IllegalArgumentException("it is of a " + type);
    }

    /** The model whose updater this is. */
    Model model();

    /** Every layer's class, activation and loss. */
    default String structure() {
        return layers().map(UpdaterSlot::description).collect(Collectors.joining(", "));
    }

    private static String description(Layer layer) {
        String name = layer.getClass().getSimpleName();
        if (layer instanceof BaseLayer base) {
            name += " " + base.getActivationFn();
        }
        return layer instanceof BaseOutputLayer output ? name + " " + output.getLossFn() : name;
    }

    /** Which updater has which range of the parameters: how they lay out their state. */
    static String blocks(BaseMultiLayerUpdater<?> updater) {
        return updater.getUpdaterBlocks().stream()
                .map(block -> {
                    UpdaterBlock.ParamState first =
                            block.getLayersAndVariablesInBlock().get(0);
                    return first.getLayer()
                                    .getConfig()
                                    .getUpdaterByParam(first.getParamName())
                                    .getClass()
                                    .getSimpleName()
                            + " " + block.getParamOffsetStart() + "–" + block.getParamOffsetEnd();
                })
                .collect(Collectors.joining(", "));
    }

    /** The model's configuration as DL4J writes it. */
    String json();

    /** The model's minibatch and learning rate. */
    LiveModel live();

    NeuralNetConfiguration configuration();

    BackpropType backpropType();

    /** DL4J's updater, made if there is none yet. */
    BaseMultiLayerUpdater<?> updater();

    /** DL4J's updater, or null. */
    BaseMultiLayerUpdater<?> updaterIfPresent();

    /** The class of DL4J's own updater. */
    Class<?> plainUpdater();

    /** Puts a solver in that asks the preconditioner for its pass, in place of DL4J's. */
    default void fuse(Preconditioner preconditioner) {
        Solver former = live().solver();
        FusedDescent descent = new FusedDescent(configuration(), listeners(), model(), preconditioner);
        if (former != null) {
            descent.setGradientsAccumulator(former.getOptimizer().getGradientsAccumulator());
        }
        live().setSolver(new FusedSolver(descent));
    }

    /** Lets DL4J make a solver of its own again. */
    default void unfuse() {
        if (live().solver() instanceof FusedSolver) {
            live().setSolver(null);
        }
    }

    /** Puts DL4J's own updater in, with a given state. */
    void restoreUpdater(INDArray state);

    /** Puts a preconditioned updater in, with a given state. */
    PreconditionedUpdater precondition(Preconditioner preconditioner, INDArray state);

    /** The model's training listeners, in their order. */
    Collection<TrainingListener> listeners();

    /** The layer inside wrappers, such as frozen or time-distributed ones: that which has the parameters. */
    static Layer unwrapped(Layer layer) {
        if (layer instanceof FrozenLayer frozen) {
            return unwrapped(frozen.getLayer());
        }
        return layer instanceof BaseWrapperLayer wrapper ? unwrapped(wrapper.getUnderlying()) : layer;
    }

    /** Replaces the model's training listeners. */
    default void setListeners(List<TrainingListener> listeners) {
        model().setListeners(listeners);
    }

    /** The configurations of all layers. */
    Stream<Layer> layers();

    /** The configurations of the trained layers that have penalties. */
    default Stream<BaseLayer> layers(LinearizedNetwork network) {
        return network.trainableLayers().stream()
                .map(description -> live().layer(description.key()).conf().getLayer())
                .filter(BaseLayer.class::isInstance)
                .map(BaseLayer.class::cast);
    }

    /** The marks of natural gradients in all layers. */
    default Stream<NaturalGradientMark> marks() {
        return layers().filter(BaseLayer.class::isInstance)
                .map(BaseLayer.class::cast)
                .flatMap(MarkedLayers::of);
    }

    /** Takes the marks of a natural gradient away. */
    default void unmark() {
        layers().filter(BaseLayer.class::isInstance).map(BaseLayer.class::cast).forEach(MarkedLayers::remove);
    }

    /** Whether an array is a view of the model's parameter vector. */
    default boolean owns(INDArray parameter) {
        return memory(parameter) == memory(model().params());
    }

    private static DataBuffer memory(INDArray array) {
        DataBuffer whole = array.data().originalDataBuffer();
        return whole == null ? array.data() : whole;
    }

    /** Whether DL4J is computing the gradient of a step on the calling thread. */
    static boolean isWithinStep() {
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(frame -> frame.getMethodName().equals("gradientAndScore")
                        && (frame.getClassName().equals(BaseOptimizer.class.getName())
                                || frame.getClassName().equals(FusedDescent.class.getName()))));
    }

    /** Calls what DL4J would call after a step's parameters are updated. */
    default void applyConstraints() {
        model().applyConstraints(live().iteration(), live().epoch());
    }

    void setCounts(int iteration, int epoch);
}
