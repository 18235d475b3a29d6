package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.curvature.LossModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A DL4J model compiled for linearisation.
 *
 * <p>Compiled once: an ordered list of {@link Operation}s, a {@link LossModel}, and where each layer's parameters lie. {@link
 * #at(INDArray)} reads the model's parameter vector and nothing else of it; inputs, gradients, masks, listeners and workspaces
 * of the live network are never touched. Dropout and weight noise are off. Frozen layers are constants: they propagate, and have
 * no columns in the Jacobian; so are the layers below a {@code FrozenLayer}, which DL4J gives no gradient.
 */
public final class LinearizedNetwork {

    private final INDArray parameters;
    private final List<LayerDescription> layers;
    private final List<Operation> operations;
    private final LossModel lossModel;
    private final long outputs;
    private final boolean stochastic;

    private LinearizedNetwork(
            INDArray parameters,
            List<LayerDescription> layers,
            List<Operation> operations,
            LossModel lossModel,
            long outputs,
            boolean stochastic) {
        this.parameters = parameters;
        this.layers = layers;
        this.operations = operations;
        this.lossModel = lossModel;
        this.outputs = outputs;
        this.stochastic = stochastic;
    }

    /**
     * Compiles a model.
     *
     * @param network an initialised network
     * @return the compiled network; it follows the model's parameters as they change
     * @throws UnsupportedModelException if a layer, loss or setting is not covered, naming it
     */
    public static LinearizedNetwork of(MultiLayerNetwork network) {
        if (network.params() == null) {
            throw new IllegalStateException("The network has no parameters yet: call init() first");
        }
        LayerRules rules = LayerRules.load();
        List<LayerDescription> layers = new ArrayList<>();
        List<Operation> operations = new ArrayList<>();
        boolean stochastic = false;
        long offset = 0;
        int count = network.getnLayers();
        int constant = topmostFrozenLayer(network);
        for (int i = 0; i < count; i++) {
            org.deeplearning4j.nn.api.Layer live = network.getLayer(i);
            Layer configuration =
                    network.getLayerWiseConfigurations().getConf(i).getLayer();
            if (network.getLayerWiseConfigurations().getInputPreProcess(i) != null) {
                throw new UnsupportedModelException("Layer " + i + ": the input preprocessor "
                        + network.getLayerWiseConfigurations()
                                .getInputPreProcess(i)
                                .getClass()
                                .getSimpleName()
                        + " has no rule");
            }
            Layer inner = unwrap(configuration);
            List<ParameterSlice> slices = slices(live.paramTable(false), offset);
            for (ParameterSlice slice : slices) {
                offset += slice.length();
            }
            LayerDescription layer = new LayerDescription(
                    String.valueOf(i),
                    name(i, configuration),
                    inner,
                    slices,
                    !isFrozen(configuration) && i > constant,
                    i == count - 1);
            layers.add(layer);
            operations.addAll(rules.compile(layer));
            // DL4J runs frozen layers in test mode
            stochastic |= !isFrozen(configuration) && isStochastic(inner);
        }
        LayerDescription last = layers.get(count - 1);
        if (!LossModels.isOutput(last.configuration())) {
            throw last.unsupported("the last layer must be an output or loss layer, found "
                    + last.configuration().getClass().getSimpleName());
        }
        INDArray flat = network.params().reshape(network.params().length());
        long outputs = outputs(layers);
        return new LinearizedNetwork(
                flat, List.copyOf(layers), List.copyOf(operations), LossModels.of(last, outputs), outputs, stochastic);
    }

    /** DL4J's backward pass ends at a FrozenLayer: what lies below gets no gradient. −1 if there is none. */
    private static int topmostFrozenLayer(MultiLayerNetwork network) {
        int index = network.getnLayers() - 1;
        while (index >= 0
                && !(network.getLayerWiseConfigurations().getConf(index).getLayer() instanceof FrozenLayer)) {
            index--;
        }
        return index;
    }

    private static boolean isFrozen(Layer configuration) {
        return configuration instanceof FrozenLayer || configuration instanceof FrozenLayerWithBackprop;
    }

    private static Layer unwrap(Layer configuration) {
        if (configuration instanceof FrozenLayer frozen) {
            return frozen.getLayer();
        }
        return configuration instanceof FrozenLayerWithBackprop frozen ? frozen.getUnderlying() : configuration;
    }

    private static String name(int index, Layer configuration) {
        String given = configuration.getLayerName();
        return given == null || given.equals("layer" + index) ? String.valueOf(index) : index + " (" + given + ")";
    }

    private static boolean isStochastic(Layer layer) {
        return layer.getIDropout() != null || (layer instanceof BaseLayer base && base.getWeightNoise() != null);
    }

    private static List<ParameterSlice> slices(Map<String, INDArray> table, long start) {
        List<ParameterSlice> slices = new ArrayList<>();
        long offset = start;
        if (table != null) {
            for (Map.Entry<String, INDArray> entry : table.entrySet()) {
                INDArray array = entry.getValue();
                slices.add(new ParameterSlice(
                        entry.getKey(),
                        offset,
                        Arrays.stream(array.shape()).boxed().toList(),
                        array.ordering()));
                offset += array.length();
            }
        }
        return slices;
    }

    private static long outputs(List<LayerDescription> layers) {
        for (int i = layers.size() - 1; i >= 0; i--) {
            List<ParameterSlice> slices = layers.get(i).parameters();
            if (!slices.isEmpty()) {
                return slices.get(0).shape().get(1);
            }
        }
        throw new UnsupportedModelException("The network has no parameters");
    }

    /**
     * Linearises at the model's current parameters.
     *
     * @param input x, [N, in], of the model's data type; not modified
     * @return the linearisation
     */
    public Linearization at(INDArray input) {
        return at(input, parameters);
    }

    /**
     * Linearises at other parameters.
     *
     * @param input x, [N, in], of the model's data type; not modified
     * @param at θ, [P]; not modified
     * @return the linearisation
     */
    public Linearization at(INDArray input, INDArray at) {
        if (input.dataType() != parameters.dataType()) {
            throw new IllegalArgumentException("The network's parameters are " + parameters.dataType() + ", its input "
                    + input.dataType() + "; convert the input with castTo");
        }
        if (at.length() != parameters.length()) {
            throw new IllegalArgumentException(
                    "Expected " + parameters.length() + " parameters, got " + Arrays.toString(at.shape()));
        }
        List<Linearization.Step> steps = new ArrayList<>();
        INDArray x = input;
        for (Operation operation : operations) {
            Operation.Linearized step = operation.linearize(x, at);
            steps.add(new Linearization.Step(operation, step));
            x = step.output();
        }
        return new Linearization(steps, x, parameters.length());
    }

    /**
     * The loss behind the model's output layer.
     *
     * @return the loss model
     */
    public LossModel lossModel() {
        return lossModel;
    }

    /**
     * The layers, in the model's order.
     *
     * @return one description a layer
     */
    public List<LayerDescription> layers() {
        return layers;
    }

    /**
     * The layers that have columns in the Jacobian.
     *
     * @return the layers with parameters that are not frozen
     */
    public List<LayerDescription> trainableLayers() {
        return layers.stream()
                .filter(layer -> layer.trainable() && !layer.parameters().isEmpty())
                .toList();
    }

    /**
     * The model's flat parameter vector.
     *
     * @return θ, [P], a view of the live model
     */
    public INDArray parameters() {
        return parameters;
    }

    /**
     * The number of outputs.
     *
     * @return C
     */
    public long outputs() {
        return outputs;
    }

    /**
     * Whether the last layer with parameters is trainable.
     *
     * @return false if it is frozen
     */
    public boolean isOutputTrainable() {
        List<LayerDescription> trainable = trainableLayers();
        LayerDescription last = null;
        for (LayerDescription layer : layers) {
            last = layer.parameters().isEmpty() ? last : layer;
        }
        return !trainable.isEmpty() && trainable.get(trainable.size() - 1).equals(last);
    }

    /**
     * Whether training passes differ from the linearised network by dropout or weight noise.
     *
     * @return true if any layer has either
     */
    public boolean isStochastic() {
        return stochastic;
    }

    /**
     * Multiplies a parameter vector by the square roots √s of a parameterisation's scales, in place: gradients become those with
     * respect to ω, directions in ω become directions in θ.
     *
     * @param vector [P]; modified
     * @param scaling the parameterisation
     * @return the vector
     */
    public INDArray scale(INDArray vector, Parameterization scaling) {
        if (scaling.isStandard()) {
            return vector;
        }
        for (LayerDescription layer : trainableLayers()) {
            for (ParameterSlice slice : layer.parameters()) {
                // a weight has inputs, a bias has none
                boolean weight = slice.name().equals(DefaultParamInitializer.WEIGHT_KEY);
                double scale = weight ? scaling.weightScale(slice.shape().get(0)) : scaling.biasScale();
                slice.of(vector).muli(Math.sqrt(scale));
            }
        }
        return vector;
    }
}
