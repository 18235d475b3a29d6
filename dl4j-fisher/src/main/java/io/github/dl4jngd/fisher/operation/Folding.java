package io.github.dl4jngd.fisher.operation;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** K cotangents [K, N, …] as one minibatch [K N, …], for operations that treat samples alike, and back. */
final class Folding {

    private Folding() {}

    static INDArray fold(INDArray cotangents) {
        long[] shape = cotangents.shape();
        long[] folded = Arrays.copyOfRange(shape, 1, shape.length);
        folded[0] = shape[0] * shape[1];
        return compact(cotangents).reshape('c', folded);
    }

    /** [K N, …] as [K, N, …]. */
    static INDArray unfold(INDArray folded, long count) {
        long[] shape = new long[folded.rank() + 1];
        System.arraycopy(folded.shape(), 0, shape, 1, folded.rank());
        shape[0] = count;
        shape[1] = folded.size(0) / count;
        return compact(folded).reshape('c', shape);
    }

    /** The array with a leading axis of one, which broadcasts against [K, …]. */
    static INDArray broadcastable(INDArray array) {
        long[] shape = new long[array.rank() + 1];
        shape[0] = 1;
        System.arraycopy(array.shape(), 0, shape, 1, array.rank());
        return compact(array).reshape('c', shape);
    }

    /** Row-major without gaps, which every native operation takes; some silently err on other strides. */
    static INDArray compact(INDArray array) {
        return array.ordering() == 'c'
                        && !array.isView()
                        && org.nd4j.linalg.api.shape.Shape.hasDefaultStridesForShape(array)
                ? array
                : array.dup('c');
    }
}
