package io.github.dl4jngd.onednn.internal;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;

/** oneDNN's operations misread arrays whose elements do not lie in C order without gaps. */
final class Contiguous {
    private Contiguous() {}

    /** The array itself where it lies in C order without gaps, else a copy that does; null for null. */
    static INDArray of(INDArray array) {
        if (array == null || (array.ordering() == 'c' && Shape.hasDefaultStridesForShape(array))) {
            return array;
        }
        return array.dup('c');
    }
}
