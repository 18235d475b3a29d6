package io.github.dl4jngd.fisher.operation;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** One part of every sample, of [N, S, …] the i-th [N, …]: DL4J's UnstackVertex. */
final class PartOperation extends LinearOperation {

    private final String name;
    private final long part;
    private final long parts;

    PartOperation(String name, long part, long parts) {
        this.name = name;
        this.part = part;
        this.parts = parts;
    }

    private INDArray of(INDArray array) {
        INDArrayIndex[] index = new INDArrayIndex[array.rank()];
        Arrays.fill(index, NDArrayIndex.all());
        index[1] = NDArrayIndex.point(part);
        return array.get(index);
    }

    @Override
    INDArray apply(INDArray input) {
        if (input.size(1) != parts) {
            throw new IllegalArgumentException(
                    "Vertex " + name + ": expected " + parts + " stacked inputs, got " + input.size(1));
        }
        return of(input).dup('c');
    }

    @Override
    INDArray adjoint(INDArray cotangents, long[] inputShape) {
        INDArray result = Nd4j.create(cotangents.dataType(), inputShape);
        of(result).assign(cotangents);
        return result;
    }
}
