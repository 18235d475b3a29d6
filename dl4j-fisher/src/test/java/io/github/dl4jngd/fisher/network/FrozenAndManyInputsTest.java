package io.github.dl4jngd.fisher.network;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.testing.ImageNetworks;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Convolutional networks of either class with frozen layers, and graphs with several inputs. */
class FrozenAndManyInputsTest {

    private static final double TOLERANCE = 1e-9;
    private static final int LAYERS = 4;
    private static final int NORMALIZATION = 1;
    private static final int SAMPLES = 5;

    /** How one layer of a network is frozen. */
    enum Freezing {
        WITHOUT_BACKPROP,
        WITH_BACKPROP;

        Layer wrap(Layer layer) {
            return this == WITH_BACKPROP ? new FrozenLayerWithBackprop(layer) : new FrozenLayer(layer);
        }
    }

    static Stream<Arguments> frozen() {
        return IntStream.range(0, LAYERS).boxed().flatMap(index -> Stream.of(Freezing.values())
                .filter(freezing -> freezing == Freezing.WITHOUT_BACKPROP || index != NORMALIZATION)
                .flatMap(freezing -> Stream.of(false, true).map(graph -> Arguments.of(index, freezing, graph))));
    }

    private static List<Layer> layers(int frozen, Freezing freezing) {
        List<Layer> layers = new ArrayList<>(List.of(
                new ConvolutionLayer.Builder(2, 2)
                        .nIn(2)
                        .nOut(3)
                        .activation(Activation.IDENTITY)
                        .build(),
                new BatchNormalization.Builder().nIn(3).nOut(3).build(),
                new ConvolutionLayer.Builder(3, 2)
                        .nIn(3)
                        .nOut(4)
                        .activation(Activation.TANH)
                        .build(),
                new DenseLayer.Builder()
                        .nIn(4)
                        .nOut(4)
                        .activation(Activation.TANH)
                        .build()));
        // without backprop everything below is a constant too, and in graphs has to be frozen
        for (int i = freezing == Freezing.WITH_BACKPROP ? frozen : 0; i <= frozen; i++) {
            layers.set(i, freezing.wrap(layers.get(i)));
        }
        Layer pooling = new GlobalPoolingLayer.Builder(PoolingType.AVG).build();
        layers.add(3, frozen == 3 ? freezing.wrap(pooling) : pooling);
        layers.add(output(4));
        return layers;
    }

    private static OutputLayer output(int in) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nIn(in)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static NeuralNetConfiguration.Builder configuration() {
        return new NeuralNetConfiguration.Builder().seed(3).dataType(DataType.DOUBLE);
    }

    private static ImageNetworks.Network network(int frozen, Freezing freezing, boolean graph) {
        if (!graph) {
            NeuralNetConfiguration.ListBuilder list = configuration().list();
            layers(frozen, freezing).forEach(list::layer);
            MultiLayerNetwork network = new MultiLayerNetwork(list.build());
            network.init();
            return new ImageNetworks.Network(network);
        }
        GraphBuilder builder = configuration().graphBuilder().addInputs("in");
        String below = "in";
        for (Layer layer : layers(frozen, freezing)) {
            String name = "layer" + below;
            builder.addLayer(name, layer, below);
            below = name;
        }
        ComputationGraph network =
                new ComputationGraph(builder.setOutputs(below).build());
        network.init();
        return new ImageNetworks.Network(network);
    }

    private static INDArray labels() {
        INDArray labels = Nd4j.create(DataType.DOUBLE, SAMPLES, 3);
        for (int n = 0; n < SAMPLES; n++) {
            labels.putScalar(n, n % 3, 1);
        }
        return labels;
    }

    /**
     * The gradient of what is trained is DL4J's; what is frozen, or below a frozen layer that ends DL4J's pass, has no
     * block.
     */
    @ParameterizedTest
    @MethodSource("frozen")
    void frozenLayersAreConstants(int frozen, Freezing freezing, boolean graph) {
        ImageNetworks.Network model = network(frozen, freezing, graph);
        LinearizedNetwork linearized = LiveModel.of(model.model()).compile(BatchStatistics.COUPLED);
        INDArray x = normal(new Random(1), 1, DataType.DOUBLE, SAMPLES, 2, 6, 5);
        Linearization at = linearized.at(x);
        INDArray residual = linearized.lossModel().at(at.outputs()).residual(labels());
        INDArray gradient = at.vjp(residual).divi(SAMPLES);
        assertThat(relativeError(gradient, model.gradient(x, labels()))).isLessThan(TOLERANCE);
        assertThat(linearized.blocks()).hasSize(freezing == Freezing.WITH_BACKPROP ? LAYERS : LAYERS - frozen);
        checkAdjointness(linearized, at);
    }

    /**
     * Below a FrozenLayer a layer-by-layer network may have layers that are not frozen: DL4J leaves them as they are.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void layersBelowAFrozenOneAreConstants(int frozen) {
        NeuralNetConfiguration.ListBuilder list = configuration().list();
        List<Layer> layers = layers(0, Freezing.WITH_BACKPROP);
        layers.set(0, ((FrozenLayerWithBackprop) layers.get(0)).getUnderlying());
        int index = frozen < 3 ? frozen : frozen + 1; // the pooling has no parameters
        layers.set(index, new FrozenLayer(layers.get(index)));
        layers.forEach(list::layer);
        MultiLayerNetwork network = new MultiLayerNetwork(list.build());
        network.init();
        ImageNetworks.Network model = new ImageNetworks.Network(network);
        LinearizedNetwork linearized = LiveModel.of(model.model()).compile(BatchStatistics.COUPLED);
        INDArray x = normal(new Random(1), 1, DataType.DOUBLE, SAMPLES, 2, 6, 5);
        Linearization at = linearized.at(x);
        INDArray residual = linearized.lossModel().at(at.outputs()).residual(labels());
        assertThat(relativeError(at.vjp(residual).divi(SAMPLES), model.gradient(x, labels())))
                .isLessThan(TOLERANCE);
        assertThat(linearized.blocks()).hasSize(LAYERS - frozen);
    }

    private static void checkAdjointness(LinearizedNetwork network, Linearization at) {
        INDArray v = normal(new Random(4), 1, DataType.DOUBLE, at.parameters());
        INDArray u = normal(new Random(5), 1, DataType.DOUBLE, at.outputs().shape());
        INDArray pulled = at.vjp(u);
        double forward = at.jvp(v).mul(u).sumNumber().doubleValue();
        assertThat(forward).isCloseTo(pulled.mul(v).sumNumber().doubleValue(), offset(TOLERANCE));
        INDArray trained = Nd4j.zerosLike(pulled);
        for (ParameterBlock block : network.blocks()) {
            block.write(block.read(pulled), trained);
        }
        assertThat(trained).isEqualTo(pulled);
    }

    @Test
    void severalInputs() {
        ComputationGraph graph = new ComputationGraph(configuration()
                .graphBuilder()
                .addInputs("image", "vector", "another")
                .setInputTypes(InputType.convolutional(6, 5, 2), InputType.feedForward(3), InputType.feedForward(4))
                .addLayer(
                        "conv",
                        new ConvolutionLayer.Builder(2, 2)
                                .nOut(3)
                                .activation(Activation.TANH)
                                .build(),
                        "image")
                .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "conv")
                .addLayer(
                        "a",
                        new DenseLayer.Builder()
                                .nOut(3)
                                .activation(Activation.TANH)
                                .build(),
                        "vector")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "pool", "a")
                .addVertex("merge", new MergeVertex(), "another", "sum")
                .addLayer("out", output(7), "merge")
                .setOutputs("out")
                .build());
        graph.init();
        LinearizedNetwork linearized = LinearizedNetwork.of(graph);
        Random random = new Random(2);
        INDArray image = normal(random, 1, DataType.DOUBLE, SAMPLES, 2, 6, 5);
        INDArray vector = normal(random, 1, DataType.DOUBLE, SAMPLES, 3);
        INDArray another = normal(random, 1, DataType.DOUBLE, SAMPLES, 4);
        Linearization at = linearized.at(List.of(image, vector, another));
        INDArray gradient = at.vjp(linearized.lossModel().at(at.outputs()).residual(labels()));
        graph.setInputs(image, vector, another);
        graph.setLabels(labels());
        graph.computeGradientAndScore();
        assertThat(relativeError(gradient, graph.gradient().gradient().reshape(gradient.length())))
                .isLessThan(TOLERANCE);
        MultiDataSet data = new org.nd4j.linalg.dataset.MultiDataSet(
                new INDArray[] {image, vector, another}, new INDArray[] {labels()});
        assertThat(linearized.lossModel().at(at.outputs()).meanLoss(labels()))
                .isCloseTo(graph.score(data), offset(TOLERANCE));
        checkAdjointness(linearized, at);
    }
}
