package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Explicit.column;
import static io.github.dl4jngd.ngd.Explicit.error;
import static io.github.dl4jngd.ngd.Models.IN;
import static io.github.dl4jngd.ngd.Models.dense;
import static io.github.dl4jngd.ngd.Models.input;
import static io.github.dl4jngd.ngd.Models.labels;
import static io.github.dl4jngd.ngd.Models.output;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Percentage.withPercentage;

import java.util.Map;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** Where ρ comes from, and the norm constraint. */
class DampingTest {

    private static final double TEST_F64 = 1e-6;

    private static SimpleMatrix change(MultiLayerNetwork network, long batch) {
        SimpleMatrix before = column(network.params());
        network.fit(input(batch), labels(batch));
        return column(network.params()).minus(before);
    }

    private static MultiLayerNetwork linear(double rate) {
        return Models.of(settings -> settings.updater(new Sgd(rate)), output(IN, LossFunction.L2, Activation.IDENTITY));
    }

    @Test
    void schedulesFollowIterationAndEpoch() {
        for (ISchedule schedule : new ISchedule[] {
            new ExponentialSchedule(ScheduleType.ITERATION, 0.5, 0.3),
            new MapSchedule(ScheduleType.EPOCH, Map.of(0, 0.5, 1, 0.01))
        }) {
            MultiLayerNetwork network = Models.softmax(settings -> settings.updater(new Sgd(0.5)));
            NaturalGradient ngd =
                    NaturalGradient.attach(network, Definition.with(Method.EXACT, b -> b.dampingSchedule(schedule)
                            .stepScaling(StepScaling.NONE)));
            for (int step = 0; step < 4; step++) {
                double rho = schedule.valueAt(step, step / 2);
                SimpleMatrix v = new Explicit(network, input(step), labels(step), LossFunction.MCXENT)
                        .direction(Method.EXACT, rho);
                assertThat(error(change(network, step), v.scale(-0.5))).isLessThan(TEST_F64);
                assertThat(ngd.lastDiagnostics().orElseThrow().damping()).isEqualTo(rho);
                if (step == 1) {
                    network.incrementEpochCount();
                }
            }
        }
    }

    /** The mean diagonal of the exact and layer-wise methods is that of the dual, of K-FAC that of A ⊗ G. */
    @Test
    void relativeDampingIsAFractionOfTheMeanDiagonal() {
        double fraction = 0.2;
        Explicit e = new Explicit(Models.softmax(), input(1), labels(1), LossFunction.MCXENT);
        int rows = e.samples * e.outputs;
        SimpleMatrix exact = e.direction(Method.EXACT, fraction * e.fisher.trace() / rows);
        SimpleMatrix layers = new SimpleMatrix(e.gradient.getNumRows(), 1);
        SimpleMatrix factored = layers.copy();
        SimpleMatrix blocks = e.approximation(Method.LAYER_WISE);
        for (int l = 0; l < e.trainableLayers(); l++) {
            Explicit.Factors factors = e.factors(l);
            SimpleMatrix ones = new SimpleMatrix(factors.inputs, factors.outputs);
            ones.fill(1);
            SimpleMatrix indicator = new SimpleMatrix(e.gradient.getNumRows(), 1);
            factors.place(ones, indicator);
            double trace = blocks.diag().dot(indicator);
            factors.place(factors.segment(e.direction(Method.LAYER_WISE, fraction * trace / rows)), layers);
            double mean = factors.inputFactor.trace() / factors.inputs * factors.outputFactor.trace() / factors.outputs;
            factors.place(factors.solve(factors.segment(e.gradient), fraction * mean), factored);
        }
        Map<Method, SimpleMatrix> expected =
                Map.of(Method.EXACT, exact, Method.LAYER_WISE, layers, Method.KFAC, factored);
        expected.forEach((method, v) -> {
            MultiLayerNetwork network = Models.softmax();
            NaturalGradient.attach(network, Definition.with(method, b -> b.relativeDamping(fraction)
                    .stepScaling(StepScaling.NONE)));
            assertThat(error(change(network, 1), v.negative()))
                    .as(method.name())
                    .isLessThan(TEST_F64);
        });
    }

    /** The same loss ten times as large: the same relative damping gives the same update. */
    @ParameterizedTest
    @EnumSource(Method.class)
    void relativeDampingMeansTheSameForEveryFactorOfTheLoss(Method method) {
        SimpleMatrix[] changes = new SimpleMatrix[2];
        LossFunction[] losses = {LossFunction.L2, LossFunction.MSE};
        for (int i = 0; i < 2; i++) {
            MultiLayerNetwork network =
                    Models.of(settings -> {}, dense(IN, 5), dense(5, 4), output(4, losses[i], Activation.IDENTITY));
            NaturalGradient.attach(network, Definition.with(method, b -> b.relativeDamping(0.3)));
            changes[i] = change(network, 1);
        }
        assertThat(error(changes[1], changes[0])).isLessThan(TEST_F64);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.3, 1, 1.7})
    void adaptiveDampingFallsWhereTheModelIsRight(double rate) {
        LevenbergMarquardt adaptation = new LevenbergMarquardt(3, 0.9, 0.25, 0.75, 1e-8, 1e3);
        MultiLayerNetwork network = linear(rate);
        NaturalGradient ngd = NaturalGradient.attach(
                network, Definition.with(Method.EXACT, b -> b.damping(0.5).adaptiveDamping(adaptation)));
        double damping = 0.5;
        for (int step = 0; step < 10; step++) {
            network.fit(input(step), labels(step));
            StepDiagnostics d = ngd.lastDiagnostics().orElseThrow();
            if (step > 0 && step % 3 == 0) {
                damping *= Math.pow(0.9, 3);
                assertThat(d.reductionRatio()).isCloseTo(1, withPercentage(100 * TEST_F64));
            } else if (step < 3) {
                assertThat(d.reductionRatio()).isNaN();
            }
            assertThat(d.damping()).as("step " + step).isCloseTo(damping, withPercentage(1e-10));
        }
    }

    @Test
    void adaptiveDampingGrowsWhereTheModelIsWrong() {
        LevenbergMarquardt adaptation = new LevenbergMarquardt(2, 0.5, 0.25, 0.75, 1e-8, 1);
        MultiLayerNetwork network = Models.softmax(settings -> settings.updater(new Sgd(100)));
        NaturalGradient ngd = NaturalGradient.attach(
                network, Definition.with(Method.LAYER_WISE, b -> b.damping(0.01).adaptiveDamping(adaptation)));
        for (int step = 0; step < 3; step++) {
            network.fit(input(step), labels(step));
        }
        StepDiagnostics d = ngd.lastDiagnostics().orElseThrow();
        assertThat(d.reductionRatio()).isLessThan(0.25);
        assertThat(d.damping()).isCloseTo(0.04, withPercentage(1e-10));
    }

    /**
     * Neither above nor below the thresholds: the actual ratio of a step, recomputed from the losses before and after.
     */
    @Test
    void theReductionRatioIsThatOfTheChangeThatHappened() {
        LevenbergMarquardt adaptation = new LevenbergMarquardt(1, 0.5, -100, 100, 1e-8, 1);
        MultiLayerNetwork network = Models.softmax(settings -> settings.updater(new Nesterovs(0.3, 0.8)));
        NaturalGradient ngd = NaturalGradient.attach(
                network, Definition.with(Method.UNIT_WISE, b -> b.damping(0.1).adaptiveDamping(adaptation)));
        double expected = Double.NaN;
        for (int step = 0; step < 4; step++) {
            Explicit before = new Explicit(network, input(step), labels(step), LossFunction.MCXENT);
            double lossBefore = network.score(new org.nd4j.linalg.dataset.DataSet(input(step), labels(step)));
            SimpleMatrix change = change(network, step);
            StepDiagnostics d = ngd.lastDiagnostics().orElseThrow();
            assertThat(d.damping()).isEqualTo(0.1);
            if (step > 0) {
                assertThat(d.reductionRatio()).isCloseTo(expected, withPercentage(100 * TEST_F64));
            }
            double lossAfter = network.score(new org.nd4j.linalg.dataset.DataSet(input(step), labels(step)));
            double predicted = before.gradient.dot(change) + 0.5 * before.curvature(change);
            expected = (lossAfter - lossBefore) / predicted;
            assertThat(predicted).isNegative();
        }
    }

    @Test
    void adaptationStaysInItsBounds() {
        LevenbergMarquardt adaptation = new LevenbergMarquardt(1, 0.1, 0.25, 0.75, 0.02, 0.5);
        assertThat(adaptation.next(0.1, 1)).isEqualTo(0.02);
        assertThat(adaptation.next(0.1, 0)).isEqualTo(0.5);
        assertThat(adaptation.next(0.1, Double.NaN)).isEqualTo(0.5);
        assertThat(adaptation.next(0.1, 0.5)).isEqualTo(0.1);
        MultiLayerNetwork network = linear(1);
        NaturalGradient ngd = NaturalGradient.attach(
                network, Definition.with(Method.EXACT, b -> b.damping(0.1).adaptiveDamping(adaptation)));
        for (int step = 0; step < 4; step++) {
            network.fit(input(step), labels(step));
        }
        assertThat(ngd.lastDiagnostics().orElseThrow().damping()).isEqualTo(0.02);
    }

    @Test
    void contradictingOptionsAreRefused() {
        ISchedule schedule = new ExponentialSchedule(ScheduleType.ITERATION, 0.5, 0.3);
        for (Method method : Method.values()) {
            assertThatThrownBy(() -> Definition.with(
                            method, b -> b.dampingSchedule(schedule).adaptiveDamping(LevenbergMarquardt.DEFAULT)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("exclude");
            assertThatThrownBy(() ->
                            Definition.with(method, b -> b.damping(0).adaptiveDamping(LevenbergMarquardt.DEFAULT)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("positive");
            for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
                assertThatThrownBy(() -> Definition.damped(method, bad)).hasMessageContaining(String.valueOf(bad));
                assertThatThrownBy(() -> Definition.with(method, b -> b.relativeDamping(bad)))
                        .hasMessageContaining(String.valueOf(bad));
            }
            assertThatThrownBy(() -> Definition.with(method, b -> b.normConstraint(0)))
                    .hasMessageContaining("0.0");
        }
        assertThatThrownBy(() -> new LevenbergMarquardt(0, 0.9, 0.25, 0.75, 1, 2))
                .hasMessageContaining("interval 0");
        assertThatThrownBy(() -> new LevenbergMarquardt(1, 1, 0.25, 0.75, 1, 2)).hasMessageContaining("decay 1.0");
        assertThatThrownBy(() -> new LevenbergMarquardt(1, 0.9, 0.25, 0.75, 3, 2))
                .hasMessageContaining("minimum 3.0");
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void theNormConstraintIsMetExactlyWhereActive(Method method) {
        double kappa = 1e-3;
        double rate = 0.6;
        MultiLayerNetwork network = Models.softmax(settings -> settings.updater(new Sgd(rate)));
        NaturalGradient ngd = NaturalGradient.attach(
                network, Definition.with(method, b -> b.damping(0.01).normConstraint(kappa)));
        Explicit e = new Explicit(network, input(1), labels(1), LossFunction.MCXENT);
        SimpleMatrix change = change(network, 1);
        assertThat(0.5 * e.curvature(change)).isCloseTo(kappa, withPercentage(100 * TEST_F64));
        assertThat(rate * rate * ngd.lastDiagnostics().orElseThrow().predictedDivergence())
                .isCloseTo(kappa, withPercentage(100 * TEST_F64));

        MultiLayerNetwork free = Models.softmax(settings -> settings.updater(new Sgd(rate)));
        NaturalGradient.attach(free, Definition.damped(method, 0.01));
        SimpleMatrix unconstrained = change(free, 1);
        assertThat(0.5 * e.curvature(unconstrained)).isGreaterThan(2 * kappa);
        assertThat(error(change.scale(unconstrained.normF() / change.normF()), unconstrained))
                .isLessThan(TEST_F64);

        MultiLayerNetwork loose = Models.softmax(settings -> settings.updater(new Sgd(rate)));
        NaturalGradient.attach(
                loose, Definition.with(method, b -> b.damping(0.01).normConstraint(1e9)));
        loose.fit(input(1), labels(1));
        assertThat(loose.params()).isEqualTo(free.params());
    }

    /** The rate that counts is that of the layers that learn. */
    @Test
    void theNormConstraintTakesNoLearningRateFromFrozenLayers() {
        double kappa = 1e-3;
        MultiLayerNetwork network = Models.of(
                settings -> settings.updater(new Sgd(0.6)),
                new FrozenLayerWithBackprop(new DenseLayer.Builder()
                        .nIn(IN)
                        .nOut(5)
                        .activation(Activation.TANH)
                        .updater(new Sgd(0.01))
                        .build()),
                dense(5, 4),
                output(4, LossFunction.MCXENT, Activation.SOFTMAX));
        NaturalGradient.attach(
                network, Definition.with(Method.EXACT, b -> b.damping(0.01).normConstraint(kappa)));
        Explicit e = new Explicit(network, input(1), labels(1), LossFunction.MCXENT);
        assertThat(0.5 * e.curvature(change(network, 1))).isCloseTo(kappa, withPercentage(100 * TEST_F64));
    }
}
