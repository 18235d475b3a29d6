package io.github.dl4jngd.fisher.operation;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Passes rows [N, features] on: DL4J's RnnToFeedForwardPreProcessor behind a global pooling, where nothing is left to
 * do.
 */
final class FlatRowsOperation extends LinearOperation {

    private final String layer;

    FlatRowsOperation(String layer) {
        this.layer = layer;
    }

    @Override
    public Rearrangement rearrangement() {
        return Rearrangement.RESHAPE;
    }

    @Override
    INDArray apply(INDArray input) {
        if (input.rank() != 2) {
            throw new UnsupportedModelException("Layer " + layer
                    + ": time steps as samples of their own (RnnToFeedForwardPreProcessor) have no rule, got an input of shape "
                    + Arrays.toString(input.shape()) + "; put a global pooling before it");
        }
        return input;
    }

    @Override
    INDArray adjoint(INDArray cotangents, long[] inputShape) {
        return cotangents;
    }
}
