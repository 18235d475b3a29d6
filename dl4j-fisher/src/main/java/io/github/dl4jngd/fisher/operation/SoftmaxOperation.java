package io.github.dl4jngd.fisher.operation;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * p = softmax(z) over the last axis, which is where DL4J takes it, whatever the axis stands for. The derivative p ∘ (u
 * − ⟨p, u⟩) is its own adjoint.
 */
final class SoftmaxOperation implements Operation {

    @Override
    public Squashing squashing() {
        return Squashing.SOFTMAX;
    }

    @Override
    public Linearized linearize(INDArray input, INDArray parameters) {
        long classes = input.size(-1);
        INDArray rows = Folding.compact(input).reshape('c', input.length() / classes, classes);
        INDArray exponentials = Transforms.exp(rows.subColumnVector(rows.max(true, 1)), false);
        INDArray output = exponentials.diviColumnVector(exponentials.sum(true, 1));
        return new At(output, input.shape());
    }

    private static final class At implements Linearized {

        private final INDArray probabilities;
        private final long[] shape;

        /**
         * Keeps the output.
         *
         * @param probabilities p, one softmax a row
         * @param shape that of the input
         */
        At(INDArray probabilities, long[] shape) {
            this.probabilities = probabilities;
            this.shape = shape;
        }

        @Override
        public INDArray output() {
            return probabilities.reshape('c', shape);
        }

        @Override
        public @Nullable INDArray jvp(@Nullable INDArray inputTangent, INDArray tangent) {
            return inputTangent == null
                    ? null
                    : derivative(Folding.broadcastable(inputTangent)).reshape('c', shape);
        }

        @Override
        public INDArray vjp(INDArray cotangents) {
            return derivative(cotangents);
        }

        private INDArray derivative(INDArray cotangents) {
            long count = cotangents.size(0);
            INDArray u = Folding.compact(cotangents).reshape('c', count, probabilities.size(0), probabilities.size(1));
            INDArray p = Folding.broadcastable(probabilities);
            INDArray weighted = u.mul(p);
            return weighted.subi(p.mul(weighted.sum(true, 2))).reshape('c', cotangents.shape());
        }
    }
}
