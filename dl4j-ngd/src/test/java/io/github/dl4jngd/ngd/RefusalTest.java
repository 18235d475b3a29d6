package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Models.IN;
import static io.github.dl4jngd.ngd.Models.OUT;
import static io.github.dl4jngd.ngd.Models.SAMPLES;
import static io.github.dl4jngd.ngd.Models.dense;
import static io.github.dl4jngd.ngd.Models.input;
import static io.github.dl4jngd.ngd.Models.labels;
import static io.github.dl4jngd.ngd.Models.output;
import static io.github.dl4jngd.ngd.Models.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.updater.MultiLayerUpdater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossFMeasure;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/** What is refused is named, and changes nothing: not the parameters, not the updater, not the steps after it. */
class RefusalTest {

    private static final double DAMPING = 0.05;

    static Stream<Arguments> unsupportedModels() {
        return Stream.of(
                Arguments.of(
                        Models.of(
                                s -> {},
                                dense(IN, 5),
                                new ElementWiseMultiplicationLayer.Builder()
                                        .nIn(5)
                                        .nOut(5)
                                        .build(),
                                output(5, LossFunction.MCXENT, Activation.SOFTMAX)),
                        "Layer 1: ElementWiseMultiplicationLayer"),
                Arguments.of(
                        Models.of(
                                s -> {},
                                dense(IN, 5),
                                new org.deeplearning4j.nn.conf.layers.OutputLayer.Builder(new LossFMeasure())
                                        .nIn(5)
                                        .nOut(1)
                                        .activation(Activation.SIGMOID)
                                        .build()),
                        "no sum over samples"),
                Arguments.of(
                        Models.of(
                                s -> {},
                                new DenseLayer.Builder()
                                        .name("hidden")
                                        .nIn(IN)
                                        .nOut(5)
                                        .activation(Activation.RRELU)
                                        .build(),
                                output(5, LossFunction.MCXENT, Activation.SOFTMAX)),
                        "Layer 0 (hidden)"),
                Arguments.of(
                        Models.of(
                                s -> {},
                                dense(IN, 5),
                                new org.deeplearning4j.nn.conf.layers.OutputLayer.Builder(
                                                new LossMCXENT(Nd4j.createFromArray(1.0, -2, 3)))
                                        .nIn(5)
                                        .nOut(OUT)
                                        .activation(Activation.SOFTMAX)
                                        .build()),
                        "weights"),
                Arguments.of(Models.softmax(s -> s.optimizationAlgo(OptimizationAlgorithm.LBFGS)), "LBFGS"),
                Arguments.of(truncated(), "TruncatedBPTT"),
                Arguments.of(allFrozen(), "frozen"));
    }

    private static MultiLayerNetwork truncated() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list(dense(IN, 5), output(5, LossFunction.MCXENT, Activation.SOFTMAX))
                .backpropType(BackpropType.TruncatedBPTT)
                .build());
        network.init();
        return network;
    }

    private static MultiLayerNetwork allFrozen() {
        return new TransferLearning.Builder(Models.of(
                        s -> {},
                        dense(IN, 5),
                        dense(5, OUT),
                        new LossLayer.Builder(LossFunction.MSE)
                                .activation(Activation.IDENTITY)
                                .build()))
                .setFeatureExtractor(1)
                .build();
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("unsupportedModels")
    void unsupportedModelsAreRefusedByName(MultiLayerNetwork network, String named) {
        Updater updater = network.getUpdater();
        INDArray before = network.params().dup();
        for (Method method : Method.values()) {
            assertThatThrownBy(() -> NaturalGradient.attach(network, Definition.damped(method, DAMPING)))
                    .isInstanceOf(UnsupportedModelException.class)
                    .hasMessageContaining(named);
        }
        assertThat(network.getUpdater()).isSameAs(updater);
        assertThat(network.params()).isEqualTo(before);
    }

    @Test
    void aSecondNaturalGradientIsRefused() {
        MultiLayerNetwork network = Models.softmax();
        NaturalGradient first = NaturalGradient.attach(network, Definition.damped(Method.EXACT, DAMPING));
        assertThatThrownBy(() -> NaturalGradient.attach(network, Definition.damped(Method.KFAC, DAMPING)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("detach");
        assertThat(first.isAttached()).isTrue();
    }

    private static final class ForeignUpdater extends MultiLayerUpdater {
        private static final long serialVersionUID = 1L;

        ForeignUpdater(MultiLayerNetwork network) {
            super(network);
        }
    }

    @Test
    void anotherUpdaterIsRefused() {
        MultiLayerNetwork network = Models.softmax();
        Updater foreign = new ForeignUpdater(network);
        network.setUpdater(foreign);
        assertThatThrownBy(() -> NaturalGradient.attach(network, Definition.damped(Method.EXACT, DAMPING)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ForeignUpdater");
        assertThat(network.getUpdater()).isSameAs(foreign);
    }

    private interface Fit {
        void run(MultiLayerNetwork network);
    }

    /** Two good steps, a refused one, two good steps: all as if the refused one had never been tried. */
    private static Throwable refused(NaturalGradientConfiguration configuration, Fit bad) {
        MultiLayerNetwork network = Models.softmax(s -> s.updater(new Nesterovs(0.1, 0.9)));
        MultiLayerNetwork untroubled = Models.softmax(s -> s.updater(new Nesterovs(0.1, 0.9)));
        for (MultiLayerNetwork each : List.of(network, untroubled)) {
            NaturalGradient.attach(each, configuration);
            each.fit(input(0), labels(0));
            each.fit(input(1), labels(1));
        }
        List<INDArray> before = state(network);
        Throwable thrown = catchThrowable(() -> bad.run(network));
        assertThat(thrown).isNotNull();
        assertThat(state(network)).isEqualTo(before);
        for (MultiLayerNetwork each : List.of(network, untroubled)) {
            each.fit(input(2), labels(2));
            each.fit(input(3), labels(3));
        }
        assertThat(state(network)).isEqualTo(state(untroubled));
        return thrown;
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void notANumberInTheInput(Method method) {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            INDArray x = input(5);
            x.putScalar(2, 1, bad);
            Throwable thrown = refused(Definition.damped(method, DAMPING), network -> network.fit(x, labels(5)));
            assertThat(thrown)
                    .isInstanceOf(NaturalGradientException.class)
                    .hasMessageContaining("Iteration 2")
                    .hasMessageContaining("NaN");
        }
    }

    @Test
    void notANumberWhileFactorsAreAveraged() {
        INDArray x = input(5);
        x.putScalar(2, 1, Double.NaN);
        Throwable thrown = refused(Kfac.builder().damping(DAMPING).build(), network -> network.fit(x, labels(5)));
        assertThat(thrown).isInstanceOf(NaturalGradientException.class).hasMessageContaining("Iteration 2");
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void labelsThatDoNotSumToOne(Method method) {
        INDArray y = labels(5);
        y.putScalar(3, 0, 0.5);
        y.putScalar(3, 1, 0.1);
        y.putScalar(3, 2, 0.1);
        Throwable thrown = refused(Definition.damped(method, DAMPING), network -> network.fit(input(5), y));
        assertThat(thrown)
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("Iteration 2")
                .hasMessageContaining("sample 3")
                .hasMessageContaining("0.7");
    }

    @Test
    void labelsThatDoNotSumToOneWhileDampingAdapts() {
        INDArray y = labels(5).mul(2);
        Throwable thrown = refused(
                Definition.with(Method.EXACT, b -> b.damping(DAMPING)
                        .adaptiveDamping(new LevenbergMarquardt(2, 0.5, 0.25, 0.75, 1e-8, 1e3))),
                network -> network.fit(input(5), y));
        assertThat(thrown).isInstanceOf(NaturalGradientException.class);
    }

    @Test
    void labelsOfAnotherShape() {
        refused(
                Definition.damped(Method.EXACT, DAMPING),
                network -> network.fit(input(5), Nd4j.ones(DataType.DOUBLE, SAMPLES, OUT + 1)));
        refused(
                Definition.damped(Method.EXACT, DAMPING),
                network -> network.fit(input(5), Nd4j.ones(DataType.DOUBLE, SAMPLES - 1, OUT)));
    }

    /** The next minibatch, which has no mask, is clean. */
    @Test
    void masksThatAreNoWeights() {
        INDArray mask = Nd4j.ones(DataType.DOUBLE, SAMPLES, 1);
        mask.putScalar(1, 0, -1);
        assertThat(refused(
                        Definition.damped(Method.EXACT, DAMPING),
                        network -> network.fit(input(5), labels(5), null, mask)))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("Iteration 2")
                .hasMessageContaining("not negative");
        assertThat(refused(
                        Definition.damped(Method.EXACT, DAMPING),
                        network -> network.fit(input(5), labels(5), mask, null)))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("zeros and ones");
    }

    /** A mask of ones changes no bit. */
    @ParameterizedTest
    @EnumSource(Method.class)
    void aMaskOfOnesIsNone(Method method) {
        MultiLayerNetwork masked = Models.softmax();
        MultiLayerNetwork plain = Models.softmax();
        INDArray ones = Nd4j.ones(DataType.DOUBLE, SAMPLES, 1);
        NaturalGradient.attach(masked, Definition.damped(method, DAMPING));
        NaturalGradient.attach(plain, Definition.damped(method, DAMPING));
        for (int step = 0; step < 3; step++) {
            masked.fit(input(step), labels(step), ones, ones);
            plain.fit(input(step), labels(step));
        }
        assertThat(state(masked)).isEqualTo(state(plain));
    }

    /** Damping that a schedule brings to zero where the form for any gradient divides by it. */
    @Test
    void dampingThatRunsOut() {
        var schedule = new org.nd4j.linalg.schedule.MapSchedule(
                org.nd4j.linalg.schedule.ScheduleType.ITERATION, java.util.Map.of(0, 0.1, 1, 0.0));
        MultiLayerNetwork network = Models.softmax();
        NaturalGradient.attach(network, Definition.with(Method.EXACT, b -> b.fisherType(FisherType.MONTE_CARLO)
                .dampingSchedule(schedule)));
        network.fit(input(0), labels(0));
        INDArray before = network.params().dup();
        assertThatThrownBy(() -> network.fit(input(1), labels(1)))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("Iteration 1")
                .hasMessageContaining("damping");
        assertThat(network.params()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void momentumIsKeptAcrossAttachAndDetach(Method method) {
        for (var updater : List.of(new Nesterovs(0.1, 0.9), new Adam(0.05))) {
            MultiLayerNetwork network = Models.softmax(s -> s.updater(updater));
            MultiLayerNetwork plain = Models.softmax(s -> s.updater(updater));
            for (int step = 0; step < 3; step++) {
                network.fit(input(step), labels(step));
                plain.fit(input(step), labels(step));
            }
            NaturalGradient ngd = NaturalGradient.attach(network, Definition.damped(method, DAMPING));
            assertThat(state(network)).isEqualTo(state(plain));
            network.fit(input(3), labels(3));
            List<INDArray> trained = state(network);
            assertThat(trained).isNotEqualTo(state(plain));
            ngd.detach();
            assertThat(ngd.isAttached()).isFalse();
            assertThat(state(network)).isEqualTo(trained);
            assertThat(network.getUpdater().getClass()).isEqualTo(MultiLayerUpdater.class);
            assertThatThrownBy(ngd::detach).isInstanceOf(IllegalStateException.class);

            plain.setParams(trained.get(0));
            plain.getUpdater().getStateViewArray().assign(trained.get(1));
            plain.setIterationCount(network.getIterationCount());
            for (int step = 4; step < 7; step++) {
                network.fit(input(step), labels(step));
                plain.fit(input(step), labels(step));
                assertThat(state(network)).isEqualTo(state(plain));
            }
        }
    }

    @Test
    void attachingAndDetachingLeavesTrainingAsItWas() {
        MultiLayerNetwork network =
                Models.softmax(s -> s.updater(new Adam(0.05)).dropOut(new Dropout(0.8)));
        MultiLayerNetwork plain = Models.softmax(s -> s.updater(new Adam(0.05)).dropOut(new Dropout(0.8)));
        Nd4j.getRandom().setSeed(3);
        network.fit(input(0), labels(0));
        NaturalGradient.attach(network, Definition.damped(Method.KFAC, DAMPING)).close();
        network.fit(input(1), labels(1));
        network.fit(input(2), labels(2));
        Nd4j.getRandom().setSeed(3);
        plain.fit(input(0), labels(0));
        plain.fit(input(1), labels(1));
        plain.fit(input(2), labels(2));
        assertThat(state(network)).isEqualTo(state(plain));
    }

    @Test
    void replacementOfTheUpdaterIsNoticed() {
        MultiLayerNetwork network = Models.softmax(s -> s.updater(new Sgd(0.5)));
        NaturalGradient ngd = NaturalGradient.attach(network, Definition.damped(Method.EXACT, DAMPING));
        MultiLayerNetwork clone = network.clone();
        assertThat(ngd.isAttached()).isTrue();
        assertThat(clone.getUpdater()).isExactlyInstanceOf(MultiLayerUpdater.class);
        network.setLearningRate(0.1);
        assertThat(ngd.isAttached()).isTrue();
        ngd.close();
        assertThatThrownBy(ngd::detach).isInstanceOf(IllegalStateException.class);
        assertThat(network.getUpdater()).isExactlyInstanceOf(MultiLayerUpdater.class);
        NaturalGradient again = NaturalGradient.attach(network, Definition.damped(Method.EXACT, DAMPING));
        assertThat(again.isAttached()).isTrue();
        assertThat(ngd.isAttached()).isFalse();
    }

    @Test
    void registrationOfEveryLayer() {
        MultiLayerNetwork network = new TransferLearning.Builder(Models.of(
                        s -> {},
                        dense(IN, 5),
                        new org.deeplearning4j.nn.conf.layers.ActivationLayer(Activation.RELU),
                        new DenseLayer.Builder()
                                .name("middle")
                                .nIn(5)
                                .nOut(7)
                                .hasBias(false)
                                .activation(Activation.TANH)
                                .build(),
                        output(7, LossFunction.MCXENT, Activation.SOFTMAX)))
                .setFeatureExtractor(0)
                .build();
        for (Method method : Method.values()) {
            MultiLayerNetwork model = network.clone();
            Registration registration = NaturalGradient.attach(model, Definition.damped(method, DAMPING))
                    .registration()
                    .forSamples(32);
            assertThat(registration.blocks())
                    .extracting(Registration.Block::parameters)
                    .containsExactly(25L, 0L, 35L, 24L);
            assertThat(registration.blocks())
                    .extracting(Registration.Block::inputs)
                    .containsExactly(0L, 0L, 5L, 8L);
            assertThat(registration.blocks())
                    .extracting(Registration.Block::outputs)
                    .containsExactly(0L, 0L, 7L, 3L);
            assertThat(registration.blocks().get(0).block()).contains("frozen");
            assertThat(registration.blocks().get(1).block()).isEqualTo("no parameters");
            assertThat(registration.blocks().get(1).type()).isEqualTo("ActivationLayer");
            assertThat(registration.blocks().get(2).layer()).isEqualTo("2 (middle)");
            assertThat(registration.blocks().get(0).memory()).isZero();
            assertThat(registration.blocks().get(2).memory()).isPositive();
            assertThat(registration.blocks().get(3).memory()).isPositive();
            assertThat(registration.memory())
                    .isEqualTo(registration.sharedMemory()
                            + registration.blocks().stream()
                                    .mapToLong(Registration.Block::memory)
                                    .sum());
            assertThat(registration.samples()).isEqualTo(32);
            String table = registration.toString();
            assertThat(table.lines()).hasSize(3 + 1 + 4 + (registration.sharedMemory() > 0 ? 1 : 0) + 1);
            assertThat(table)
                    .contains(
                            Definition.damped(method, DAMPING).methodName(),
                            "0.05",
                            "softmax cross-entropy",
                            "2 (middle)")
                    .contains("5 × 7", "8 × 3", "frozen", "no parameters", "minibatch size 32", " 84 ");
        }
    }

    /** The exact method: captured rows a layer, and for all layers three [NC, NC] matrices in float64. */
    @Test
    void memoryGrowsWithTheMinibatchAsDocumented() {
        MultiLayerNetwork network = Models.softmax();
        long n = 32;
        Registration registration = NaturalGradient.attach(network, Definition.damped(Method.EXACT, DAMPING))
                .registration()
                .forSamples((int) n);
        long gram = 8 * (n * OUT) * (n * OUT);
        assertThat(registration.blocks().get(0).memory()).isEqualTo(8 * n * ((IN + 1) + OUT * 5));
        assertThat(registration.sharedMemory()).isEqualTo(3 * gram);
        assertThat(Arrays.stream(Method.values())
                        .map(method -> NaturalGradient.attach(Models.softmax(), Definition.damped(method, DAMPING))
                                .registration()
                                .forSamples(64)
                                .memory()))
                .allSatisfy(memory -> assertThat(memory).isPositive());
    }
}
