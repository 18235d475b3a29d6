package io.github.dl4jngd.fisher.network.shard;

import io.github.dl4jngd.fisher.curvature.SampleSums;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The true Fisher information matrix F = (1/N) Σ_n J_nᵀH_nJ_n of samples in shards, as a matrix that is known by its
 * products. A product costs one sum over the shards. Parameters are copied when it is made.
 */
public final class ShardedFisher implements SymmetricOperator {

    private final LinearizedNetwork network;
    private final ShardSums shards;
    private final INDArray parameters;

    /**
     * The matrix at a network's present parameters.
     *
     * @param network whose parameters and blocks
     * @param shards the samples
     */
    public ShardedFisher(LinearizedNetwork network, ShardSums shards) {
        this.network = network;
        this.shards = shards;
        this.parameters = network.parameters().dup();
    }

    @Override
    public long length() {
        return parameters.length();
    }

    /** The number of trainable parameters. */
    @Override
    public long dimension() {
        return network.blocks().stream().mapToLong(block -> block.parameters()).sum();
    }

    @Override
    public DataType dataType() {
        return parameters.dataType();
    }

    @Override
    public INDArray times(INDArray vector) {
        SampleSums sums = shards.sum(ShardTask.product(), parameters, vector);
        if (!sums.faults().isEmpty()) {
            throw new ArithmeticException(String.join("; ", sums.faults()));
        }
        return sums.vector(SampleSums.PRODUCT).divi(sums.samples());
    }

    @Override
    public INDArray project(INDArray vector) {
        INDArray projected = vector.ulike().assign(0);
        network.blocks().forEach(block -> block.write(block.read(vector), projected));
        return projected;
    }
}
