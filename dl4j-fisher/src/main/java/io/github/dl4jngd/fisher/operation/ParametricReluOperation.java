package io.github.dl4jngd.fisher.operation;

import io.github.dl4jngd.fisher.jacobian.FormedJacobian;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * y = x where x &gt; 0, else α x: DL4J's PReLULayer, whose slopes α are parameters of a sample's shape with size 1
 * along the axes that share them.
 *
 * <p>A slope is a unit of its own; its rows are Σ δ min(x, 0) over the entries that share it.
 */
final class ParametricReluOperation implements Operation {

    private final String layer;
    private final ParameterSlice slopes;
    private final boolean trainable;
    private final ParameterBlock block;

    ParametricReluOperation(String layer, ParameterSlice slopes, boolean trainable) {
        this.layer = layer;
        this.slopes = slopes;
        this.trainable = trainable;
        this.block =
                ParameterBlock.of(layer, slopes.offset(), 1, slopes.length()).withoutWeights();
    }

    @Override
    public Optional<ParameterBlock> block() {
        return trainable ? Optional.of(block) : Optional.empty();
    }

    @Override
    public Linearized linearize(INDArray input, INDArray parameters) {
        check(input);
        INDArray x = Folding.compact(input);
        INDArray negative = Transforms.min(x, 0, true);
        INDArray positive = x.gt(0).castTo(x.dataType());
        INDArray slope = slopesOf(parameters);
        INDArray output = x.mul(positive).addi(negative.mul(slope));
        INDArray derivative = positive.add(positive.rsub(1).muli(slope));
        return new At(output, negative, derivative);
    }

    private void check(INDArray input) {
        boolean fits = input.rank() == slopes.shape().size() + 1;
        for (int axis = 1; fits && axis < input.rank(); axis++) {
            long size = slopes.shape().get(axis - 1);
            fits = size == 1 || size == input.size(axis);
        }
        if (!fits) {
            throw new IllegalArgumentException("Layer " + layer + ": slopes of shape " + slopes.shape()
                    + " do not fit samples of an input " + Arrays.toString(input.shape()));
        }
    }

    /** [1, …]: broadcasts against inputs. */
    private INDArray slopesOf(INDArray parameters) {
        return Folding.broadcastable(slopes.of(parameters).dup('c'));
    }

    private final class At implements Linearized {

        private final INDArray output;
        private final INDArray negative;
        private final INDArray derivative;

        At(INDArray output, INDArray negative, INDArray derivative) {
            this.output = output;
            this.negative = negative;
            this.derivative = derivative;
        }

        @Override
        public INDArray output() {
            return output;
        }

        @Override
        public @Nullable INDArray jvp(@Nullable INDArray inputTangent, INDArray tangent) {
            INDArray result = inputTangent == null ? null : inputTangent.mul(derivative);
            if (!trainable) {
                return result;
            }
            INDArray own = negative.mul(slopesOf(tangent));
            return result == null ? own : result.addi(own);
        }

        @Override
        public INDArray vjp(INDArray cotangents) {
            return cotangents.mul(Folding.broadcastable(derivative));
        }

        @Override
        public LayerJacobian jacobian(INDArray cotangents, Parameterization scaling, boolean coupled) {
            INDArray products = cotangents.mul(Folding.broadcastable(negative));
            int[] shared = IntStream.range(coupled ? 1 : 2, products.rank())
                    .filter(axis -> axis < 2 || slopes.shape().get(axis - 2) == 1)
                    .toArray();
            INDArray sums = shared.length == 0 ? products : products.sum(true, shared);
            long rows = sums.size(0) * sums.size(1);
            return new FormedJacobian(block, inParameterOrder(sums).reshape('c', rows, slopes.length()), coupled);
        }

        /** [K, N, …] with the slopes' own axes in the order in which they lie in memory. */
        private INDArray inParameterOrder(INDArray sums) {
            if (slopes.order() == 'c') {
                return sums.dup('c');
            }
            int rank = sums.rank();
            int[] axes = IntStream.range(0, rank)
                    .map(axis -> axis < 2 ? axis : rank + 1 - axis)
                    .toArray();
            return sums.permute(axes).dup('c');
        }
    }
}
