package io.github.dl4jngd.fisher.network.shard;

import io.github.dl4jngd.fisher.curvature.SampleSums;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Samples in shards, wherever they lie, and what is summed over them. */
public interface ShardSums {

    /**
     * Sums over all samples, shard by shard, added by a {@link SumTree} whose places are the shards in their order.
     *
     * @param task what to sum
     * @param parameters θ, [P]; not modified
     * @param direction v, [P]; null where the task needs none
     * @return the sums, the same bits wherever the shards lie
     */
    SampleSums sum(ShardTask task, INDArray parameters, @Nullable INDArray direction);

    /**
     * The number of shards.
     *
     * @return at least 1
     */
    int shards();

    /**
     * The number of samples in all shards.
     *
     * @return N
     */
    long samples();

    /**
     * The first sample, which a model is shown where it has to have one at hand.
     *
     * @return a shard of one sample
     */
    Shard example();
}
