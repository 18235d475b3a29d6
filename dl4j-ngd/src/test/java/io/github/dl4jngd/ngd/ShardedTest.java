package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.network.shard.LocalShards;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Steps whose minibatch lies in shards are the steps of its union. */
class ShardedTest {

    private static final int SAMPLES = 40;
    private static final double DAMPING = 0.1;

    private static DataSet data(long seed) {
        Random random = new Random(seed);
        INDArray x = normal(random, 1, DataType.DOUBLE, SAMPLES, Models.IN);
        return new DataSet(x, labels(random));
    }

    private static INDArray labels(Random random) {
        INDArray y = Nd4j.zeros(DataType.DOUBLE, SAMPLES, Models.OUT);
        for (int n = 0; n < SAMPLES; n++) {
            y.putScalar(n, random.nextInt(Models.OUT), 1);
        }
        return y;
    }

    private static NaturalGradientConfiguration configuration(Method method, FisherType type) {
        return switch (method) {
            case KFAC ->
                Kfac.builder()
                        .fisherType(type)
                        .damping(DAMPING)
                        .inverseInterval(3)
                        .build();
            case EKFAC ->
                Ekfac.builder()
                        .fisherType(type)
                        .damping(DAMPING)
                        .inverseInterval(3)
                        .build();
            case EXACT -> ExactNaturalGradient.builder().damping(DAMPING).build();
            case LAYER_WISE ->
                LayerWiseNaturalGradient.builder().damping(DAMPING).build();
            case BLOCK_TRI_DIAGONAL -> BlockTriDiagonalNaturalGradient.defaults();
            case UNIT_WISE -> UnitWiseNaturalGradient.defaults();
        };
    }

    private static LocalShards shards(ShardedNaturalGradient sharded, DataSet data, int samples) {
        return new LocalShards(sharded.shardNetwork(), LocalShards.cut(data, samples));
    }

    private static MultiLayerNetwork network() {
        return Models.softmax(
                settings -> settings.updater(new Nesterovs(0.5, 0.9)).l2(1e-3));
    }

    /** Several steps of each method, against the natural gradient of the union. */
    @ParameterizedTest
    @EnumSource(
            value = Method.class,
            names = {"KFAC", "EKFAC", "EXACT", "LAYER_WISE"})
    void stepsAreThoseOfTheUnion(Method method) {
        NaturalGradientConfiguration options = configuration(method, FisherType.TRUE);
        MultiLayerNetwork whole = network();
        MultiLayerNetwork apart = network();
        NaturalGradient attached = NaturalGradient.attach(whole, options);
        ShardedNaturalGradient sharded = ShardedNaturalGradient.attach(apart, options);
        INDArray before = whole.params().dup();
        boolean averaged = options instanceof KroneckerConfiguration;
        for (int step = 0; step < 5; step++) {
            DataSet data = data(step);
            whole.fit(data);
            sharded.step(shards(sharded, data, 7));
            assertThat(apart.score()).isCloseTo(whole.score(), within(averaged ? 1e-8 : 1e-3));
        }
        // conjugate gradients stop at a relative residual of 1e-4
        double limit = averaged ? 1e-6 : 1e-3;
        assertThat(apart.params().sub(whole.params()).norm2Number().doubleValue())
                .isLessThan(limit * whole.params().sub(before).norm2Number().doubleValue());
        assertThat(apart.getIterationCount()).isEqualTo(5);
        StepDiagnostics own = sharded.naturalGradient().lastDiagnostics().orElseThrow();
        StepDiagnostics expected = attached.lastDiagnostics().orElseThrow();
        assertThat(own.samples()).isEqualTo(SAMPLES);
        assertThat(own.loss()).isCloseTo(averaged ? own.loss() : expected.loss(), within(1e-3));
        assertThat(own.step()).isCloseTo(expected.step(), within(1e-3 * expected.step()));
    }

    /** As many shards or one: a Monte-Carlo Fisher differs by its labels, which belong to the shard. */
    @Test
    void theLossFallsWithDrawnLabels() {
        MultiLayerNetwork apart = network();
        ShardedNaturalGradient sharded =
                ShardedNaturalGradient.attach(apart, configuration(Method.KFAC, FisherType.MONTE_CARLO));
        DataSet data = data(1);
        double before = apart.score(data);
        for (int step = 0; step < 20; step++) {
            sharded.step(shards(sharded, data, 10));
        }
        assertThat(apart.score(data)).isLessThan(0.8 * before);
    }

    /** A checkpoint has all that the next steps depend on: the labels come from the iteration. */
    @ParameterizedTest
    @EnumSource(
            value = Method.class,
            names = {"KFAC", "EKFAC"})
    void goesOnFromACheckpointToTheBit(Method method, @TempDir Path folder) throws IOException {
        MultiLayerNetwork apart = network();
        ShardedNaturalGradient sharded =
                ShardedNaturalGradient.attach(apart, configuration(method, FisherType.MONTE_CARLO));
        for (int step = 0; step < 7; step++) {
            sharded.step(shards(sharded, data(step), 9));
        }
        sharded.naturalGradient().save(folder.resolve("checkpoint.zip"));
        ShardedNaturalGradient resumed = ShardedNaturalGradient.restore(folder.resolve("checkpoint.zip"));
        for (int step = 7; step < 14; step++) {
            sharded.step(shards(sharded, data(step), 9));
            resumed.step(shards(resumed, data(step), 9));
        }
        assertThat(((MultiLayerNetwork) resumed.naturalGradient().model()).params())
                .isEqualTo(apart.params());
    }

    /** The error names the shard; nothing is changed, and the next step is made. */
    @Test
    void aBrokenShardIsNamed() {
        MultiLayerNetwork apart = network();
        MultiLayerNetwork other = network();
        ShardedNaturalGradient sharded =
                ShardedNaturalGradient.attach(apart, configuration(Method.KFAC, FisherType.MONTE_CARLO));
        ShardedNaturalGradient undisturbed =
                ShardedNaturalGradient.attach(other, configuration(Method.KFAC, FisherType.MONTE_CARLO));
        sharded.step(shards(sharded, data(0), 8));
        undisturbed.step(shards(undisturbed, data(0), 8));
        INDArray before = apart.params().dup();
        DataSet broken = data(1);
        broken.getFeatures().putScalar(20, 1, Double.POSITIVE_INFINITY);
        assertThatThrownBy(() -> sharded.step(shards(sharded, broken, 8)))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("input of shard 2");
        assertThat(apart.params()).isEqualTo(before);
        sharded.step(shards(sharded, data(2), 8));
        undisturbed.step(shards(undisturbed, data(2), 8));
        assertThat(apart.params()).isEqualTo(other.params());
    }

    /** One shard of a network with ghost batches is DL4J's minibatch: gradient, curvature and running statistics. */
    @Test
    void oneGhostBatchIsAMinibatch() {
        Kfac options = Kfac.builder()
                .fisherType(FisherType.TRUE)
                .damping(DAMPING)
                .batchStatistics(BatchStatistics.CONSTANT)
                .build();
        MultiLayerNetwork whole = normalized();
        MultiLayerNetwork apart = normalized();
        NaturalGradient.attach(whole, options);
        ShardedNaturalGradient sharded = ShardedNaturalGradient.attach(apart, options);
        INDArray before = whole.params().dup();
        for (int step = 0; step < 4; step++) {
            DataSet data = images(step);
            whole.fit(data);
            sharded.step(shards(sharded, data, SAMPLES));
        }
        assertThat(apart.params().sub(whole.params()).norm2Number().doubleValue())
                .isLessThan(1e-6 * whole.params().sub(before).norm2Number().doubleValue());
        // which began at zero
        assertThat(apart.getLayer(1).getParam("mean").norm2Number().doubleValue())
                .isPositive();
    }

    /** With running statistics these stay what they are, and the loss falls. */
    @Test
    void runningStatisticsStay() {
        MultiLayerNetwork apart = normalized();
        ShardedNaturalGradient sharded = ShardedNaturalGradient.attach(
                apart,
                Kfac.builder()
                        .damping(DAMPING)
                        .batchStatistics(BatchStatistics.RUNNING)
                        .build());
        INDArray mean = apart.getLayer(1).getParam("mean").dup();
        DataSet data = images(0);
        double first = Double.NaN;
        for (int step = 0; step < 10; step++) {
            sharded.step(shards(sharded, data, 10));
            first = step == 0 ? apart.score() : first;
        }
        assertThat(apart.score()).isLessThan(0.9 * first);
        assertThat(apart.getLayer(1).getParam("mean")).isEqualTo(mean);
    }

    private static MultiLayerNetwork normalized() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(1))
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build())
                .layer(new BatchNormalization())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(Models.OUT)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(5, 5, 1))
                .build());
        network.init();
        return network;
    }

    private static DataSet images(long seed) {
        Random random = new Random(seed);
        return new DataSet(normal(random, 1, DataType.DOUBLE, SAMPLES, 1, 5, 5), labels(random));
    }

    /** Listeners see score and iteration of a step; a rate that was set anew does not end the natural gradient. */
    @Test
    void listenersAndChangedRates() {
        MultiLayerNetwork apart = network();
        ShardedNaturalGradient sharded =
                ShardedNaturalGradient.attach(apart, configuration(Method.KFAC, FisherType.TRUE));
        List<Double> scores = new ArrayList<>();
        apart.addListeners(new BaseTrainingListener() {
            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
                scores.add(model.score());
            }
        });
        MultiLayerNetwork plain = network();
        for (int step = 0; step < 3; step++) {
            plain.setParams(apart.params().dup());
            double expected = plain.score(data(step), true);
            sharded.step(shards(sharded, data(step), 8));
            assertThat(scores.get(step)).isCloseTo(expected, within(1e-9));
            apart.setLearningRate(0.25);
        }
        assertThat(sharded.naturalGradient().lastDiagnostics().orElseThrow().iteration())
                .isEqualTo(2);
    }

    @Test
    void fitOnTheModelItselfIsRefused() {
        MultiLayerNetwork apart = network();
        ShardedNaturalGradient sharded =
                ShardedNaturalGradient.attach(apart, configuration(Method.KFAC, FisherType.TRUE));
        INDArray before = apart.params().dup();
        assertThatThrownBy(() -> apart.fit(data(0)))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("shards");
        assertThat(apart.params()).isEqualTo(before);
        sharded.close();
        apart.fit(data(0));
        assertThat(apart.params()).isNotEqualTo(before);
    }

    @Test
    void whatShardsDoNotAllowIsRefusedByName() {
        refused(UnitWiseNaturalGradient.defaults(), "unit-wise", "kfac");
        refused(BlockTriDiagonalNaturalGradient.defaults(), "block-tri-diagonal", "kfac");
        refused(
                Kfac.builder()
                        .factorDecay(0)
                        .factorInterval(1)
                        .inverseInterval(1)
                        .build(),
                "definition",
                "factor decay");
        refused(Kfac.builder().factorSamples(4).build(), "factorSamples", "factorInterval");
        refused(Kfac.builder().adaptiveDamping(LevenbergMarquardt.DEFAULT).build(), "Adaptive damping", "schedule");
        refused(
                ExactNaturalGradient.builder().fisherType(FisherType.EMPIRICAL).build(),
                "true Fisher",
                "conjugate gradients");
        MultiLayerNetwork coupled = normalized();
        assertThatThrownBy(() -> ShardedNaturalGradient.attach(coupled, Kfac.defaults()))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("CONSTANT");
        assertThat(NaturalGradient.of(coupled)).isEmpty();
        MultiLayerNetwork noisy = Models.softmax(settings -> settings.dropOut(0.5));
        assertThatThrownBy(() -> ShardedNaturalGradient.attach(noisy, Kfac.defaults()))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("dropout");
        MultiLayerNetwork summed = Models.softmax(settings -> settings.miniBatch(false));
        assertThatThrownBy(() -> ShardedNaturalGradient.attach(summed, Kfac.defaults()))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("miniBatch(true)");
    }

    private static void refused(NaturalGradientConfiguration configuration, String... words) {
        MultiLayerNetwork network = network();
        assertThatThrownBy(() -> ShardedNaturalGradient.attach(network, configuration))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContainingAll(words);
        assertThat(NaturalGradient.of(network)).isEmpty();
    }
}
