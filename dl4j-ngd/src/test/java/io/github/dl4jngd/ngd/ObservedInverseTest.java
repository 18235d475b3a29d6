package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Explicit.array;
import static io.github.dl4jngd.ngd.Explicit.column;
import static io.github.dl4jngd.ngd.Explicit.error;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import io.github.dl4jngd.fisher.training.StepReporter;
import io.github.dl4jngd.testing.TestNetworks;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;

/** Who asks for it sees (F̂ + ρI)⁻¹ of the next step, and training does not notice. */
class ObservedInverseTest {

    private static final double TEST_F64 = 1e-7;
    private static final double DAMPING = 0.03;

    static Stream<Arguments> cases() {
        return TestNetworks.grid()
                .flatMap(c -> Stream.of(
                        Arguments.of(c, Parameterization.standard()), Arguments.of(c, Parameterization.ntk(2, 0.5))));
    }

    private static void observeNextStep(MultiLayerNetwork network, Consumer<SymmetricOperator> observer) {
        ((StepReporter) network.getUpdater()).observeNextStep(observer);
    }

    private static SimpleMatrix dense(SymmetricOperator operator) {
        int length = Math.toIntExact(operator.length());
        SimpleMatrix dense = new SimpleMatrix(length, length);
        for (int i = 0; i < length; i++) {
            SimpleMatrix unit = new SimpleMatrix(length, 1);
            unit.set(i, 1);
            dense.setColumn(i, column(operator.times(array(unit).castTo(operator.dataType()))));
        }
        return dense;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isTheExplicitInverse(TestNetworks.Case c, Parameterization scaling) {
        Explicit e = new Explicit(c.network(), c.input(), c.labels(), c.loss(), scaling);
        for (Method method : Method.values()) {
            MultiLayerNetwork network = c.network(new Sgd(0.1));
            NaturalGradient ngd =
                    NaturalGradient.attach(network, Definition.with(method, builder -> builder.damping(DAMPING)
                            .parameterization(scaling)));
            List<SimpleMatrix> shown = new ArrayList<>();
            observeNextStep(network, inverse -> shown.add(dense(inverse)));
            network.fit(c.input(), c.labels());
            Method taken = ngd.lastDiagnostics().orElseThrow().note().isEmpty() ? method : Method.LAYER_WISE;
            int length = e.gradient.getNumRows();
            SimpleMatrix expected = new SimpleMatrix(length, length);
            for (int i = 0; i < length; i++) {
                SimpleMatrix unit = new SimpleMatrix(length, 1);
                // a unit vector in θ is √s times one in ω
                unit.set(i, e.rootScales.get(i));
                expected.setColumn(i, e.direction(taken, DAMPING, unit));
            }
            if (method == Method.BLOCK_TRI_DIAGONAL) {
                assertThat(shown).as("F masked to neighbours may be indefinite").isEmpty();
                continue;
            }
            assertThat(shown).hasSize(1);
            assertThat(error(shown.get(0), expected)).as(method.toString()).isLessThan(TEST_F64);
            assertThat(error(shown.get(0), shown.get(0).transpose()))
                    .as(method.toString())
                    .isLessThan(TEST_F64);
        }
    }

    @ParameterizedTest
    @EnumSource
    void trainingIsBitForBitTheSame(Method method) {
        INDArray[] trained = new INDArray[2];
        int[] shown = new int[1];
        for (int observed = 0; observed < 2; observed++) {
            MultiLayerNetwork network = Models.softmax(settings -> settings.updater(new Nesterovs(0.1, 0.9)));
            NaturalGradient.attach(network, method.builder().build());
            for (int step = 0; step < 12; step++) {
                if (observed == 1 && step % 2 == 1) {
                    observeNextStep(network, inverse -> {
                        shown[0]++;
                        inverse.times(network.params().reshape(network.params().length()));
                    });
                }
                network.fit(new DataSet(Models.input(step), Models.labels(step)));
            }
            trained[observed] = network.params().dup();
        }
        assertThat(shown[0]).isEqualTo(method == Method.BLOCK_TRI_DIAGONAL ? 0 : 6);
        assertThat(trained[1]).isEqualTo(trained[0]);
    }
}
