package io.github.dl4jngd.spark;

import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import io.github.dl4jngd.ngd.CheckpointException;
import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.ngd.NaturalGradientConfiguration;
import io.github.dl4jngd.ngd.NaturalGradientException;
import io.github.dl4jngd.ngd.ShardedNaturalGradient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A natural gradient whose sums over samples are Spark's jobs; everything else of a step happens in the model on the
 * driver, as ever.
 *
 * <pre>{@code
 * Shards data = Shards.of(spark, 118, 16, index -> read(index)).persist();
 * try (SparkNaturalGradient ngd = SparkNaturalGradient.attach(spark, net, Kfac.defaults())) {
 *     ngd.fit(data.minibatches(8192, seed), 3);
 * }
 * }</pre>
 *
 * <p>Methods and models are those of {@link ShardedNaturalGradient}, and so is the meaning of a step: it has the same
 * bits for any number of executors and partitions, and those of one machine with the same shards. A task that fails is
 * tried again by Spark; an executor that is lost takes nothing with it but what it had read. A driver that is lost goes
 * on from a checkpoint, which listeners such as {@code CheckpointListener} write.
 *
 * <p>It pays where a step's samples take longer than its jobs; {@link #fit} says in the log where they do not.
 */
public final class SparkNaturalGradient implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SparkNaturalGradient.class);

    /** Over how many jobs it is measured whether they pay. */
    private static final int MEASURED = 20;

    private final JavaSparkContext spark;
    private final ShardedNaturalGradient sharded;
    private final SparkSums sums;
    private boolean told;

    private SparkNaturalGradient(JavaSparkContext spark, ShardedNaturalGradient sharded) {
        this.spark = spark;
        this.sharded = sharded;
        this.sums = new SparkSums(
                spark,
                sharded.naturalGradient().model(),
                sharded.naturalGradient().configuration().batchStatistics());
    }

    /**
     * Puts a natural gradient over Spark's executors in front of a model's updaters.
     *
     * @param spark the context
     * @param model an initialised {@link MultiLayerNetwork} or {@link ComputationGraph}, on the driver
     * @param configuration K-FAC or E-KFAC; the exact or layer-wise method, by conjugate gradients
     * @return the attached natural gradient
     * @throws UnsupportedModelException if model or configuration cannot be distributed, naming what and what to use
     *     instead; the model is unchanged
     */
    public static SparkNaturalGradient attach(
            JavaSparkContext spark, Model model, NaturalGradientConfiguration configuration) {
        return new SparkNaturalGradient(spark, ShardedNaturalGradient.attach(model, configuration));
    }

    /**
     * Goes on from a checkpoint, on this or any other cluster: with the same data in the same shards, to the bit.
     *
     * @param spark the context
     * @param file what {@code NaturalGradient.save} or a {@code CheckpointListener} wrote
     * @return the natural gradient, attached to a new model, which is as it was
     * @throws CheckpointException if the file is no checkpoint, damaged, or of another version
     * @throws IOException when reading fails
     */
    public static SparkNaturalGradient restore(JavaSparkContext spark, Path file) throws IOException {
        return new SparkNaturalGradient(spark, ShardedNaturalGradient.restore(file));
    }

    /**
     * Trains for some epochs, from the model's epoch on. Where the model's iterations are of these minibatches and end
     * within an epoch, as after a checkpoint, the first epoch goes on from there.
     *
     * @param minibatches of any data
     * @param epochs at least one
     * @throws NaturalGradientException if training is to stop, for example because a shard has a NaN, which it names
     */
    public void fit(Shards.Minibatches minibatches, int epochs) {
        for (int i = 0; i < epochs; i++) {
            int epoch = epoch();
            int done = iteration() - epoch * minibatches.steps();
            boolean within = i == 0 && done > 0 && done < minibatches.steps();
            if (!within) {
                listeners().forEach(listener -> listener.onEpochStart(model()));
            }
            List<List<Integer>> steps = minibatches.epoch(epoch);
            for (List<Integer> shards : steps.subList(within ? done : 0, steps.size())) {
                step(minibatches.shards(), shards);
            }
            listeners().forEach(listener -> listener.onEpochEnd(model()));
            countEpoch();
        }
    }

    /**
     * Makes one step.
     *
     * @param data the shards
     * @param shards the indices of those that are the step's minibatch, in the order in which they are added
     * @throws NaturalGradientException if training is to stop
     */
    public void step(Shards data, List<Integer> shards) {
        sharded.step(sums.over(data, shards));
        tellWhetherItPays(sums.over(data, shards).samples());
    }

    /** Says once, when jobs are warm, where executors work for less than half of the time that jobs take. */
    private void tellWhetherItPays(long samples) {
        SparkSums.Timing timing = sums.timing();
        if (told || timing.warmJobs() < MEASURED) {
            return;
        }
        told = true;
        int cores = spark.defaultParallelism();
        double useful = timing.taskSeconds() / cores / timing.jobSeconds();
        if (useful < 0.5) {
            log.warn(String.format(
                    Locale.ROOT,
                    "Of the time that jobs of %d samples take, %.0f%% is work on %d cores, and the rest is sending and waiting; from about "
                            + "%.0f samples a step on it is half. Train with larger minibatches, or on one machine",
                    samples,
                    100 * useful,
                    cores,
                    samples * (1 - useful) / useful));
        }
    }

    private Model model() {
        return sharded.naturalGradient().model();
    }

    private Collection<TrainingListener> listeners() {
        return List.copyOf(
                model() instanceof MultiLayerNetwork network
                        ? network.getListeners()
                        : ((ComputationGraph) model()).getListeners());
    }

    private int iteration() {
        return model() instanceof MultiLayerNetwork network
                ? network.getIterationCount()
                : ((ComputationGraph) model()).getIterationCount();
    }

    private int epoch() {
        return model() instanceof MultiLayerNetwork network
                ? network.getEpochCount()
                : ((ComputationGraph) model()).getEpochCount();
    }

    private void countEpoch() {
        if (model() instanceof MultiLayerNetwork network) {
            network.incrementEpochCount();
        } else {
            ((ComputationGraph) model()).incrementEpochCount();
        }
    }

    /**
     * The natural gradient, with registration, diagnostics and checkpoints.
     *
     * @return what is attached to the model
     */
    public NaturalGradient naturalGradient() {
        return sharded.naturalGradient();
    }

    /** Detaches, and takes back what was sent to executors. */
    @Override
    public void close() {
        sums.close();
        sharded.close();
    }
}
