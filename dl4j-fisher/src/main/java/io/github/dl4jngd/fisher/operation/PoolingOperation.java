package io.github.dl4jngd.fisher.operation;

import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Max, average and p-norm pooling of NCHW images: DL4J's SubsamplingLayer.
 *
 * <p>Forward are the operations {@code maxpool2d}, {@code avgpool2d} and {@code pnormpool2d}. The derivative of every
 * kind is a weight for each input of each window, so that jvp is Σ w ∘ patches(ẋ) and vjp the adjoint of {@code im2col}
 * applied to w ∘ δ: one-hot at the first maximum, 1/(number of inputs), |x|^{p−1} sgn(x) y^{1−p}.
 */
final class PoolingOperation implements Operation {

    private static final int NCHW = 0;

    private final Window window;
    private final PoolingType type;
    private final int pnorm;
    private final boolean countsPadding;

    PoolingOperation(Window window, PoolingType type, int pnorm, boolean countsPadding) {
        this.window = window;
        this.type = type;
        this.pnorm = pnorm;
        this.countsPadding = countsPadding;
    }

    @Override
    public Linearized linearize(INDArray input, INDArray parameters) {
        INDArray x = Folding.compact(input);
        INDArray output = forward(x);
        return new At(x, output, weights(x, output));
    }

    private INDArray forward(INDArray x) {
        INDArray output = Nd4j.createUninitialized(
                x.dataType(),
                new long[] {x.size(0), x.size(1), window.outputSize(0, x.size(2)), window.outputSize(1, x.size(3))},
                'c');
        String operation =
                switch (type) {
                    case MAX -> "maxpool2d";
                    case PNORM -> "pnormpool2d";
                    default -> "avgpool2d";
                };
        int extra = type == PoolingType.PNORM ? pnorm : type == PoolingType.AVG && countsPadding ? 1 : 0;
        Nd4j.exec(DynamicCustomOp.builder(operation)
                .addInputs(x)
                .addOutputs(output)
                .addIntegerArguments(window.arguments(x.size(2), x.size(3), extra, NCHW))
                .build());
        return output;
    }

    /** [N, H', W', C, kh kw]. */
    private INDArray patches(INDArray x) {
        INDArray patches = window.patches(x);
        long[] s = patches.shape();
        return patches.reshape('c', s[0], s[1], s[2], s[3], s[4] * s[5]);
    }

    private static INDArray channelsLast(INDArray images) {
        INDArray moved = images.permute(0, 2, 3, 1).dup('c');
        long[] s = moved.shape();
        return moved.reshape('c', s[0], s[1], s[2], s[3], 1);
    }

    /**
     * ∂y/∂x of every window's inputs, [N, H', W', C, kh kw]; one sample stands for all where the inputs do not matter.
     */
    private INDArray weights(INDArray x, INDArray output) {
        switch (type) {
            case MAX -> {
                INDArray patches = patches(x);
                if (window.hangsOver(x.size(2), x.size(3))) {
                    // zeros outside the image must not win against negative values inside
                    INDArray outside = patches(Nd4j.ones(x.dataType(), 1, 1, x.size(2), x.size(3)))
                            .rsub(1);
                    patches = patches.add(outside.mul(Math.min(0, x.minNumber().doubleValue()) * 2 - 1));
                }
                long size = patches.size(4);
                INDArray winners = patches.argMax(4).castTo(x.dataType());
                long[] shape = patches.shape().clone();
                shape[4] = 1;
                INDArray index = Nd4j.arange((double) size).castTo(x.dataType()).reshape('c', 1, 1, 1, 1, size);
                return winners.dup('c').reshape('c', shape).sub(index).eq(0).castTo(x.dataType());
            }
            case PNORM -> {
                INDArray patches = patches(x);
                INDArray y = channelsLast(output);
                INDArray empty = y.eq(0).castTo(x.dataType());
                INDArray outer = Transforms.pow(y.add(empty), 1 - pnorm, false).mul(empty.rsub(1));
                return Transforms.pow(Transforms.abs(patches, true), pnorm - 1, false)
                        .muli(Transforms.sign(patches, true))
                        .muli(outer);
            }
            default -> {
                INDArray ones = Nd4j.ones(x.dataType(), 1, 1, x.size(2), x.size(3));
                INDArray present = patches(ones);
                INDArray divisor = countsPadding
                        ? Nd4j.valueArrayOf(new long[] {1}, window.kernel(0) * (double) window.kernel(1), x.dataType())
                                .reshape('c', 1, 1, 1, 1, 1)
                        : present.sum(true, 4);
                return present.div(divisor);
            }
        }
    }

    private final class At implements Linearized {

        private final INDArray x;
        private final INDArray output;
        private final INDArray weights;

        At(INDArray x, INDArray output, INDArray weights) {
            this.x = x;
            this.output = output;
            this.weights = weights;
        }

        @Override
        public INDArray output() {
            return output;
        }

        @Override
        public @Nullable INDArray jvp(@Nullable INDArray inputTangent, INDArray tangent) {
            return inputTangent == null
                    ? null
                    : patches(Folding.compact(inputTangent))
                            .muli(weights)
                            .sum(4)
                            .permute(0, 3, 1, 2)
                            .dup('c');
        }

        @Override
        public INDArray vjp(INDArray cotangents) {
            long count = cotangents.size(0);
            INDArray result = Nd4j.createUninitialized(
                    cotangents.dataType(), new long[] {count, x.size(0), x.size(1), x.size(2), x.size(3)}, 'c');
            for (long k = 0; k < count; k++) {
                INDArray weighted = channelsLast(cotangents.slice(k)).mul(weights);
                long[] s = weighted.shape();
                result.slice(k)
                        .assign(window.images(
                                weighted.reshape('c', s[0], s[1], s[2], s[3], window.kernel(0), window.kernel(1)),
                                x.size(2),
                                x.size(3)));
            }
            return result;
        }
    }
}
