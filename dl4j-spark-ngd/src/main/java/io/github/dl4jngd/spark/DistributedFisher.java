package io.github.dl4jngd.spark;

import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import io.github.dl4jngd.fisher.network.shard.ShardNetwork;
import io.github.dl4jngd.fisher.network.shard.ShardedFisher;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The true Fisher information matrix F = (1/N) Σ_n J_nᵀH_nJ_n of all samples of some shards, as an operator that every
 * estimator of {@code dl4j-spectral} takes: power iteration, Lanczos, densities, the trace by random vectors.
 *
 * <p>A product is one job: v goes to each executor, P numbers a few times the number of partitions come back. θ is
 * copied and sent once. Batch normalisations have their running statistics. The products have the same bits for any
 * number of executors and partitions, and those of {@code ShardedFisher} on one machine with the same shards.
 */
public final class DistributedFisher implements SymmetricOperator, AutoCloseable {

    private final ShardedFisher fisher;
    private final SparkSums sums;

    private DistributedFisher(ShardedFisher fisher, SparkSums sums) {
        this.fisher = fisher;
        this.sums = sums;
    }

    /**
     * The matrix at a model's present parameters.
     *
     * @param spark the context
     * @param model an initialised network or graph
     * @param data of that context, best persisted
     * @return the matrix
     * @throws io.github.dl4jngd.fisher.operation.UnsupportedModelException if something of the model is not covered,
     *     naming it
     */
    public static DistributedFisher of(JavaSparkContext spark, Model model, Shards data) {
        ShardNetwork network = ShardNetwork.of(model, BatchStatistics.RUNNING);
        SparkSums sums = new SparkSums(spark, model, BatchStatistics.RUNNING);
        return new DistributedFisher(
                new ShardedFisher(
                        network.network(),
                        sums.over(data, IntStream.range(0, data.count()).boxed().toList())),
                sums);
    }

    @Override
    public long length() {
        return fisher.length();
    }

    @Override
    public long dimension() {
        return fisher.dimension();
    }

    @Override
    public DataType dataType() {
        return fisher.dataType();
    }

    @Override
    public INDArray times(INDArray vector) {
        return fisher.times(vector);
    }

    @Override
    public INDArray project(INDArray vector) {
        return fisher.project(vector);
    }

    /** Takes back what was sent to executors; products send it again. */
    @Override
    public void close() {
        sums.close();
    }
}
