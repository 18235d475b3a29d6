package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import ch.qos.logback.classic.Level;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Minibatches of a few samples: with the defaults an epoch never ends above the loss that it began with. */
class FewSamplesTest {

    private static final int SAMPLES = 64;

    /** What is learnt. */
    private enum Task {
        CLASSES,
        VALUES;

        private DataSet data(long seed) {
            INDArray x = normal(new Random(seed), 1, DataType.FLOAT, SAMPLES, 6);
            INDArray y = Nd4j.zeros(DataType.FLOAT, SAMPLES, 3);
            for (int n = 0; n < SAMPLES; n++) {
                double first = x.getDouble(n, 0);
                double second = x.getDouble(n, 1);
                if (this == CLASSES) {
                    y.putScalar(n, first > 0.4 ? 0 : second > 0 ? 1 : 2, 1);
                } else {
                    y.putScalar(n, 0, first + second);
                    y.putScalar(n, 1, first * second);
                }
            }
            return new DataSet(x, y);
        }

        private MultiLayerNetwork network(long seed) {
            MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                    .seed(seed)
                    .updater(new Sgd(1.0))
                    .weightInit(WeightInit.XAVIER)
                    .activation(Activation.TANH)
                    .list()
                    .layer(new DenseLayer.Builder().nIn(6).nOut(8).build())
                    .layer(new DenseLayer.Builder().nIn(8).nOut(8).build())
                    .layer(new OutputLayer.Builder(this == CLASSES ? LossFunction.MCXENT : LossFunction.MSE)
                            .activation(this == CLASSES ? Activation.SOFTMAX : Activation.IDENTITY)
                            .nIn(8)
                            .nOut(3)
                            .build())
                    .build());
            network.init();
            return network;
        }
    }

    static Stream<Arguments> tasksAndSizes() {
        return Stream.of(Task.values()).flatMap(task -> Stream.of(1, 2, 4, 8).map(size -> Arguments.of(task, size)));
    }

    private static void assertEpochHelps(Task task, long seed, int size, NaturalGradientConfiguration configuration) {
        DataSet data = task.data(seed);
        MultiLayerNetwork network = task.network(seed);
        double before = network.score(data);
        NaturalGradient.attach(network, configuration);
        data.batchBy(size).forEach(network::fit);
        assertThat(network.score(data))
                .as("%s, minibatches of %d, seed %d, %s", task, size, seed, configuration.methodName())
                .isLessThan(before);
    }

    @ParameterizedTest
    @MethodSource("tasksAndSizes")
    void anEpochHelps(Task task, int size) {
        for (int seed = 1; seed <= 5; seed++) {
            assertEpochHelps(task, seed, size, Kfac.defaults());
        }
        assertEpochHelps(
                task,
                1,
                size,
                Kfac.builder().divergenceGuard(DivergenceGuard.DEFAULT).build());
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void withEveryMethod(Method method) {
        for (int seed = 1; seed <= 3; seed++) {
            assertEpochHelps(Task.CLASSES, seed, 1, method.builder().build());
            assertEpochHelps(Task.VALUES, seed, 4, method.builder().build());
        }
    }

    /** From 32 samples on nothing is different. */
    @ParameterizedTest
    @EnumSource(Method.class)
    void enoughSamplesAreAsEver(Method method) {
        MultiLayerNetwork limited = Task.CLASSES.network(1);
        MultiLayerNetwork unlimited = Task.CLASSES.network(1);
        NaturalGradientConfiguration.Builder<?> without = method.builder();
        without.limitsFewSamples(false);
        NaturalGradient.attach(limited, method.builder().build());
        NaturalGradient.attach(unlimited, without.build());
        for (DataSet minibatch : Task.CLASSES.data(1).batchBy(32)) {
            limited.fit(minibatch);
            unlimited.fit(minibatch);
        }
        assertThat(limited.params()).isEqualTo(unlimited.params());
    }

    /** ½⟨d, Hd⟩/N after shortening is N/32 of the loss, for a step that would have gone further. */
    @Test
    void theBoundIsMet() {
        MultiLayerNetwork limited = Task.VALUES.network(1);
        MultiLayerNetwork unlimited = Task.VALUES.network(1);
        NaturalGradientConfiguration.Builder<?> without = Kfac.builder();
        without.limitsFewSamples(false);
        NaturalGradient first = NaturalGradient.attach(limited, Kfac.defaults());
        NaturalGradient second = NaturalGradient.attach(unlimited, without.build());
        DataSet minibatch = Task.VALUES.data(1).batchBy(4).get(0);
        double loss = limited.score(minibatch);
        limited.fit(minibatch);
        unlimited.fit(minibatch);
        StepDiagnostics step = first.lastDiagnostics().orElseThrow();
        assertThat(step.step())
                .isLessThan(second.lastDiagnostics().orElseThrow().step());
        assertThat(step.loss()).isCloseTo(loss, withinPercentage(0.01));
        assertThat(step.predictedDivergence()).isCloseTo(4 * loss / 32, withinPercentage(0.1));
    }

    /** Whoever sets damping, step scaling or norm constraint decides, and hears of it once. */
    @Test
    void optionsThatAreSetDecide() {
        assertThat(Kfac.defaults().limitsFewSamples()).isTrue();
        assertThat(Kfac.builder().factorDecay(0.9).seed(3).build().limitsFewSamples())
                .isTrue();
        assertThat(Stream.<NaturalGradientConfiguration>of(
                        Kfac.builder().damping(Kfac.DEFAULT_DAMPING).build(),
                        Kfac.builder().relativeDamping(0.1).build(),
                        Kfac.builder().normConstraint(Double.POSITIVE_INFINITY).build(),
                        Kfac.builder()
                                .adaptiveDamping(LevenbergMarquardt.DEFAULT)
                                .build(),
                        Kfac.builder().stepScaling(StepScaling.MEASURED).build()))
                .allSatisfy(configuration ->
                        assertThat(configuration.limitsFewSamples()).isFalse());
        MultiLayerNetwork network = Task.VALUES.network(1);
        NaturalGradient.attach(network, Kfac.builder().damping(0.1).build());
        try (Logged logged = new Logged(NaturalGradient.class, Level.WARN)) {
            Task.VALUES.data(1).batchBy(8).forEach(network::fit);
            assertThat(logged.messages()).hasSize(1).allSatisfy(message -> assertThat(message)
                    .contains("Minibatches of 8 samples"));
        }
    }
}
