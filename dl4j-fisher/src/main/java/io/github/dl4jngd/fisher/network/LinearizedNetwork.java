package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.jacobian.RowForm;
import io.github.dl4jngd.fisher.loss.LossModel;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A DL4J model compiled for linearisation.
 *
 * <p>Compiled once: a graph of {@link Operation}s, a {@link LossModel}, and where each layer's parameters lie.
 * {@link #at(INDArray)} reads the model's parameter vector and nothing else of it; inputs, gradients, masks, listeners,
 * running statistics and workspaces of the live network are never touched. Dropout and weight noise are off until
 * {@link #with(Noise)} says what they drew. Frozen layers are constants: they propagate, and have no columns in the
 * Jacobian; so are the layers below a {@code FrozenLayer}, which DL4J gives no gradient.
 */
public final class LinearizedNetwork {

    private final INDArray parameters;
    private final List<CompiledLayer> layers;
    private final Graph graph;
    private final LossModel lossModel;
    private final List<NetworkOutput> outputLayers;
    private final boolean approximate;
    private final Set<String> noisyWeights;
    private final @Nullable Noise noise;
    private final boolean normalized;
    private final BatchStatistics statistics;

    LinearizedNetwork(NetworkCompiler compiler, List<NetworkOutput> outputLayers) {
        this.parameters = compiler.parameters();
        this.layers = compiler.layers();
        this.graph = compiler.graph();
        this.outputLayers = List.copyOf(outputLayers);
        this.lossModel = sum(this.outputLayers.stream()
                .flatMap(output -> output.terms().stream())
                .toList());
        this.approximate = compiler.approximate();
        this.noisyWeights = compiler.noisyWeights();
        this.noise = null;
        this.normalized = compiler.normalized();
        this.statistics = compiler.statistics();
    }

    /** One term is itself. */
    private static LossModel sum(List<NetworkOutput.Term> terms) {
        return terms.size() == 1
                ? terms.get(0).loss()
                : LossModel.sum(
                        terms.stream().map(NetworkOutput.Term::loss).toList(),
                        terms.stream().mapToLong(NetworkOutput.Term::columns).toArray());
    }

    /** The same network with other steps. */
    private LinearizedNetwork(LinearizedNetwork other, Graph graph, @Nullable Noise noise) {
        this.parameters = other.parameters;
        this.layers = other.layers;
        this.graph = graph;
        this.lossModel = other.lossModel;
        this.outputLayers = other.outputLayers;
        this.approximate = other.approximate;
        this.noisyWeights = other.noisyWeights;
        this.noise = noise;
        this.normalized = other.normalized;
        this.statistics = other.statistics;
    }

    /**
     * A layer and the blocks that its parameters form.
     *
     * @param layer the layer
     * @param blocks its trainable parameters as blocks; empty without any
     */
    public record CompiledLayer(LayerDescription layer, List<CompiledBlock> blocks) {

        /**
         * Copies the list.
         *
         * @param layer the layer
         * @param blocks its trainable parameters as blocks
         */
        public CompiledLayer {
            blocks = List.copyOf(blocks);
        }
    }

    /**
     * A block and what its rows are made of.
     *
     * @param block the parameters
     * @param form what a row of the Jacobian is made of where samples are independent
     */
    public record CompiledBlock(ParameterBlock block, RowForm form) {}

    /**
     * Compiles a model, batch normalisations with batch statistics as in training.
     *
     * @param network an initialised network
     * @return the compiled network; it follows the model's parameters as they change
     * @throws UnsupportedModelException if a layer, loss or setting is not covered, naming it
     * @throws IllegalStateException if the network has not been initialised
     */
    public static LinearizedNetwork of(MultiLayerNetwork network) {
        return of(network, BatchStatistics.COUPLED);
    }

    /**
     * Compiles a model.
     *
     * @param network an initialised network
     * @param statistics what batch normalisations are linearised as
     * @return the compiled network; it follows the model's parameters as they change
     * @throws UnsupportedModelException if a layer, loss or setting is not covered, naming it
     * @throws IllegalStateException if the network has not been initialised
     */
    public static LinearizedNetwork of(MultiLayerNetwork network, BatchStatistics statistics) {
        requireInitialised(Objects.requireNonNull(network, "network").getLayers());
        Objects.requireNonNull(statistics, "statistics");
        return NetworkCompiler.compile(network, statistics);
    }

    /**
     * Compiles a graph, batch normalisations with batch statistics as in training.
     *
     * @param network an initialised network
     * @return the compiled network; it follows the model's parameters as they change
     * @throws UnsupportedModelException if a layer, vertex, loss or setting is not covered, naming it
     * @throws IllegalStateException if the network has not been initialised
     */
    public static LinearizedNetwork of(ComputationGraph network) {
        return of(network, BatchStatistics.COUPLED);
    }

    /**
     * Compiles a graph. With several output layers the loss is the sum of theirs.
     *
     * @param network an initialised network
     * @param statistics what batch normalisations are linearised as
     * @return the compiled network; it follows the model's parameters as they change
     * @throws UnsupportedModelException if a layer, vertex, loss or setting is not covered, naming it
     * @throws IllegalStateException if the network has not been initialised
     */
    public static LinearizedNetwork of(ComputationGraph network, BatchStatistics statistics) {
        requireInitialised(Objects.requireNonNull(network, "network").getLayers());
        Objects.requireNonNull(statistics, "statistics");
        return NetworkCompiler.compile(network, statistics);
    }

    /** A network has layers, and parameters, from the moment on that it is initialised. */
    private static void requireInitialised(Layer @Nullable [] layers) {
        if (layers == null) {
            throw new IllegalStateException("The network has no parameters yet: call init() first");
        }
    }

    /**
     * The network with the noise of one training pass: the function that DL4J differentiated there.
     *
     * @param drawn what dropout and weight noise drew; layers of which it says nothing stay without noise
     * @return the network with its dropout in place; {@code at} without parameters linearises at the noisy weights, and
     *     inputs must be of the pass's minibatch
     * @throws IllegalArgumentException if it names a layer whose input or weights have no noise
     */
    public LinearizedNetwork with(Noise drawn) {
        requireNoisy(drawn.inputs().keySet(), graph.noisyInputs(), "dropout");
        requireNoisy(drawn.weights().keySet(), noisyWeights, "weight noise");
        return new LinearizedNetwork(this, graph.with(drawn.inputs()), drawn);
    }

    private static void requireNoisy(Set<String> drawn, Set<String> known, String kind) {
        for (String layer : drawn) {
            if (!known.contains(layer)) {
                throw new IllegalArgumentException(
                        "Layer " + layer + " has no " + kind + "; layers that have: " + known);
            }
        }
    }

    /** θ, with what weight noise drew in the place of the weights that it acts on. */
    private INDArray noisyParameters() {
        if (noise == null || noise.weights().isEmpty()) {
            return parameters;
        }
        INDArray noisy = parameters.dup();
        for (LayerDescription layer : layers()) {
            noise.weights()
                    .getOrDefault(layer.key(), Map.of())
                    .forEach((name, drawn) -> layer.parameter(name).of(noisy).assign(drawn));
        }
        return noisy;
    }

    /**
     * Linearises at the model's current parameters.
     *
     * @param input x, first axis N, of the model's data type; not modified
     * @return the linearisation
     */
    public Linearization at(INDArray input) {
        return at(input, noisyParameters());
    }

    /**
     * Linearises a graph with several inputs at the model's current parameters.
     *
     * @param inputs in the graph's order, first axis N, of the model's data type; not modified
     * @return the linearisation
     */
    public Linearization at(List<INDArray> inputs) {
        return at(inputs, noisyParameters());
    }

    /**
     * Linearises at other parameters.
     *
     * @param input x, [N, in], of the model's data type; not modified
     * @param at θ, [P]; not modified
     * @return the linearisation
     */
    public Linearization at(INDArray input, INDArray at) {
        return at(List.of(Objects.requireNonNull(input, "input")), at);
    }

    /**
     * Linearises at other parameters.
     *
     * @param inputs in the graph's order, first axis N, of the model's data type; not modified
     * @param at θ, [P]; not modified
     * @return the linearisation
     */
    public Linearization at(List<INDArray> inputs, INDArray at) {
        if (inputs.size() != graph.inputs()) {
            throw new IllegalArgumentException("The network has " + graph.inputs() + " inputs, got " + inputs.size());
        }
        for (INDArray input : inputs) {
            if (input.dataType() != parameters.dataType()) {
                throw new IllegalArgumentException("The network's parameters are " + parameters.dataType()
                        + ", its input " + input.dataType() + "; convert the input with castTo");
            }
        }
        if (at.length() != parameters.length()) {
            throw new IllegalArgumentException(
                    "Expected " + parameters.length() + " parameters, got " + Arrays.toString(at.shape()));
        }
        Linearization linearization = graph.linearize(inputs, at);
        outputLayers.forEach(output -> output.check(linearization.value(output.value())));
        return linearization;
    }

    /**
     * The loss behind the model's output layer; of a graph with several outputs the sum of theirs, each of its own
     * columns of the outputs.
     *
     * @return the loss model
     */
    public LossModel lossModel() {
        return lossModel;
    }

    /**
     * The network with the masks that DL4J's layers hold for one minibatch: global pooling leaves out positions, dense
     * layers are zero for samples.
     *
     * @param masks by {@link LayerDescription#key()}; of ones, or of layers that take no notice of a mask, they change
     *     nothing
     * @return the network; inputs must be of the masks' minibatch
     * @throws IllegalArgumentException if a layer that has no rule for masks holds one
     */
    public LinearizedNetwork masked(Map<String, INDArray> masks) {
        Map<String, INDArray> acting = Masks.acting(masks, layers());
        return acting.isEmpty() ? this : new LinearizedNetwork(this, graph.masked(acting), noise);
    }

    /**
     * What one minibatch's outputs are compared with.
     *
     * @param labels y, as the model's output layer takes them
     * @param mask the mask that the output layer holds, any weights that are not negative; null for none
     * @return labels as a matrix, checked, and the loss weighted by the mask
     * @throws IllegalArgumentException if labels or mask do not fit the layer or the loss
     */
    public Targets targets(INDArray labels, @Nullable INDArray mask) {
        return targets(List.of(labels), Collections.singletonList(mask));
    }

    /**
     * What one minibatch's outputs are compared with, where a graph has several of them.
     *
     * @param labels y, for each output in the graph's order, as its layer takes them
     * @param masks the mask that each output layer holds, any weights that are not negative; null for none, and an
     *     empty list for none at all
     * @return labels as one matrix, the outputs' side by side, checked, and the sum of the losses, weighted by masks
     * @throws IllegalArgumentException if labels or masks do not fit the layers or the losses
     */
    public Targets targets(List<INDArray> labels, List<? extends @Nullable INDArray> masks) {
        int count = outputLayers.size();
        if (labels.size() != count || (!masks.isEmpty() && masks.size() != count)) {
            throw new IllegalArgumentException("The network has " + count + (count == 1 ? " output" : " outputs")
                    + ", got labels of " + labels.size() + (masks.isEmpty() ? "" : " and masks of " + masks.size()));
        }
        List<Targets> targets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            INDArray mask = masks.isEmpty() ? null : masks.get(i);
            targets.addAll(outputLayers.get(i).targets(labels.get(i), mask, parameters));
        }
        return targets.size() == 1 ? targets.get(0) : Targets.sideBySide(targets);
    }

    /**
     * The number of output layers, each with a loss and labels of its own.
     *
     * @return 1, or for a graph that may have several their number
     */
    public int outputLayers() {
        return outputLayers.size();
    }

    /**
     * Whether the loss is a sum of several, each of its own columns of the outputs.
     *
     * @return true with several output layers, and with a centre loss
     */
    public boolean sumsLosses() {
        return outputLayers.stream().mapToInt(output -> output.terms().size()).sum() > 1;
    }

    /**
     * Whether {@link #outputLoss} has an answer: the outputs are one vector a sample, and what the model's output layer
     * itself takes the loss of.
     *
     * @return false with several output layers, a loss at each position, a centre loss, or a softmax or sigmoid of a
     *     layer below taken into the loss
     */
    public boolean knowsOutputLoss() {
        return outputLayers.size() == 1 && outputLayers.get(0).isOfLayer();
    }

    /**
     * The loss of one minibatch and its derivative as the model's own output layer computes them, to the bit at equal
     * outputs: DL4J clips probabilities where {@link #lossModel()} does not.
     *
     * @param outputs f, [N, C]; not modified
     * @param labels y, as the model's output layer takes them, without a mask
     * @return the sum of the samples' losses, and ∂sum/∂f
     * @throws IllegalStateException if there is no answer ({@link #knowsOutputLoss()})
     */
    public OutputLoss outputLoss(INDArray outputs, INDArray labels) {
        if (!knowsOutputLoss()) {
            throw new IllegalStateException("The outputs are not what the model's output layer takes its loss of");
        }
        return outputLayers.get(0).head().loss(outputs, labels.castTo(outputs.dataType()));
    }

    /**
     * The layers, in the model's order.
     *
     * @return one description a layer
     */
    public List<LayerDescription> layers() {
        return layers.stream().map(CompiledLayer::layer).toList();
    }

    /**
     * The layers with their blocks, in the model's order.
     *
     * @return one entry a layer
     */
    public List<CompiledLayer> compiledLayers() {
        return layers;
    }

    /**
     * The layers that have columns in the Jacobian.
     *
     * @return the layers with parameters that are not frozen
     */
    public List<LayerDescription> trainableLayers() {
        return layers().stream()
                .filter(layer -> !layer.trainableParameters().isEmpty())
                .toList();
    }

    /**
     * The blocks of all trainable parameters.
     *
     * @return the blocks, in the model's order
     */
    public List<ParameterBlock> blocks() {
        return layers.stream()
                .flatMap(layer -> layer.blocks().stream())
                .map(CompiledBlock::block)
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
     * The number of outputs, at each position where the loss is taken at each pixel or time step. The outputs of a
     * linearisation then are [N, C·P], P the positions. The outputs of several output layers stand side by side, and
     * beside those of a centre loss what goes into its layer.
     *
     * @return C, of all output layers together
     */
    public long outputs() {
        return outputLayers.stream().mapToLong(NetworkOutput::width).sum();
    }

    /**
     * Whether the last layer with parameters is trainable.
     *
     * @return false if it is frozen
     */
    public boolean isOutputTrainable() {
        List<LayerDescription> trainable = trainableLayers();
        LayerDescription last = null;
        for (LayerDescription layer : layers()) {
            last = layer.parameters().isEmpty() ? last : layer;
        }
        return !trainable.isEmpty() && trainable.get(trainable.size() - 1).equals(last);
    }

    /**
     * Whether DL4J's training passes compute what is linearised here, so that its gradient is Jᵀr/N, but for the
     * deviations of its own backward pass (local response normalisation, a sigmoid's clipped probabilities).
     *
     * @return false with dropout or weight noise whose draws it has not ({@link #with(Noise)}), or a batch
     *     normalisation that is linearised without the derivative of its batch statistics
     */
    public boolean matchesTraining() {
        Set<String> inputs = noise == null ? Set.of() : noise.inputs().keySet();
        Set<String> weights = noise == null ? Set.of() : noise.weights().keySet();
        return !approximate && inputs.containsAll(graph.noisyInputs()) && weights.containsAll(noisyWeights);
    }

    /**
     * Whether it matches training once a pass's noise is known.
     *
     * @return false with a batch normalisation that is linearised without the derivative of its batch statistics
     */
    public boolean matchesTrainingWithNoise() {
        return !approximate;
    }

    /**
     * The layers whose input training draws noise for.
     *
     * @return their {@linkplain LayerDescription#key() keys}
     */
    public Set<String> layersWithDropout() {
        return Set.copyOf(graph.noisyInputs());
    }

    /**
     * Whether training draws noise.
     *
     * @return true with dropout, input or weight noise in a layer that is not frozen
     */
    public boolean isNoisy() {
        return !graph.noisyInputs().isEmpty() || !noisyWeights.isEmpty();
    }

    /**
     * Whether samples are coupled by a batch normalisation with batch statistics, so that one cotangent goes back to
     * all of them.
     *
     * @return true if there is one
     */
    public boolean couplesSamples() {
        return graph.couplesSamples();
    }

    /**
     * Whether every layer with trainable parameters is dense and treats samples one by one, so that rows of the
     * Jacobian are ã_n ⊗ δ_n.
     *
     * @return true for multi-layer perceptrons
     */
    public boolean isDense() {
        return !couplesSamples()
                && layers.stream()
                        .flatMap(layer -> layer.blocks().stream())
                        .allMatch(block -> block.form() == RowForm.OUTER_PRODUCT);
    }

    /**
     * Whether there is a batch normalisation.
     *
     * @return true if there is one
     */
    public boolean isNormalized() {
        return normalized;
    }

    /**
     * What batch normalisations are linearised as.
     *
     * @return the mode
     */
    public BatchStatistics statistics() {
        return statistics;
    }

    /**
     * Multiplies a parameter vector by the square roots √s of a parameterisation's scales, in place: gradients become
     * those with respect to ω, directions in ω become directions in θ.
     *
     * @param vector [P]; modified
     * @param scaling the parameterisation
     * @return the vector
     */
    public INDArray scale(INDArray vector, Parameterization scaling) {
        if (scaling.isStandard()) {
            return vector;
        }
        for (ParameterBlock block : blocks()) {
            double[] rootScales = scaling.rootScales(block);
            if (rootScales != null) {
                INDArray column = Nd4j.createFromArray(rootScales)
                        .castTo(vector.dataType())
                        .reshape('c', block.inputs(), 1);
                block.write(block.read(vector).mul(column), vector);
            }
        }
        return vector;
    }
}
