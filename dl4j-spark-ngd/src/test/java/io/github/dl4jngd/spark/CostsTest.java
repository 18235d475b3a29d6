package io.github.dl4jngd.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.curvature.KroneckerInverse;
import io.github.dl4jngd.fisher.curvature.SampleSums;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.jacobian.WeightSharing;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.network.shard.DrawnLabels;
import io.github.dl4jngd.fisher.network.shard.ShardSums;
import io.github.dl4jngd.fisher.network.shard.ShardTask;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Prints what jobs cost on executors of this machine: the table of docs/spark.md. Asserts nothing of time. */
@Tag("slow")
@Tag("spark-cluster")
class CostsTest {

    private static final int SAMPLES = 512;
    private static final int SHARDS = 16;
    private static final int REPETITIONS = 15;

    private final List<String> lines = new ArrayList<>();

    private static KroneckerFisher.Options options() {
        return new KroneckerFisher.Options(
                0.95, KroneckerInverse.CHOLESKY, false, WeightSharing.EXPAND, KroneckerFisher.Options.UNLIMITED);
    }

    @Test
    void jobs() throws IOException {
        lines.add("| executors | samples | job | bytes of the sums | least ms | tasks' ms then |");
        lines.add("| --- | --- | --- | --- | --- | --- |");
        for (int executors = 1; executors <= 2; executors++) {
            try (JavaSparkContext spark = Contexts.cluster(executors)) {
                SparkCheck.run(spark, Duration.ofMinutes(3));
                measure(spark, executors);
            }
        }
        Path file = Path.of("target", "costs.md");
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, lines);
        assertThat(lines).hasSizeGreaterThan(10);
    }

    private void measure(JavaSparkContext spark, int executors) {
        MultiLayerNetwork model = Networks.perceptron(DataType.FLOAT, 784, 512, 512);
        Shards data = Shards.of(
                        spark, SHARDS, 2 * executors, index -> Networks.samples(index, SAMPLES, DataType.FLOAT, 784))
                .persist();
        data.count();
        long empty = Long.MAX_VALUE;
        for (int i = 0; i < 20 * REPETITIONS; i++) {
            long start = System.nanoTime();
            spark.parallelize(List.of(1, 2), executors).count();
            empty = Math.min(empty, System.nanoTime() - start);
        }
        line(executors, 0, "empty", 0, empty, 0);
        DrawnLabels labels = new DrawnLabels(FisherType.MONTE_CARLO, 1, 1, 1);
        for (int shards : new int[] {1, 4, 16}) {
            SparkSums sums = new SparkSums(spark, model, BatchStatistics.RUNNING);
            ShardSums part = sums.over(data, IntStream.range(0, shards).boxed().toList());
            job(executors, sums, part, "loss", ShardTask.loss(), model);
            job(executors, sums, part, "gradient", ShardTask.gradient(), model);
            ShardTask factors = ShardTask.gradient().withFactors(options(), labels, Parameterization.standard());
            job(executors, sums, part, "gradient and factors", factors, model);
            job(executors, sums, part, "the model along v", ShardTask.tangent(), model);
            job(executors, sums, part, "F v", ShardTask.product(), model);
            sums.close();
        }
    }

    private void job(
            int executors, SparkSums sums, ShardSums part, String name, ShardTask task, MultiLayerNetwork model) {
        INDArray theta = model.params().dup();
        INDArray v = model.params().dup();
        long best = Long.MAX_VALUE;
        long worked = 0;
        long bytes = 0;
        for (int i = 0; i < REPETITIONS; i++) {
            // another θ in every step
            theta.putScalar(0, i);
            long start = System.nanoTime();
            SampleSums found = part.sum(task, theta, v);
            long took = System.nanoTime() - start;
            bytes = found.bytes();
            if (took < best) {
                best = took;
                worked = sums.timing().lastTasks();
            }
        }
        line(executors, part.samples(), name, bytes, best, worked);
    }

    private void line(int executors, long samples, String name, long bytes, long nanoseconds, long worked) {
        lines.add(String.format(
                Locale.ROOT,
                "| %d | %,d | %s | %,d | %.0f | %.0f |",
                executors,
                samples,
                name,
                bytes,
                nanoseconds / 1e6,
                worked / 1e6));
    }
}
