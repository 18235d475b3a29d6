package io.github.dl4jngd.fisher.operation;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Every pixel of images or volumes repeated, along each axis behind the channels by its factor: DL4J's Upsampling
 * layers. The adjoint adds the copies up.
 */
final class UpsamplingOperation extends LinearOperation {

    private final long[] factors;

    /**
     * A repetition.
     *
     * @param factors how often along each axis behind the channels
     */
    UpsamplingOperation(long... factors) {
        this.factors = factors.clone();
    }

    /** [N, C, H, h, W, w]: an axis for the copies behind each axis of pixels; or of size 1 for no copies yet. */
    private long[] spread(long[] pixels, boolean copied) {
        long[] shape = new long[2 + 2 * factors.length];
        shape[0] = pixels[0];
        shape[1] = pixels[1];
        for (int axis = 0; axis < factors.length; axis++) {
            shape[2 + 2 * axis] = pixels[2 + axis];
            shape[3 + 2 * axis] = copied ? factors[axis] : 1;
        }
        return shape;
    }

    @Override
    INDArray apply(INDArray input) {
        long[] ones = new long[2 + factors.length];
        Arrays.fill(ones, 1);
        long[] shape = input.shape().clone();
        for (int axis = 0; axis < factors.length; axis++) {
            shape[axis + 2] *= factors[axis];
        }
        return Folding.compact(input)
                .reshape('c', spread(input.shape(), false))
                .mul(Nd4j.ones(input.dataType(), spread(ones, true)))
                .reshape('c', shape);
    }

    @Override
    INDArray adjoint(INDArray cotangents, long[] inputShape) {
        int[] copies =
                IntStream.range(0, factors.length).map(axis -> 3 + 2 * axis).toArray();
        return Folding.compact(cotangents)
                .reshape('c', spread(inputShape, true))
                .sum(copies);
    }
}
