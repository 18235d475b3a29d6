package io.github.dl4jngd.fisher.network;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.L2Vertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SpaceToBatchLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.ocnn.OCNNOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What has no rule is refused when a model is compiled, by the name of the layer or vertex. */
class RefusedModelsTest {

    private static final InputType IMAGES = InputType.convolutional(8, 8, 3);
    private static final InputType IMAGES_NHWC = InputType.convolutional(8, 8, 3, CNN2DFormat.NHWC);
    private static final InputType SEQUENCES = InputType.recurrent(3, 7);
    private static final InputType VECTORS = InputType.feedForward(6);

    static Stream<Arguments> layers() {
        return Stream.of(
                arguments(
                        SEQUENCES,
                        new LSTM.Builder().nOut(4).build(),
                        "LSTM has no rule. What to do: its derivative goes through all time steps; freeze it"),
                arguments(SEQUENCES, new SimpleRnn.Builder().nOut(4).build(), "SimpleRnn has no rule"),
                arguments(
                        SEQUENCES, new Bidirectional(new LSTM.Builder().nOut(4).build()), "Bidirectional has no rule"),
                arguments(SEQUENCES, new LastTimeStep(new LSTM.Builder().nOut(4).build()), "LastTimeStep has no rule"),
                arguments(
                        SEQUENCES,
                        new SelfAttentionLayer.Builder()
                                .nOut(4)
                                .nHeads(1)
                                .projectInput(true)
                                .build(),
                        "SelfAttentionLayer has no rule"),
                arguments(
                        InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 4, 4, 4, 2),
                        new Deconvolution3D.Builder()
                                .kernelSize(2, 2, 2)
                                .nOut(2)
                                .build(),
                        "use Upsampling3D and Convolution3D"),
                arguments(
                        InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 4, 4, 4, 2),
                        new Subsampling3DLayer.Builder(PoolingType.PNORM, new int[] {2, 2, 2}).build(),
                        "use AVG or MAX"),
                arguments(
                        IMAGES,
                        new LocallyConnected2D.Builder()
                                .nOut(2)
                                .kernelSize(2, 2)
                                .build(),
                        "use ConvolutionLayer"),
                arguments(
                        InputType.recurrent(3, 7, RNNFormat.NWC),
                        new Convolution1DLayer.Builder(2)
                                .nOut(3)
                                .rnnDataFormat(RNNFormat.NWC)
                                .build(),
                        "the format NWC; use NCW"),
                arguments(IMAGES, new SpaceToBatchLayer.Builder<>(new int[] {2, 2}).build(), "use SpaceToDepthLayer"),
                arguments(
                        VECTORS,
                        new AutoEncoder.Builder().nIn(6).nOut(3).build(),
                        "put a DenseLayer with its weights in its place"),
                arguments(
                        IMAGES_NHWC,
                        new BatchNormalization.Builder()
                                .lockGammaBeta(true)
                                .dataFormat(CNN2DFormat.NHWC)
                                .build(),
                        "locked"),
                arguments(
                        VECTORS,
                        new FrozenLayerWithBackprop(new BatchNormalization.Builder()
                                .nIn(6)
                                .nOut(6)
                                .name("culprit")
                                .build()),
                        "FrozenLayerWithBackprop"),
                arguments(
                        IMAGES,
                        new BatchNormalization.Builder()
                                .lockGammaBeta(true)
                                .gamma(0.5)
                                .build(),
                        "both or neither"),
                arguments(
                        IMAGES,
                        new BatchNormalization.Builder()
                                .lockGammaBeta(true)
                                .beta(0.3)
                                .build(),
                        "both or neither"));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void layersAreRefusedByName(InputType input, Layer layer, String named) {
        layer.setLayerName("culprit");
        NeuralNetConfiguration.ListBuilder list =
                new NeuralNetConfiguration.Builder().list().layer(layer);
        boolean sequence = (input == SEQUENCES && !(layer instanceof LastTimeStep)) || named.contains("NCW");
        if (sequence) {
            list.layer(new GlobalPoolingLayer.Builder().build());
        }
        MultiLayerNetwork network =
                new MultiLayerNetwork(list.layer(output()).setInputType(input).build());
        network.init();
        assertThatExceptionOfType(UnsupportedModelException.class)
                .isThrownBy(() -> LinearizedNetwork.of(network))
                .withMessageContaining("culprit")
                .withMessageContaining(named);
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build();
    }

    static Stream<Arguments> outputs() {
        return Stream.of(arguments(
                VECTORS,
                new OCNNOutputLayer.Builder()
                        .hiddenLayerSize(3)
                        .activation(Activation.SIGMOID)
                        .initialRValue(0.1)
                        .nu(0.5)
                        .build()));
    }

    @ParameterizedTest
    @MethodSource("outputs")
    void outputLayersAreRefusedByName(InputType input, Layer output) {
        output.setLayerName("culprit");
        NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder().list();
        MultiLayerNetwork network =
                new MultiLayerNetwork(list.layer(output).setInputType(input).build());
        network.init();
        assertThatExceptionOfType(UnsupportedModelException.class)
                .isThrownBy(() -> LinearizedNetwork.of(network))
                .withMessageContaining("culprit")
                .withMessageContaining(output.getClass().getSimpleName());
    }

    static Stream<Arguments> graphs() {
        return Stream.of(
                graph("no StackVertex has put together", "first", builder -> {
                    builder.addVertex("first", new UnstackVertex(0, 2), "a");
                    builder.addVertex("both", new MergeVertex(), "first", "b");
                    builder.addLayer("out", output(), "both").setOutputs("out");
                }),
                graph("a stack of", "again", builder -> {
                    builder.addVertex("stack", new StackVertex(), "a", "b");
                    builder.addVertex("again", new StackVertex(), "stack", "stack");
                    builder.addVertex("first", new UnstackVertex(0, 4), "again");
                    builder.addLayer("out", output(), "first").setOutputs("out");
                }),
                graph("stacked inputs, as samples of their own", "out", builder -> {
                    builder.addVertex("stack", new StackVertex(), "a", "b");
                    builder.addLayer("out", output(), "stack").setOutputs("out");
                }),
                graph("joins whole samples with", "sum", builder -> {
                    builder.addVertex("stack", new StackVertex(), "a", "b");
                    builder.addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "stack", "a");
                    builder.addVertex("first", new UnstackVertex(0, 2), "sum");
                    builder.addLayer("out", output(), "first").setOutputs("out");
                }),
                graph("L2Vertex", "distance", builder -> {
                    builder.addVertex("distance", new L2Vertex(), "a", "b");
                    builder.addLayer("out", output(), "distance").setOutputs("out");
                }),
                graph("give it the shape [-1, …]", "shape", builder -> {
                    builder.addVertex("shape", new ReshapeVertex(8, 2, 2), "a");
                    builder.addVertex("back", new ReshapeVertex(-1, 4), "shape");
                    builder.addVertex("both", new MergeVertex(), "back", "b");
                    builder.addLayer("out", output(), "both").setOutputs("out");
                }),
                graph("use 'c'", "shape", builder -> {
                    builder.addVertex("shape", new ReshapeVertex('f', new int[] {-1, 2, 2}, null), "a");
                    builder.addVertex("back", new ReshapeVertex(-1, 4), "shape");
                    builder.addVertex("both", new MergeVertex(), "back", "b");
                    builder.addLayer("out", output(), "both").setOutputs("out");
                }),
                graph("takes what the output layer out makes", "both", builder -> builder.addLayer("out", output(), "a")
                        .addVertex("both", new MergeVertex(), "out", "b")
                        .addLayer("other", output(), "both")
                        .setOutputs("out", "other")),
                graph("lies below frozen", "a", builder -> {
                    builder.addLayer(
                            "frozen",
                            new FrozenLayer(
                                    new DenseLayer.Builder().nIn(4).nOut(4).build()),
                            "a");
                    builder.addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "frozen", "a");
                    builder.addVertex("both", new MergeVertex(), "sum", "b");
                    builder.addLayer("out", output(), "both").setOutputs("out");
                }),
                graph("must be an output", "merge", builder -> builder.addVertex("merge", new MergeVertex(), "a", "b")
                        .setOutputs("merge")));
    }

    private static Arguments graph(String named, String vertex, Consumer<GraphBuilder> body) {
        return arguments(named, vertex, body);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("graphs")
    void graphsAreRefusedByName(String named, String vertex, Consumer<GraphBuilder> body) {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(VECTORS)
                .addLayer("a", new DenseLayer.Builder().nOut(4).build(), "in")
                .addLayer("b", new DenseLayer.Builder().nOut(4).build(), "in");
        body.accept(builder);
        builder.validateOutputLayerConfig(false);
        ComputationGraph network = new ComputationGraph(builder.build());
        network.init();
        assertThatExceptionOfType(UnsupportedModelException.class)
                .isThrownBy(() -> LinearizedNetwork.of(network))
                .withMessageContaining(named)
                .withMessageContaining(vertex);
    }

    /** DL4J's ConvolutionLayer, by whatever subclass: a rule is for the exact class. */
    @ParameterizedTest
    @MethodSource("subclasses")
    void subclassesAreNotTakenForTheirParents(Layer layer) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(layer)
                .layer(output())
                .setInputType(IMAGES)
                .build());
        network.init();
        assertThatExceptionOfType(UnsupportedModelException.class)
                .isThrownBy(() -> LinearizedNetwork.of(network))
                .withMessageContaining("Scaled has no rule");
    }

    static Stream<Layer> subclasses() {
        return Stream.of(new Scaled());
    }

    /** A user's own layer. */
    static final class Scaled extends ConvolutionLayer {
        private static final long serialVersionUID = 1;

        Scaled() {
            super(new ConvolutionLayer.Builder(2, 2).nOut(2));
        }
    }
}
