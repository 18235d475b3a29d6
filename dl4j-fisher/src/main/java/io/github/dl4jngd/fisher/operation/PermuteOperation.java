package io.github.dl4jngd.fisher.operation;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Reorders axes behind the first, such as NHWC to NCHW. */
final class PermuteOperation extends LinearOperation {

    private final int[] axes;
    private final int[] inverse;

    PermuteOperation(int... axes) {
        this.axes = axes;
        this.inverse = new int[axes.length];
        for (int i = 0; i < axes.length; i++) {
            inverse[axes[i]] = i;
        }
    }

    static PermuteOperation channelsFirst() {
        return new PermuteOperation(0, 3, 1, 2);
    }

    static PermuteOperation channelsLast() {
        return new PermuteOperation(0, 2, 3, 1);
    }

    @Override
    public Rearrangement rearrangement() {
        int[] lastToSecond = new int[axes.length];
        for (int i = 1; i < axes.length; i++) {
            lastToSecond[i] = i == 1 ? axes.length - 1 : i - 1;
        }
        return Arrays.equals(axes, lastToSecond) ? Rearrangement.LAST_AXIS_TO_SECOND : Rearrangement.PERMUTATION;
    }

    @Override
    INDArray apply(INDArray input) {
        return input.permute(axes).dup('c');
    }

    @Override
    INDArray adjoint(INDArray cotangents, long[] inputShape) {
        return cotangents.permute(inverse).dup('c');
    }
}
