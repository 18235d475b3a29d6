package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Models.IN;
import static io.github.dl4jngd.ngd.Models.OUT;
import static io.github.dl4jngd.ngd.Models.dense;
import static io.github.dl4jngd.ngd.Models.input;
import static io.github.dl4jngd.ngd.Models.labels;
import static io.github.dl4jngd.ngd.Models.output;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.LinearAlgebraException;
import io.github.dl4jngd.fisher.linalg.NotPositiveDefiniteException;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Numbers that are not finite, systems that cannot be solved, steps that diverge, and minibatches at the edge of what
 * there is.
 */
class NumbersTest {

    private static final double DAMPING = 0.05;

    private static MultiLayerNetwork network() {
        return Models.softmax(
                settings -> settings.updater(new Nesterovs(0.1, 0.9)).l2(0.01));
    }

    /** What makes a minibatch or a model unusable, and what a message must name. */
    private interface Fault {
        void strike(MultiLayerNetwork network, INDArray x, INDArray y);
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault(
                        "NaN in the input",
                        (network, x, y) -> x.putScalar(2, 1, Double.NaN),
                        "1 of the 24 numbers of the input"),
                fault(
                        "infinity in the input",
                        (network, x, y) -> x.putScalar(0, 1, Double.POSITIVE_INFINITY),
                        "the input"),
                fault("NaN in the labels", (network, x, y) -> y.putScalar(2, 1, Double.NaN), "the labels"));
    }

    private static Arguments fault(String name, Fault fault, String named) {
        return Arguments.of(name, fault, named);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void whatIsNotFiniteIsNamed(String name, Fault fault, String named) {
        for (Method method : Method.values()) {
            MultiLayerNetwork network = network();
            NaturalGradient ngd = NaturalGradient.attach(network, Definition.damped(method, DAMPING));
            network.fit(input(0), labels(0));
            List<INDArray> before = Models.state(network);
            INDArray x = input(1);
            INDArray y = labels(1);
            fault.strike(network, x, y);
            assertThatThrownBy(() -> network.fit(x, y))
                    .isInstanceOf(NaturalGradientException.class)
                    .hasMessageContaining("Iteration 1")
                    .hasMessageContaining(named);
            assertThat(Models.state(network)).isEqualTo(before);
            network.fit(input(2), labels(2));
            assertThat(ngd.skippedSteps()).isEqualTo(1);
        }
    }

    @Test
    void parametersThatAreNotFiniteAreNamed() {
        MultiLayerNetwork network = network();
        NaturalGradient.attach(network, Definition.damped(Method.EXACT, DAMPING));
        network.getParam("1_W").putScalar(3, Double.NaN);
        assertThatThrownBy(() -> network.fit(input(0), labels(0)))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("the parameters W of layer")
                .hasMessageContaining("1 of the 20");
    }

    /**
     * Skipped, it is as if the minibatch had never been, but for the iteration, which counts: momentum and penalties
     * included.
     */
    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void orTheStepIsLeftOut(String name, Fault fault, String named) {
        Kfac kfac = Kfac.builder()
                .damping(DAMPING)
                .factorInterval(1)
                .inverseInterval(2)
                .onFailure(FailurePolicy.SKIP)
                .build();
        MultiLayerNetwork network = network();
        MultiLayerNetwork untouched = network();
        NaturalGradient ngd = NaturalGradient.attach(network, kfac);
        NaturalGradient.attach(untouched, kfac);
        for (int batch = 0; batch < 6; batch++) {
            if (batch % 2 == 1) {
                INDArray x = input(50 + batch);
                INDArray y = labels(50 + batch);
                fault.strike(network, x, y);
                network.fit(x, y);
            }
            network.fit(input(batch), labels(batch));
            untouched.fit(input(batch), labels(batch));
        }
        assertThat(Models.state(network)).isEqualTo(Models.state(untouched));
        assertThat(ngd.skippedSteps()).isEqualTo(3);
        assertThat(network.getIterationCount()).isEqualTo(9);
    }

    /** DL4J hands the updates of running statistics over as gradients, which a skipped step must not apply either. */
    @Test
    void aSkippedStepLeavesRunningStatisticsAlone() {
        MultiLayerNetwork network = Models.of(
                settings -> settings.updater(new Adam(0.05)),
                dense(IN, 5),
                new BatchNormalization.Builder().nIn(5).nOut(5).build(),
                output(5, LossFunction.MCXENT, Activation.SOFTMAX));
        NaturalGradient ngd = NaturalGradient.attach(
                network,
                Kfac.builder().damping(DAMPING).onFailure(FailurePolicy.SKIP).build());
        network.fit(input(0), labels(0));
        List<INDArray> before = Models.state(network);
        INDArray broken = input(1);
        broken.putScalar(1, 1, Double.NaN);
        network.fit(broken, labels(1));
        assertThat(ngd.skippedSteps()).isEqualTo(1);
        assertThat(Models.state(network)).isEqualTo(before);
        network.fit(input(2), labels(2));
        assertThat(network.params().sumNumber().doubleValue()).isFinite();
    }

    /** Running statistics of inputs that overflow, while the gradient that has been normalised by them does not. */
    @Test
    void runningStatisticsThatOverflowAreNamed() {
        MultiLayerNetwork network = Models.of(
                settings -> settings.updater(new Sgd(0.1)).dataType(DataType.FLOAT),
                new BatchNormalization.Builder().nIn(IN).nOut(IN).build(),
                output(IN, LossFunction.MCXENT, Activation.SOFTMAX));
        NaturalGradient.attach(network, Kfac.builder().damping(DAMPING).build());
        INDArray before = network.params().dup();
        INDArray huge = input(0).castTo(DataType.FLOAT).muli(1e25);
        assertThatThrownBy(() -> network.fit(huge, labels(0).castTo(DataType.FLOAT)))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("Iteration 0");
        assertThat(network.params()).isEqualTo(before);
    }

    /** A broken minibatch is named, and the good step before it stands. */
    @Test
    void aBrokenMinibatchIsNoDivergence() {
        MultiLayerNetwork network = network();
        NaturalGradient.attach(network, Definition.with(Method.EXACT, b -> b.damping(DAMPING)
                .divergenceGuard(DivergenceGuard.DEFAULT)));
        network.fit(input(0), labels(0));
        network.fit(input(1), labels(1));
        List<INDArray> before = Models.state(network);
        assertThatThrownBy(() -> network.fit(input(2).assign(Double.NaN), labels(2)))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("the input");
        assertThat(Models.state(network)).isEqualTo(before);
    }

    /** Taken back again and again, training stops; the damping does not grow without bound. */
    @Test
    void divergenceAgainAndAgainStopsTraining() {
        MultiLayerNetwork network = Models.softmax(settings -> settings.updater(new Sgd(1e4)));
        NaturalGradient ngd = NaturalGradient.attach(network, Definition.with(Method.EXACT, b -> b.damping(1e-3)
                .stepScaling(StepScaling.NONE)
                .divergenceGuard(new DivergenceGuard(1.5, 1.01, 1))));
        assertThatThrownBy(() -> {
                    for (int step = 0; step < 200; step++) {
                        network.fit(input(step % 2), labels(step % 2));
                    }
                })
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("5 in a row");
        assertThat(ngd.skippedSteps()).isGreaterThanOrEqualTo(5);
    }

    /** Inverses that fail on their own thread are made anew, with remedies, and named. */
    @Test
    void asynchronousInversesThatFailAreMadeAnew() {
        int[] left = {0};
        Kfac kfac = Kfac.builder()
                .damping(DAMPING)
                .gradualStart(false)
                .factorInterval(1)
                .inverseInterval(2)
                .asynchronousInverses(true)
                .build();
        MultiLayerNetwork network = network();
        UpdaterSlot slot = UpdaterSlot.of(network);
        LinearizedNetwork linearized = slot.live().compile(kfac.batchStatistics());
        LinearAlgebra provider = Faults.before(LinearAlgebra.best(), operation -> {
            if (Thread.currentThread().getName().startsWith("kfac") || left[0]-- > 0) {
                throw new NotPositiveDefiniteException("indefinite by request", 1, -1, null);
            }
        });
        NaturalGradient ngd =
                NaturalGradient.attach(slot, linearized, new Preconditioner(kfac, linearized, slot.live(), provider));
        List<String> notes = new ArrayList<>();
        for (int batch = 0; batch < 8; batch++) {
            network.fit(input(batch), labels(batch));
            notes.add(ngd.lastDiagnostics().orElseThrow().note());
        }
        assertThat(notes).anySatisfy(note -> assertThat(note).contains("indefinite by request"));
        left[0] = 1000;
        assertThatThrownBy(() -> {
                    for (int batch = 0; batch < 8; batch++) {
                        network.fit(input(batch), labels(batch));
                    }
                })
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("could not be solved");
    }

    @Test
    void tooManyFailuresInARowStopTraining() {
        MultiLayerNetwork network = network();
        NaturalGradient.attach(network, Definition.with(Method.EXACT, b -> b.damping(DAMPING)
                .onFailure(FailurePolicy.SKIP)
                .maxFailures(3)));
        List<INDArray> before = Models.state(network);
        INDArray broken = input(0).assign(Double.NaN);
        network.fit(broken, labels(0));
        network.fit(broken, labels(0));
        assertThatThrownBy(() -> network.fit(broken, labels(0)))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("3 in a row");
        assertThat(Models.state(network)).isEqualTo(before);
    }

    /** Finds the first matrices indefinite, as many as it is told. */
    private static NaturalGradient attached(
            MultiLayerNetwork network, NaturalGradientConfiguration configuration, int failures) {
        int[] left = {failures};
        LinearAlgebra provider = Faults.before(LinearAlgebra.best(), operation -> {
            if (left[0]-- > 0) {
                throw new NotPositiveDefiniteException("indefinite by request", 1, -1, null);
            }
        });
        UpdaterSlot slot = UpdaterSlot.of(network);
        LinearizedNetwork linearized = slot.live().compile(configuration.batchStatistics());
        return NaturalGradient.attach(
                slot, linearized, new Preconditioner(configuration, linearized, slot.live(), provider));
    }

    @Test
    void remediesAreTriedInTurnAndNamed() {
        List<String> remedies =
                List.of("ten times the damping", "a hundred times the damping", "float64", "clipped eigenvalues");
        int attempts = 1;
        for (String remedy : remedies) {
            MultiLayerNetwork network = network();
            NaturalGradient ngd = attached(network, Definition.damped(Method.EXACT, DAMPING), attempts);
            network.fit(input(0), labels(0));
            assertThat(ngd.lastDiagnostics().orElseThrow().note())
                    .contains(remedy)
                    .contains("indefinite by request");
            network.fit(input(1), labels(1));
            assertThat(ngd.lastDiagnostics().orElseThrow().note()).isEmpty();
            attempts++;
        }
    }

    @Test
    void whatNoRemedySolvesIsAFailure() {
        MultiLayerNetwork network = network();
        attached(network, Definition.damped(Method.EXACT, DAMPING), 1000);
        List<INDArray> before = Models.state(network);
        assertThatThrownBy(() -> network.fit(input(0), labels(0)))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("could not be solved")
                .hasMessageContaining("Raise the damping");
        assertThat(Models.state(network)).isEqualTo(before);
    }

    /** A learning rate that blows the loss up: with the guard training ends below where it began. */
    @Test
    void aDivergingStepIsTakenBack() {
        double[] last = new double[2];
        for (int guarded = 0; guarded < 2; guarded++) {
            DivergenceGuard guard = guarded == 1 ? new DivergenceGuard(1.5, 10, 0.999) : null;
            MultiLayerNetwork network = Models.softmax(settings -> settings.updater(new Sgd(25)));
            NaturalGradient ngd = NaturalGradient.attach(network, Definition.with(Method.EXACT, b -> b.damping(0.01)
                    .stepScaling(StepScaling.NONE)
                    .divergenceGuard(guard)
                    .maxFailures(20)));
            double first = 0;
            for (int step = 0; step < 40; step++) {
                network.fit(input(0), labels(0));
                first = step == 0 ? network.score() : first;
            }
            network.fit(input(0), labels(0));
            last[guarded] = network.score();
            if (guarded == 1) {
                assertThat(ngd.skippedSteps()).isBetween(1L, 20L);
                assertThat(last[1]).isLessThan(first);
            }
        }
        assertThat(last[1]).isLessThan(last[0]);
    }

    /** What is taken back is parameters and updater state, to the bit. */
    @Test
    void whatIsTakenBackIsEverything() {
        MultiLayerNetwork network = Models.softmax(settings -> settings.updater(new Adam(0.01)));
        NaturalGradient ngd = NaturalGradient.attach(network, Definition.with(Method.EXACT, b -> b.damping(DAMPING)
                .divergenceGuard(DivergenceGuard.DEFAULT)));
        network.fit(input(0), labels(0));
        network.fit(input(1), labels(1));
        List<INDArray> before = Models.state(network);
        network.setLearningRate(50);
        network.fit(input(2), labels(2));
        assertThat(Models.state(network)).isNotEqualTo(before);
        network.fit(input(3), labels(3));
        assertThat(Models.state(network)).isEqualTo(before);
        assertThat(ngd.skippedSteps()).isEqualTo(1);
    }

    /**
     * Minibatches and models at the edge; every method takes three steps that are finite and change something, or says
     * why not.
     */
    private record Edge(String name, MultiLayerNetwork network, INDArray x, INDArray y) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static MultiLayerNetwork of(
            DataType type, Activation hidden, int width, int outputs, Consumer<MultiLayerNetwork> change) {
        MultiLayerNetwork network = Models.of(
                settings -> settings.dataType(type).updater(new Sgd(0.5)),
                new DenseLayer.Builder().nIn(IN).nOut(width).activation(hidden).build(),
                new DenseLayer.Builder()
                        .nIn(width)
                        .nOut(width)
                        .activation(hidden)
                        .build(),
                new OutputLayer.Builder(outputs == 1 ? LossFunction.XENT : LossFunction.MCXENT)
                        .nIn(width)
                        .nOut(outputs)
                        .activation(outputs == 1 ? Activation.SIGMOID : Activation.SOFTMAX)
                        .build());
        change.accept(network);
        return network;
    }

    private static INDArray oneHot(int samples, int outputs, int... classes) {
        INDArray y = Nd4j.zeros(DataType.DOUBLE, samples, outputs);
        for (int n = 0; n < samples; n++) {
            y.putScalar(n, classes[n % classes.length], 1);
        }
        return y;
    }

    static Stream<Edge> edges() {
        return Stream.of(DataType.DOUBLE, DataType.FLOAT).flatMap(type -> {
            INDArray x = input(1).castTo(type);
            INDArray y = labels(1).castTo(type);
            INDArray same = Nd4j.ones(type, 6, IN);
            INDArray dead = x.dup();
            dead.getColumn(2).assign(0);
            return Stream.of(
                    new Edge(type + " inputs without variance", of(type, Activation.TANH, 5, OUT, n -> {}), same, y),
                    new Edge(type + " an input that is always 0", of(type, Activation.TANH, 5, OUT, n -> {}), dead, y),
                    new Edge(
                            type + " dead ReLU units",
                            of(type, Activation.RELU, 5, OUT, n -> n.getParam("0_b")
                                    .putScalar(1, -1e3)),
                            x,
                            y),
                    new Edge(
                            type + " a layer of dead ReLU units",
                            of(type, Activation.RELU, 5, OUT, n -> n.getParam("1_b")
                                    .assign(-1e3)),
                            x,
                            y),
                    new Edge(
                            type + " duplicate samples",
                            of(type, Activation.TANH, 5, OUT, n -> {}),
                            Nd4j.tile(x.getRow(0, true), 6, 1),
                            oneHot(6, OUT, 0, 1).castTo(type)),
                    new Edge(
                            type + " a batch of one",
                            of(type, Activation.TANH, 5, OUT, n -> {}),
                            x.getRow(0, true).dup(),
                            y.getRow(0, true).dup()),
                    new Edge(
                            type + " a class absent",
                            of(type, Activation.TANH, 5, OUT, n -> {}),
                            x,
                            oneHot(6, OUT, 0, 1).castTo(type)),
                    new Edge(
                            type + " saturated logits",
                            of(type, Activation.TANH, 5, OUT, n -> n.getParam("2_W")
                                    .muli(400)),
                            x,
                            y),
                    new Edge(
                            type + " a saturated sigmoid",
                            of(type, Activation.TANH, 5, 1, n -> n.getParam("2_b")
                                    .assign(300)),
                            x,
                            oneHot(6, 1, 0).muli(0).castTo(type)),
                    new Edge(type + " width 1", of(type, Activation.TANH, 1, OUT, n -> {}), x, y),
                    new Edge(
                            type + " N C above P",
                            of(type, Activation.TANH, 1, OUT, n -> {}),
                            Nd4j.concat(0, x, input(2).castTo(type), input(3).castTo(type)),
                            Nd4j.concat(0, y, labels(2).castTo(type), labels(3).castTo(type))),
                    new Edge(
                            type + " N C below P",
                            of(type, Activation.TANH, 40, OUT, n -> {}),
                            x.getRow(0, true).dup(),
                            y.getRow(0, true).dup()));
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("edges")
    void minibatchesAtTheEdge(Edge edge) {
        INDArray start = edge.network().params().dup();
        for (Method method : Method.values()) {
            for (NaturalGradientConfiguration configuration : List.of(
                    Definition.damped(method, 1e-3),
                    Kfac.builder().damping(1e-3).build())) {
                edge.network().setParams(start);
                boolean hasGradient;
                try (NaturalGradient ngd = NaturalGradient.attach(edge.network(), configuration)) {
                    for (int step = 0; step < 3; step++) {
                        edge.network().fit(edge.x(), edge.y());
                        assertThat(ngd.lastDiagnostics().orElseThrow().step())
                                .as(configuration.methodName())
                                .isFinite();
                    }
                    // DL4J's own gradient of a saturated sigmoid is zero
                    hasGradient = ngd.lastDiagnostics().orElseThrow().gradientNorm() > 0;
                }
                INDArray end = edge.network().params();
                assertThat(end.sumNumber().doubleValue())
                        .as(configuration.methodName())
                        .isFinite();
                if (hasGradient) {
                    assertThat(end).as(configuration.methodName()).isNotEqualTo(start);
                }
            }
        }
    }

    /** The last minibatch of an epoch is often shorter. */
    @ParameterizedTest
    @EnumSource(Method.class)
    void aShortLastMinibatch(Method method) {
        MultiLayerNetwork network = network();
        NaturalGradient ngd = NaturalGradient.attach(network, Definition.damped(method, DAMPING));
        for (int samples : new int[] {6, 2, 6, 1}) {
            network.fit(
                    input(samples)
                            .get(NDArrayIndex.interval(0, samples), NDArrayIndex.all())
                            .dup(),
                    labels(samples)
                            .get(NDArrayIndex.interval(0, samples), NDArrayIndex.all())
                            .dup());
            assertThat(ngd.lastDiagnostics().orElseThrow().samples()).isEqualTo(samples);
        }
        assertThat(network.params().sumNumber().doubleValue()).isFinite();
    }

    @Test
    void halfPrecisionIsRefusedWithAReason() {
        MultiLayerNetwork network = Models.of(
                settings -> settings.dataType(DataType.FLOAT16),
                dense(IN, 5),
                output(5, LossFunction.MCXENT, Activation.SOFTMAX));
        for (Method method : Method.values()) {
            assertThatThrownBy(() -> NaturalGradient.attach(network, Definition.damped(method, DAMPING)))
                    .isInstanceOf(UnsupportedModelException.class)
                    .hasMessageContaining("HALF")
                    .hasMessageContaining("convertDataType");
        }
    }

    @Test
    void linearAlgebraErrorsOfOtherKindsAreFailures() {
        MultiLayerNetwork network = network();
        LinearAlgebra provider = Faults.before(LinearAlgebra.best(), operation -> {
            throw new LinearAlgebraException("broken " + operation);
        });
        UpdaterSlot slot = UpdaterSlot.of(network);
        NaturalGradientConfiguration exact = Definition.damped(Method.EXACT, DAMPING);
        LinearizedNetwork linearized = slot.live().compile(exact.batchStatistics());
        NaturalGradient.attach(slot, linearized, new Preconditioner(exact, linearized, slot.live(), provider));
        assertThatThrownBy(() -> network.fit(input(0), labels(0)))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("broken cholesky");
    }
}
