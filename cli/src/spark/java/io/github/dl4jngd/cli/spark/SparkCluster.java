package io.github.dl4jngd.cli.spark;

import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.ngd.NaturalGradientConfiguration;
import io.github.dl4jngd.spark.DistributedFisher;
import io.github.dl4jngd.spark.Shards;
import io.github.dl4jngd.spark.SparkCheck;
import io.github.dl4jngd.spark.SparkNaturalGradient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.dataset.DataSet;

/** Spark's executors, with samples as files that all of them read. */
final class SparkCluster implements Cluster {

    private static final Duration DEADLINE = Duration.ofMinutes(2);
    private static final int SHARD = 256;

    private final JavaSparkContext spark;
    private final Path folder;
    private final String description;
    private int written;

    /** Found by its name. */
    public static final class Connector implements Provider {

        @Override
        public Cluster connect(String master, Path folder) throws IOException {
            SparkConf configuration =
                    new SparkConf().setMaster(master).setAppName("ngd").set("spark.ui.enabled", "false");
            if (!master.startsWith("local")) {
                // executors load what this program does, from the same paths; sums have the bits of one thread a task
                configuration.setIfMissing("spark.executor.extraClassPath", System.getProperty("java.class.path"));
                configuration.setIfMissing("spark.executorEnv.OMP_NUM_THREADS", "1");
                configuration.setIfMissing("spark.executorEnv.OPENBLAS_NUM_THREADS", "1");
            }
            JavaSparkContext spark = new JavaSparkContext(configuration);
            try {
                return new SparkCluster(spark, folder);
            } catch (RuntimeException | IOException e) {
                spark.stop();
                throw e;
            }
        }
    }

    private SparkCluster(JavaSparkContext spark, Path folder) throws IOException {
        this.spark = spark;
        this.description = SparkCheck.run(spark, DEADLINE).toString().strip();
        // a folder of this run's own, which is taken away with it
        if (folder == null) {
            this.folder = Files.createTempDirectory("ngd-shards");
        } else {
            Files.createDirectories(folder);
            this.folder = Files.createTempDirectory(folder, "ngd-shards");
        }
    }

    @Override
    public String description() {
        return description;
    }

    private Shards shards(DataSet data) throws IOException {
        Path own = folder.resolve(String.valueOf(written++));
        Shards.write(data, SHARD, own);
        return Shards.files(spark, own, 2 * spark.defaultParallelism()).persist();
    }

    @Override
    public Training train(
            Model model, NaturalGradientConfiguration configuration, DataSet data, int batchSize, long seed)
            throws IOException {
        Shards shards = shards(data);
        SparkNaturalGradient attached = SparkNaturalGradient.attach(spark, model, configuration);
        Shards.Minibatches minibatches = shards.minibatches(batchSize, seed);
        return new Training() {

            private int epoch;
            private Iterator<List<Integer>> steps = List.<List<Integer>>of().iterator();

            @Override
            public NaturalGradient attached() {
                return attached.naturalGradient();
            }

            @Override
            public void beginEpoch() {
                steps = minibatches.epoch(epoch++).iterator();
            }

            @Override
            public boolean hasNext() {
                return steps.hasNext();
            }

            @Override
            public void step() {
                attached.step(shards, steps.next());
            }

            @Override
            public void close() {
                attached.close();
                shards.unpersist();
            }
        };
    }

    @Override
    public SymmetricOperator fisher(Model model, DataSet data) throws IOException {
        return DistributedFisher.of(spark, model, shards(data));
    }

    @Override
    public void close() {
        spark.stop();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
