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
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * z_o = Σ_c convᵀ(x_c, W_{c,o}) + b_o for x [N, C, H, W] and W [C, out, kh, kw], row-major: DL4J's Deconvolution2D, the
 * adjoint of a convolution over the larger image.
 *
 * <p>Forward and jvp are a matrix product and {@code col2im}, the vjp {@code im2col} and a product, which is what
 * {@code deconv2d} does inside (whose derivative throws for dilated kernels in float32 with oneDNN). To an output
 * position the layer is a convolution with stride 1 over the input with zeros between its pixels; from there are its
 * patches and hence its rows and factors.
 */
final class TransposedConvolutionOperation extends BilinearOperation {

    /** The window over the output image, whose positions are the input's pixels. */
    private final Window window;

    private final long channels;

    TransposedConvolutionOperation(
            Window window, ParameterSlice weights, @Nullable ParameterSlice bias, boolean trainable) {
        super(weights, bias, trainable, matrix(window, weights));
        this.window = window;
        this.channels = weights.shape().get(0);
    }

    private static ParameterBlock matrix(Window window, ParameterSlice weights) {
        long in = weights.shape().get(0);
        long units = weights.shape().get(1);
        long[] axes = {in, units, weights.length() / (in * units)};
        return ParameterBlock.permuted(window.layer(), weights.offset(), axes, new int[] {1, 0, 2}, units);
    }

    @Override
    public RowForm rowForm() {
        return RowForm.SUM_OF_OUTER_PRODUCTS;
    }

    @Override
    void check(INDArray input) {
        window.checkImages(input, channels);
    }

    /** [C, out kh kw]. */
    @Override
    INDArray weightsOf(INDArray parameters) {
        return weights.of(parameters).reshape('c', channels, weights.length() / channels);
    }

    @Override
    INDArray map(INDArray x, INDArray w) {
        INDArray pixels = x.permute(0, 2, 3, 1).dup('c').reshape('c', x.length() / channels, channels);
        INDArray patches = pixels.mmul(w)
                .dup('c')
                .reshape('c', x.size(0), x.size(2), x.size(3), block.units(), window.kernel(0), window.kernel(1));
        return window.images(patches, window.transposedSize(0, x.size(2)), window.transposedSize(1, x.size(3)));
    }

    @Override
    INDArray vjpToInput(At at, INDArray cotangents) {
        INDArray folded = Folding.fold(cotangents);
        INDArray patches = window.patches(folded);
        INDArray pixels = patches.reshape('c', patches.length() / at.w.size(1), at.w.size(1))
                .mmul(at.w.transpose())
                .dup('c')
                .reshape('c', folded.size(0), at.x.size(2), at.x.size(3), channels);
        return Folding.unfold(pixels.permute(0, 3, 1, 2).dup('c'), cotangents.size(0));
    }

    @Override
    LayerJacobian jacobian(At at, INDArray cotangents, Parameterization scaling, boolean coupled) {
        long positions = at.output.size(2) * at.output.size(3);
        INDArray delta = Folding.compact(cotangents)
                .reshape('c', cotangents.size(0), cotangents.size(1), block.units(), positions);
        return new WeightSharedJacobian(block, new Spread(at, scaling.rootScales(block)), delta, coupled);
    }

    /** The input's pixels where the kernel's elements take them from, at every position of the output. */
    private final class Spread implements Patches {

        private final INDArray x;
        private final INDArray output;
        private final double @Nullable [] rootScales;

        Spread(At at, double @Nullable [] rootScales) {
            this.x = at.x;
            this.output = at.output;
            this.rootScales = rootScales;
        }

        @Override
        public long samples() {
            return x.size(0);
        }

        @Override
        public long positions() {
            return output.size(2) * output.size(3);
        }

        @Override
        public INDArray columns(long from, long to) {
            long samples = to - from;
            INDArray columns = Nd4j.create(
                    x.dataType(),
                    samples,
                    channels,
                    window.kernel(0),
                    window.kernel(1),
                    output.size(2),
                    output.size(3));
            for (int i = 0; i < window.kernel(0); i++) {
                Window.Reach rows = window.reach(0, i, x.size(2), output.size(2));
                for (int j = 0; j < window.kernel(1); j++) {
                    Window.Reach across = window.reach(1, j, x.size(3), output.size(3));
                    if (rows.isEmpty() || across.isEmpty()) {
                        continue;
                    }
                    INDArrayIndex all = NDArrayIndex.all();
                    columns.get(
                                    all,
                                    all,
                                    NDArrayIndex.point(i),
                                    NDArrayIndex.point(j),
                                    rows.targets(),
                                    across.targets())
                            .assign(x.get(NDArrayIndex.interval(from, to), all, rows.sources(), across.sources()));
                }
            }
            return AugmentedInput.ofColumns(
                    columns.reshape('c', samples, block.weightInputs(), positions()), block, rootScales);
        }
    }
}
