package io.github.dl4jngd.spectral.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.data.Percentage.withPercentage;

import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.spectral.FisherMatrix;
import io.github.dl4jngd.spectral.MetricConvention;
import io.github.dl4jngd.spectral.init.MeanFieldInitialization;
import io.github.dl4jngd.testing.TestNetworks;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class TangentKernelTest {

    private final INDArray x = TestNetworks.normal(new Random(3), 1, DataType.DOUBLE, 7, 5);

    /** A linear network of depth L: Θ = Σ_l of products, in closed form. */
    @Test
    void linearNetworks() {
        MeanField theory = MeanField.of(GaussianMoments.linear(), List.of(5L, 9L, 9L, 1L), 1.3, 0, false);
        INDArray inner = x.mmul(x.transpose()).div(5);
        INDArray scaled = new TangentKernel(theory, true).of(x);
        assertThat(relativeError(scaled, inner.mul(3 * Math.pow(1.3, 3)))).isLessThan(1e-12);
        // standard: layer l has M_{l-1} σ_w^{2(L-1)} inner
        INDArray standard = new TangentKernel(theory, false).of(x);
        assertThat(relativeError(standard, inner.mul((5 + 9 + 9) * Math.pow(1.3, 2))))
                .isLessThan(1e-12);
    }

    /** The mean over pairs is the mean-field kernel, for samples of equal norm and equal angles. */
    @Test
    void agreesWithMeanField() {
        INDArray equal = Nd4j.eye(5).castTo(DataType.DOUBLE).addi(0.4);
        MeanField theory = MeanField.of(GaussianMoments.relu(), List.of(5L, 50L, 70L, 1L), 1.8, 0.2, true);
        INDArray kernel = new TangentKernel(theory, false).of(equal);
        MeanFieldSpectrum spectrum = theory.at(InputMoments.of(equal));
        double largest = kernel.sumNumber().doubleValue() / 25;
        assertThat(largest).isCloseTo(spectrum.largestEigenvalue(), withPercentage(1e-8));
        assertThat(Nd4j.diag(kernel).sumNumber().doubleValue() / 5).isCloseTo(spectrum.trace(), withPercentage(1e-8));
    }

    @Test
    void isSymmetricAndPositive() {
        for (GaussianMoments moments : List.of(GaussianMoments.relu(), GaussianMoments.erf())) {
            MeanField theory = MeanField.of(moments, List.of(5L, 50L, 50L, 50L, 1L), 2, 0.1, true);
            INDArray kernel = new TangentKernel(theory, true).of(x);
            assertThat(relativeError(kernel.transpose(), kernel)).isLessThan(1e-12);
            FunctionSpace training =
                    new FunctionSpace(kernel, Nd4j.zeros(DataType.DOUBLE, 7, 1), Nd4j.ones(DataType.DOUBLE, 7, 1));
            assertThat(training.gradientDescent(0.01, 10)).isLessThan(training.gradientDescent(0.01, 5));
        }
    }

    /** Curves against training the linear model itself. */
    @Test
    void curvesOfALinearModel() {
        INDArray j = TestNetworks.normal(new Random(5), 1, DataType.DOUBLE, 7, 20);
        INDArray kernel = j.mmul(j.transpose());
        INDArray y = TestNetworks.normal(new Random(6), 1, DataType.DOUBLE, 7, 2);
        INDArray theta = Nd4j.zeros(DataType.DOUBLE, 20, 2);
        FunctionSpace training = new FunctionSpace(kernel, Nd4j.zeros(DataType.DOUBLE, 7, 2), y);
        double rate = 0.1;
        for (int t = 0; t < 20; t++) {
            INDArray residual = j.mmul(theta).sub(y);
            double loss = Math.pow(residual.norm2Number().doubleValue(), 2) / 14;
            assertThat(training.gradientDescent(rate, t)).isCloseTo(loss, withPercentage(1e-8));
            theta.subi(j.transpose().mmul(residual).mul(rate / 7));
        }
        assertThat(training.naturalGradient(0.5, 2, 1)).isZero();
        assertThat(training.naturalGradient(0.25, 2, 1))
                .isCloseTo(training.gradientDescent(0, 0) / 4, withPercentage(1e-9));
        INDArray elsewhere = TestNetworks.normal(new Random(7), 1, DataType.DOUBLE, 4, 20);
        INDArray cross = elsewhere.mmul(j.transpose());
        assertThat(relativeError(
                        elsewhere.mmul(theta),
                        training.gradientDescentOutputs(rate, 20, cross, Nd4j.zeros(DataType.DOUBLE, 4, 2))))
                .isLessThan(1e-9);
        assertThat(relativeError(
                        training.naturalGradientOutputs(0.25, 4, 1, cross, Nd4j.zeros(DataType.DOUBLE, 4, 2)),
                        training.regression(cross, Nd4j.zeros(DataType.DOUBLE, 4, 2), 0)))
                .isLessThan(1e-12);
        // trained to the end: the minimum-norm interpolation
        for (int t = 0; t < 20_000; t++) {
            theta.subi(j.transpose().mmul(j.mmul(theta).sub(y)).mul(rate / 7));
        }
        INDArray predicted = training.regression(cross, Nd4j.zeros(DataType.DOUBLE, 4, 2), 0);
        assertThat(relativeError(elsewhere.mmul(theta), predicted)).isLessThan(1e-6);
    }

    /**
     * Mean over ten networks of width 4096, which takes some minutes; 4096 units leave a scatter of some 2 % in one
     * network's kernel.
     */
    @ParameterizedTest
    @EnumSource(
            value = Activation.class,
            names = {"RELU", "IDENTITY"})
    @Tag("slow")
    void isTheMeanOfWideNetworks(Activation activation) {
        MeanField theory = MeanField.of(
                GaussianMoments.of(activation.getActivationFunction()), List.of(5L, 4096L, 4096L, 1L), 2, 0.1, true);
        INDArray mean = Nd4j.zeros(DataType.DOUBLE, 7, 7);
        int networks = 10;
        for (int seed = 1; seed <= networks; seed++) {
            MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                    .dataType(DataType.DOUBLE)
                    .updater(new NoOp())
                    .activation(activation)
                    .list()
                    .layer(new DenseLayer.Builder().nIn(5).nOut(4096).build())
                    .layer(new DenseLayer.Builder().nIn(4096).nOut(4096).build())
                    .layer(new OutputLayer.Builder(LossFunction.L2)
                            .nIn(4096)
                            .nOut(1)
                            .activation(Activation.IDENTITY)
                            .build())
                    .build());
            network.init();
            MeanFieldInitialization.gaussian(2, 0.1, seed).apply(network);
            INDArray gram = FisherMatrix.of(LinearizedNetwork.of(network))
                    .data(x)
                    .convention(MetricConvention.IDENTITY)
                    .build()
                    .gram();
            mean.addi(gram.muli(7.0 / networks));
            network.params().close();
        }
        assertThat(relativeError(mean, new TangentKernel(theory, false).of(x))).isLessThan(0.03);
    }

    @Test
    void inputsOfAnotherSizeAreNamed() {
        MeanField theory = MeanField.of(GaussianMoments.relu(), List.of(6L, 50L, 1L), 2, 0.1, true);
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new TangentKernel(theory, true).of(x))
                .withMessageContaining("6 inputs");
        assertThat(theory.at(InputMoments.of(x)).slopes().get(1)).isCloseTo(1, offset(0.0));
    }

    private static double relativeError(INDArray actual, INDArray expected) {
        return TestNetworks.relativeError(actual, expected);
    }
}
