package io.github.dl4jngd.fisher.operation;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A step without parameters that is linear in its input, sample by sample: its jvp is itself. */
abstract class LinearOperation implements Operation {

    /** Applies the linear map. */
    abstract INDArray apply(INDArray input);

    /** The adjoint map for inputs of the given shape, applied to [M, …] cotangents, M any number of samples. */
    abstract INDArray adjoint(INDArray cotangents, long[] inputShape);

    @Override
    public final Linearized linearize(INDArray input, INDArray parameters) {
        INDArray output = apply(input);
        long[] shape = input.shape();
        return new Linearized() {
            @Override
            public INDArray output() {
                return output;
            }

            @Override
            public @Nullable INDArray jvp(@Nullable INDArray inputTangent, INDArray tangent) {
                return inputTangent == null ? null : apply(inputTangent);
            }

            @Override
            public INDArray vjp(INDArray cotangents) {
                long count = cotangents.size(0);
                long[] folded = shape.clone();
                folded[0] = shape[0] * count;
                return Folding.unfold(adjoint(Folding.fold(cotangents), folded), count);
            }
        };
    }
}
