package io.github.dl4jngd.fisher.operation;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Every pixel of NCHW images repeated, height and width each by a factor: DL4J's Upsampling layers. The adjoint adds
 * the copies up.
 */
final class UpsamplingOperation extends LinearOperation {

    private final long height;
    private final long width;

    UpsamplingOperation(long height, long width) {
        this.height = height;
        this.width = width;
    }

    @Override
    INDArray apply(INDArray input) {
        long[] s = input.shape();
        INDArray ones = Nd4j.ones(input.dataType(), 1, 1, 1, height, 1, width);
        return Folding.compact(input)
                .reshape('c', s[0], s[1], s[2], 1, s[3], 1)
                .mul(ones)
                .reshape('c', s[0], s[1], s[2] * height, s[3] * width);
    }

    @Override
    INDArray adjoint(INDArray cotangents, long[] inputShape) {
        return Folding.compact(cotangents)
                .reshape('c', inputShape[0], inputShape[1], inputShape[2], height, inputShape[3], width)
                .sum(3, 5);
    }
}
