package io.github.dl4jngd.fisher.operation;

import io.github.dl4jngd.fisher.jacobian.FormedJacobian;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * z_{c,m} = conv(x_c, W_{m,c}) + b_{c,m} for x [N, C, H, W], output channel c · multiplier + m: DL4J's
 * DepthwiseConvolution2D, whose weights are [kh, kw, C, multiplier], and the first half of its SeparableConvolution2D,
 * whose are [multiplier, C, kh, kw], both row-major.
 *
 * <p>Forward and jvp are the operation {@code depthwise_conv2d}, the vjp {@code depthwise_conv2d_bp}. A unit is an
 * output channel, whose few weights see one input channel; its rows Σ_t ã_{c,t} δ_{c,m,t} are formed.
 */
final class DepthwiseConvolutionOperation extends BilinearOperation {

    /** How many elements of patches are made at a time. */
    private static final long CHUNK_ELEMENTS = 1L << 22;

    private final Window window;
    private final NativeConvolution convolution;
    private final long multiplier;
    private final long channels;

    private DepthwiseConvolutionOperation(
            Window window,
            ParameterSlice weights,
            @Nullable ParameterSlice bias,
            boolean trainable,
            NativeConvolution convolution,
            ParameterBlock withoutBias) {
        super(weights, bias, trainable, withoutBias);
        this.window = window;
        this.convolution = convolution;
        this.channels = weights.shape().get(convolution == NativeConvolution.DEPTHWISE ? 1 : 2);
        this.multiplier = withoutBias.units() / channels;
    }

    /** A layer of its own. */
    static DepthwiseConvolutionOperation kernelFirst(
            Window window, ParameterSlice weights, @Nullable ParameterSlice bias, boolean trainable) {
        long units = weights.shape().get(2) * weights.shape().get(3);
        ParameterBlock block = ParameterBlock.permuted(
                window.layer(),
                weights.offset(),
                new long[] {weights.length() / units, units},
                new int[] {1, 0},
                units);
        return new DepthwiseConvolutionOperation(
                window, weights, bias, trainable, NativeConvolution.DEPTHWISE_KERNEL_FIRST, block);
    }

    /** The first half of a separable convolution. */
    static DepthwiseConvolutionOperation multiplierFirst(Window window, ParameterSlice weights, boolean trainable) {
        long multiplier = weights.shape().get(0);
        long channels = weights.shape().get(1);
        ParameterBlock block = ParameterBlock.permuted(
                window.layer(),
                weights.offset(),
                new long[] {multiplier, channels, weights.length() / (multiplier * channels)},
                new int[] {1, 0, 2},
                multiplier * channels);
        return new DepthwiseConvolutionOperation(window, weights, null, trainable, NativeConvolution.DEPTHWISE, block);
    }

    @Override
    void check(INDArray input) {
        window.checkImages(input, channels);
    }

    @Override
    INDArray weightsOf(INDArray parameters) {
        return weights.of(parameters);
    }

    @Override
    INDArray map(INDArray x, INDArray w) {
        return convolution.forward(window, x, w, block.units());
    }

    @Override
    INDArray vjpToInput(At at, INDArray cotangents) {
        INDArray folded = Folding.fold(cotangents);
        return Folding.unfold(convolution.backward(window, at.x, at.w, folded), cotangents.size(0));
    }

    @Override
    LayerJacobian jacobian(At at, INDArray cotangents, Parameterization scaling, boolean coupled) {
        long count = cotangents.size(0);
        long samples = cotangents.size(1);
        long positions = at.output.size(2) * at.output.size(3);
        INDArray delta = Folding.compact(cotangents).reshape('c', count, samples, channels, multiplier, positions);
        INDArray rows = Nd4j.create(
                at.x.dataType(),
                coupled ? new long[] {count, block.parameters()} : new long[] {count, samples, block.parameters()});
        long step = Math.max(1, CHUNK_ELEMENTS / (channels * block.inputs() * positions));
        for (long from = 0; from < samples; from += step) {
            long to = Math.min(samples, from + step);
            INDArray patches = patches(at.x, from, to, positions, scaling.rootScales(block));
            for (long k = 0; k < count; k++) {
                INDArray own = delta.slice(k)
                        .get(NDArrayIndex.interval(from, to))
                        .dup('c')
                        .reshape('c', (to - from) * channels, multiplier, positions);
                INDArray products = Nd4j.matmul(own, patches, false, true, false)
                        .dup('c')
                        .reshape('c', to - from, block.parameters());
                if (coupled) {
                    rows.slice(k).addi(products.sum(0));
                } else {
                    rows.slice(k)
                            .get(NDArrayIndex.interval(from, to), NDArrayIndex.all())
                            .assign(products);
                }
            }
        }
        return new FormedJacobian(block, rows.reshape('c', -1, block.parameters()), coupled);
    }

    /** ã of every sample and channel, [n C, inputs, T]. */
    private INDArray patches(INDArray x, long from, long to, long positions, double @Nullable [] rootScales) {
        INDArray images =
                x.get(NDArrayIndex.interval(from, to), NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.all());
        INDArray columns = window.columns(images).reshape('c', (to - from) * channels, block.weightInputs(), positions);
        return AugmentedInput.ofColumns(columns, block, rootScales);
    }
}
