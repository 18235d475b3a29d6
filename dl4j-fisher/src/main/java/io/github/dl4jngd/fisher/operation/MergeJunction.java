package io.github.dl4jngd.fisher.operation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Concatenation along one axis: DL4J's MergeVertex. */
final class MergeJunction implements Junction {

    private final int axis;

    MergeJunction(int axis) {
        this.axis = axis;
    }

    @Override
    public Linearized linearize(List<INDArray> inputs) {
        INDArray output = Nd4j.concat(axis, inputs.toArray(new INDArray[0]));
        return new Linearized() {
            @Override
            public INDArray output() {
                return output;
            }

            @Override
            public INDArray jvp(List<@Nullable INDArray> tangents) {
                INDArray[] parts = new INDArray[inputs.size()];
                for (int i = 0; i < parts.length; i++) {
                    INDArray tangent = tangents.get(i);
                    parts[i] = tangent == null ? Nd4j.zerosLike(inputs.get(i)) : tangent;
                }
                return Nd4j.concat(axis, parts);
            }

            @Override
            public List<INDArray> vjp(INDArray cotangents) {
                List<INDArray> result = new ArrayList<>();
                long from = 0;
                for (INDArray input : inputs) {
                    long to = from + input.size(axis);
                    INDArrayIndex[] part = new INDArrayIndex[cotangents.rank()];
                    java.util.Arrays.fill(part, NDArrayIndex.all());
                    part[axis + 1] = NDArrayIndex.interval(from, to);
                    result.add(cotangents.get(part).dup('c'));
                    from = to;
                }
                return result;
            }
        };
    }
}
