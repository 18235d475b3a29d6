package io.github.dl4jngd.spectral.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The tangent kernel of a ReLU network of three layers, σ_w² = 2, no biases, against values that two other programs
 * computed in float64.
 */
class LearningCurveTest {

    private static final double PRINTED = 1e-6;

    private static KernelSpectrum spectrum(int dimension, int degrees) {
        return KernelSpectrum.onSphere(
                new TangentKernel(
                        MeanField.of(GaussianMoments.relu(), List.of((long) dimension, 1L, 1L, 1L), 2, 0, false), true),
                degrees);
    }

    private final LearningCurve curve = new LearningCurve(spectrum(10, 40), 0);

    private static void isClose(double actual, double expected) {
        assertThat(actual / expected).as("%s against %s", actual, expected).isCloseTo(1, within(PRINTED));
    }

    /** k(t) = 2[κ₁(κ₁(t)) + κ₁(t)κ₀(κ₁(t)) + t κ₀(t)κ₀(κ₁(t))]. */
    @Test
    void theKernelIsTheClosedForm() {
        TangentKernel kernel =
                new TangentKernel(MeanField.of(GaussianMoments.relu(), List.of(10L, 1L, 1L, 1L), 2, 0, false), true);
        for (double t = -1; t <= 1; t += 0.125) {
            double once = kappa1(t);
            double expected = 2 * (kappa1(once) + once * kappa0(once) + t * kappa0(t) * kappa0(once));
            assertThat(kernel.ofCorrelation(t)).isCloseTo(expected, within(1e-12));
        }
        assertThat(kernel.ofCorrelation(1)).isCloseTo(6, within(1e-12));
    }

    private static double kappa0(double c) {
        return (Math.PI - Math.acos(Math.min(1, c))) / Math.PI;
    }

    private static double kappa1(double c) {
        double own = Math.min(1, c);
        return (Math.sqrt(1 - own * own) + (Math.PI - Math.acos(own)) * own) / Math.PI;
    }

    @Test
    void eigenvaluesOnTheSphere() {
        KernelSpectrum spectrum = spectrum(10, 40);
        double[] expected = {1.50149921, 0.201993561, 0.0226573942, 1.64394703e-3, 3.37237865e-4, 5.28276938e-5};
        double[] multiplicities = {1, 10, 54, 210, 660, 1782};
        for (int k = 0; k < expected.length; k++) {
            assertThat(spectrum.eigenvalues()[k] / expected[k]).isCloseTo(1, within(5e-9));
            assertThat(spectrum.multiplicities()[k]).isCloseTo(multiplicities[k], within(1e-9));
        }
        assertThat(spectrum.tail()).isCloseTo(0.103342, within(1e-6));
        assertThat(spectrum(10, 12).tail()).isCloseTo(0.311052, within(1e-6));
        assertThat(spectrum(10, 80).tail()).isCloseTo(0.053435, within(1e-6));
        assertThat(spectrum.power(1, 1) + spectrum.tail()).isCloseTo(6, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({"10, 40", "50, 23", "100, 16", "784, 9"})
    void roundingCutsTheSpectrum(int dimension, int kept) {
        KernelSpectrum spectrum = spectrum(dimension, 40);
        assertThat(spectrum.degrees()).isEqualTo(kept);
        for (double value : spectrum.eigenvalues()) {
            assertThat(value).isNotNegative();
        }
    }

    /** One hidden layer of ReLU without biases: odd degrees from 3 on vanish, and the spectrum goes on after them. */
    @Test
    void degreesThatVanishDoNotEndTheSpectrum() {
        KernelSpectrum spectrum = KernelSpectrum.onSphere(
                new TangentKernel(MeanField.of(GaussianMoments.relu(), List.of(10L, 1L, 1L), 2, 0, false), true), 12);
        assertThat(spectrum.degrees()).isGreaterThan(8);
        assertThat(spectrum.eigenvalues()[3]).isZero();
        assertThat(spectrum.eigenvalues()[4]).isPositive();
    }

    @ParameterizedTest
    @CsvSource({
        "25, 3.18823144, 0.23500657, 0.124905619",
        "100, 2.00018596, 0.25897521, 0.0139819002",
        "400, 1.30579743, 0.20491080, 1.09860263e-3"
    })
    void oneTask(double samples, double kappa, double gamma, double error) {
        isClose(curve.order(samples).kappa(), kappa);
        isClose(curve.order(samples).gamma(), gamma);
        isClose(curve.error(samples), error);
        // κ²γ/(N(1 − γ)) without noise
        isClose(kappa * kappa * gamma / (samples * (1 - gamma)), error);
    }

    @ParameterizedTest
    @CsvSource({
        "50, 100, 2.33639406e-2",
        "50, 1000, 1.03889124e-3",
        "50, 10000, 3.38955457e-5",
        "784, 100, 6.37931650e-3",
        "784, 1000, 2.02732596e-3",
        "784, 10000, 6.16669770e-5"
    })
    void oneTaskOfHighDimension(int dimension, double samples, double error) {
        isClose(new LearningCurve(spectrum(dimension, 40), 0).error(samples), error);
    }

    @ParameterizedTest
    @CsvSource({
        "100, 100, 1, 0, 3.383971e-3, NaN",
        "100, 100, 0.9, 0, 5.185055e-3, 0.5134328",
        "100, 100, 0.5, 0, 1.238939e-2, 2.553628",
        "100, 100, 0, 0, 2.139481e-2, 5.103872",
        "400, 50, 0.8, 0, 1.720216e-2, 0.9545965",
        "100, 100, 0.9, 1e-3, 5.619121e-3, 0.5138669"
    })
    void twoTasks(double first, double second, double similarity, double noise, double forward, double backward) {
        LearningCurve noisy = new LearningCurve(spectrum(10, 40), noise);
        LearningCurve.TwoTasks tasks = noisy.twoTasks(first, second, similarity);
        isClose(tasks.forward(), forward);
        if (!Double.isNaN(backward)) {
            isClose(tasks.backward(), backward);
        }
        // another derivation of the same numbers
        TaskErrors sequence = noisy.sequence(new double[] {first, second}, similarity);
        assertThat(sequence.error(1) / tasks.forward()).isCloseTo(1, within(1e-12));
        assertThat(sequence.error(1, 0) / tasks.backward()).isCloseTo(1, within(1e-12));
    }

    @Test
    void noiseRaisesTheErrorOfOneTask() {
        isClose(new LearningCurve(spectrum(10, 40), 1e-3).error(100), 1.433138e-2);
    }

    @ParameterizedTest
    @CsvSource({"100, 100, 0.4116, 0.99792", "4000, 100, 0.4943, 1.0000009", "100, 1000, 0.7725, 0.99743"})
    void criticalSimilarities(double first, double second, double forward, double backward) {
        assertThat(curve.criticalForward(first, second)).isCloseTo(forward, within(5e-5));
        assertThat(curve.criticalBackward(first, second))
                .isCloseTo(backward, within(second == 100 && first == 4000 ? 5e-8 : 5e-6));
    }

    @ParameterizedTest
    @CsvSource({
        "1000, 5, 1.127",
        "1000, 20, 1.141",
        "1000, 50, 1.037",
        "1000, 100, 0.894",
        "4000, 5, 1.156",
        "4000, 20, 1.240",
        "4000, 100, 1.165",
        "4000, 200, 1.028",
        "4000, 500, 0.782",
        "100, 100, 0.2420",
        "100000, 20, 1.288",
        "1000000, 20, 1.291"
    })
    void selfKnowledge(double first, double second, double ratio) {
        assertThat(curve.twoTasks(first, second, 1).forward() / curve.error(first))
                .isCloseTo(ratio, within(6e-4));
    }

    @Test
    void averagesAndLimits() {
        assertThat(curve.averagedError(100) / curve.error(100)).isCloseTo(0.8705, within(5e-5));
        assertThat(curve.averagedError(100) / curve.error(100))
                .isCloseTo(1 - curve.order(100).gamma() / 2, within(1e-12));
        assertThat(curve.forgettingLimit(20)).isCloseTo(1.291, within(1e-3));
        assertThat(curve.criticalForward(1_000_000, 5)).isCloseTo(0.5, within(1e-3));
    }

    @Test
    void manyTasks() {
        TaskErrors equal = curve.sequence(new double[] {100, 100, 100, 100, 100}, 1);
        double[] errors = {1.39819e-2, 3.38397e-3, 1.52948e-3, 9.78797e-4, 7.72920e-4};
        double[] biases = {1.03609e-2, 1.85820e-3, 7.23396e-4, 4.39492e-4, 3.42696e-4};
        for (int t = 0; t < errors.length; t++) {
            assertThat(equal.error(t) / errors[t]).isCloseTo(1, within(5e-6));
            assertThat(equal.bias(t) / biases[t]).isCloseTo(1, within(5e-6));
            assertThat(equal.bias(t) + equal.variance(t)).isCloseTo(equal.error(t), within(1e-15));
        }
        TaskErrors unequal = curve.sequence(new double[] {400, 50, 50, 50, 50, 50, 50}, 1);
        double[] later = {1.09860e-3, 8.73503e-4, 7.24784e-4, 6.32696e-4, 5.72489e-4, 5.30190e-4, 4.98139e-4};
        double[] laterBiases = {8.73487e-4, 5.18450e-4, 3.89390e-4, 3.22274e-4, 2.83544e-4, 2.58728e-4, 2.40939e-4};
        for (int t = 0; t < later.length; t++) {
            assertThat(unequal.error(t) / later[t]).isCloseTo(1, within(5e-6));
            assertThat(unequal.bias(t) / laterBiases[t]).isCloseTo(1, within(5e-6));
        }
        TaskErrors similar = curve.sequence(new double[] {100, 100, 100}, 0.8);
        double[] three = {0.0139819, 0.00698614, 0.00577239};
        for (int t = 0; t < three.length; t++) {
            assertThat(similar.error(t) / three[t]).isCloseTo(1, within(5e-6));
            assertThat(similar.bias(t)).isNaN();
        }
        TaskErrors noisy = new LearningCurve(spectrum(20, 40), 1e-3).sequence(new double[] {80, 40, 120}, 0.8);
        isClose(noisy.error(0), 0.02703638);
        isClose(noisy.error(1), 0.03175441);
        isClose(noisy.error(2), 0.00892939);
    }

    @Test
    void aRidgeStopsSelfForgetting() {
        isClose(curve.error(1000), 2.478634e-4);
        isClose(curve.twoTasks(1000, 20, 1).forward(), 2.829290e-4);
        LearningCurve.Ridge best = curve.bestRidge(1000, 20);
        assertThat(best.ridge()).isCloseTo(48.34, within(0.01));
        isClose(best.error(), 2.462528e-4);
        isClose(curve.twoTasks(1000, 20, 1, 50.1).forward(), 2.462537e-4);
        isClose(curve.error(1020), 2.403284e-4);
        LearningCurve.Ridge larger = curve.bestRidge(4000, 100);
        assertThat(larger.ridge()).isCloseTo(76.16, within(0.01));
        assertThat(larger.error() / curve.error(4000)).isCloseTo(0.99550, within(5e-6));
        assertThat(curve.bestRidge(100, 100).ridge()).isZero();
        assertThat(curve.bestRidge(4000, 500).ridge()).isZero();
        // an infinite ridge learns nothing
        isClose(curve.twoTasks(1000, 20, 1, 1e12).forward(), curve.error(1000));
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatThrownBy(() -> curve.error(0)).hasMessageContaining("sample");
        assertThatThrownBy(() -> curve.twoTasks(10, 10, 1.1)).hasMessageContaining("1.1");
        assertThatThrownBy(() -> curve.sequence(new double[0], 1)).hasMessageContaining("task");
        assertThatThrownBy(() -> new LearningCurve(spectrum(10, 5), -1)).hasMessageContaining("noise");
        assertThatThrownBy(() -> KernelSpectrum.onSphere(t -> t, 2, 5)).hasMessageContaining("dimension");
    }
}
