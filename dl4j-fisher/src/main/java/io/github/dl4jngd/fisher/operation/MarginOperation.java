package io.github.dl4jngd.fisher.operation;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Zeros put around, or margins cut off, the axes behind the channels: DL4J's ZeroPadding and Cropping layers, adjoint
 * to each other.
 */
final class MarginOperation extends LinearOperation {

    private final boolean pads;
    private final long[] before;
    private final long[] after;

    private MarginOperation(boolean pads, long[] before, long[] after) {
        this.pads = pads;
        this.before = before;
        this.after = after;
    }

    /**
     * Puts zeros around the images.
     *
     * @param margins before and after the first axis behind the channels, then the next
     */
    static MarginOperation padding(int... margins) {
        return of(true, margins);
    }

    /**
     * Takes margins off the images.
     *
     * @param margins before and after the first axis behind the channels, then the next
     */
    static MarginOperation cropping(int... margins) {
        return of(false, margins);
    }

    private static MarginOperation of(boolean pads, int[] margins) {
        long[] before = new long[margins.length / 2];
        long[] after = new long[margins.length / 2];
        for (int axis = 0; axis < before.length; axis++) {
            before[axis] = margins[2 * axis];
            after[axis] = margins[2 * axis + 1];
        }
        return new MarginOperation(pads, before, after);
    }

    @Override
    INDArray apply(INDArray input) {
        return pads ? padded(input) : inner(input).dup('c');
    }

    @Override
    INDArray adjoint(INDArray cotangents, long[] inputShape) {
        return pads ? inner(cotangents).dup('c') : padded(cotangents);
    }

    private INDArray padded(INDArray array) {
        long[] shape = array.shape().clone();
        for (int axis = 0; axis < before.length; axis++) {
            shape[axis + 2] += before[axis] + after[axis];
        }
        INDArray result = Nd4j.create(array.dataType(), shape);
        inner(result).assign(array);
        return result;
    }

    private INDArray inner(INDArray array) {
        INDArrayIndex[] index = new INDArrayIndex[array.rank()];
        Arrays.fill(index, NDArrayIndex.all());
        for (int axis = 0; axis < before.length; axis++) {
            index[axis + 2] = NDArrayIndex.interval(before[axis], array.size(axis + 2) - after[axis]);
        }
        return array.get(index);
    }
}
