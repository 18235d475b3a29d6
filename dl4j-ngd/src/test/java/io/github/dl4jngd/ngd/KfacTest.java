package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Explicit.column;
import static io.github.dl4jngd.ngd.Explicit.error;
import static io.github.dl4jngd.ngd.Models.input;
import static io.github.dl4jngd.ngd.Models.labels;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.fisher.curvature.KroneckerInverse;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.loss.FisherType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** K-FAC over many steps: when factors are averaged and inverted, and what is used in between. */
class KfacTest {

    private static final double TEST_F64 = 1e-6;
    private static final double SCALING_DECAY = 0.7;
    private static final double DAMPING = 0.03;
    private static final double RATE = 0.2;

    /** The factors and inverses of one layer as their definition has them, kept by the test. */
    private static final class Reference {
        private final double decay;
        private SimpleMatrix inputSum;
        private SimpleMatrix outputSum;
        private double weight;
        private SimpleMatrix inputInverse;
        private SimpleMatrix outputInverse;

        Reference(double decay) {
            this.decay = decay;
        }

        void observe(Explicit.Factors factors) {
            inputSum = inputSum == null
                    ? factors.inputFactor
                    : inputSum.scale(decay).plus(factors.inputFactor);
            outputSum = outputSum == null
                    ? factors.outputFactor
                    : outputSum.scale(decay).plus(factors.outputFactor);
            weight = decay * weight + 1;
        }

        void invert(double rho) {
            SimpleMatrix a = inputSum.divide(weight);
            SimpleMatrix g = outputSum.divide(weight);
            inputInverse = Explicit.Factors.inverse(a, g, rho);
            outputInverse = Explicit.Factors.inverse(g, a, rho);
        }

        /** The same inverses at a later time. */
        Reference copyOfInverses() {
            Reference copy = new Reference(decay);
            copy.inputInverse = inputInverse;
            copy.outputInverse = outputInverse;
            return copy;
        }

        void take(Reference inverses) {
            inputInverse = inverses.inputInverse;
            outputInverse = inverses.outputInverse;
        }

        SimpleMatrix solve(SimpleMatrix right) {
            return inputInverse.mult(right).mult(outputInverse);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "CHOLESKY, 0.8, false, false, false", "EIGEN, 0.8, false, false, false", "CHOLESKY, 0, true, false, false",
        "EIGEN, 0.5, true, false, false", "CHOLESKY, 0.8, false, true, false", "EIGEN, 0.5, true, true, false",
        "CHOLESKY, 0.8, false, false, true", "CHOLESKY, 0.5, true, true, true"
    })
    void everyStepUsesWhatTheScheduleLeft(
            KroneckerInverse inverse, double decay, boolean ntk, boolean wide, boolean asynchronous) {
        Parameterization scaling = ntk ? Parameterization.ntk(2, 0.5) : Parameterization.standard();
        // layers wider than the minibatch are solved from its rows
        MultiLayerNetwork network = wide
                ? Models.of(
                        settings -> settings.updater(new Sgd(RATE)),
                        Models.dense(Models.IN, 30),
                        Models.dense(30, 25),
                        Models.output(25, LossFunction.MCXENT, Activation.SOFTMAX))
                : Models.softmax(settings -> settings.updater(new Sgd(RATE)));
        NaturalGradient.attach(
                network,
                Kfac.builder()
                        .damping(DAMPING)
                        .fisherType(FisherType.TRUE)
                        .inverse(inverse)
                        .factorDecay(decay)
                        .factorInterval(2)
                        .inverseInterval(3)
                        .asynchronousInverses(asynchronous)
                        .parameterization(scaling)
                        .scalingInterval(1)
                        .scalingDecay(SCALING_DECAY)
                        .build());
        double slopes = 0;
        double curvatures = 0;
        List<Reference> layers = List.of(new Reference(decay), new Reference(decay), new Reference(decay));
        List<Integer> observed = new ArrayList<>();
        List<Integer> inverted = new ArrayList<>();
        int nextFactors = 0;
        int nextInverses = 0;
        List<Reference> begun = null;
        int nextAdoption = 0;
        for (int step = 0; step < 40; step++) {
            Explicit e = new Explicit(network, input(step), labels(step), LossFunction.MCXENT, scaling);
            SimpleMatrix v = new SimpleMatrix(e.gradient.getNumRows(), 1);
            boolean observes = step == nextFactors;
            boolean inverts = step == nextInverses;
            if (begun != null && (inverts || step >= nextAdoption)) {
                for (int l = 0; l < layers.size(); l++) {
                    layers.get(l).take(begun.get(l));
                }
                begun = null;
            }
            List<Reference> last =
                    layers.stream().map(Reference::copyOfInverses).toList();
            for (int l = 0; l < layers.size(); l++) {
                Explicit.Factors factors = e.factors(l);
                if (observes) {
                    layers.get(l).observe(factors);
                }
                if (inverts) {
                    layers.get(l).invert(DAMPING);
                }
            }
            if (inverts && asynchronous && step > 0) {
                begun = layers.stream().map(Reference::copyOfInverses).toList();
                nextAdoption = step + Math.max(1, Math.min(2, step / 10));
                for (int l = 0; l < layers.size(); l++) {
                    layers.get(l).take(last.get(l));
                }
            }
            for (int l = 0; l < layers.size(); l++) {
                Explicit.Factors factors = e.factors(l);
                factors.place(layers.get(l).solve(factors.segment(e.gradient)), v);
            }
            if (observes) {
                observed.add(step);
                nextFactors = step + Math.max(1, Math.min(2, step / 10));
            }
            if (inverts) {
                inverted.add(step);
                nextInverses = step + Math.max(1, Math.min(3, step / 10));
            }
            SimpleMatrix direction = v.elementMult(e.rootScales);
            double past = Math.min(SCALING_DECAY, step / (step + 1.0));
            slopes = past * slopes + (1 - past) * e.slope(direction);
            curvatures = past * curvatures + (1 - past) * (e.curvature(direction) + DAMPING * e.squaredNorm(direction));
            double eta = slopes / curvatures;
            SimpleMatrix before = column(network.params());
            network.fit(input(step), labels(step));
            assertThat(error(column(network.params()).minus(before), direction.scale(-RATE * eta)))
                    .as("step " + step)
                    .isLessThan(TEST_F64);
        }
        // both intervals in full, so that some steps observed without inverting and some did neither
        assertThat(observed).contains(19, 20, 22, 38).doesNotContain(21, 39);
        assertThat(inverted).contains(19, 20, 22, 30, 33, 36, 39).doesNotContain(31, 32, 37, 38);
    }

    @Test
    void theScheduleIsThatOfTheJavadoc() {
        KroneckerSchedule schedule = new KroneckerSchedule(
                Kfac.builder().factorInterval(10).inverseInterval(100).build());
        List<Integer> factors = new ArrayList<>();
        List<Integer> inverses = new ArrayList<>();
        for (int step = 0; step < 1500; step++) {
            if (schedule.updatesFactors()) {
                factors.add(step);
            }
            if (schedule.updatesInverses()) {
                inverses.add(step);
            }
            schedule.step();
        }
        for (Map.Entry<List<Integer>, Integer> each : List.of(Map.entry(factors, 10), Map.entry(inverses, 100))) {
            List<Integer> steps = each.getKey();
            int configured = each.getValue();

            assertThat(steps.get(0)).isZero();
            for (int i = 1; i < steps.size(); i++) {
                int last = steps.get(i - 1);
                assertThat(steps.get(i) - last).isEqualTo(Math.max(1, Math.min(configured, last / 10)));
            }
            assertThat(steps.get(steps.size() - 1) - steps.get(steps.size() - 2))
                    .isEqualTo(configured);
        }
    }

    @Test
    void withoutAGradualStartIntervalsHoldFromTheFirstStepOn() {
        KroneckerSchedule schedule = new KroneckerSchedule(Kfac.builder()
                .gradualStart(false)
                .factorInterval(3)
                .inverseInterval(5)
                .build());
        List<Integer> factors = new ArrayList<>();
        List<Integer> inverses = new ArrayList<>();
        for (int step = 0; step < 12; step++) {
            if (schedule.updatesFactors()) {
                factors.add(step);
            }
            if (schedule.updatesInverses()) {
                inverses.add(step);
            }
            schedule.step();
        }
        assertThat(factors).containsExactly(0, 3, 6, 9);
        assertThat(inverses).containsExactly(0, 5, 10);
    }

    private static INDArray trained(long seed) {
        MultiLayerNetwork network = Models.softmax(settings -> settings.updater(new Sgd(RATE)));
        NaturalGradient.attach(
                network, Kfac.builder().damping(DAMPING).seed(seed).build());
        for (int step = 0; step < 4; step++) {
            network.fit(input(step), labels(step));
        }
        return network.params().dup();
    }

    @Test
    void asynchronousInversesDoNotDependOnTiming() {
        List<INDArray> ends = new ArrayList<>();
        for (int run = 0; run < 3; run++) {
            MultiLayerNetwork network = Models.softmax(settings -> settings.updater(new Sgd(RATE)));
            NaturalGradient.attach(
                    network,
                    Kfac.builder()
                            .damping(DAMPING)
                            .factorInterval(1)
                            .inverseInterval(2)
                            .asynchronousInverses(true)
                            .build());
            for (int step = 0; step < 40; step++) {
                network.fit(input(step), labels(step));
            }
            ends.add(network.params().dup());
        }
        assertThat(ends).allMatch(ends.get(0)::equals);
    }

    @Test
    void drawsFollowTheSeed() {
        assertThat(trained(5)).isEqualTo(trained(5));
        assertThat(error(column(trained(6)), column(trained(5)))).isGreaterThan(1e-4);
    }

    @Test
    void moreDrawsComeNearerToTheTrueFisher() {
        double one = distanceToTrueFisher(1);
        double many = distanceToTrueFisher(300);
        assertThat(many).isLessThan(0.3 * one).isLessThan(0.1).isPositive();
    }

    private static double distanceToTrueFisher(int draws) {
        MultiLayerNetwork network = Models.softmax();
        SimpleMatrix expected = new Explicit(network, input(1), labels(1), LossFunction.MCXENT)
                .direction(Method.KFAC, DAMPING)
                .negative();
        NaturalGradient.attach(
                network,
                Kfac.builder()
                        .damping(DAMPING)
                        .monteCarloDraws(draws)
                        .stepScaling(StepScaling.NONE)
                        .build());
        SimpleMatrix before = column(network.params());
        network.fit(input(1), labels(1));
        return error(column(network.params()).minus(before), expected);
    }

    @Test
    void theGlobalRandomGeneratorIsLeftAlone() {
        List<Double> next = new ArrayList<>();
        for (boolean attached : new boolean[] {false, true}) {
            MultiLayerNetwork network = Models.softmax();
            Nd4j.getRandom().setSeed(99);
            if (attached) {
                NaturalGradient.attach(network, Kfac.builder().damping(DAMPING).build());
            }
            for (int step = 0; step < 3; step++) {
                network.fit(input(step), labels(step));
            }
            next.add(Nd4j.getRandom().nextDouble());
        }
        assertThat(next.get(1)).isEqualTo(next.get(0));
    }

    /** A step between two factor updates needs no forward pass, and says what it did not compute. */
    @Test
    void unscaledStepsBetweenFactorUpdatesNeedNoForwardPass() {
        MultiLayerNetwork network = Models.softmax(settings -> settings.updater(new Sgd(0.01)));
        NaturalGradient ngd = NaturalGradient.attach(
                network,
                Kfac.builder()
                        .damping(DAMPING)
                        .stepScaling(StepScaling.NONE)
                        .factorInterval(2)
                        .inverseInterval(2)
                        .fusedStep(false)
                        .build());
        for (int step = 0; step < 22; step++) {
            network.fit(input(step), labels(step));
            assertThat(Double.isNaN(ngd.lastDiagnostics().orElseThrow().loss()))
                    .as("step " + step)
                    .isEqualTo(step == 21);
        }
    }

    /** The first step's own, then the mean with those before, which lies between the minibatches' own. */
    @Test
    void theScalingIsThatOfRecentMinibatches() {
        List<Double> own = new ArrayList<>();
        List<Double> mean = new ArrayList<>();
        for (double decay : new double[] {0, 0.9}) {
            // nothing moves, so that both see the same
            MultiLayerNetwork network = Models.softmax(settings -> settings.updater(new Sgd(0)));
            NaturalGradient ngd = NaturalGradient.attach(
                    network,
                    Kfac.builder()
                            .damping(DAMPING)
                            .scalingInterval(1)
                            .scalingDecay(decay)
                            .build());
            for (int step = 0; step < 3; step++) {
                network.fit(input(step), labels(step));
                (decay == 0 ? own : mean)
                        .add(ngd.lastDiagnostics().orElseThrow().step());
            }
        }
        assertThat(mean.get(0)).isEqualTo(own.get(0));
        for (int step = 1; step < 3; step++) {
            List<Double> sofar = own.subList(0, step + 1);
            assertThat(mean.get(step)).isStrictlyBetween(Collections.min(sofar), Collections.max(sofar));
        }
    }

    /** Between two measurements a step takes the scaling that was measured last, and computes no tangent. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theScalingIsMeasuredAtItsInterval(boolean fused) {
        MultiLayerNetwork network = Models.softmax(settings -> settings.updater(new Sgd(0.01)));
        NaturalGradient ngd = NaturalGradient.attach(
                network,
                Kfac.builder()
                        .damping(DAMPING)
                        .scalingInterval(3)
                        .fusedStep(fused)
                        .build());
        double measured = Double.NaN;
        for (int step = 0; step < 40; step++) {
            network.fit(input(step), labels(step));
            StepDiagnostics last = ngd.lastDiagnostics().orElseThrow();
            // one of a tenth of the steps, at most of three
            boolean due = step < 20 || (step < 30 ? step % 2 == 0 : (step - 30) % 3 == 0);
            assertThat(Double.isNaN(last.alpha())).as("step " + step).isEqualTo(!due);
            if (!due) {
                assertThat(last.step()).as("step " + step).isEqualTo(measured);
            }
            measured = last.step();
        }
    }
}
