package io.github.dl4jngd.fisher.internal.training;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.Noise;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.testing.ImageNetworks;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.conf.weightnoise.WeightNoise;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class TrainingNoiseTest {

    private static final double TEST_F64 = 1e-12;
    private static final int SAMPLES = 5;
    private static final int CLASSES = 3;

    /** A network that trains with noise, and its minibatch. */
    private record Noisy(
            String name, UnaryOperator<NeuralNetConfiguration.Builder> settings, InputType input, List<Layer> layers) {

        MultiLayerNetwork network() {
            NeuralNetConfiguration.Builder builder = settings.apply(new NeuralNetConfiguration.Builder()
                    .seed(5)
                    .dataType(DataType.DOUBLE)
                    .updater(new Sgd(0.1))
                    .biasInit(0.1)
                    .weightInit(WeightInit.XAVIER)
                    .activation(Activation.TANH));
            MultiLayerNetwork network = new MultiLayerNetwork(
                    builder.list(layers.stream().map(Layer::clone).toArray(Layer[]::new))
                            .setInputType(input)
                            .build());
            network.init();
            return network;
        }

        INDArray x() {
            long[] shape = input.getShape(true).clone();
            shape[0] = SAMPLES;
            return normal(new Random(3), 1, DataType.DOUBLE, shape);
        }

        INDArray y() {
            INDArray y = Nd4j.zeros(DataType.DOUBLE, SAMPLES, CLASSES);
            for (int n = 0; n < SAMPLES; n++) {
                y.putScalar(n, n % CLASSES, 1);
            }
            return y;
        }

        /** Of graphs, DL4J fails on layers below a frozen one. */
        boolean trainsAsGraph() {
            return layers.stream().noneMatch(FrozenLayer.class::isInstance);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static DenseLayer dense(int units) {
        return new DenseLayer.Builder().nOut(units).build();
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .activation(Activation.SOFTMAX)
                .nOut(CLASSES)
                .build();
    }

    private static Noisy perceptron(String name, UnaryOperator<NeuralNetConfiguration.Builder> settings) {
        return new Noisy(name, settings, InputType.feedForward(4), List.of(dense(6), dense(5), output()));
    }

    private static Noisy images(String name, IDropout dropout) {
        return new Noisy(
                name,
                settings -> settings.dropOut(dropout),
                InputType.convolutional(6, 5, 2),
                List.of(
                        new ConvolutionLayer.Builder(3, 3)
                                .nOut(4)
                                .convolutionMode(ConvolutionMode.Same)
                                .build(),
                        new BatchNormalization(),
                        new SubsamplingLayer.Builder(PoolingType.MAX)
                                .kernelSize(2, 2)
                                .stride(2, 2)
                                .build(),
                        new ConvolutionLayer.Builder(2, 2).nOut(3).build(),
                        new GlobalPoolingLayer(PoolingType.AVG),
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .activation(Activation.SOFTMAX)
                                .nOut(CLASSES)
                                .dropOut(new Dropout(0.7))
                                .build()));
    }

    private static Stream<Noisy> noisy() {
        return Stream.of(
                perceptron("dropout", settings -> settings.dropOut(new Dropout(0.6))),
                perceptron("Gaussian dropout", settings -> settings.dropOut(new GaussianDropout(0.3))),
                perceptron("alpha dropout", settings -> settings.dropOut(new AlphaDropout(0.8))),
                perceptron("Gaussian noise", settings -> settings.dropOut(new GaussianNoise(0.3))),
                perceptron("DropConnect", settings -> settings.weightNoise(new DropConnect(0.7, true))),
                perceptron(
                        "added weight noise",
                        settings -> settings.weightNoise(new WeightNoise(new NormalDistribution(0, 0.2), true, true))),
                perceptron(
                        "multiplied weight noise",
                        settings -> settings.weightNoise(new WeightNoise(new NormalDistribution(1, 0.2), false))),
                perceptron(
                        "both", settings -> settings.dropOut(new Dropout(0.7)).weightNoise(new DropConnect(0.8))),
                new Noisy(
                        "dropout as a layer",
                        settings -> settings,
                        InputType.feedForward(4),
                        List.of(dense(6), new DropoutLayer(new AlphaDropout(0.7)), dense(5), output())),
                images("dropout over images", new Dropout(0.6)),
                images("noise over images", new GaussianNoise(0.2)),
                new Noisy(
                        "spatial dropout",
                        settings -> settings,
                        InputType.convolutional(6, 5, 2),
                        List.of(
                                new ConvolutionLayer.Builder(3, 3)
                                        .nOut(4)
                                        .dropOut(new SpatialDropout(0.6))
                                        .build(),
                                new ConvolutionLayer.Builder(2, 2)
                                        .nOut(3)
                                        .dropOut(new SpatialDropout(0.6))
                                        .build(),
                                new GlobalPoolingLayer(PoolingType.AVG),
                                output())),
                new Noisy(
                        "dropout below a frozen layer",
                        settings -> settings,
                        InputType.feedForward(4),
                        List.of(
                                new DenseLayer.Builder()
                                        .nOut(6)
                                        .dropOut(new Dropout(0.5))
                                        .build(),
                                new FrozenLayer(dense(5)),
                                output())),
                new Noisy(
                        "dropout of each time step",
                        settings -> settings.dropOut(new AlphaDropout(0.7)),
                        InputType.recurrent(3, 6),
                        List.of(
                                dense(4),
                                dense(5),
                                new Convolution1DLayer.Builder(3).nOut(4).build(),
                                new GlobalPoolingLayer(PoolingType.AVG),
                                output())),
                new Noisy(
                        "dropout over sequences",
                        settings -> settings.dropOut(new Dropout(0.6)),
                        InputType.recurrent(3, 6),
                        List.of(
                                new Convolution1DLayer.Builder(3)
                                        .convolutionMode(ConvolutionMode.Same)
                                        .nOut(5)
                                        .build(),
                                new Convolution1DLayer.Builder(3)
                                        .convolutionMode(ConvolutionMode.Same)
                                        .nOut(4)
                                        .build(),
                                new GlobalPoolingLayer(PoolingType.AVG),
                                output())));
    }

    private static Stream<Arguments> cases() {
        return Stream.concat(
                noisy().map(noisy -> Arguments.of(noisy, noisy.network())),
                noisy().filter(Noisy::trainsAsGraph)
                        .map(noisy -> Arguments.of(noisy, noisy.network().toComputationGraph())));
    }

    private static Stream<Layer> layers(Model model) {
        return Arrays.stream(
                        ((NeuralNetwork) model) instanceof MultiLayerNetwork network
                                ? network.getLayers()
                                : ((ComputationGraph) model).getLayers())
                .map(layer -> layer.conf().getLayer());
    }

    /** DL4J's own gradient tells whether it is the dropped network that was linearised, with DL4J's own draws. */
    @ParameterizedTest
    @MethodSource("cases")
    void gradientIsThatOfTheNoisyNetwork(Noisy noisy, Model model) {
        LiveModel live = LiveModel.of(model);
        LinearizedNetwork network = live.compile(BatchStatistics.COUPLED);
        TrainingNoise.record(layers(model));
        INDArray expected = new ImageNetworks.Network(model).gradient(noisy.x(), noisy.y());

        LinearizedNetwork dropped = network.with(TrainingNoise.of(live, network));
        Linearization at = dropped.at(noisy.x());
        INDArray actual =
                at.vjp(network.lossModel().at(at.outputs()).residual(noisy.y())).divi(SAMPLES);
        assertThat(relative(actual, expected)).isLessThan(TEST_F64);
        assertThat(dropped.matchesTraining()).isTrue();
        // The test has teeth: without the noise it is another gradient.
        assertThat(network.matchesTraining()).isFalse();
        Linearization whole = network.at(noisy.x());
        INDArray other = whole.vjp(network.lossModel().at(whole.outputs()).residual(noisy.y()));
        assertThat(relative(other.divi(SAMPLES), expected)).isGreaterThan(1e-3);
    }

    /** J of the dropped network: jvp and vjp are one matrix, and it is the derivative of the outputs. */
    @ParameterizedTest
    @MethodSource("cases")
    void jvpIsTheDerivativeOfTheNoisyNetwork(Noisy noisy, Model model) {
        LiveModel live = LiveModel.of(model);
        LinearizedNetwork network = live.compile(BatchStatistics.COUPLED);
        TrainingNoise.record(layers(model));
        new ImageNetworks.Network(model).gradient(noisy.x(), noisy.y());
        Noise noise = TrainingNoise.of(live, network);
        LinearizedNetwork dropped = network.with(new Noise(noise.inputs(), Map.of()));

        Random random = new Random(8);
        INDArray v = normal(random, 1, DataType.DOUBLE, model.numParams());
        // Running statistics are in the vector and not among what the network is differentiated by.
        INDArray trained = Nd4j.zerosLike(v);
        network.blocks().forEach(block -> block.write(block.read(v), trained));
        Linearization at = dropped.at(noisy.x());
        INDArray jvp = at.jvp(trained);
        double h = 1e-6;
        INDArray theta = network.parameters().dup();
        INDArray difference = dropped.at(noisy.x(), theta.add(trained.mul(h)))
                .outputs()
                .sub(dropped.at(noisy.x(), theta.sub(trained.mul(h))).outputs())
                .divi(2 * h);
        assertThat(relative(jvp, difference)).isLessThan(1e-6);
        INDArray u = normal(random, 1, DataType.DOUBLE, jvp.shape());
        double forward = u.mul(jvp).sumNumber().doubleValue();
        assertThat(at.vjp(u).mul(trained).sumNumber().doubleValue())
                .isCloseTo(forward, org.assertj.core.data.Offset.offset(1e-11 * Math.max(1, Math.abs(forward))));
    }

    /** Recording changes no bit of training, and nothing of what is written. */
    @ParameterizedTest
    @MethodSource("cases")
    void recordingChangesNothing(Noisy noisy, Model model) {
        Model recorded =
                model instanceof MultiLayerNetwork network ? network.clone() : ((ComputationGraph) model).clone();
        String json = json(model);
        TrainingNoise.record(layers(recorded));
        assertThat(json(recorded)).isEqualTo(json);
        for (Model each : List.of(model, recorded)) {
            Nd4j.getRandom().setSeed(4);
            for (int step = 0; step < 3; step++) {
                ((NeuralNetwork) each).fit(new DataSet(noisy.x(), noisy.y()));
            }
        }
        assertThat(recorded.params().data().asDouble())
                .isEqualTo(model.params().data().asDouble());
        TrainingNoise.stopRecording(layers(recorded));
        assertThat(layers(recorded).map(Layer::getIDropout)).noneMatch(RecordedDropout.class::isInstance);
    }

    private static String json(Model model) {
        return model instanceof MultiLayerNetwork network
                ? network.getLayerWiseConfigurations().toJson()
                : ((ComputationGraph) model).getConfiguration().toJson();
    }

    @Test
    void configurationsAreReadAsDeeplearning4jsOwn() throws IOException, ClassNotFoundException {
        MultiLayerNetwork network = perceptron(
                        "both", settings -> settings.dropOut(new Dropout(0.7)).weightNoise(new DropConnect(0.8)))
                .network();
        MultiLayerConfiguration before = network.getLayerWiseConfigurations().clone();
        TrainingNoise.record(layers(network));
        MultiLayerConfiguration configuration = network.getLayerWiseConfigurations();
        assertThat(MultiLayerConfiguration.fromJson(configuration.toJson())).isEqualTo(before);
        assertThat(MultiLayerConfiguration.fromYaml(configuration.toYaml())).isEqualTo(before);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(configuration);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            MultiLayerConfiguration read = (MultiLayerConfiguration) in.readObject();
            assertThat(read.getConf(1).getLayer().getIDropout()).isInstanceOf(Dropout.class);
        }
    }

    /** Where DL4J copies a model through JSON, as for a worker of its own, the copy records from its first pass on. */
    @Test
    void copiesRecordForThemselves() {
        Noisy noisy = perceptron(
                "both", settings -> settings.dropOut(new Dropout(0.7)).weightNoise(new DropConnect(0.8)));
        MultiLayerNetwork network = noisy.network();
        TrainingNoise.record(layers(network));
        for (MultiLayerNetwork copy : List.of(network.clone(), network.convertDataType(DataType.FLOAT))) {
            DataType type = copy.params().dataType();
            LinearizedNetwork compiled = LinearizedNetwork.of(copy);
            new ImageNetworks.Network(copy)
                    .gradient(noisy.x().castTo(type), noisy.y().castTo(type));
            Noise noise = TrainingNoise.of(LiveModel.of(copy), compiled);
            assertThat(noise.inputs()).containsOnlyKeys("0", "1", "2").doesNotContainValue(Noise.Affine.IDENTITY);
            assertThat(noise.weights()).containsOnlyKeys("0", "1", "2");
            assertThat(compiled.with(noise).matchesTraining()).isTrue();
        }
    }

    @Test
    void noiseOfALayerWithoutIsRefused() {
        LinearizedNetwork network =
                LinearizedNetwork.of(perceptron("plain", settings -> settings).network());
        Noise noise = new Noise(Map.of("1", new Noise.Affine(Nd4j.ones(DataType.DOUBLE, SAMPLES, 6), null)), Map.of());
        assertThatThrownBy(() -> network.with(noise))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Layer 1 has no dropout");
    }

    @Test
    void noiseOfAnotherMinibatchIsRefused() {
        Noisy noisy = perceptron("dropout", settings -> settings.dropOut(new Dropout(0.6)));
        LinearizedNetwork network = LinearizedNetwork.of(noisy.network());
        Noise noise = new Noise(Map.of("1", new Noise.Affine(Nd4j.ones(DataType.DOUBLE, 2, 6), null)), Map.of());
        assertThatThrownBy(() -> network.with(noise).at(noisy.x()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("drawn for 12 numbers");
    }

    private static double relative(INDArray actual, INDArray expected) {
        return actual.sub(expected).norm2Number().doubleValue()
                / expected.norm2Number().doubleValue();
    }
}
