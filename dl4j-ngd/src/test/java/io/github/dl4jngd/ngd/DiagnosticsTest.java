package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Models.input;
import static io.github.dl4jngd.ngd.Models.labels;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import io.github.dl4jngd.testing.TestNetworks;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What theory says about the numbers in {@link StepDiagnostics}. */
class DiagnosticsTest {

    private static final double TEST_F64 = 1e-7;
    /** α̂ of a wide network with every Gram matrix invertible, at a damping near zero. */
    private static final double TEST_LIMIT = 1e-4;

    private static final double TINY_DAMPING = 1e-9;

    private static StepDiagnostics step(TestNetworks.Case c, NaturalGradientConfiguration configuration) {
        MultiLayerNetwork network = c.network();
        NaturalGradient ngd = NaturalGradient.attach(network, configuration);
        network.fit(c.input(), c.labels());
        return ngd.lastDiagnostics().orElseThrow();
    }

    /** Hidden layers of one width, four samples, loss and outputs as given. */
    private static TestNetworks.Case wide(LossFunction loss, Activation output, int outputs, int width, int layers) {
        List<Integer> sizes = new java.util.ArrayList<>(Collections.nCopies(layers + 1, width));
        sizes.set(0, 12);
        sizes.set(layers, outputs);
        return new TestNetworks.Case(
                loss + " " + layers + " layers",
                sizes,
                Activation.TANH,
                loss,
                output,
                true,
                4,
                DataType.DOUBLE,
                false,
                7 + layers);
    }

    static Stream<TestNetworks.Case> wideNetworks() {
        return Stream.of(3, 4)
                .flatMap(layers -> Stream.of(
                        wide(LossFunction.L2, Activation.IDENTITY, 2, 40, layers),
                        wide(LossFunction.MSE, Activation.IDENTITY, 3, 40, layers),
                        wide(LossFunction.MCXENT, Activation.SOFTMAX, 3, 40, layers),
                        wide(LossFunction.XENT, Activation.SIGMOID, 2, 40, layers)));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-5, 1e-2, 1, 30})
    void theExactMethodsMeasuredStepIsOne(double rho) {
        TestNetworks.grid().forEach(c -> assertThat(
                        step(c, Definition.damped(Method.EXACT, rho)).step())
                .as(c.name())
                .isCloseTo(1, withPercentage(100 * TEST_F64)));
    }

    @ParameterizedTest
    @MethodSource("wideNetworks")
    void alphaOfWideNetworksIsTheIsotropyConstant(TestNetworks.Case c) {
        int layers = c.sizes().size() - 1;
        double[] expected = {1, layers, Math.ceil(layers / 3.0)};
        Method[] methods = {Method.EXACT, Method.LAYER_WISE, Method.BLOCK_TRI_DIAGONAL};
        for (int i = 0; i < methods.length; i++) {
            StepDiagnostics diagnostics = step(c, Definition.damped(methods[i], TINY_DAMPING));
            assertThat(diagnostics.note()).isEmpty();
            assertThat(diagnostics.alpha())
                    .as(methods[i].name())
                    .isCloseTo(expected[i], withPercentage(100 * TEST_LIMIT));
            assertThat(diagnostics.anisotropy()).isLessThan(TEST_LIMIT);
            assertThat(diagnostics.residualAnisotropy()).isLessThan(TEST_LIMIT);
            assertThat(step(c, Definition.with(methods[i], b -> b.damping(TINY_DAMPING)
                                    .stepScaling(StepScaling.ANALYTIC)))
                            .step())
                    .isCloseTo(1 / expected[i], withPercentage(100 * TEST_LIMIT));
        }
    }

    @ParameterizedTest
    @MethodSource("wideNetworks")
    void withoutDampingTheStepFollowsFromAlphaAndTheAnisotropy(TestNetworks.Case c) {
        for (Method method : Method.values()) {
            StepDiagnostics d = step(c, Definition.damped(method, TINY_DAMPING));
            assertThat(1 / d.step())
                    .as(method.name())
                    .isCloseTo(d.alpha() * (1 + d.anisotropy() * d.anisotropy()), withPercentage(100 * TEST_LIMIT));
        }
    }

    /**
     * Unit-wise and K-FAC reach their constants only as the width grows; half of one is far from it at any other
     * constant.
     */
    @Test
    void unitWiseAndKroneckerFactoredAlphaAreNearTheirConstants() {
        TestNetworks.Case c = wide(LossFunction.L2, Activation.IDENTITY, 1, 150, 3);
        double unitWise = 2 * 150 + 1;
        assertThat(step(c, Definition.damped(Method.UNIT_WISE, TINY_DAMPING)).alpha())
                .isCloseTo(unitWise, withPercentage(15));
        double kroneckerFactored = 2 * 4 + 1;
        assertThat(step(c, Definition.damped(Method.KFAC, 1e-12)).alpha())
                .isCloseTo(kroneckerFactored, withPercentage(15));
    }

    @ParameterizedTest
    @MethodSource("io.github.dl4jngd.testing.TestNetworks#grid")
    void lossIsDl4jsScore(TestNetworks.Case c) {
        double score = c.network().score(new DataSet(c.input(), c.labels()));
        StepDiagnostics diagnostics = step(c, Definition.damped(Method.EXACT, 0.1));
        assertThat(diagnostics.loss()).isCloseTo(score, withPercentage(100 * TEST_F64));
        assertThat(diagnostics.samples()).isEqualTo(c.samples());
    }

    @Test
    void lossIsWithoutRegularisation() {
        MultiLayerNetwork penalised =
                Models.softmax(settings -> settings.l2(0.5).l1(0.2));
        NaturalGradient ngd = NaturalGradient.attach(penalised, Definition.damped(Method.EXACT, 0.1));
        double score = Models.softmax().score(new DataSet(input(1), labels(1)));
        penalised.fit(input(1), labels(1));
        assertThat(ngd.lastDiagnostics().orElseThrow().loss()).isCloseTo(score, withPercentage(100 * TEST_F64));
        assertThat(penalised.score()).isGreaterThan(1.1 * score);
    }

    @ParameterizedTest
    @MethodSource("io.github.dl4jngd.testing.TestNetworks#grid")
    void normsAndDivergence(TestNetworks.Case c) {
        double rho = 0.05;
        Explicit e = new Explicit(c.network(), c.input(), c.labels(), c.loss());
        SimpleMatrix v = e.direction(Method.UNIT_WISE, rho);
        StepDiagnostics d = step(c, Definition.damped(Method.UNIT_WISE, rho));
        assertThat(d.gradientNorm()).isCloseTo(e.gradient.normF(), withPercentage(100 * TEST_F64));
        assertThat(d.directionNorm()).isCloseTo(v.normF(), withPercentage(100 * TEST_F64));
        assertThat(d.predictedDivergence())
                .isCloseTo(0.5 * e.curvature(v.scale(d.step())), withPercentage(100 * TEST_F64));
        assertThat(d.damping()).isEqualTo(rho);
        assertThat(d.reductionRatio()).isNaN();
        assertThat(d.milliseconds()).isPositive();
    }

    @Test
    void thereAreNoneBeforeTheFirstStep() {
        MultiLayerNetwork network = Models.softmax();
        NaturalGradient ngd = NaturalGradient.attach(network, Definition.damped(Method.EXACT, 0.1));
        assertThat(ngd.lastDiagnostics()).isEmpty();
        for (int step = 0; step < 2; step++) {
            network.fit(input(1), labels(1));
            assertThat(ngd.lastDiagnostics().orElseThrow().iteration()).isEqualTo(step);
        }
    }

    @Test
    void aPerfectFitIsNoFailure() {
        TestNetworks.Case c = TestNetworks.grid().toList().get(1);
        for (Method method : Method.values()) {
            MultiLayerNetwork network = c.network();
            NaturalGradient ngd = NaturalGradient.attach(network, Definition.damped(method, 0.1));
            var before = network.params().dup();
            network.fit(c.input(), network.output(c.input()).dup());
            assertThat(ngd.lastDiagnostics().orElseThrow().loss()).isLessThan(1e-20);
            assertThat(TestNetworks.relativeError(network.params(), before)).isLessThan(TEST_F64);
        }
    }
}
