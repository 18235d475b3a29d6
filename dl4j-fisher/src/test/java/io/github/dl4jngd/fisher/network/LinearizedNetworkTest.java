package io.github.dl4jngd.fisher.network;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;
import static org.assertj.core.data.Percentage.withPercentage;

import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import io.github.dl4jngd.testing.TestNetworks;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

class LinearizedNetworkTest {

    private static final double TEST_F64 = 1e-10;
    private static final double TEST_F32 = 1e-4;
    /** Central differences with a step of 1e-5 in float64. */
    private static final double FINITE_DIFFERENCE = 1e-7;

    static Stream<TestNetworks.Case> grid() {
        return TestNetworks.grid();
    }

    @ParameterizedTest
    @MethodSource("grid")
    void outputsAreThoseOfTheModel(TestNetworks.Case c) {
        MultiLayerNetwork network = c.network();
        LinearizedNetwork linearized = LinearizedNetwork.of(network);
        INDArray f = linearized.at(c.input()).outputs();
        INDArray activated =
                switch (c.outputActivation()) {
                    case SOFTMAX, SIGMOID ->
                        c.outputActivation().getActivationFunction().getActivation(f.dup(), false);
                    default -> f;
                };
        assertThat(relativeError(activated, network.output(c.input()))).isLessThan(TEST_F64);
    }

    @ParameterizedTest
    @MethodSource("grid")
    void vjpOfTheResidualIsTheModelsGradient(TestNetworks.Case c) {
        checkGradient(c, TEST_F64);
    }

    @ParameterizedTest
    @MethodSource("grid")
    void gradientInFloat32(TestNetworks.Case c) {
        checkGradient(c.withDataType(DataType.FLOAT), TEST_F32);
    }

    private static void checkGradient(TestNetworks.Case c, double tolerance) {
        MultiLayerNetwork network = c.network();
        LinearizedNetwork linearized = LinearizedNetwork.of(network);
        Linearization at = linearized.at(c.input());
        OutputMetric metric = linearized.lossModel().at(at.outputs());
        INDArray gradient = at.vjp(metric.residual(c.labels())).divi(c.samples());
        assertThat(relativeError(gradient, TestNetworks.gradient(network, c.input(), c.labels())))
                .isLessThan(tolerance);
        assertThat(metric.meanLoss(c.labels())).isCloseTo(network.score(), withPercentage(100 * tolerance));
    }

    @ParameterizedTest
    @MethodSource("grid")
    void jvpIsTheDirectionalDerivative(TestNetworks.Case c) {
        LinearizedNetwork linearized = LinearizedNetwork.of(c.network());
        INDArray theta = linearized.parameters();
        INDArray v = normal(new Random(3), 1, DataType.DOUBLE, theta.length());
        double h = 1e-5;
        INDArray up = linearized.at(c.input(), theta.add(v.mul(h))).outputs();
        INDArray down = linearized.at(c.input(), theta.sub(v.mul(h))).outputs();
        assertThat(relativeError(linearized.at(c.input()).jvp(v), up.sub(down).div(2 * h)))
                .isLessThan(FINITE_DIFFERENCE);
    }

    @ParameterizedTest
    @MethodSource("grid")
    void jvpAndVjpAreAdjoint(TestNetworks.Case c) {
        LinearizedNetwork linearized = LinearizedNetwork.of(c.network());
        Linearization at = linearized.at(c.input());
        INDArray v = normal(new Random(4), 1, DataType.DOUBLE, at.parameters());
        INDArray u = normal(new Random(5), 1, DataType.DOUBLE, c.samples(), c.outputs());
        double forward = at.jvp(v).mul(u).sumNumber().doubleValue();
        double backward = at.vjp(u).mul(v).sumNumber().doubleValue();
        assertThat(forward).isCloseTo(backward, offset(TEST_F64 * Math.max(1, Math.abs(backward))));
    }

    @ParameterizedTest
    @EnumSource(
            value = Activation.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"SOFTMAX", "RRELU"})
    void everyElementwiseActivation(Activation activation) {
        TestNetworks.Case c = new TestNetworks.Case(
                activation.name(),
                List.of(5, 9, 8, 2),
                activation,
                LossFunction.MSE,
                Activation.IDENTITY,
                true,
                6,
                DataType.DOUBLE,
                false,
                17);
        jvpIsTheDirectionalDerivative(c);
        vjpOfTheResidualIsTheModelsGradient(c);
        jvpAndVjpAreAdjoint(c);
    }

    @Test
    void kCotangentsInOnePassAreKPasses() {
        TestNetworks.Case c = TestNetworks.grid().toList().get(2);
        Linearization at = LinearizedNetwork.of(c.network()).at(c.input());
        INDArray cotangents = normal(new Random(6), 1, DataType.DOUBLE, 3, c.samples(), c.outputs());
        var layers = at.jacobian(cotangents, Parameterization.standard());
        for (int k = 0; k < 3; k++) {
            INDArray select = Nd4j.zeros(DataType.DOUBLE, 3, c.samples());
            select.getRow(k).assign(1);
            INDArray single = at.vjp(cotangents.slice(k).dup());
            for (var layer : layers) {
                INDArray expected = layer.block().read(single);
                assertThat(relativeError(layer.transposeTimes(select), expected))
                        .isLessThan(TEST_F64);
            }
        }
    }

    @Test
    void frozenLayersAreConstants() {
        TestNetworks.Case c = TestNetworks.grid().toList().get(2);
        MultiLayerNetwork network =
                new TransferLearning.Builder(c.network()).setFeatureExtractor(0).build();
        LinearizedNetwork linearized = LinearizedNetwork.of(network);
        assertThat(linearized.trainableLayers()).hasSize(2);
        long frozen = 5 * 6 + 6;
        Linearization at = linearized.at(c.input());
        INDArray v = normal(new Random(7), 1, DataType.DOUBLE, at.parameters());
        INDArray u = normal(new Random(8), 1, DataType.DOUBLE, c.samples(), c.outputs());
        INDArray back = at.vjp(u);
        assertThat(back.get(NDArrayIndex.interval(0, frozen)).amaxNumber().doubleValue())
                .isZero();
        assertThat(at.jvp(v).mul(u).sumNumber().doubleValue())
                .isCloseTo(back.mul(v).sumNumber().doubleValue(), offset(TEST_F64 * 10));
    }

    @Test
    void perOutputWeightsOfSquaredAndBinaryLosses() {
        INDArray weights = Nd4j.createFromArray(0.5, 2.0, 1.5);
        for (var loss :
                new org.nd4j.linalg.lossfunctions.ILossFunction[] {new LossL2(weights), new LossBinaryXENT(weights)}) {
            boolean binary = loss instanceof LossBinaryXENT;
            MultiLayerNetwork network = network(new OutputLayer.Builder(loss)
                    .nIn(4)
                    .nOut(3)
                    .activation(binary ? Activation.SIGMOID : Activation.IDENTITY)
                    .build());
            INDArray x = normal(new Random(1), 1, DataType.DOUBLE, 5, 4);
            INDArray y = normal(new Random(2), 1, DataType.DOUBLE, 5, 3).gt(0).castTo(DataType.DOUBLE);
            LinearizedNetwork linearized = LinearizedNetwork.of(network);
            Linearization at = linearized.at(x);
            INDArray gradient =
                    at.vjp(linearized.lossModel().at(at.outputs()).residual(y)).divi(5);
            assertThat(relativeError(gradient, TestNetworks.gradient(network, x, y)))
                    .isLessThan(TEST_F64);
        }
    }

    private static MultiLayerNetwork network(org.deeplearning4j.nn.conf.layers.Layer... layers) {
        var builder = new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(DataType.DOUBLE)
                .list();
        builder.validateOutputLayerConfig(false);
        for (var layer : layers) {
            builder.layer(layer);
        }
        MultiLayerNetwork network = new MultiLayerNetwork(builder.build());
        network.init();
        return network;
    }

    private static OutputLayer.Builder output(LossFunction loss) {
        return new OutputLayer.Builder(loss).nIn(4).nOut(3);
    }

    @Test
    void refusesByName() {
        assertThatThrownBy(() -> LinearizedNetwork.of(network(
                        new LSTM.Builder().nIn(4).nOut(4).build(),
                        new RnnOutputLayer.Builder(LossFunction.MSE)
                                .nIn(4)
                                .nOut(2)
                                .activation(Activation.IDENTITY)
                                .build())))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("Layer 0")
                .hasMessageContaining("LSTM")
                .hasMessageContaining("DenseLayer");
        assertThatThrownBy(() -> LinearizedNetwork.of(
                        network(new OutputLayer.Builder(new LossMCXENT(Nd4j.createFromArray(1.0, -2.0, 3.0)))
                                .nIn(4)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build())))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("weights");
        assertThatThrownBy(() -> LinearizedNetwork.of(network(output(LossFunction.MCXENT)
                        .activation(Activation.IDENTITY)
                        .build())))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("SOFTMAX");
        assertThatThrownBy(() -> LinearizedNetwork.of(network(
                        new DenseLayer.Builder()
                                .nIn(4)
                                .nOut(4)
                                .activation(Activation.RRELU)
                                .build(),
                        output(LossFunction.MSE).activation(Activation.IDENTITY).build())))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("RReLU");
    }

    @Test
    void dropoutIsOffAndReported() {
        MultiLayerNetwork network = network(
                new DenseLayer.Builder()
                        .nIn(4)
                        .nOut(6)
                        .activation(Activation.TANH)
                        .dropOut(0.5)
                        .build(),
                new DropoutLayer(new GaussianDropout(0.3)),
                new OutputLayer.Builder(LossFunction.MSE)
                        .nIn(6)
                        .nOut(3)
                        .activation(Activation.IDENTITY)
                        .build());
        LinearizedNetwork linearized = LinearizedNetwork.of(network);
        INDArray x = normal(new Random(1), 1, DataType.DOUBLE, 5, 4);
        assertThat(linearized.matchesTraining()).isFalse();
        assertThat(relativeError(linearized.at(x).outputs(), network.output(x))).isLessThan(TEST_F64);
    }

    @Test
    void nothingOfTheLiveNetworkIsTouched() {
        TestNetworks.Case c = TestNetworks.grid().toList().get(4);
        MultiLayerNetwork network = c.network();
        INDArray before = network.params().dup();
        INDArray x = c.input();
        INDArray xBefore = x.dup();
        Linearization at = LinearizedNetwork.of(network).at(x);
        at.vjp(at.jvp(Nd4j.ones(DataType.DOUBLE, at.parameters())));
        assertThat(network.params()).isEqualTo(before);
        assertThat(x).isEqualTo(xBefore);
        assertThat(network.getInput()).isNull();
        assertThat(network.getLabels()).isNull();
    }
}
