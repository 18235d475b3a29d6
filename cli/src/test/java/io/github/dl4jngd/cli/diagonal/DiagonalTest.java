package io.github.dl4jngd.cli.diagonal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Against values that were computed twice by other programs, in float64. */
class DiagonalTest {

    private static final double TEST_F64 = 1e-8;

    private final DiagonalProblem centred = DiagonalProblem.of(0);

    @Test
    void theNormMinimalSolutions() {
        double[] leastSquares = centred.leastSquares();
        assertThat(centred.misfit(leastSquares)).isLessThan(1e-13);
        assertThat(Vectors.absoluteSum(leastSquares)).isCloseTo(7.9173513051, within(1e-9));
        assertThat(Vectors.norm(leastSquares)).isCloseTo(1.8329398976, within(1e-9));
        assertThat(Vectors.absoluteSum(centred.truth())).isEqualTo(4.5);
        assertThat(centred.misfit(centred.truth())).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "10, 7.9173424806, 1.8329398976, 0.73252721",
        "1, 7.8378192537, 1.8332273758, 0.72431927",
        "0.1, 5.3436070452, 2.1899456060, 0.44240453",
        "0.01, 4.6831688076, 2.4435864327, 0.26210370",
        "1e-4, 4.5287936091, 2.6291854584, 0.05844359"
    })
    void theClosedForm(double alpha, double norm1, double norm2, double error) {
        double[] beta = ImplicitBias.minimizer(centred, alpha);
        assertThat(centred.misfit(beta)).isLessThan(1e-11);
        assertThat(Vectors.absoluteSum(beta)).isCloseTo(norm1, within(TEST_F64));
        assertThat(Vectors.norm(beta)).isCloseTo(norm2, within(TEST_F64));
        assertThat(centred.error(beta)).isCloseTo(error, within(TEST_F64));
    }

    static Stream<Arguments> penalties() {
        return Stream.of(
                Arguments.of(2, 0, 0, 5.48111606, 0.33851786, 0.1, 0.1, 0.1),
                Arguments.of(2, 0.02, -0.005, 5.35488173, 0.30898382, 0.08315752, 0.0739, 0.0930),
                Arguments.of(2, 0.02, 0, 5.34101800, 0.30566133, 0.08156125, 0.0715, 0.0922),
                Arguments.of(2, 0.02, 0.02, 5.28739569, 0.29260094, 0.07543837, 0.0626, 0.0893),
                Arguments.of(2, 0.02, 0.05, 5.21616938, 0.27463461, 0.06741061, 0.0517, 0.0853),
                Arguments.of(2, 0.1, 0, 4.82808854, 0.15396211, 0.02233738, 0.0094, 0.0560),
                Arguments.of(0, 0, 0, 5.34360705, 0.44240453, 0.1, 0.1, 0.1),
                Arguments.of(0, 0.02, 0, 5.35663257, 0.44422333, 0.09818398, 0.0900, 0.1000),
                Arguments.of(0, 0.02, 0.05, 5.35700462, 0.44428278, 0.09811892, 0.0897, 0.1000),
                Arguments.of(0, 0.1, 0, 5.41610093, 0.45305268, 0.09048631, 0.0551, 0.0998));
    }

    /** The flow ends at the minimiser of its own α_j, which the integral of G∘G′ predicts. */
    @ParameterizedTest(name = "mean {0}, γ {1}, ε {2}")
    @MethodSource("penalties")
    void aRegularisedFlow(
            double mean,
            double gamma,
            double epsilon,
            double norm1,
            double error,
            double geometricMean,
            double least,
            double largest) {
        DiagonalProblem problem = DiagonalProblem.of(mean);
        DiagonalFlow flow = DiagonalFlow.of(problem, 0.1, new Penalty(gamma, epsilon), 1e-9);
        double[] squares = new double[DiagonalProblem.UNKNOWNS];
        for (int j = 0; j < squares.length; j++) {
            squares[j] = flow.scales()[j] * flow.scales()[j];
            assertThat(flow.predicted()[j] / flow.scales()[j]).isCloseTo(1, within(1e-10));
        }
        double[] beta = ImplicitBias.minimizer(problem, squares);
        for (int j = 0; j < beta.length; j++) {
            assertThat(flow.beta()[j]).isCloseTo(beta[j], within(1e-6));
        }
        assertThat(Vectors.absoluteSum(beta)).isCloseTo(norm1, within(2 * TEST_F64));
        assertThat(problem.error(beta)).isCloseTo(error, within(TEST_F64));
        assertThat(flow.geometricMean()).isCloseTo(geometricMean, within(TEST_F64));
        assertThat(flow.least()).isCloseTo(least, within(5e-5));
        assertThat(flow.largest()).isCloseTo(largest, within(5e-5));
    }

    @Test
    void smallStepsOfDescentEndNearTheClosedForm() {
        Descent descent = Descent.of(centred, 1, 100_000).orElseThrow();
        double[] beta = ImplicitBias.minimizer(centred, 1);
        assertThat(Vectors.absoluteSum(descent.beta())).isCloseTo(Vectors.absoluteSum(beta), within(0.02));
        assertThat(Descent.of(centred, 1, 3)).isEmpty();
    }
}
