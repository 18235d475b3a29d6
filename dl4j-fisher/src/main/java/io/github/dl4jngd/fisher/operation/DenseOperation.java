package io.github.dl4jngd.fisher.operation;

import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.jacobian.DenseJacobian;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.jacobian.Patches;
import io.github.dl4jngd.fisher.jacobian.RowForm;
import io.github.dl4jngd.fisher.jacobian.WeightSharedJacobian;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * z = x W + b for x [N, in], W [in, out] column-major, b [out] or none: one matrix product each way. Its jvp is {@link
 * BilinearOperation}'s.
 */
final class DenseOperation extends BilinearOperation {

    private final String layer;

    DenseOperation(String layer, ParameterSlice weights, @Nullable ParameterSlice bias, boolean trainable) {
        super(
                weights,
                bias,
                trainable,
                ParameterBlock.of(
                        layer,
                        weights.offset(),
                        weights.shape().get(0),
                        weights.shape().get(1)));
        this.layer = layer;
    }

    @Override
    public RowForm rowForm() {
        return RowForm.OUTER_PRODUCT;
    }

    @Override
    void check(INDArray input) {
        if (input.rank() != 2 || input.size(1) != weights.shape().get(0)) {
            throw new IllegalArgumentException("Layer " + layer + ": expected an input of shape [N, "
                    + weights.shape().get(0) + "], got " + Arrays.toString(input.shape()));
        }
    }

    /** A matrix product takes any strides. */
    @Override
    INDArray arranged(INDArray input) {
        return input;
    }

    @Override
    INDArray weightsOf(INDArray parameters) {
        return weights.of(parameters);
    }

    @Override
    INDArray map(INDArray x, INDArray w) {
        return Products.times(x, w);
    }

    @Override
    void addBias(INDArray output, INDArray parameters) {
        if (bias != null) {
            Products.addToRows(output, bias.of(parameters));
        }
    }

    /** The product adds to the first term by itself. */
    @Override
    INDArray plusOwn(@Nullable INDArray first, INDArray x, INDArray tangent) {
        INDArray own = weightsOf(tangent);
        INDArray sum = first == null ? map(x, own) : Products.add(first, x, own);
        addBias(sum, tangent);
        return sum;
    }

    @Override
    INDArray vjpToInput(At at, INDArray cotangents) {
        return Products.timesTransposed(Folding.fold(cotangents), at.w)
                .reshape('c', cotangents.size(0), cotangents.size(1), at.w.size(0));
    }

    @Override
    boolean sumsRows() {
        return true;
    }

    @Override
    @Nullable INDArray vjpToBoth(At at, INDArray cotangent, boolean toInput, INDArray gradient) {
        INDArray delta = Folding.fold(cotangent);
        Products.gemm(weights.of(gradient), at.x, true, delta, false, 1, 0);
        if (bias != null) {
            bias.of(gradient).assign(Sums.overRows(delta));
        }
        return toInput ? vjpToInput(at, cotangent) : null;
    }

    /** N² out multiplications a product, where the gradient and the tangent take 2 N in out. */
    @Override
    @Nullable INDArray inputGram(At at) {
        if (at.x.size(0) >= 2 * at.x.size(1)) {
            return null;
        }
        INDArray gram = Products.timesTransposed(at.x, at.x);
        return bias == null ? gram : gram.addi(1);
    }

    @Override
    LayerJacobian jacobian(At at, INDArray cotangents, Parameterization scaling, boolean coupled) {
        INDArray augmented = AugmentedInput.of(at.x, block, scaling.rootScales(block));
        if (!coupled) {
            return new DenseJacobian(block, augmented, cotangents);
        }
        long[] shape = cotangents.shape();
        return new WeightSharedJacobian(
                block,
                new DenseRows(augmented),
                Folding.compact(cotangents).reshape('c', shape[0], shape[1], shape[2], 1),
                true);
    }

    /** A dense layer's inputs as patches at one position. */
    private record DenseRows(INDArray input) implements Patches {

        @Override
        public long samples() {
            return input.size(0);
        }

        @Override
        public long positions() {
            return 1;
        }

        @Override
        public INDArray columns(long from, long to) {
            INDArray rows = from == 0 && to == samples()
                    ? input
                    : input.get(NDArrayIndex.interval(from, to), NDArrayIndex.all());
            return Folding.compact(rows).reshape('c', to - from, input.size(1), 1);
        }
    }
}
