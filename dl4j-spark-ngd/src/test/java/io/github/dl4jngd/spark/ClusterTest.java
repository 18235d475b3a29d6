package io.github.dl4jngd.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.fisher.network.shard.LocalShards;
import io.github.dl4jngd.fisher.network.shard.Shard;
import io.github.dl4jngd.fisher.network.shard.ShardNetwork;
import io.github.dl4jngd.fisher.network.shard.ShardedFisher;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.ShardedNaturalGradient;
import io.github.dl4jngd.spectral.estimate.PowerIteration;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Executors as processes of their own: the bits of one process, and faults that change nothing. */
@Tag("spark-cluster")
class ClusterTest {

    private static final Duration DEADLINE = Duration.ofMinutes(3);
    private static final int COUNT = 8;
    private static final int SAMPLES = 256;
    private static final int INPUTS = 784;
    private static final int STEPS = 12;

    private static DataSet digits(int index) {
        return Networks.samples(index, SAMPLES, DataType.FLOAT, INPUTS);
    }

    private static DataSet images(int index) {
        return Networks.samples(index, 16, DataType.FLOAT, 3, 8, 8);
    }

    /** 784-512-512-4. */
    private static MultiLayerNetwork perceptron() {
        return Networks.perceptron(DataType.FLOAT, INPUTS, 512, 512);
    }

    private static MultiLayerNetwork smallPerceptron() {
        return Networks.perceptron(DataType.FLOAT, INPUTS, 32);
    }

    private static Kfac.Builder kfac() {
        return Kfac.builder().damping(0.05).factorInterval(2).inverseInterval(4);
    }

    private static List<Integer> all() {
        return IntStream.range(0, COUNT).boxed().toList();
    }

    private static List<Shard> local(ShardReader reader) {
        return all().stream()
                .map(index -> {
                    try {
                        return Shard.of(index, reader.read(index));
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                })
                .toList();
    }

    private static INDArray expected(Model model, Kfac options, ShardReader reader, int steps) {
        try (ShardedNaturalGradient sharded = ShardedNaturalGradient.attach(model, options)) {
            LocalShards shards = new LocalShards(sharded.shardNetwork(), local(reader));
            for (int step = 0; step < steps; step++) {
                sharded.step(shards);
            }
        }
        return model.params();
    }

    /** λ_max and steps of a perceptron and of ResNet-8, over 1, 2 and 3 executors and 1, 4 and 16 partitions. */
    @Test
    void executorsAndPartitionsChangeNoBit() {
        ShardNetwork network = ShardNetwork.of(perceptron(), BatchStatistics.RUNNING);
        double top = power(new ShardedFisher(network.network(), new LocalShards(network, local(ClusterTest::digits))));
        Kfac ghosts = kfac().batchStatistics(BatchStatistics.CONSTANT).build();
        INDArray dense = expected(perceptron(), kfac().build(), ClusterTest::digits, 2);
        INDArray residual = expected(Networks.resNet8(DataType.FLOAT), ghosts, ClusterTest::images, 2);
        for (int executors = 1; executors <= 3; executors++) {
            try (JavaSparkContext spark = Contexts.cluster(executors)) {
                SparkCheck.run(spark, DEADLINE);
                for (int partitions : new int[] {1, 4, 16}) {
                    Shards digits = Shards.of(spark, COUNT, partitions, ClusterTest::digits)
                            .persist();
                    try (DistributedFisher fisher = DistributedFisher.of(spark, perceptron(), digits)) {
                        assertThat(power(fisher)).isEqualTo(top);
                    }
                    assertThat(trained(spark, perceptron(), kfac().build(), digits, 2))
                            .isEqualTo(dense);
                    digits.unpersist();
                }
                Shards images = Shards.of(spark, COUNT, 4, ClusterTest::images);
                assertThat(trained(spark, Networks.resNet8(DataType.FLOAT), ghosts, images, 2))
                        .isEqualTo(residual);
            }
        }
    }

    private static double power(io.github.dl4jngd.fisher.linalg.SymmetricOperator fisher) {
        return PowerIteration.defaults().estimate(fisher).value();
    }

    private static INDArray trained(JavaSparkContext spark, Model model, Kfac options, Shards data, int steps) {
        try (SparkNaturalGradient ngd = SparkNaturalGradient.attach(spark, model, options)) {
            for (int step = 0; step < steps; step++) {
                ngd.step(data, all());
            }
        }
        return model.params();
    }

    /** An executor is killed in the middle of a step: it is made again elsewhere, with the same bits. */
    @Test
    void anExecutorThatIsKilledChangesNoBit() {
        MultiLayerNetwork model = smallPerceptron();
        try (JavaSparkContext spark = Contexts.cluster(2)) {
            List<ExecutorReport.Executor> executors =
                    SparkCheck.run(spark, DEADLINE).executors();
            assertThat(executors).hasSize(2);
            long driver = ProcessHandle.current().pid();
            assertThat(executors)
                    .allSatisfy(executor -> assertThat(executor.process()).isNotEqualTo(driver));
            AtomicBoolean killed = new AtomicBoolean();
            Shards data = Shards.of(spark, COUNT, 4, index -> {
                        // long enough to be hit in the middle of a job that reads again
                        Thread.sleep(50);
                        return digits(index);
                    })
                    .persist();
            try (SparkNaturalGradient ngd = SparkNaturalGradient.attach(spark, model, kfac().build())) {
                for (int step = 0; step < STEPS; step++) {
                    if (step == STEPS / 2) {
                        Thread killer = new Thread(() -> {
                            ProcessHandle.of(executors.get(0).process()).ifPresent(ProcessHandle::destroyForcibly);
                            killed.set(true);
                        });
                        killer.start();
                    }
                    ngd.step(data, all());
                }
            }
            assertThat(killed).isTrue();
            assertThat(ProcessHandle.of(executors.get(0).process())).isEmpty();
        }
        assertThat(model.params()).isEqualTo(expected(smallPerceptron(), kfac().build(), ClusterTest::digits, STEPS));
    }

    /** A checkpoint of one cluster goes on, on a cluster of another size. */
    @Test
    void aCheckpointGoesOnOnAnotherCluster(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("checkpoint.zip");
        try (JavaSparkContext spark = Contexts.cluster(2)) {
            MultiLayerNetwork model = smallPerceptron();
            Shards data = Shards.of(spark, COUNT, 4, ClusterTest::digits).persist();
            try (SparkNaturalGradient ngd = SparkNaturalGradient.attach(spark, model, kfac().build())) {
                for (int step = 0; step < STEPS / 2; step++) {
                    ngd.step(data, all());
                }
                ngd.naturalGradient().save(file);
            }
        }
        try (JavaSparkContext spark = Contexts.cluster(1);
                SparkNaturalGradient ngd = SparkNaturalGradient.restore(spark, file)) {
            Shards data = Shards.of(spark, COUNT, 3, ClusterTest::digits).persist();
            for (int step = STEPS / 2; step < STEPS; step++) {
                ngd.step(data, all());
            }
            assertThat(ngd.naturalGradient().model().params())
                    .isEqualTo(expected(smallPerceptron(), kfac().build(), ClusterTest::digits, STEPS));
        }
    }

    /** Executors without this library's classes end no job by themselves; the check does. */
    @Test
    void aWrongClassPathIsNoticed() {
        try (JavaSparkContext spark = Contexts.cluster(1, "/nowhere")) {
            assertThatThrownBy(() -> SparkCheck.run(spark, Duration.ofMinutes(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("class path");
        }
    }

    /** A slow executor's tasks are run a second time by speculation, and nothing is counted twice. */
    @Test
    void aSlowTaskIsCountedOnce() {
        MultiLayerNetwork model = smallPerceptron();
        try (JavaSparkContext spark = Contexts.speculative(2)) {
            SparkCheck.run(spark, DEADLINE);
            Shards data = Shards.of(spark, COUNT, 8, index -> {
                if (index == 3 && org.apache.spark.TaskContext.get().attemptNumber() == 0) {
                    Thread.sleep(1500);
                }
                return digits(index);
            });
            trained(spark, model, kfac().build(), data, 2);
        }
        assertThat(model.params()).isEqualTo(expected(smallPerceptron(), kfac().build(), ClusterTest::digits, 2));
    }
}
