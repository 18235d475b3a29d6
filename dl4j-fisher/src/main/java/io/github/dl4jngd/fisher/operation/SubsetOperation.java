package io.github.dl4jngd.fisher.operation;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Part of the second axis: DL4J's SubsetVertex. */
final class SubsetOperation extends LinearOperation {

    private final long from;
    private final long to;

    /**
     * A range of channels.
     *
     * @param from the first channel
     * @param to the channel after the last
     */
    SubsetOperation(long from, long to) {
        this.from = from;
        this.to = to;
    }

    private INDArray part(INDArray array) {
        INDArrayIndex[] index = new INDArrayIndex[array.rank()];
        Arrays.fill(index, NDArrayIndex.all());
        index[1] = NDArrayIndex.interval(from, to);
        return array.get(index);
    }

    @Override
    INDArray apply(INDArray input) {
        return part(input).dup('c');
    }

    @Override
    INDArray adjoint(INDArray cotangents, long[] inputShape) {
        INDArray result = Nd4j.create(cotangents.dataType(), inputShape);
        part(result).assign(cotangents);
        return result;
    }
}
