package io.github.dl4jngd.spark;

import io.github.dl4jngd.fisher.curvature.PlainArray;
import io.github.dl4jngd.fisher.curvature.SampleSums;
import io.github.dl4jngd.fisher.network.shard.Shard;
import io.github.dl4jngd.fisher.network.shard.ShardSums;
import io.github.dl4jngd.fisher.network.shard.ShardTask;
import io.github.dl4jngd.fisher.network.shard.SumTree;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Sums over shards by Spark's jobs, of one network. θ is sent when it has changed; what is sent and made for a job is
 * taken back after it.
 */
final class SparkSums implements AutoCloseable {

    private static final int COLD = 20;

    private final JavaSparkContext spark;
    private final Request.NetworkText network;
    /** θ as it was sent last, and where it is; null before the first. */
    private PlainArray sent;

    private Broadcast<Parcel> parameters;
    private final Timing timing = new Timing(COLD);

    /** How long jobs took, and how long their tasks worked, without the first jobs, which are those of a cold start. */
    static final class Timing {
        private final int cold;
        private long jobs;
        private long jobNanoseconds;
        private long taskNanoseconds;

        long warmJobs() {
            return jobs - cold;
        }

        double jobSeconds() {
            return jobNanoseconds / 1e9;
        }

        double taskSeconds() {
            return taskNanoseconds / 1e9;
        }

        private Timing(int cold) {
            this.cold = cold;
        }

        private void add(long job, long tasks) {
            jobs++;
            if (jobs > cold) {
                jobNanoseconds += job;
                taskNanoseconds += tasks;
            }
        }
    }

    SparkSums(JavaSparkContext spark, Model model, BatchStatistics statistics) {
        this.spark = spark;
        this.network = model instanceof ComputationGraph graph
                ? new Request.NetworkText(graph.getConfiguration().toJson(), true, statistics)
                : new Request.NetworkText(
                        ((MultiLayerNetwork) model).getLayerWiseConfigurations().toJson(), false, statistics);
    }

    Timing timing() {
        return timing;
    }

    /** The sums over some shards. */
    ShardSums over(Shards data, List<Integer> shards) {
        return new Part(data, List.copyOf(shards));
    }

    private final class Part implements ShardSums {

        private final Shards data;
        private final List<Integer> shards;

        private Part(Shards data, List<Integer> shards) {
            this.data = data;
            this.shards = shards;
        }

        @Override
        public SampleSums sum(ShardTask task, INDArray at, INDArray direction) {
            long start = System.nanoTime();
            Broadcast<Parcel> theta = sent(at);
            int[] concerned = shards.stream()
                    .mapToInt(data.layout()::partition)
                    .distinct()
                    .sorted()
                    .toArray();
            Broadcast<Parcel> request = spark.broadcast(Parcel.of(new Request(network, task, direction, shards)));
            SumTree tree = new SumTree(shards.size());
            long worked = 0;
            try {
                JavaRDD<byte[]> job = data.rdd().mapPartitions(new Work(theta, request));
                for (List<byte[]> partition : job.collectPartitions(concerned)) {
                    for (byte[] bytes : partition) {
                        Work.Sums sums = Parcel.unpack(bytes, Work.Sums.class);
                        sums.nodes().forEach(tree::add);
                        worked += sums.nanoseconds();
                    }
                }
            } finally {
                request.destroy();
            }
            SampleSums sums = tree.root();
            timing.add(System.nanoTime() - start, worked);
            return sums;
        }

        @Override
        public int shards() {
            return shards.size();
        }

        @Override
        public long samples() {
            return shards.stream().mapToLong(data.layout()::samples).sum();
        }

        @Override
        public Shard example() {
            return data.example();
        }
    }

    private Broadcast<Parcel> sent(INDArray at) {
        PlainArray numbers = PlainArray.of(at);
        if (!numbers.equals(sent)) {
            close();
            parameters = spark.broadcast(Parcel.of(numbers));
            sent = numbers;
        }
        return parameters;
    }

    @Override
    public void close() {
        if (parameters != null) {
            parameters.destroy();
            parameters = null;
            sent = null;
        }
    }
}
