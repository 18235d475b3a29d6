package io.github.dl4jngd.fisher.operation;

import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.jacobian.Patches;
import io.github.dl4jngd.fisher.jacobian.RowForm;
import io.github.dl4jngd.fisher.jacobian.WeightSharedJacobian;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * z = conv(x, W) + b for x [N, C, H, W] and W [out, C, kh, kw], row-major: DL4J's ConvolutionLayer.
 *
 * <p>Forward and jvp are the operation {@code conv2d}, the vjp {@code conv2d_bp}, which oneDNN runs; dilated
 * convolutions, which it does not in float32, are {@code im2col} and a matrix product, as DL4J's own.
 */
final class ConvolutionOperation extends BilinearOperation {

    private final Window window;

    /** Whether weights lie as [kernel, in, out], as DL4J reads those of sequences, and not as [out, in, kh, kw]. */
    private final boolean kernelFirst;

    ConvolutionOperation(
            Window window,
            ParameterSlice weights,
            @Nullable ParameterSlice bias,
            boolean trainable,
            boolean kernelFirst) {
        super(weights, bias, trainable, matrix(window, weights, kernelFirst));
        this.window = window;
        this.kernelFirst = kernelFirst;
    }

    private static ParameterBlock matrix(Window window, ParameterSlice weights, boolean kernelFirst) {
        long units = weights.shape().get(0);
        return kernelFirst
                ? ParameterBlock.permuted(
                        window.layer(),
                        weights.offset(),
                        new long[] {window.kernel(0), weights.shape().get(1), units},
                        new int[] {2, 1, 0},
                        units)
                : ParameterBlock.of(window.layer(), weights.offset(), weights.length() / units, units);
    }

    @Override
    public RowForm rowForm() {
        return RowForm.SUM_OF_OUTER_PRODUCTS;
    }

    private long channels() {
        return weights.shape().get(1);
    }

    @Override
    void check(INDArray input) {
        window.checkImages(input, channels());
    }

    /** [out, in, kh, kw]. */
    @Override
    INDArray weightsOf(INDArray parameters) {
        INDArray flat = weights.of(parameters);
        if (kernelFirst) {
            flat = flat.dup('c')
                    .reshape('c', window.kernel(0), channels(), block.units())
                    .permute(2, 1, 0)
                    .dup('c');
        }
        return flat.reshape('c', block.units(), channels(), window.kernel(0), window.kernel(1));
    }

    @Override
    INDArray map(INDArray x, INDArray w) {
        if (window.isDilated()) {
            long oh = window.outputSize(0, x.size(2));
            long ow = window.outputSize(1, x.size(3));
            INDArray z = flatPatches(x)
                    .mmul(w.reshape('c', block.units(), w.length() / block.units())
                            .transpose());
            return z.dup('c')
                    .reshape('c', x.size(0), oh, ow, block.units())
                    .permute(0, 3, 1, 2)
                    .dup('c');
        }
        return NativeConvolution.FULL.forward(window, x, w, block.units());
    }

    /** [N T, C kh kw]. */
    private INDArray flatPatches(INDArray x) {
        INDArray patches = window.patches(x);
        long width = block.weightInputs();
        return patches.reshape('c', patches.length() / width, width);
    }

    @Override
    INDArray vjpToInput(At at, INDArray cotangents) {
        INDArray folded = Folding.fold(cotangents);
        INDArray result = window.isDilated()
                ? viaPatches(at, folded)
                : NativeConvolution.FULL.backward(window, at.x, at.w, folded);
        return Folding.unfold(result, cotangents.size(0));
    }

    @Override
    boolean sumsRows() {
        return !window.isDilated() && !kernelFirst;
    }

    /** Both adjoints are one native operation. */
    @Override
    @Nullable INDArray vjpToBoth(At at, INDArray cotangent, boolean toInput, INDArray gradient) {
        INDArray delta = Folding.fold(cotangent);
        INDArray weightsGradient = Nd4j.createUninitialized(at.x.dataType(), at.w.shape(), 'c');
        INDArray back = NativeConvolution.FULL.backward(window, at.x, at.w, delta, weightsGradient);
        INDArray target = weights.of(gradient);
        target.assign(weightsGradient.reshape('c', target.shape()));
        if (bias != null) {
            INDArray shift = bias.of(gradient);
            shift.assign(Sums.perChannel(delta).reshape('c', shift.shape()));
        }
        return toInput ? Folding.unfold(back, 1) : null;
    }

    private INDArray viaPatches(At at, INDArray folded) {
        INDArray delta =
                folded.permute(0, 2, 3, 1).dup('c').reshape('c', folded.length() / block.units(), block.units());
        INDArray patches = delta.mmul(at.w.reshape('c', block.units(), block.weightInputs()));
        return window.images(
                patches.dup('c')
                        .reshape(
                                'c',
                                folded.size(0),
                                folded.size(2),
                                folded.size(3),
                                channels(),
                                window.kernel(0),
                                window.kernel(1)),
                at.x.size(2),
                at.x.size(3));
    }

    @Override
    LayerJacobian jacobian(At at, INDArray cotangents, Parameterization scaling, boolean coupled) {
        long[] shape = cotangents.shape();
        INDArray delta = Folding.compact(cotangents).reshape('c', shape[0], shape[1], shape[2], shape[3] * shape[4]);
        return new WeightSharedJacobian(block, new ImagePatches(at.x, scaling.rootScales(block)), delta, coupled);
    }

    private final class ImagePatches implements Patches {

        private final INDArray x;
        private final double @Nullable [] rootScales;

        ImagePatches(INDArray x, double @Nullable [] rootScales) {
            this.x = x;
            this.rootScales = rootScales;
        }

        @Override
        public long samples() {
            return x.size(0);
        }

        @Override
        public long positions() {
            return window.outputSize(0, x.size(2)) * window.outputSize(1, x.size(3));
        }

        @Override
        public INDArray columns(long from, long to) {
            INDArray columns = window.columns(
                    x.get(NDArrayIndex.interval(from, to), NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.all()));
            return AugmentedInput.ofColumns(columns, block, rootScales);
        }
    }
}
