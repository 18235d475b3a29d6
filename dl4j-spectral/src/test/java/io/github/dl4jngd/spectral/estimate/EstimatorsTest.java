package io.github.dl4jngd.spectral.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.data.Percentage.withPercentage;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Every estimator on explicit matrices with known eigenvalues. */
class EstimatorsTest {

    private static final int SIZE = 80;
    private static final int OUTLIERS = 6;

    /** Six nearly equal outliers above a bulk that falls geometrically, as a network with six outputs has. */
    private static double[] outliers() {
        return IntStream.range(0, SIZE)
                .mapToDouble(i -> i < OUTLIERS ? 10 - 1e-4 * i : Math.pow(0.9, i - OUTLIERS))
                .toArray();
    }

    private static double sum(double[] values) {
        return Arrays.stream(values).sum();
    }

    @Test
    void powerIterationAmongNearlyEqualEigenvalues() {
        MatrixOperator a = MatrixOperator.withSpectrum(DataType.DOUBLE, 1, outliers());
        LargestEigenvalue found = PowerIteration.defaults().withTolerance(1e-4).estimate(a);
        assertThat(found.converged()).isTrue();
        assertThat(found.value()).isCloseTo(10, withPercentage(0.01)).isLessThanOrEqualTo(10 + 1e-9);
        assertThat(found.iterations()).isEqualTo(a.products());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void powerIterationWithAGap(long seed) {
        double[] spectrum =
                IntStream.range(0, SIZE).mapToDouble(i -> 10 * Math.pow(0.8, i)).toArray();
        MatrixOperator a = MatrixOperator.withSpectrum(DataType.DOUBLE, seed, spectrum);
        LargestEigenvalue found = new PowerIteration(1e-8, 1000, seed).estimate(a);
        assertThat(found.converged()).isTrue();
        assertThat(found.relativeError()).isLessThanOrEqualTo(1e-8);
        assertThat(found.value()).isCloseTo(10, offset(2e-7));
        assertThat(found.vector().norm2Number().doubleValue()).isCloseTo(1, offset(1e-12));
    }

    @Test
    void aWarmStartIsFaster() {
        double[] spectrum =
                IntStream.range(0, SIZE).mapToDouble(i -> 10 * Math.pow(0.9, i)).toArray();
        MatrixOperator a = MatrixOperator.withSpectrum(DataType.DOUBLE, 4, spectrum);
        PowerIteration iteration = PowerIteration.defaults();
        LargestEigenvalue cold = iteration.estimate(a);
        LargestEigenvalue warm = iteration.estimate(a, cold.vector());
        assertThat(warm.iterations()).isLessThanOrEqualTo(4).isLessThan(cold.iterations() / 3);
        assertThat(warm.value()).isCloseTo(10, withPercentage(0.1));
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void conjugateIterationTakesFewerProducts(DataType dataType) {
        double[] spectrum = IntStream.range(0, SIZE)
                .mapToDouble(i -> 10 * Math.pow(0.97, i))
                .toArray();
        MatrixOperator a = MatrixOperator.withSpectrum(dataType, 4, spectrum);
        double tolerance = dataType == DataType.DOUBLE ? 1e-6 : 1e-4;
        LargestEigenvalue power = new PowerIteration(tolerance, 2000, 1).estimate(a);
        int before = a.products();
        LargestEigenvalue conjugate = new Lobpcg(tolerance, 2000, 1).estimate(a);
        assertThat(conjugate.converged()).isTrue();
        assertThat(a.products() - before).isEqualTo(conjugate.iterations());
        assertThat(conjugate.iterations()).isLessThan(power.iterations() / 2);
        assertThat(conjugate.value()).isCloseTo(10, withPercentage(100 * tolerance));
        assertThat(conjugate.vector().norm2Number().doubleValue()).isCloseTo(1, offset(1e-6));
        LargestEigenvalue again = new Lobpcg(tolerance, 2000, 1).estimate(a, conjugate.vector());
        assertThat(again.iterations()).isLessThan(conjugate.iterations());
    }

    @Test
    void conjugateIterationAmongNearlyEqualEigenvaluesAndAtTheEnd() {
        MatrixOperator outliers = MatrixOperator.withSpectrum(DataType.DOUBLE, 1, outliers());
        assertThat(new Lobpcg(1e-4, 500, 1).estimate(outliers).value())
                .isCloseTo(10, withPercentage(0.01))
                .isLessThanOrEqualTo(10 + 1e-9);
        // the whole space is spanned before the tolerance is reached, or never could be
        MatrixOperator two = MatrixOperator.withSpectrum(DataType.DOUBLE, 1, 2, 1);
        LargestEigenvalue found = new Lobpcg(1e-12, 50, 1).estimate(two);
        assertThat(found.value()).isCloseTo(2, offset(1e-12));
        LargestEigenvalue zero = Lobpcg.defaults().estimate(new MatrixOperator(Nd4j.create(DataType.DOUBLE, 5, 5)));
        assertThat(zero.value()).isZero();
        assertThat(zero.converged()).isTrue();
        MatrixOperator one = MatrixOperator.withSpectrum(DataType.DOUBLE, 1, 3.0);
        assertThat(Lobpcg.defaults().estimate(one).value()).isCloseTo(3, offset(1e-12));
        MatrixOperator narrow = MatrixOperator.withSpectrum(DataType.FLOAT, 1, 3, 2, 1);
        assertThat(new Lobpcg(1e-12, 50, 1).estimate(narrow).value()).isCloseTo(3, offset(1e-5));
    }

    /** Ten outliers spread over 5 %, as of a network with ten outputs, among which λ creeps. */
    private static double[] spreadOutliers() {
        return IntStream.range(0, SIZE)
                .mapToDouble(i -> i < 10 ? 10 - 0.05 * i : 2 * Math.pow(0.9, i - 10))
                .toArray();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void convergedMeansWithinTheTolerance(long seed) {
        MatrixOperator a = MatrixOperator.withSpectrum(DataType.DOUBLE, seed, spreadOutliers());
        for (LargestEigenvalue found :
                List.of(new PowerIteration(1e-3, 2000, seed).estimate(a), new Lobpcg(1e-3, 2000, seed).estimate(a))) {
            assertThat(found.converged()).isTrue();
            assertThat(found.value()).isCloseTo(10, withPercentage(0.1));
        }
    }

    /** A warm start must notice that another eigenvalue has become the largest, if not at once. */
    @Test
    void aWarmStartSeesACrossing() {
        INDArray start = null;
        for (double second = 9; second < 14; second += 0.5) {
            INDArray diagonal = Nd4j.diag(Nd4j.createFromArray(10.0, second, 1, 0.5, 0.2, 0.1));
            LargestEigenvalue found = Lobpcg.defaults().estimate(new MatrixOperator(diagonal), start);
            assertThat(found.value()).isCloseTo(Math.max(10, second), withPercentage(10));
            start = found.vector();
        }
        assertThat(start.getDouble(1)).isCloseTo(Math.signum(start.getDouble(1)), offset(1e-2));
    }

    @Test
    void lanczosIsNotConvergedWhereItHadToStopLooking() {
        double[] spectrum = {2, 2, 2, 0.5, 0.25, 0.125, 0.06, 0.03, 0.015, 0.007};
        for (int products = 3; products < 60; products++) {
            TopEigenvalues found = new Lanczos(3, 1e-6, products, 1)
                    .estimate(MatrixOperator.withSpectrum(DataType.DOUBLE, 1, spectrum));
            if (found.converged()) {
                assertThat(found.values()).allSatisfy(value -> assertThat(value).isCloseTo(2, offset(1e-6)));
            }
        }
        assertThat(new Lanczos(3, 1e-6, 60, 1)
                        .estimate(MatrixOperator.withSpectrum(DataType.DOUBLE, 1, spectrum))
                        .converged())
                .isTrue();
    }

    @Test
    void blockIterationLeavesZerosBehind() {
        double[] few = {3, 2, 0, 0, 0, 0, 0, 0, 0, 0};
        double[] many = {3, 2, 1.5, 1.4, 1.3, 1.2, 0.1, 0.1, 0.1, 0.1};
        BlockPowerIteration iteration = new BlockPowerIteration(6, 2, 1e-6, 500, 1);
        TopEigenvalues before = iteration.estimate(new MatrixOperator(Nd4j.diag(Nd4j.createFromArray(few))));
        TopEigenvalues after =
                iteration.estimate(new MatrixOperator(Nd4j.diag(Nd4j.createFromArray(many))), before.vectors());
        for (int i = 0; i < 6; i++) {
            assertThat(after.values().get(i)).isCloseTo(many[i], offset(1e-4));
        }
    }

    @Test
    void zeroMatrixAndOneEigenvalue() {
        LargestEigenvalue zero =
                PowerIteration.defaults().estimate(new MatrixOperator(Nd4j.create(DataType.DOUBLE, 5, 5)));
        assertThat(zero.value()).isZero();
        assertThat(zero.converged()).isTrue();
        MatrixOperator one = MatrixOperator.withSpectrum(DataType.DOUBLE, 1, 3.0);
        assertThat(PowerIteration.defaults().estimate(one).value()).isCloseTo(3, offset(1e-12));
        assertThat(new Lanczos(4, 1e-6, 10, 1).estimate(one).values()).hasSize(1);
    }

    @Test
    void notANumberIsNamed() {
        INDArray nan = Nd4j.eye(4).castTo(DataType.DOUBLE);
        nan.putScalar(1, 1, Double.NaN);
        MatrixOperator a = new MatrixOperator(nan);
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() -> PowerIteration.defaults().estimate(a))
                .withMessageContaining("NaN");
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() -> Lobpcg.defaults().estimate(a))
                .withMessageContaining("NaN");
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> new Lanczos(2, 1e-6, 4, 1).estimate(a));
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() -> new BlockPowerIteration(2, 1, 1e-6, 10, 1).estimate(a));
    }

    /** No eigenvalue twice, none left out, although five of six differ by 1e-5 of themselves. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void lanczosHasNoGhosts(long seed) {
        double[] spectrum = outliers();
        MatrixOperator a = MatrixOperator.withSpectrum(DataType.DOUBLE, seed, spectrum);
        TopEigenvalues top = new Lanczos(20, 1e-10, SIZE, seed).estimate(a);
        assertThat(top.converged()).isTrue();
        for (int i = 0; i < 20; i++) {
            assertThat(top.values().get(i)).isCloseTo(spectrum[i], offset(1e-9));
            INDArray v = top.vectors().getRow(i);
            assertThat(a.times(v).sub(v.mul(spectrum[i])).norm2Number().doubleValue())
                    .isLessThan(1e-7);
        }
        TopEigenvalues all = new Lanczos(SIZE, 1e-10, SIZE + 5, seed).estimate(a);
        for (int i = 0; i < SIZE; i++) {
            assertThat(all.values().get(i)).isCloseTo(spectrum[i], offset(1e-9));
        }
    }

    /**
     * Exactly equal eigenvalues: where the first one's invariant subspace is exhausted the process goes on elsewhere.
     */
    @Test
    void lanczosFindsMultiplicities() {
        double[] spectrum = new double[30];
        Arrays.fill(spectrum, 0, 4, 2);
        Arrays.fill(spectrum, 4, 9, 1);
        MatrixOperator a = MatrixOperator.withSpectrum(DataType.DOUBLE, 5, spectrum);
        TopEigenvalues top = new Lanczos(9, 1e-9, 30, 1).estimate(a);
        for (int i = 0; i < 9; i++) {
            assertThat(top.values().get(i)).isCloseTo(spectrum[i], offset(1e-9));
        }
    }

    @Test
    void blockPowerIteration() {
        double[] spectrum = outliers();
        MatrixOperator a = MatrixOperator.withSpectrum(DataType.DOUBLE, 7, spectrum);
        TopEigenvalues top = new BlockPowerIteration(8, 6, 1e-6, 500, 1).estimate(a);
        assertThat(top.converged()).isTrue();
        assertThat(top.products()).isEqualTo(a.products());
        for (int i = 0; i < 8; i++) {
            assertThat(top.values().get(i)).isCloseTo(spectrum[i], offset(1e-8));
        }
        TopEigenvalues again = new BlockPowerIteration(8, 6, 1e-6, 500, 2).estimate(a, top.vectors());
        assertThat(again.products()).isLessThan(top.products());
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void bothTypes(DataType dataType) {
        MatrixOperator a = MatrixOperator.withSpectrum(dataType, 7, outliers());
        assertThat(new Lanczos(OUTLIERS, 1e-4, SIZE, 1).estimate(a).values())
                .allSatisfy(value -> assertThat(value).isCloseTo(10, withPercentage(0.02)));
        assertThat(new BlockPowerIteration(OUTLIERS, 4, 1e-4, 100, 1)
                        .estimate(a)
                        .values())
                .allSatisfy(value -> assertThat(value).isCloseTo(10, withPercentage(0.02)));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void traces(long seed) {
        double[] spectrum = outliers();
        MatrixOperator a = MatrixOperator.withSpectrum(DataType.DOUBLE, 8, spectrum);
        TraceEstimate plain = Trace.hutchinson(a, 60, seed);
        TraceEstimate better = Trace.hutchPlusPlus(a, 60, seed);
        assertThat(plain.value()).isCloseTo(sum(spectrum), offset(3 * plain.standardError()));
        assertThat(better.value()).isCloseTo(sum(spectrum), offset(3 * better.standardError()));
        assertThat(better.standardError()).isLessThan(plain.standardError() / 5);
        assertThat(better.products()).isEqualTo(60);
    }

    /** Hutch++ spans the whole space of a small matrix, and is exact there. */
    @Test
    void hutchPlusPlusOnASmallMatrix() {
        MatrixOperator a = MatrixOperator.withSpectrum(DataType.DOUBLE, 8, 3, 2, 1);
        assertThat(Trace.hutchPlusPlus(a, 12, 1).value()).isCloseTo(6, offset(1e-12));
    }

    /** Moments and counts within three standard errors; mass one. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void density(long seed) {
        double[] spectrum = outliers();
        MatrixOperator a = MatrixOperator.withSpectrum(DataType.DOUBLE, 9, spectrum);
        SpectralDensity density = new LanczosQuadrature(40, 30, seed).estimate(a);
        assertThat(density.mean(x -> 1).value()).isCloseTo(1, offset(1e-12));
        SpectralDensity.Estimate mean = density.mean(x -> x);
        assertThat(mean.value()).isCloseTo(sum(spectrum) / SIZE, offset(3 * mean.standardError()));
        SpectralDensity.Estimate outliers = density.fractionUpTo(5);
        assertThat(outliers.value()).isCloseTo(1 - (double) OUTLIERS / SIZE, offset(3 * outliers.standardError()));
        SpectralDensity.Estimate at = density.density(10, 0.5);
        double expected = Arrays.stream(spectrum)
                        .map(value -> Math.exp(-2 * (value - 10) * (value - 10)))
                        .sum()
                / (SIZE * 0.5 * Math.sqrt(2 * Math.PI));
        assertThat(at.value()).isCloseTo(expected, offset(3 * at.standardError()));
        assertThat(density.largest()).isCloseTo(10, withPercentage(0.1));
    }

    @Test
    void optionsAreChecked() {
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new PowerIteration(0, 10, 1));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new Lobpcg(1, 0, 1));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new Lanczos(5, 1e-3, 4, 1));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new BlockPowerIteration(0, 1, 1e-3, 4, 1));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new LanczosQuadrature(0, 4, 1));
        MatrixOperator a = MatrixOperator.withSpectrum(DataType.DOUBLE, 1, 2, 1);
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> Trace.hutchinson(a, 0, 1));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> Trace.hutchPlusPlus(a, 5, 1));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> PowerIteration.defaults().estimate(a, Nd4j.create(DataType.DOUBLE, 2)))
                .withMessageContaining("zero");
    }
}
