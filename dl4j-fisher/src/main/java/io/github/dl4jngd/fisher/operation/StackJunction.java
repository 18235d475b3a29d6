package io.github.dl4jngd.fisher.operation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Inputs [N, …] of one shape as parts of samples, [N, S, …]: DL4J's StackVertex, which puts them on top of each other
 * as samples of their own.
 */
final class StackJunction implements Junction {

    private final String name;

    StackJunction(String name) {
        this.name = name;
    }

    @Override
    public Linearized linearize(List<INDArray> inputs) {
        for (INDArray input : inputs) {
            if (!Arrays.equals(input.shape(), inputs.get(0).shape())) {
                throw new IllegalArgumentException("Vertex " + name + ": inputs of shapes "
                        + Arrays.toString(inputs.get(0).shape()) + " and " + Arrays.toString(input.shape())
                        + " cannot be stacked");
            }
        }
        INDArray output = Nd4j.stack(1, inputs.toArray(new INDArray[0]));
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
                return Nd4j.stack(1, parts);
            }

            @Override
            public List<INDArray> vjp(INDArray cotangents) {
                List<INDArray> result = new ArrayList<>();
                for (int i = 0; i < inputs.size(); i++) {
                    INDArrayIndex[] part = new INDArrayIndex[cotangents.rank()];
                    Arrays.fill(part, NDArrayIndex.all());
                    part[2] = NDArrayIndex.point(i);
                    result.add(cotangents.get(part).dup('c'));
                }
                return result;
            }
        };
    }
}
