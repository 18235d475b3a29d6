package io.github.dl4jngd.fisher.operation;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** y = s ∘ x + t with arrays s and t of x's length: dropout once its draws are known. */
final class AffineOperation implements Operation {

    private final @Nullable INDArray factor;
    private final @Nullable INDArray offset;

    /** Whether the arrays have parts before samples, where the input has samples before parts. */
    private final boolean partsFirst;

    AffineOperation(@Nullable INDArray factor, @Nullable INDArray offset, boolean partsFirst) {
        this.factor = factor;
        this.offset = offset;
        this.partsFirst = partsFirst;
    }

    @Override
    public Linearized linearize(INDArray input, INDArray parameters) {
        INDArray s = shaped(factor, input);
        INDArray t = shaped(offset, input);
        INDArray scaled = s == null ? input : input.mul(s);
        INDArray output = t == null ? scaled : scaled.add(t);
        return new Linearized() {
            @Override
            public INDArray output() {
                return output;
            }

            @Override
            public @Nullable INDArray jvp(@Nullable INDArray inputTangent, INDArray tangent) {
                return inputTangent == null || s == null ? inputTangent : inputTangent.mul(s);
            }

            @Override
            public INDArray vjp(INDArray cotangents) {
                return s == null ? cotangents : cotangents.mul(Folding.broadcastable(s));
            }
        };
    }

    private @Nullable INDArray shaped(@Nullable INDArray array, INDArray input) {
        if (array == null) {
            return null;
        }
        if (array.length() != input.length()) {
            throw new IllegalArgumentException("The noise was drawn for " + array.length()
                    + " numbers, the layer's input has " + input.length() + "; linearise at the minibatch of the draw");
        }
        if (!partsFirst) {
            return array.reshape('c', input.shape());
        }
        long[] shape = input.shape().clone();
        shape[0] = input.size(1);
        shape[1] = input.size(0);
        return array.reshape('c', shape).swapAxes(0, 1).dup('c');
    }
}
