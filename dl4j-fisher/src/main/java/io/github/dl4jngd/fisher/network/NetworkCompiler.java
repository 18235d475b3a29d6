package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.loss.LossModel;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import io.github.dl4jngd.fisher.operation.ParameterSlice;
import io.github.dl4jngd.fisher.operation.Squashing;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.CenterLossParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Walks a DL4J model in the order of its parameter vector and builds the {@link Graph} of its operations. */
final class NetworkCompiler {

    private final LayerRules rules = LayerRules.load();
    private final BatchStatistics statistics;
    private final INDArray parameters;
    private final Graph graph;
    private final SampleParts parts;
    private final List<LinearizedNetwork.CompiledLayer> layers = new ArrayList<>();
    private long offset;
    private final Set<String> noisyWeights = new HashSet<>();
    /** By layer: what goes into an output layer with centres. */
    private final Map<String, Integer> belowCentres = new HashMap<>();

    private boolean normalized;
    private boolean approximate;

    private NetworkCompiler(INDArray parameters, int inputs, BatchStatistics statistics) {
        this.parameters = parameters.reshape(parameters.length());
        this.graph = new Graph(inputs);
        this.parts = new SampleParts(graph);
        this.statistics = statistics;
    }

    static LinearizedNetwork compile(MultiLayerNetwork network, BatchStatistics statistics) {
        NetworkCompiler compiler = new NetworkCompiler(network.params(), 1, statistics);
        MultiLayerConfiguration configuration = network.getLayerWiseConfigurations();
        int count = network.getnLayers();
        int constant = topmostFrozenLayer(configuration, count);
        int value = 0;
        for (int i = 0; i < count; i++) {
            Layer layer = configuration.getConf(i).getLayer();
            String name = name(i, layer);
            value = compiler.parts.preprocess(value, name, configuration.getInputPreProcess(i));
            value = compiler.add(
                    value,
                    String.valueOf(i),
                    name,
                    layer,
                    network.getLayer(i).paramTable(false),
                    i > constant,
                    i == count - 1);
        }
        Layer last = configuration.getConf(count - 1).getLayer();
        long outputs = 0;
        for (int i = count - 1; i >= 0 && outputs == 0; i--) {
            outputs = units(unwrap(configuration.getConf(i).getLayer()));
        }
        return compiler.finish(List.of(new End(String.valueOf(count - 1), value, unwrap(last), outputs)));
    }

    static LinearizedNetwork compile(ComputationGraph network, BatchStatistics statistics) {
        ComputationGraphConfiguration configuration = network.getConfiguration();
        List<String> inputs = configuration.getNetworkInputs();
        List<String> outputs = configuration.getNetworkOutputs();
        NetworkCompiler compiler = new NetworkCompiler(network.params(), inputs.size(), statistics);
        Map<String, Integer> values = new HashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            values.put(inputs.get(i), i);
        }
        for (int index : network.topologicalSortOrder()) {
            String name = network.getVertices()[index].getVertexName();
            if (values.containsKey(name)) {
                continue;
            }
            requireFrozenBelow(configuration, name);
            GraphVertex vertex = configuration.getVertices().get(name);
            if (vertex == null) {
                throw new UnsupportedModelException("Vertex " + name + ": the graph's configuration does not have it");
            }
            List<Integer> from =
                    inputs(configuration, name).stream().map(values::get).toList();
            GraphVertex inner = vertex instanceof FrozenVertex frozen ? frozen.getUnderlying() : vertex;
            if (inner instanceof LayerVertex layer) {
                int value = compiler.parts.preprocess(from.get(0), name, layer.getPreProcessor());
                values.put(
                        name,
                        compiler.add(
                                value,
                                name,
                                name,
                                layer.getLayerConf().getLayer(),
                                network.getLayer(name).paramTable(false),
                                !(vertex instanceof FrozenVertex),
                                outputs.contains(name)));
            } else {
                values.put(name, Vertices.add(compiler.parts, name, inner, from));
            }
        }
        List<End> ends = new ArrayList<>();
        for (String output : outputs) {
            Integer value = values.get(output);
            if (value == null || !(configuration.getVertices().get(output) instanceof LayerVertex last)) {
                throw new UnsupportedModelException(
                        "Vertex " + output + ": the graph's output must be an output or loss layer");
            }
            if (outputs.size() > 1) {
                requireLast(configuration, output);
            }
            ends.add(new End(output, value, unwrap(last.getLayerConf().getLayer()), outputs(configuration, output)));
        }
        return compiler.finish(ends);
    }

    /**
     * Where a loss is taken.
     *
     * @param key the output layer's key
     * @param value what the layer makes
     * @param layer its configuration
     * @param units C; 0 where it is not known
     */
    private record End(String key, int value, Layer layer, long units) {}

    /** DL4J's way back through an output layer leaves out what comes from the vertices above it. */
    private static void requireLast(ComputationGraphConfiguration configuration, String output) {
        configuration.getVertexInputs().forEach((vertex, from) -> {
            if (from.contains(output)) {
                throw new UnsupportedModelException("Vertex " + vertex + ": it takes what the output layer " + output
                        + " makes, and DL4J's own backward pass leaves that way out. Put a layer without a loss below both, and "
                        + "a LossLayer above it as the output");
            }
        });
    }

    /** What a vertex takes; nothing for an input of the network. */
    private static List<String> inputs(ComputationGraphConfiguration configuration, String name) {
        return configuration.getVertexInputs().getOrDefault(name, List.of());
    }

    /** C: the units of the output layer, or of what a loss layer without parameters stands on. */
    private static long outputs(ComputationGraphConfiguration configuration, String output) {
        long units = units(configuration, output);
        if (units == 0) {
            throw new UnsupportedModelException(
                    "Layer " + output + ": the number of outputs below a loss layer is not known; use an output layer");
        }
        return units;
    }

    /** The channels or features that a vertex gives; 0 where the configuration does not say. */
    private static long units(ComputationGraphConfiguration configuration, String name) {
        GraphVertex vertex = configuration.getVertices().get(name);
        if (vertex instanceof FrozenVertex frozen) {
            vertex = frozen.getUnderlying();
        }
        if (vertex instanceof LayerVertex layer) {
            long units = units(unwrap(layer.getLayerConf().getLayer()));
            if (units > 0) {
                return units;
            }
        }
        List<String> from = inputs(configuration, name);
        if (vertex instanceof SubsetVertex subset) {
            return subset.getTo() - subset.getFrom() + 1L;
        }
        if (vertex instanceof MergeVertex && from.size() > 1) {
            long sum = 0;
            for (String input : from) {
                long units = units(configuration, input);
                if (units == 0) {
                    return 0;
                }
                sum += units;
            }
            return sum;
        }
        return from.isEmpty() ? 0 : units(configuration, from.get(0));
    }

    private static long units(Layer layer) {
        return layer instanceof FeedForwardLayer sized ? sized.getNOut() : 0;
    }

    /**
     * In a graph DL4J's backward pass ends at every frozen layer and vertex, and fails on what is below one without
     * being frozen.
     */
    private static void requireFrozenBelow(ComputationGraphConfiguration configuration, String name) {
        if (!isFrozen(configuration, name)) {
            return;
        }
        for (String input : inputs(configuration, name)) {
            if (configuration.getVertices().containsKey(input) && !isFrozen(configuration, input)) {
                throw new UnsupportedModelException("Vertex " + input + ": it is not frozen and lies below " + name
                        + ", which is; DL4J's own backward pass through a graph fails on it. Freeze everything below (as "
                        + "TransferLearning's setFeatureExtractor does), or use FrozenLayerWithBackprop");
            }
        }
    }

    private static boolean isFrozen(ComputationGraphConfiguration configuration, String name) {
        GraphVertex vertex = configuration.getVertices().get(name);
        return vertex instanceof FrozenVertex
                || (vertex instanceof LayerVertex layer && layer.getLayerConf().getLayer() instanceof FrozenLayer);
    }

    private int add(
            int value,
            String key,
            String name,
            Layer configuration,
            @Nullable Map<String, INDArray> table,
            boolean reached,
            boolean output) {
        Layer inner = unwrap(configuration);
        boolean frozen = configuration instanceof FrozenLayer || configuration instanceof FrozenLayerWithBackprop;
        // DL4J runs frozen layers in test mode
        BatchStatistics mode = frozen ? BatchStatistics.RUNNING : statistics;
        LayerDescription layer =
                new LayerDescription(key, name, inner, slices(table), !frozen && reached, output, mode);
        if (output && !LossHead.isOutput(inner)) {
            throw layer.unsupported("the last layer must be an output or loss layer, found "
                    + inner.getClass().getSimpleName());
        }
        RNNFormat steps = timeSteps(configuration);
        int from = steps == null ? value : parts.apart(value, name, steps);
        if (output && parts.isParted(from)) {
            throw layer.unsupported(
                    "its outputs are those of time steps or of stacked inputs, as samples of their own; use "
                            + "RnnOutputLayer or RnnLossLayer, whose labels are sequences, or an UnstackVertex below it");
        }
        List<Operation> operations = parts.on(from, rules.compile(layer));
        List<LinearizedNetwork.CompiledBlock> blocks = operations.stream()
                .flatMap(operation -> operation.block().stream()
                        .map(block -> new LinearizedNetwork.CompiledBlock(block, operation.rowForm())))
                .toList();
        long covered =
                blocks.stream().mapToLong(block -> block.block().parameters()).sum();
        long trainable = layer.trainableParameters().stream()
                .mapToLong(ParameterSlice::length)
                .sum();
        if (covered != trainable) {
            throw layer.unsupported("its rule covers " + covered + " of " + trainable + " trainable parameters");
        }
        layers.add(new LinearizedNetwork.CompiledLayer(layer, blocks));
        // DL4J runs frozen layers without noise
        if (!frozen && inner instanceof BaseLayer base && base.getWeightNoise() != null) {
            noisyWeights.add(key);
        }
        if (inner instanceof BatchNormalization && configuration instanceof FrozenLayerWithBackprop) {
            throw layer.unsupported(
                    "a batch normalisation in a FrozenLayerWithBackprop: DL4J's own backward pass fails on it; use "
                            + "FrozenLayer");
        }
        if (inner instanceof BatchNormalization) {
            normalized = true;
            approximate |= !frozen && statistics != BatchStatistics.COUPLED;
        }
        if (inner instanceof CenterLossOutputLayer) {
            belowCentres.put(key, from);
        }
        if (!frozen && (inner instanceof RnnOutputLayer || inner instanceof CenterLossOutputLayer || steps != null)) {
            requireSilent(layer);
        }
        int input = !frozen && appliesDropout(inner) ? parts.addNoise(from, key) : from;
        int made = parts.addLayer(input, inner, operations);
        graph.end(key, made);
        return steps == null ? made : parts.together(made, name, steps);
    }

    /** DL4J's way back through these layers leaves dropout out, or draws weight noise anew for the score. */
    private static void requireSilent(LayerDescription layer) {
        boolean noisyWeights = layer.configuration() instanceof BaseLayer base && base.getWeightNoise() != null;
        if (appliesDropout(layer.configuration()) || noisyWeights) {
            throw layer.unsupported(
                    "dropout or weight noise in an RnnOutputLayer, a CenterLossOutputLayer or inside a TimeDistributed has "
                            + "no rule; "
                            + "give the layer neither (Builder.dropOut(1.0)), and put a DropoutLayer below it");
        }
    }

    /** Whether a layer drops its input: DL4J does nothing about a dropout that some are given with all layers. */
    private static boolean appliesDropout(Layer layer) {
        IDropout dropout = layer.getIDropout();
        boolean keepsAll = dropout instanceof Dropout plain && plain.getPSchedule() == null && plain.getP() == 1;
        return dropout != null
                && !keepsAll
                && !(layer instanceof ActivationLayer)
                && !(layer instanceof BatchNormalization)
                && !(layer instanceof GlobalPoolingLayer)
                && !(layer instanceof SubsamplingLayer)
                && (!LossHead.isOutput(layer) || layer instanceof BaseOutputLayer);
    }

    /** A layer's parameters as they lie in the flat vector, which is not always the order of its table. */
    private List<ParameterSlice> slices(@Nullable Map<String, INDArray> table) {
        List<ParameterSlice> slices = new ArrayList<>();
        if (table != null) {
            List<Map.Entry<String, INDArray>> entries = new ArrayList<>(table.entrySet());
            entries.sort(Comparator.comparingLong(entry -> entry.getValue().offset()));
            for (Map.Entry<String, INDArray> entry : entries) {
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

    private LinearizedNetwork finish(List<End> ends) {
        if (offset != parameters.length()) {
            throw new UnsupportedModelException(
                    "The layers have " + offset + " parameters, the network " + parameters.length());
        }
        graph.setLosses(ends.stream().map(End::value).toList());
        List<NetworkOutput> made = ends.stream().map(this::output).toList();
        graph.joinOutputs(made.stream()
                .flatMap(output -> output.terms().stream())
                .map(NetworkOutput.Term::value)
                .toList());
        return new LinearizedNetwork(this, made);
    }

    private NetworkOutput output(End end) {
        LayerDescription layer = layers.stream()
                .map(LinearizedNetwork.CompiledLayer::layer)
                .filter(description -> description.key().equals(end.key()))
                .findFirst()
                .orElseThrow();
        if (end.units() == 0) {
            throw layer.unsupported("the number of outputs is not known: no layer below "
                    + end.layer().getClass().getSimpleName() + " has units");
        }
        LossHead head = LossHead.of(layer);
        Squashing wanted = LossModels.wanted(layer);
        Optional<Graph.Node> squashing = graph.squashing(end.value(), head.eachPosition())
                .filter(node -> node.step().squashing() == wanted);
        boolean activated = wanted == Squashing.NONE || graph.isActivated(end.value());
        squashing.ifPresent(node ->
                graph.replace(node, Operations.folded(layer.name(), wanted == Squashing.SOFTMAX ? end.units() : 0)));
        LossModel loss = LossModels.of(layer, end.units(), squashing.isPresent(), activated);
        return new NetworkOutput(
                head, end.value(), end.units(), head.over(loss, end.units()), squashing.isPresent(), centres(layer));
    }

    private NetworkOutput.@Nullable Centres centres(LayerDescription layer) {
        if (!(layer.configuration() instanceof CenterLossOutputLayer centred) || centred.getLambda() == 0) {
            return null;
        }
        return new NetworkOutput.Centres(
                Objects.requireNonNull(belowCentres.get(layer.key())),
                centred.getNIn(),
                LossModel.squaredError(centred.getLambda()),
                layer.parameter(CenterLossParamInitializer.CENTER_KEY));
    }

    /** DL4J's backward pass ends at a FrozenLayer: what lies below gets no gradient. −1 if there is none. */
    private static int topmostFrozenLayer(MultiLayerConfiguration configuration, int count) {
        int index = count - 1;
        while (index >= 0 && !(configuration.getConf(index).getLayer() instanceof FrozenLayer)) {
            index--;
        }
        return index;
    }

    /** The layer inside wrappers. */
    private static Layer unwrap(Layer configuration) {
        Layer thawed = thaw(configuration);
        return thawed instanceof TimeDistributed distributed ? distributed.getUnderlying() : thawed;
    }

    private static Layer thaw(Layer configuration) {
        if (configuration instanceof FrozenLayer frozen) {
            return frozen.getLayer();
        }
        return configuration instanceof FrozenLayerWithBackprop frozen ? frozen.getUnderlying() : configuration;
    }

    /** The format of the sequences whose time steps a wrapper hands to its layer; null where there is none. */
    private static @Nullable RNNFormat timeSteps(Layer configuration) {
        return thaw(configuration) instanceof TimeDistributed distributed ? distributed.getRnnDataFormat() : null;
    }

    private static String name(int index, Layer configuration) {
        String given = configuration.getLayerName();
        return given == null || given.equals("layer" + index) ? String.valueOf(index) : index + " (" + given + ")";
    }

    INDArray parameters() {
        return parameters;
    }

    List<LinearizedNetwork.CompiledLayer> layers() {
        return List.copyOf(layers);
    }

    Graph graph() {
        return graph;
    }

    /** The layers whose weights are noisy in training. */
    Set<String> noisyWeights() {
        return Set.copyOf(noisyWeights);
    }

    boolean approximate() {
        return approximate;
    }

    boolean normalized() {
        return normalized;
    }

    BatchStatistics statistics() {
        return statistics;
    }
}
