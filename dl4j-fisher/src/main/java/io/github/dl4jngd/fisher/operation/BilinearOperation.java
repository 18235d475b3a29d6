package io.github.dl4jngd.fisher.operation;

import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * z = B(x, W) + b with B bilinear: dense layers and convolutions of every kind. The product rule is here, once: jvp =
 * B(ẋ, W) + B(x, Ẇ) + ḃ. A subclass says what B, its adjoint to the input and its rows are.
 */
abstract class BilinearOperation implements Operation {

    final ParameterSlice weights;
    final @Nullable ParameterSlice bias;
    final boolean trainable;
    final ParameterBlock block;

    /**
     * Keeps where the parameters are.
     *
     * @param weights W
     * @param bias b; null for none
     * @param trainable whether W and b are parameters and not constants
     * @param withoutBias how W is seen as a matrix, one column a unit
     */
    BilinearOperation(
            ParameterSlice weights, @Nullable ParameterSlice bias, boolean trainable, ParameterBlock withoutBias) {
        this.weights = weights;
        this.bias = bias;
        this.trainable = trainable;
        this.block = bias == null ? withoutBias : withoutBias.withBias(bias.offset());
    }

    @Override
    public final Optional<ParameterBlock> block() {
        return trainable ? Optional.of(block) : Optional.empty();
    }

    /** Refuses inputs of a wrong shape. */
    abstract void check(INDArray input);

    /** An input or its tangent in the layout that {@link #map} takes. */
    INDArray arranged(INDArray input) {
        return Folding.compact(input);
    }

    /** W, or its tangent, in the layout that {@link #map} takes. */
    abstract INDArray weightsOf(INDArray parameters);

    /** B(x, W), a new array. */
    abstract INDArray map(INDArray x, INDArray w);

    /** Adds b, or its tangent, to outputs in place; nothing where there is none. */
    void addBias(INDArray output, INDArray parameters) {
        if (bias != null) {
            output.addi(bias.of(parameters).reshape('c', 1, block.units(), 1, 1));
        }
    }

    /** B(ẋ, W) + B(x, Ẇ) + ḃ, given the first term, which may be written to; null for zero. */
    INDArray plusOwn(@Nullable INDArray first, INDArray x, INDArray tangent) {
        INDArray own = map(x, weightsOf(tangent));
        addBias(own, tangent);
        return first == null ? own : first.addi(own);
    }

    /** The adjoint of x ↦ B(x, W) at K cotangents, [K, N, …]. */
    abstract INDArray vjpToInput(At at, INDArray cotangents);

    /** Whether {@link #vjpToBoth} exists. */
    boolean sumsRows() {
        return false;
    }

    /** Writes the gradient of W and b, and returns the cotangents of the input; null where not asked for. */
    @Nullable INDArray vjpToBoth(At at, INDArray cotangent, boolean toInput, INDArray gradient) {
        throw new UnsupportedOperationException("The gradient of these parameters is made from rows");
    }

    /** x xᵀ + 1 where B(x, xᵀδ) is x xᵀ δ, and that is cheaper; null elsewhere. */
    @Nullable INDArray inputGram(At at) {
        return null;
    }

    /** The rows of W and b. */
    abstract LayerJacobian jacobian(At at, INDArray cotangents, Parameterization scaling, boolean coupled);

    @Override
    public final Operation.Linearized linearize(INDArray input, INDArray parameters) {
        check(input);
        INDArray x = arranged(input);
        INDArray w = weightsOf(parameters);
        INDArray output = map(x, w);
        addBias(output, parameters);
        return new At(x, w, output);
    }

    /** The operation at one input. */
    final class At implements Operation.Linearized {

        final INDArray x;
        final INDArray w;
        final INDArray output;

        private At(INDArray x, INDArray w, INDArray output) {
            this.x = x;
            this.w = w;
            this.output = output;
        }

        @Override
        public INDArray output() {
            return output;
        }

        @Override
        public @Nullable INDArray jvp(@Nullable INDArray inputTangent, INDArray tangent) {
            INDArray first = inputTangent == null ? null : map(arranged(inputTangent), w);
            return trainable ? plusOwn(first, x, tangent) : first;
        }

        @Override
        public INDArray vjp(INDArray cotangents) {
            return vjpToInput(this, cotangents);
        }

        @Override
        public @Nullable INDArray inputGram() {
            return trainable ? BilinearOperation.this.inputGram(this) : null;
        }

        @Override
        public @Nullable INDArray jvpOfInput(@Nullable INDArray inputTangent, INDArray still) {
            return inputTangent == null ? null : map(arranged(inputTangent), w);
        }

        @Override
        public boolean sumsRows() {
            return BilinearOperation.this.sumsRows();
        }

        @Override
        public @Nullable INDArray pullBack(INDArray cotangent, boolean toInput, INDArray gradient) {
            if (trainable && sumsRows()) {
                return vjpToBoth(this, cotangent, toInput, gradient);
            }
            return toInput ? vjp(cotangent) : null;
        }

        @Override
        public LayerJacobian jacobian(INDArray cotangents, Parameterization scaling, boolean coupled) {
            return BilinearOperation.this.jacobian(this, cotangents, scaling, coupled);
        }
    }
}
