package io.github.dl4jngd.fisher.operation;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Passes its input on, where a softmax or a sigmoid was that has become part of the loss. */
final class FoldedOperation extends LinearOperation {

    private final String layer;
    private final long classes;

    /**
     * A step that is left out.
     *
     * @param classes the size of the last axis, over which the softmax went; 0 for any
     */
    FoldedOperation(String layer, long classes) {
        this.layer = layer;
        this.classes = classes;
    }

    @Override
    INDArray apply(INDArray input) {
        if (classes != 0 && input.size(-1) != classes) {
            throw new UnsupportedModelException(
                    "Layer " + layer + ": DL4J takes a softmax over the last axis, here over "
                            + input.size(-1) + " numbers of an array of shape " + Arrays.toString(input.shape())
                            + ", and not over the " + classes + " outputs");
        }
        return input;
    }

    @Override
    INDArray adjoint(INDArray cotangents, long[] inputShape) {
        return cotangents;
    }
}
