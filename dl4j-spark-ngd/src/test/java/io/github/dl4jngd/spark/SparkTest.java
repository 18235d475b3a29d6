package io.github.dl4jngd.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.network.shard.LocalShards;
import io.github.dl4jngd.fisher.network.shard.Shard;
import io.github.dl4jngd.fisher.network.shard.ShardNetwork;
import io.github.dl4jngd.fisher.network.shard.ShardedFisher;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import io.github.dl4jngd.ngd.Ekfac;
import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.ngd.NaturalGradientConfiguration;
import io.github.dl4jngd.ngd.NaturalGradientException;
import io.github.dl4jngd.ngd.ShardedNaturalGradient;
import io.github.dl4jngd.spectral.estimate.PowerIteration;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Sums, steps and products by Spark's jobs in this process are those of the same shards without Spark, to the bit. */
class SparkTest {

    private static final int COUNT = 9;
    private static final int SAMPLES = 12;

    private static JavaSparkContext spark;

    @BeforeAll
    static void start() {
        spark = Contexts.local();
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static DataSet flat(int index) {
        return Networks.samples(index, SAMPLES, DataType.FLOAT, Networks.INPUTS);
    }

    private static DataSet image(int index) {
        return Networks.samples(index, SAMPLES, DataType.FLOAT, 3, 8, 8);
    }

    private static Shards flats(int partitions) {
        return Shards.of(spark, COUNT, partitions, SparkTest::flat);
    }

    private static MultiLayerNetwork perceptron() {
        return Networks.perceptron(DataType.FLOAT, Networks.INPUTS, 16, 8);
    }

    private static Kfac.Builder kfac() {
        return Kfac.builder().damping(0.05).factorInterval(2).inverseInterval(3);
    }

    private static List<Integer> all() {
        return IntStream.range(0, COUNT).boxed().toList();
    }

    private static LocalShards local(ShardNetwork network, ShardReader reader, List<Integer> shards) throws Exception {
        List<Shard> own = new ArrayList<>();
        for (int index : shards) {
            own.add(Shard.of(index, reader.read(index)));
        }
        return new LocalShards(network, own);
    }

    private static INDArray parameters(Model model) {
        return model.params();
    }

    /** Steps of a model without Spark. */
    private static INDArray expected(
            Model model, NaturalGradientConfiguration options, ShardReader reader, List<List<Integer>> steps)
            throws Exception {
        try (ShardedNaturalGradient sharded = ShardedNaturalGradient.attach(model, options)) {
            for (List<Integer> step : steps) {
                sharded.step(local(sharded.shardNetwork(), reader, step));
            }
        }
        return parameters(model);
    }

    /** K-FAC with drawn labels, whole epochs by fit. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 16})
    void epochsAreThoseOfOneMachine(int partitions) throws Exception {
        MultiLayerNetwork model = perceptron();
        Shards data = flats(partitions).persist();
        Shards.Minibatches minibatches = data.minibatches(4 * SAMPLES, 3);
        assertThat(minibatches.steps()).isEqualTo(3);
        try (SparkNaturalGradient ngd = SparkNaturalGradient.attach(spark, model, kfac().build())) {
            ngd.fit(minibatches, 2);
        }
        List<List<Integer>> steps = new ArrayList<>(minibatches.epoch(0));
        steps.addAll(minibatches.epoch(1));
        assertThat(steps.get(0)).isNotEqualTo(steps.get(3));
        assertThat(parameters(model)).isEqualTo(expected(perceptron(), kfac().build(), SparkTest::flat, steps));
        assertThat(model.getIterationCount()).isEqualTo(6);
        assertThat(model.getEpochCount()).isEqualTo(2);
        data.unpersist();
    }

    /** E-KFAC's second moments are a job of their own. */
    @Test
    void secondMomentsAreThoseOfOneMachine() throws Exception {
        Ekfac options = Ekfac.builder()
                .damping(0.05)
                .factorInterval(2)
                .inverseInterval(4)
                .build();
        MultiLayerNetwork model = perceptron();
        Shards data = flats(3);
        try (SparkNaturalGradient ngd = SparkNaturalGradient.attach(spark, model, options)) {
            for (int step = 0; step < 4; step++) {
                ngd.step(data, all());
            }
        }
        assertThat(parameters(model))
                .isEqualTo(expected(perceptron(), options, SparkTest::flat, List.of(all(), all(), all(), all())));
    }

    /** Residual networks with ghost batches. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void residualNetworksAreThoseOfOneMachine(boolean drawn) throws Exception {
        Kfac options = kfac().batchStatistics(BatchStatistics.CONSTANT)
                .fisherType(drawn ? FisherType.MONTE_CARLO : FisherType.TRUE)
                .build();
        ComputationGraph model = Networks.resNet8(DataType.FLOAT);
        Shards data = Shards.of(spark, COUNT, 4, SparkTest::image);
        try (SparkNaturalGradient ngd = SparkNaturalGradient.attach(spark, model, options)) {
            ngd.step(data, all());
            ngd.step(data, all());
        }
        assertThat(parameters(model))
                .isEqualTo(
                        expected(Networks.resNet8(DataType.FLOAT), options, SparkTest::image, List.of(all(), all())));
    }

    /** A step in float64 is that of NaturalGradient.attach on the union of all shards. */
    @Test
    void aStepIsThatOfTheUnion() {
        Kfac options = kfac().fisherType(FisherType.TRUE).build();
        ShardReader reader = index -> Networks.samples(index, SAMPLES, DataType.DOUBLE, Networks.INPUTS);
        MultiLayerNetwork whole = Networks.perceptron(DataType.DOUBLE, Networks.INPUTS, 16, 8);
        MultiLayerNetwork apart = Networks.perceptron(DataType.DOUBLE, Networks.INPUTS, 16, 8);
        INDArray before = whole.params().dup();
        DataSet union = DataSet.merge(all().stream()
                .map(index -> Networks.samples(index, SAMPLES, DataType.DOUBLE, Networks.INPUTS))
                .toList());
        NaturalGradient.attach(whole, options);
        Shards data = Shards.of(spark, COUNT, 4, reader);
        try (SparkNaturalGradient ngd = SparkNaturalGradient.attach(spark, apart, options)) {
            for (int step = 0; step < 3; step++) {
                whole.fit(union);
                ngd.step(data, all());
            }
        }
        assertThat(apart.params().sub(whole.params()).norm2Number().doubleValue())
                .isLessThan(1e-6 * whole.params().sub(before).norm2Number().doubleValue());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 16})
    void productsAndTheLargestEigenvalueAreThoseOfOneMachine(int partitions) throws Exception {
        MultiLayerNetwork model = perceptron();
        ShardNetwork network = ShardNetwork.of(model, BatchStatistics.RUNNING);
        ShardedFisher here = new ShardedFisher(network.network(), local(network, SparkTest::flat, all()));
        try (DistributedFisher there = DistributedFisher.of(spark, model, flats(partitions))) {
            INDArray v = Nd4j.linspace(-1, 1, there.length(), DataType.FLOAT);
            assertThat(there.times(v)).isEqualTo(here.times(v));
            double top = PowerIteration.defaults().estimate(there).value();
            assertThat(top).isEqualTo(PowerIteration.defaults().estimate(here).value());
            assertThat(there.dimension()).isEqualTo(model.numParams());
        }
    }

    /** Where Spark has Kryo, which breaks ND4J's arrays, nothing of ours is sent as one. */
    @Test
    void anotherPartitionAndACheckpointChangeNothing(@TempDir Path folder) throws Exception {
        MultiLayerNetwork model = perceptron();
        Path file = folder.resolve("checkpoint.zip");
        Shards two = flats(2);
        Shards.Minibatches first = two.minibatches(3 * SAMPLES, 5);
        try (SparkNaturalGradient ngd = SparkNaturalGradient.attach(spark, model, kfac().build())) {
            ngd.fit(first, 1);
            List<List<Integer>> second = first.epoch(1);
            ngd.step(two, second.get(0));
            ngd.naturalGradient().save(file);
            // the rest of the epoch, and one more
            ngd.fit(first, 2);
        }
        Shards.Minibatches again = flats(5).minibatches(3 * SAMPLES, 5);
        try (SparkNaturalGradient resumed = SparkNaturalGradient.restore(spark, file)) {
            resumed.fit(again, 2);
            assertThat(parameters(resumed.naturalGradient().model())).isEqualTo(parameters(model));
        }
        assertThat(model.getIterationCount()).isEqualTo(9);
        assertThat(model.getEpochCount()).isEqualTo(3);
    }

    /** The error names the shard, θ is untouched, and no task is tried again for it. */
    @Test
    void aBrokenShardIsNamed() {
        MultiLayerNetwork model = perceptron();
        INDArray before = model.params().dup();
        Shards broken = Shards.of(spark, COUNT, 3, index -> {
            DataSet data = flat(index);
            if (index == 5) {
                data.getFeatures().putScalar(2, 3, Float.NaN);
            }
            return data;
        });
        try (SparkNaturalGradient ngd = SparkNaturalGradient.attach(spark, model, kfac().build())) {
            assertThatThrownBy(() -> ngd.step(broken, all()))
                    .isInstanceOf(NaturalGradientException.class)
                    .hasMessageContaining("input of shard 5");
            assertThat(model.params()).isEqualTo(before);
        }
    }

    /** Every third task fails the first time: the same bits. */
    @Test
    void tasksThatFailAreTriedAgain() throws Exception {
        MultiLayerNetwork model = perceptron();
        Shards failing = Shards.of(spark, COUNT, 9, index -> {
            TaskContext task = TaskContext.get();
            if (task.attemptNumber() == 0 && (task.stageId() + task.partitionId()) % 3 == 0) {
                throw new IOException("by request");
            }
            return flat(index);
        });
        try (SparkNaturalGradient ngd = SparkNaturalGradient.attach(spark, model, kfac().build())) {
            ngd.step(failing, all());
            ngd.step(failing, all());
        }
        assertThat(parameters(model))
                .isEqualTo(expected(perceptron(), kfac().build(), SparkTest::flat, List.of(all(), all())));
    }

    /** A task that fails for good ends the step, with θ as it was, and the next goes on. */
    @Test
    void aShardThatCannotBeReadEndsTheStep() throws Exception {
        MultiLayerNetwork model = perceptron();
        INDArray before = model.params().dup();
        Shards good = flats(3);
        int[] readable = {COUNT};
        Shards.Minibatches minibatches = good.minibatches(COUNT * SAMPLES, 1);
        assertThat(minibatches.steps()).isEqualTo(1);
        Shards unreadable = Shards.of(spark, COUNT, 3, index -> {
            if (index == 7 && TaskContext.get().getLocalProperty("broken") != null) {
                throw new IOException("shard 7 is gone");
            }
            return flat(index);
        });
        assertThat(unreadable.count()).isEqualTo(readable[0]);
        try (SparkNaturalGradient ngd = SparkNaturalGradient.attach(spark, model, kfac().build())) {
            spark.setLocalProperty("broken", "yes");
            assertThatThrownBy(() -> ngd.step(unreadable, all())).hasMessageContaining("shard 7 is gone");
            spark.setLocalProperty("broken", null);
            assertThat(model.params()).isEqualTo(before);
            ngd.step(unreadable, all());
        }
        assertThat(parameters(model))
                .isEqualTo(expected(perceptron(), kfac().build(), SparkTest::flat, List.of(all())));
    }

    /** Examples of an RDD, in whatever partitions and elements they come, make the same shards. */
    @Test
    void shardsOfAnRddAreThoseOfItsOrder() throws Exception {
        DataSet union = DataSet.merge(all().stream().map(SparkTest::flat).toList());
        List<Shard> cut = LocalShards.cut(union, 25);
        MultiLayerNetwork model = perceptron();
        ShardNetwork network = ShardNetwork.of(model, BatchStatistics.RUNNING);
        INDArray v = Nd4j.linspace(-1, 1, model.numParams(), DataType.FLOAT);
        INDArray here = new ShardedFisher(network.network(), new LocalShards(network, cut)).times(v);
        for (int partitions : new int[] {1, 3}) {
            Shards shards = Shards.of(spark.parallelize(all(), partitions).map(index -> flat(index)), 25);
            assertThat(shards.count()).isEqualTo(cut.size());
            assertThat(shards.samples()).isEqualTo((long) COUNT * SAMPLES);
            try (DistributedFisher there = DistributedFisher.of(spark, model, shards)) {
                assertThat(there.times(v)).isEqualTo(here);
            }
        }
    }

    @Test
    void shardsAreWrittenAndRead(@TempDir Path folder) throws Exception {
        DataSet union = DataSet.merge(all().stream().map(SparkTest::flat).toList());
        assertThat(Shards.write(union, 25, folder)).isEqualTo(5);
        MultiLayerNetwork model = perceptron();
        ShardNetwork network = ShardNetwork.of(model, BatchStatistics.RUNNING);
        INDArray v = Nd4j.linspace(-1, 1, model.numParams(), DataType.FLOAT);
        INDArray here =
                new ShardedFisher(network.network(), new LocalShards(network, LocalShards.cut(union, 25))).times(v);
        try (DistributedFisher there = DistributedFisher.of(spark, model, Shards.files(spark, folder, 2))) {
            assertThat(there.times(v)).isEqualTo(here);
        }
        assertThatThrownBy(() -> Shards.files(spark, folder.resolve("empty"), 2))
                .isInstanceOf(IOException.class);
    }

    /** Broadcasts and RDDs are those of the data after many steps. */
    @Test
    void nothingIsLeftBehind() {
        MultiLayerNetwork model = perceptron();
        Shards data = flats(2).persist();
        try (SparkNaturalGradient ngd = SparkNaturalGradient.attach(spark, model, kfac().build())) {
            for (int step = 0; step < 30; step++) {
                ngd.step(data, List.of(step % COUNT, (step + 1) % COUNT));
            }
        }
        assertThat(spark.getPersistentRDDs()).hasSize(1);
        data.unpersist();
        assertThat(spark.getPersistentRDDs()).isEmpty();
        // taken back in the background
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (broadcasts() > 8 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(broadcasts()).isLessThanOrEqualTo(8);
    }

    private static int broadcasts() {
        return spark.sc()
                .env()
                .blockManager()
                .getMatchingBlockIds(id -> id.isBroadcast())
                .size();
    }

    @Test
    void theCheckReportsAndHasADeadline() {
        ExecutorReport report = SparkCheck.run(spark, Duration.ofMinutes(1));
        assertThat(report.executors()).singleElement().satisfies(executor -> {
            assertThat(executor.backend()).isEqualTo("CpuBackend");
            assertThat(executor.process()).isEqualTo(ProcessHandle.current().pid());
            assertThat(executor.blasThreads()).isPositive();
        });
        assertThat(report.warnings()).isEmpty();
        assertThat(report.toString()).contains("CpuBackend");
        assertThatThrownBy(() -> SparkCheck.run(spark, Duration.ofMillis(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("class path");
    }

    @Test
    void whatCannotBeDistributedIsRefused() {
        assertThatThrownBy(() -> SparkNaturalGradient.attach(spark, Networks.resNet8(DataType.FLOAT), Kfac.defaults()))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("batchStatistics(CONSTANT)");
        assertThatThrownBy(() -> Shards.of(spark, 0, 1, SparkTest::flat)).hasMessageContaining("at least one shard");
        assertThatThrownBy(() -> flats(1).minibatches(0, 1)).hasMessageContaining("at least one sample");
    }

    @Test
    void minibatchesHaveEveryShardOnce() {
        Shards.Minibatches minibatches = flats(2).minibatches(2 * SAMPLES, 1);
        assertThat(minibatches.epoch(4).stream().flatMap(List::stream).sorted().toList())
                .isEqualTo(all());
        assertThat(minibatches.epoch(4)).isEqualTo(minibatches.epoch(4)).isNotEqualTo(minibatches.epoch(5));
        assertThat(minibatches.steps())
                .isEqualTo(5)
                .isEqualTo(minibatches.epoch(0).size());
        assertThat((double) flats(2).samples()).isCloseTo(COUNT * SAMPLES, within(0.0));
    }
}
