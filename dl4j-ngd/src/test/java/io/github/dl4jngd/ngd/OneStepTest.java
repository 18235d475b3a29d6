package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Explicit.column;
import static io.github.dl4jngd.ngd.Explicit.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.testing.TestNetworks;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;

/** One call of fit changes the parameters by −c · step · (F̂ + ρI)⁻¹g, from explicit matrices. */
class OneStepTest {

    private static final double TEST_F64 = 1e-7;
    private static final double TEST_F32 = 2e-3;
    private static final double DAMPING = 0.03;
    private static final double RATE = 0.7;

    static Stream<Arguments> cases() {
        return TestNetworks.grid()
                .flatMap(c -> Stream.of(
                        Arguments.of(c, Parameterization.standard(), StepScaling.values()),
                        Arguments.of(c, Parameterization.ntk(2, 0.5), StepScaling.values()),
                        Arguments.of(c.withDataType(DataType.FLOAT), Parameterization.standard(), new StepScaling[] {
                            StepScaling.MEASURED
                        })));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isTheExplicitFormula(TestNetworks.Case c, Parameterization scaling, StepScaling[] stepScalings) {
        MultiLayerNetwork initial = c.network();
        Explicit e = new Explicit(initial, c.input(), c.labels(), c.loss(), scaling);
        double tolerance = c.dataType() == DataType.DOUBLE ? TEST_F64 : TEST_F32;
        assertThat(error(
                        column(TestNetworks.gradient(initial, c.input(), c.labels())),
                        e.gradient.elementDiv(e.rootScales)))
                .as("DL4J's gradient")
                .isLessThan(tolerance);
        for (Method method : Method.values()) {
            for (StepScaling stepScaling : stepScalings) {
                if (method == Method.EKFAC && stepScaling == StepScaling.ANALYTIC) {
                    continue; // no constant is known, and none is taken: refusesAnAnalyticScaling
                }
                MultiLayerNetwork network = c.network(new Sgd(RATE));
                SimpleMatrix before = column(network.params());
                NaturalGradient ngd =
                        NaturalGradient.attach(network, Definition.with(method, builder -> builder.damping(DAMPING)
                                .stepScaling(stepScaling)
                                .parameterization(scaling)));
                network.fit(c.input(), c.labels());
                StepDiagnostics diagnostics = ngd.lastDiagnostics().orElseThrow();
                Method taken = method;
                if (!diagnostics.note().isEmpty()) {
                    assertThat(method).as(diagnostics.note()).isEqualTo(Method.BLOCK_TRI_DIAGONAL);
                    assertThat(diagnostics.note()).contains("layer-wise");
                    taken = Method.LAYER_WISE;
                }
                SimpleMatrix v = e.direction(taken, DAMPING);
                double step =
                        switch (stepScaling) {
                            case NONE -> 1;
                            case MEASURED -> e.measuredStep(v, DAMPING);
                            case ANALYTIC -> analyticStep(c, e.isotropyConstant(taken), diagnostics.step());
                        };
                assertThat(diagnostics.step() / step).isBetween(1 - tolerance, 1 + tolerance);
                assertThat(diagnostics.jitter()).isZero();
                assertThat(error(column(network.params()).minus(before), v.scale(-RATE * step)))
                        .as(method + " " + stepScaling)
                        .isLessThan(tolerance);
            }
        }
    }

    /**
     * 1/α. The analytic constants take inputs for generic: a ReLU unit that is dead on this narrow network's minibatch
     * lowers the numerical ranks that the expected α is made of, by a little and never the other way.
     */
    private static double analyticStep(TestNetworks.Case c, double alpha, double step) {
        if (c.activation() != Activation.RELU) {
            return 1 / alpha;
        }
        assertThat(1 / step).isBetween(alpha * (1 - TEST_F64), 1.12 * alpha);
        return step;
    }

    @Test
    void refusesAnAnalyticScaling() {
        assertThatThrownBy(() -> Ekfac.builder()
                        .fisherType(FisherType.TRUE)
                        .stepScaling(StepScaling.ANALYTIC)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MEASURED");
    }

    /** Else the agreement above of the block-tri-diagonal method would be that of its replacement. */
    @Test
    void theMaskedSystemIsUsedWhereItCanBe() {
        long replaced = TestNetworks.grid()
                .filter(c -> c.sizes().size() > 3)
                .filter(c -> {
                    MultiLayerNetwork network = c.network();
                    NaturalGradient ngd =
                            NaturalGradient.attach(network, Definition.damped(Method.BLOCK_TRI_DIAGONAL, DAMPING));
                    network.fit(c.input(), c.labels());
                    return !ngd.lastDiagnostics().orElseThrow().note().isEmpty();
                })
                .count();
        assertThat(replaced).isLessThan(3);
    }

    /** A workspace that has learned the size of one minibatch must serve a larger and a smaller one. */
    @Test
    void holdsForMinibatchesOfChangingSize() {
        TestNetworks.Case c = TestNetworks.grid().toList().get(4);
        for (Method method : Method.values()) {
            MultiLayerNetwork network = c.network(new Sgd(0.1));
            NaturalGradient ngd = NaturalGradient.attach(network, Definition.plain(method, DAMPING));
            for (int samples : new int[] {4, 2, 9, 1, 6}) {
                TestNetworks.Case batch = new TestNetworks.Case(
                        c.name(),
                        c.sizes(),
                        c.activation(),
                        c.loss(),
                        c.outputActivation(),
                        c.bias(),
                        samples,
                        c.dataType(),
                        c.lossLayer(),
                        c.seed() + samples);
                Explicit e = new Explicit(network, batch.input(), batch.labels(), c.loss());
                SimpleMatrix before = column(network.params());
                network.fit(batch.input(), batch.labels());
                boolean replaced = !ngd.lastDiagnostics().orElseThrow().note().isEmpty();
                SimpleMatrix v = e.direction(replaced ? Method.LAYER_WISE : method, DAMPING);
                assertThat(error(column(network.params()).minus(before), v.scale(-0.1)))
                        .as(method + " with " + samples)
                        .isLessThan(TEST_F64);
            }
        }
    }
}
