package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.curvature.DenseJacobian;
import io.github.dl4jngd.fisher.curvature.LayerJacobian;
import io.github.dl4jngd.fisher.curvature.ParameterBlock;
import io.github.dl4jngd.fisher.curvature.Patches;
import io.github.dl4jngd.fisher.curvature.SharedJacobian;
import io.github.dl4jngd.fisher.linalg.Products;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** z = x W + b for x [N, in], W [in, out] column-major, b [out] or none: one matrix product each way. */
final class AffineOperation implements Operation {

    private final String layer;
    private final ParameterSlice weights;
    private final ParameterSlice bias;
    private final boolean trainable;
    private final ParameterBlock block;

    AffineOperation(String layer, ParameterSlice weights, ParameterSlice bias, boolean trainable) {
        this.layer = layer;
        this.weights = weights;
        this.bias = bias;
        this.trainable = trainable;
        ParameterBlock withoutBias = ParameterBlock.of(
                layer, weights.offset(), weights.shape().get(0), weights.shape().get(1));
        this.block = bias == null ? withoutBias : withoutBias.withBias(bias.offset());
    }

    @Override
    public Optional<ParameterBlock> block() {
        return trainable ? Optional.of(block) : Optional.empty();
    }

    @Override
    public RowForm rowForm() {
        return RowForm.OUTER_PRODUCT;
    }

    @Override
    public Linearized linearize(INDArray input, INDArray parameters) {
        if (input.rank() != 2 || input.size(1) != weights.shape().get(0)) {
            throw new IllegalArgumentException("Layer " + layer + ": expected an input of shape [N, "
                    + weights.shape().get(0) + "], got " + java.util.Arrays.toString(input.shape()));
        }
        INDArray w = weights.of(parameters);
        INDArray output = Products.times(input, w);
        if (bias != null) {
            output.addiRowVector(bias.of(parameters));
        }
        return new At(input, w, output);
    }

    private final class At implements Linearized {

        private final INDArray input;
        private final INDArray w;
        private final INDArray output;

        At(INDArray input, INDArray w, INDArray output) {
            this.input = input;
            this.w = w;
            this.output = output;
        }

        @Override
        public INDArray output() {
            return output;
        }

        @Override
        public INDArray jvp(INDArray inputTangent, INDArray tangent) {
            INDArray result = inputTangent == null ? null : Products.times(inputTangent, w);
            if (!trainable) {
                return result;
            }
            INDArray own = weights.of(tangent);
            result = result == null ? Products.times(input, own) : Products.add(result, input, own);
            return bias == null ? result : result.addiRowVector(bias.of(tangent));
        }

        @Override
        public INDArray vjp(INDArray cotangents) {
            long k = cotangents.size(0);
            long n = cotangents.size(1);
            return Products.timesTransposed(Folding.fold(cotangents), w).reshape('c', k, n, w.size(0));
        }

        @Override
        public boolean sumsRows() {
            return true;
        }

        @Override
        public INDArray pullBack(INDArray cotangent, boolean toInput, INDArray gradient) {
            if (trainable) {
                INDArray delta = Folding.fold(cotangent);
                Products.gemm(weights.of(gradient), input, true, delta, false, 1, 0);
                if (bias != null) {
                    bias.of(gradient).assign(Sums.overRows(delta));
                }
            }
            return toInput ? vjp(cotangent) : null;
        }

        @Override
        public LayerJacobian jacobian(INDArray cotangents, Parameterization scaling, boolean coupled) {
            INDArray augmented = AugmentedInput.of(input, block, scaling.rootScales(block));
            if (!coupled) {
                return new DenseJacobian(block, augmented, cotangents);
            }
            long[] shape = cotangents.shape();
            return new SharedJacobian(
                    block,
                    new DenseRows(augmented),
                    Folding.compact(cotangents).reshape('c', shape[0], shape[1], shape[2], 1),
                    true);
        }
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
