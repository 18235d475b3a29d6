package io.github.dl4jngd.fisher.network.shard;

import io.github.dl4jngd.fisher.curvature.SampleSums;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Shards in this process, worked on one after the other: what a distributed sum is compared with to the bit. */
public final class LocalShards implements ShardSums {

    private final ShardNetwork network;
    private final List<Shard> shards;

    /**
     * Shards of a network's data.
     *
     * @param network the compiled network
     * @param shards at least one
     */
    public LocalShards(ShardNetwork network, List<Shard> shards) {
        this.network = network;
        this.shards = List.copyOf(shards);
        if (shards.isEmpty()) {
            throw new IllegalArgumentException("A sum over shards needs at least one");
        }
    }

    /**
     * Cuts a data set into shards of so many samples, the last of fewer where they do not come out even.
     *
     * @param data features and labels, without masks
     * @param samples of a shard, at least 1
     * @return the shards, numbered from 0
     */
    public static List<Shard> cut(DataSet data, int samples) {
        if (samples < 1) {
            throw new IllegalArgumentException("A shard needs at least one sample, got " + samples);
        }
        Shard whole = Shard.of(0, data);
        List<Shard> shards = new ArrayList<>();
        for (long from = 0; from < whole.samples(); from += samples) {
            shards.add(part(whole, shards.size(), from, Math.min(whole.samples(), from + samples)));
        }
        return shards;
    }

    /** Some samples in a row. */
    static Shard part(Shard of, int index, long from, long to) {
        return new Shard(
                index,
                of.inputs().stream().map(own -> rows(own, from, to)).toList(),
                of.labels().stream().map(own -> rows(own, from, to)).toList());
    }

    private static INDArray rows(INDArray array, long from, long to) {
        INDArrayIndex[] indices = new INDArrayIndex[array.rank()];
        indices[0] = NDArrayIndex.interval(from, to);
        for (int i = 1; i < indices.length; i++) {
            indices[i] = NDArrayIndex.all();
        }
        return array.get(indices).dup('c');
    }

    @Override
    public SampleSums sum(ShardTask task, INDArray parameters, @Nullable INDArray direction) {
        SumTree tree = new SumTree(shards.size());
        for (int place = 0; place < shards.size(); place++) {
            tree.add(place, network.sum(shards.get(place), parameters, direction, task));
        }
        return tree.root();
    }

    @Override
    public int shards() {
        return shards.size();
    }

    @Override
    public long samples() {
        return shards.stream().mapToLong(Shard::samples).sum();
    }

    @Override
    public Shard example() {
        return part(shards.get(0), 0, 0, 1);
    }
}
