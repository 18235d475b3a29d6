package io.github.dl4jngd.fisher.operation;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.any.IsMax;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Max, average, sum and p-norm over whole axes: DL4J's GlobalPoolingLayer.
 *
 * <p>The derivative is a weight for each input: one-hot at the first maximum ({@code IsMax}), 1/size, 1, |x|^{p−1}
 * sgn(x) y^{1−p}. A mask m multiplies inputs, but for a maximum, and an average is over Σ m; where m is 0 an input is
 * no candidate for the maximum, and elsewhere DL4J adds 1 − m to it.
 */
final class GlobalPoolingOperation implements Maskable {

    private final String layer;
    private final PoolingType type;
    private final int pnorm;
    private final int @Nullable [] axes;
    private final boolean collapse;
    private final @Nullable INDArray mask;

    /**
     * A pooling over axes.
     *
     * @param layer the layer's name for messages
     * @param axes the axes to pool over; null for all behind the second
     * @param collapse whether pooled axes disappear
     * @param mask [N, L] for sequences, [N, 1, H, W] or with 1 in place of H or W for images; null for none
     */
    GlobalPoolingOperation(
            String layer,
            PoolingType type,
            int pnorm,
            int @Nullable [] axes,
            boolean collapse,
            @Nullable INDArray mask) {
        this.layer = layer;
        this.type = type;
        this.pnorm = pnorm;
        this.axes = axes;
        this.collapse = collapse;
        this.mask = mask;
    }

    /** With a mask DL4J pools over all axes behind the second. */
    @Override
    public Operation masked(INDArray own) {
        return new GlobalPoolingOperation(layer, type, pnorm, null, collapse, own);
    }

    /** The mask with an axis for each of the input's. */
    private static INDArray aligned(INDArray mask, INDArray input, String layer) {
        INDArray typed = mask.castTo(input.dataType()).dup('c');
        INDArray full =
                input.rank() == 3 && typed.rank() == 2 ? typed.reshape('c', typed.size(0), 1, typed.size(1)) : typed;
        boolean fits = full.rank() == input.rank();
        for (int axis = 0; fits && axis < full.rank(); axis++) {
            fits = full.size(axis) == input.size(axis) || full.size(axis) == 1;
        }
        if (!fits) {
            throw new IllegalArgumentException("Layer " + layer + ": the mask of shape " + Arrays.toString(mask.shape())
                    + " does not fit the input of shape " + Arrays.toString(input.shape()));
        }
        return full;
    }

    @Override
    public Linearized linearize(INDArray input, INDArray parameters) {
        int[] pooled = axes != null
                ? axes
                : java.util.stream.IntStream.range(2, input.rank()).toArray();
        long[] kept = input.shape().clone();
        for (int axis : pooled) {
            kept[axis] = 1;
        }
        return mask == null ? whole(input, pooled, kept) : masked(input, aligned(mask, input, layer), pooled, kept);
    }

    private Linearized masked(INDArray input, INDArray m, int[] pooled, long[] shape) {
        INDArray each = Nd4j.ones(input.dataType(), input.shape()).mul(m);
        INDArray weights;
        INDArray result;
        switch (type) {
            case MAX -> {
                // log 0 = −∞ where an input is left out
                INDArray kept = each.neq(0).castTo(input.dataType());
                INDArray shift = each.rsub(1).muli(kept).addi(Transforms.log(kept, true));
                INDArray candidates = input.add(shift);
                result = candidates.max(pooled);
                weights = firstMaximum(candidates, pooled);
            }
            case AVG -> {
                // DL4J counts the mask's own entries
                int[] behind = java.util.stream.IntStream.range(1, m.rank()).toArray();
                weights = each.divi(m.sum(true, behind));
                result = input.mul(weights).sum(pooled);
            }
            case SUM -> {
                weights = each;
                result = input.mul(each).sum(pooled);
            }
            default -> {
                INDArray left = input.mul(each);
                result = norm(left, pooled);
                weights = slopes(left, result, shape).muli(each);
            }
        }
        return at(result, weights, pooled, shape);
    }

    private INDArray norm(INDArray input, int[] pooled) {
        return Transforms.pow(
                Transforms.pow(Transforms.abs(input, true), pnorm, false).sum(pooled), 1.0 / pnorm, false);
    }

    /** |x|^{p−1} sgn(x) y^{1−p}. */
    private INDArray slopes(INDArray input, INDArray norm, long[] kept) {
        INDArray y = norm.dup('c').reshape('c', kept);
        INDArray empty = y.eq(0).castTo(y.dataType());
        INDArray outer = Transforms.pow(y.add(empty), 1 - pnorm, false).mul(empty.rsub(1));
        return Transforms.pow(Transforms.abs(input, true), pnorm - 1, false)
                .muli(Transforms.sign(input, true))
                .muli(outer);
    }

    private static INDArray firstMaximum(INDArray input, int[] pooled) {
        return Nd4j.exec(new IsMax(input, Nd4j.createUninitialized(input.dataType(), input.shape(), 'c'), pooled))[0];
    }

    private Linearized whole(INDArray input, int[] pooled, long[] kept) {
        INDArray result =
                switch (type) {
                    case MAX -> input.max(pooled);
                    case AVG -> input.mean(pooled);
                    case SUM -> input.sum(pooled);
                    default -> norm(input, pooled);
                };
        INDArray weights =
                switch (type) {
                    case MAX -> firstMaximum(input, pooled);
                    case AVG ->
                        Nd4j.valueArrayOf(input.shape(), (double) result.length() / input.length(), input.dataType());
                    case SUM -> Nd4j.onesLike(input);
                    default -> slopes(input, result, kept);
                };
        return at(result, weights, pooled, kept);
    }

    private Linearized at(INDArray result, INDArray weights, int[] pooled, long[] kept) {
        long[] shape = collapse ? result.shape() : kept;
        INDArray output = Folding.compact(result).reshape('c', shape);
        return new At(output, weights, pooled, kept);
    }

    private static final class At implements Linearized {

        private final INDArray output;
        private final INDArray weights;
        private final int[] pooled;
        private final long[] kept;

        At(INDArray output, INDArray weights, int[] pooled, long[] kept) {
            this.output = output;
            this.weights = weights;
            this.pooled = pooled;
            this.kept = kept;
        }

        @Override
        public INDArray output() {
            return output;
        }

        @Override
        public @Nullable INDArray jvp(@Nullable INDArray inputTangent, INDArray tangent) {
            return inputTangent == null
                    ? null
                    : Folding.compact(inputTangent.mul(weights).sum(pooled)).reshape('c', output.shape());
        }

        @Override
        public INDArray vjp(INDArray cotangents) {
            long[] shape = new long[kept.length + 1];
            shape[0] = cotangents.size(0);
            System.arraycopy(kept, 0, shape, 1, kept.length);
            return Folding.compact(cotangents).reshape('c', shape).mul(Folding.broadcastable(weights));
        }
    }
}
