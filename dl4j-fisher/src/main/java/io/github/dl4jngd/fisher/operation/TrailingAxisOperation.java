package io.github.dl4jngd.fisher.operation;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Sequences [N, C, L] as images [N, C, L, 1], and back: one-dimensional layers are two-dimensional ones between the
 * two.
 */
final class TrailingAxisOperation extends LinearOperation {

    private final boolean adds;

    TrailingAxisOperation(boolean adds) {
        this.adds = adds;
    }

    @Override
    public Rearrangement rearrangement() {
        return Rearrangement.RESHAPE;
    }

    @Override
    INDArray apply(INDArray input) {
        return moved(input, adds);
    }

    @Override
    INDArray adjoint(INDArray cotangents, long[] inputShape) {
        return moved(cotangents, !adds);
    }

    private static INDArray moved(INDArray array, boolean adding) {
        if (array.rank() != (adding ? 3 : 4)) {
            throw new IllegalArgumentException(
                    "expected sequences [N, channels, length], got " + Arrays.toString(array.shape()));
        }
        long[] shape = Arrays.copyOf(array.shape(), adding ? 4 : 3);
        if (adding) {
            shape[3] = 1;
        }
        return Folding.compact(array).reshape('c', shape);
    }
}
