package io.github.dl4jngd.fisher.operation;

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
 * sgn(x) y^{1−p}.
 */
final class GlobalPoolingOperation implements Operation {

    private final PoolingType type;
    private final int pnorm;
    private final int @Nullable [] axes;
    private final boolean collapse;

    /**
     * A pooling over axes.
     *
     * @param axes the axes to pool over; null for all behind the second
     * @param collapse whether pooled axes disappear
     */
    GlobalPoolingOperation(PoolingType type, int pnorm, int @Nullable [] axes, boolean collapse) {
        this.type = type;
        this.pnorm = pnorm;
        this.axes = axes;
        this.collapse = collapse;
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
        INDArray sum =
                switch (type) {
                    case MAX -> input.max(pooled);
                    case AVG -> input.mean(pooled);
                    case SUM -> input.sum(pooled);
                    default ->
                        Transforms.pow(
                                Transforms.pow(Transforms.abs(input, true), pnorm, false)
                                        .sum(pooled),
                                1.0 / pnorm,
                                false);
                };
        INDArray weights =
                switch (type) {
                    case MAX ->
                        Nd4j.exec(new IsMax(
                                input, Nd4j.createUninitialized(input.dataType(), input.shape(), 'c'), pooled))[0];
                    case AVG ->
                        Nd4j.valueArrayOf(input.shape(), (double) sum.length() / input.length(), input.dataType());
                    case SUM -> Nd4j.onesLike(input);
                    default -> {
                        INDArray y = sum.dup('c').reshape('c', kept);
                        INDArray empty = y.eq(0).castTo(y.dataType());
                        INDArray outer =
                                Transforms.pow(y.add(empty), 1 - pnorm, false).mul(empty.rsub(1));
                        yield Transforms.pow(Transforms.abs(input, true), pnorm - 1, false)
                                .muli(Transforms.sign(input, true))
                                .muli(outer);
                    }
                };
        long[] shape = collapse ? sum.shape() : kept;
        INDArray output = Folding.compact(sum).reshape('c', shape);
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
