package io.github.dl4jngd.fisher.operation;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Reshapes every sample, row-major: what flattening and un-flattening preprocessors do. */
final class ReshapeOperation extends LinearOperation {

    private final String layer;
    private final long[] sample;

    /**
     * A reshape of samples.
     *
     * @param layer the layer's name for messages
     * @param sample the shape of one sample, of which one size may be −1; empty to flatten
     */
    ReshapeOperation(String layer, long... sample) {
        this.layer = layer;
        this.sample = sample.clone();
    }

    @Override
    public Rearrangement rearrangement() {
        return Rearrangement.RESHAPE;
    }

    @Override
    INDArray apply(INDArray input) {
        long n = input.size(0);
        long length = input.length() / n;
        long[] shape = new long[sample.length == 0 ? 2 : sample.length + 1];
        shape[0] = n;
        if (sample.length == 0) {
            shape[1] = length;
        } else {
            System.arraycopy(sample, 0, shape, 1, sample.length);
            fill(shape, length);
        }
        if (Arrays.stream(shape).reduce(1, (a, b) -> a * b) != input.length()) {
            throw new IllegalArgumentException("Layer " + layer + ": expected samples of shape "
                    + Arrays.toString(sample) + ", got " + Arrays.toString(input.shape()));
        }
        return Folding.compact(input).reshape('c', shape);
    }

    /** Writes what is left of a sample's length in place of a size of −1. */
    private static void fill(long[] shape, long length) {
        long known = 1;
        int open = 0;
        for (int axis = 1; axis < shape.length; axis++) {
            if (shape[axis] < 0) {
                open = axis;
            } else {
                known *= shape[axis];
            }
        }
        if (open > 0) {
            shape[open] = length / known;
        }
    }

    @Override
    INDArray adjoint(INDArray cotangents, long[] inputShape) {
        return Folding.compact(cotangents).reshape('c', inputShape);
    }
}
