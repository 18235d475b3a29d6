package io.github.dl4jngd.spectral.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.data.Percentage.withPercentage;

import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.spectral.FisherMatrix;
import io.github.dl4jngd.spectral.MetricConvention;
import io.github.dl4jngd.spectral.estimate.FullSpectrum;
import io.github.dl4jngd.spectral.init.MeanFieldInitialization;
import io.github.dl4jngd.testing.TestNetworks;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationSoftSign;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class MeanFieldTest {

    private static final int SAMPLES = 100;

    private static double erf(double x) {
        // 1 − (2/√π)∫_x^∞: the power series is enough for |x| < 6
        double sum = 0;
        double term = x;
        for (int n = 0; n < 200; n++) {
            sum += term / (2 * n + 1);
            term *= -x * x / (n + 1);
        }
        return Math.abs(x) > 5 ? Math.signum(x) : 2 / Math.sqrt(Math.PI) * sum;
    }

    static Stream<Arguments> closedForms() {
        return Stream.of(
                Arguments.of(
                        GaussianMoments.erf(),
                        GaussianMoments.quadrature(MeanFieldTest::erf, x -> 2 / Math.sqrt(Math.PI) * Math.exp(-x * x)),
                        1e-9),
                Arguments.of(GaussianMoments.linear(), GaussianMoments.quadrature(x -> x, x -> 1), 1e-12),
                // a kink
                Arguments.of(
                        GaussianMoments.relu(),
                        GaussianMoments.quadrature(x -> Math.max(0, x), x -> x > 0 ? 1 : 0),
                        2e-2));
    }

    /** Closed forms against quadrature, over variances and correlations of both signs. */
    @ParameterizedTest
    @MethodSource("closedForms")
    void closedFormsAgreeWithQuadrature(GaussianMoments closed, GaussianMoments quadrature, double tolerance) {
        for (double first : new double[] {0.3, 1, 2}) {
            for (double correlation : new double[] {-0.9, -0.3, 0, 0.5, 0.99}) {
                double second = 0.7;
                double covariance = correlation * Math.sqrt(first * second);
                assertThat(closed.product(first, second, covariance))
                        .isCloseTo(quadrature.product(first, second, covariance), offset(tolerance));
                assertThat(closed.slopeProduct(first, second, covariance))
                        .isCloseTo(quadrature.slopeProduct(first, second, covariance), offset(tolerance));
            }
            assertThat(closed.square(first)).isCloseTo(quadrature.square(first), offset(tolerance));
            assertThat(closed.slopeSquare(first)).isCloseTo(quadrature.slopeSquare(first), offset(tolerance));
        }
    }

    /** Quadrature of tanh against sums over 2 million draws, to their standard error. */
    @Test
    void tanh() {
        GaussianMoments moments = GaussianMoments.of(Activation.TANH.getActivationFunction());
        Random random = new Random(3);
        double first = 1.4;
        double covariance = -0.5;
        double second = 0.8;
        int draws = 2_000_000;
        double sum = 0;
        double slopes = 0;
        for (int i = 0; i < draws; i++) {
            double z = random.nextGaussian();
            double u = Math.sqrt(first) * z;
            double v = covariance / Math.sqrt(first) * z
                    + Math.sqrt(second - covariance * covariance / first) * random.nextGaussian();
            sum += Math.tanh(u) * Math.tanh(v);
            slopes += (1 - Math.pow(Math.tanh(u), 2)) * (1 - Math.pow(Math.tanh(v), 2));
        }
        assertThat(moments.product(first, second, covariance)).isCloseTo(sum / draws, offset(1e-3));
        assertThat(moments.slopeProduct(first, second, covariance)).isCloseTo(slopes / draws, offset(1e-3));
    }

    private static MultiLayerNetwork network(Activation activation, int width, int layers, int outputs) {
        NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .activation(activation)
                .list();
        for (int l = 1; l < layers; l++) {
            list.layer(new DenseLayer.Builder().nIn(width).nOut(width).build());
        }
        MultiLayerNetwork network = new MultiLayerNetwork(list.layer(new OutputLayer.Builder(LossFunction.L2)
                        .nIn(width)
                        .nOut(outputs)
                        .activation(Activation.IDENTITY)
                        .build())
                .build());
        network.init();
        return network;
    }

    /** λ_max, trace and second moment of random networks, means over five seeds. */
    @ParameterizedTest
    @CsvSource({"TANH, 3, 0.64, 1", "RELU, 2, 0.1, 1", "RELU, 2, 0, 5", "TANH, 1.5, 0.3, 3"})
    void spectrumOfRandomNetworks(Activation activation, double weightVariance, double biasVariance, int outputs) {
        double largest = 0;
        double trace = 0;
        double second = 0;
        double predicted = 0;
        double predictedTrace = 0;
        double predictedSecond = 0;
        for (int seed = 1; seed <= 5; seed++) {
            MultiLayerNetwork network = MeanFieldInitialization.gaussian(weightVariance, biasVariance, seed)
                    .apply(network(activation, 300, 3, outputs));
            INDArray x = TestNetworks.normal(new Random(seed), 1, DataType.DOUBLE, SAMPLES, 300);
            FullSpectrum spectrum = FisherMatrix.of(LinearizedNetwork.of(network))
                    .data(x)
                    .convention(MetricConvention.IDENTITY)
                    .build()
                    .fullSpectrum();
            largest += spectrum.values().stream()
                            .limit(outputs)
                            .mapToDouble(Double::doubleValue)
                            .sum()
                    / outputs;
            trace += spectrum.trace();
            second += spectrum.values().stream()
                    .mapToDouble(value -> value * value)
                    .sum();
            MeanFieldSpectrum theory = MeanField.of(
                            GaussianMoments.of(activation.getActivationFunction()),
                            List.of(300L, 300L, 300L, (long) outputs),
                            weightVariance,
                            biasVariance,
                            true)
                    .at(InputMoments.of(x));
            predicted += theory.largestEigenvalue();
            predictedTrace += theory.trace();
            predictedSecond += theory.secondMoment() * theory.parameters();
        }
        assertThat(largest).isCloseTo(predicted, withPercentage(6));
        assertThat(trace).isCloseTo(predictedTrace, withPercentage(6));
        assertThat(second).isCloseTo(predictedSecond, withPercentage(15));
    }

    /** From a network's own parameters, as from numbers. */
    @Test
    void fromANetwork() {
        MultiLayerNetwork network =
                MeanFieldInitialization.gaussian(2, 0.1, 4).apply(network(Activation.RELU, 400, 3, 2));
        MeanFieldSpectrum measured = MeanField.of(network).at(InputMoments.standardNormal(SAMPLES));
        MeanFieldSpectrum given = MeanField.of(GaussianMoments.relu(), List.of(400L, 400L, 400L, 2L), 2, 0.1, true)
                .at(InputMoments.standardNormal(SAMPLES));
        assertThat(measured.largestEigenvalue()).isCloseTo(given.largestEigenvalue(), withPercentage(8));
        assertThat(measured.parameters()).isEqualTo(network.numParams());
        assertThat(given.learningRateBound()).isCloseTo(2 / given.largestEigenvalue(), offset(1e-12));
        assertThat(given.kappa1()).isGreaterThan(given.kappa2());
        assertThat(given.meanSubtractedUpperBound()).isGreaterThan(given.meanSubtractedLowerBound());
    }

    @Test
    void networksOfOtherFormsAreRefused() {
        MultiLayerNetwork dropout = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new DropoutLayer(0.5))
                .layer(new OutputLayer.Builder(LossFunction.L2)
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build())
                .setInputType(InputType.feedForward(3))
                .build());
        dropout.init();
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> MeanField.of(dropout))
                .withMessageContaining("layer 0")
                .withMessageContaining("DropoutLayer");
    }

    /** ReLU: χ = σ_w²/2, critical at 2. Tanh: critical at 1 without bias. */
    @Test
    void orderAndChaos() {
        assertThat(Criticality.of(GaussianMoments.relu(), 1.5, 0.1).slope()).isCloseTo(0.75, offset(1e-9));
        assertThat(Criticality.criticalWeightVariance(GaussianMoments.relu(), 0))
                .isCloseTo(2, offset(1e-6));
        GaussianMoments tanh = GaussianMoments.quadrature(Math::tanh, x -> 1 - Math.tanh(x) * Math.tanh(x));
        assertThat(Criticality.of(tanh, 0.9, 0).slope()).isLessThan(1);
        assertThat(Criticality.of(tanh, 3, 0.05).slope()).isGreaterThan(1);
        assertThat(Criticality.criticalWeightVariance(tanh, 0.05)).isBetween(1.3, 2.2);
    }

    @Test
    void momentsOfInputs() {
        INDArray x =
                TestNetworks.normal(new Random(1), 1, DataType.DOUBLE, 40, 30).addi(0.5);
        double squares = 0;
        double overlaps = 0;
        for (int s = 0; s < 40; s++) {
            for (int t = 0; t < 40; t++) {
                double product = x.getRow(s).mul(x.getRow(t)).sumNumber().doubleValue() / 30;
                if (s == t) {
                    squares += product / 40;
                } else {
                    overlaps += product / (40 * 39);
                }
            }
        }
        InputMoments moments = InputMoments.of(x);
        assertThat(moments.square()).isCloseTo(squares, offset(1e-12));
        assertThat(moments.overlap()).isCloseTo(overlaps, offset(1e-12));
        assertThat(GaussianMoments.of(new ActivationSoftSign()).square(1)).isBetween(0.1, 0.3);
    }
}
