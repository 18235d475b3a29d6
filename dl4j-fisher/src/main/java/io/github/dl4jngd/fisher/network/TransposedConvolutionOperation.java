package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.curvature.LayerJacobian;
import io.github.dl4jngd.fisher.curvature.ParameterBlock;
import io.github.dl4jngd.fisher.curvature.Patches;
import io.github.dl4jngd.fisher.curvature.SharedJacobian;
import java.util.Optional;
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
final class TransposedConvolutionOperation implements Operation {

    /** The window over the output image, whose positions are the input's pixels. */
    private final Window window;

    private final ParameterSlice weights;
    private final ParameterSlice bias;
    private final boolean trainable;
    private final long channels;
    private final ParameterBlock block;

    TransposedConvolutionOperation(Window window, ParameterSlice weights, ParameterSlice bias, boolean trainable) {
        this.window = window;
        this.weights = weights;
        this.bias = bias;
        this.trainable = trainable;
        this.channels = weights.shape().get(0);
        long units = weights.shape().get(1);
        long[] axes = {channels, units, weights.length() / (channels * units)};
        ParameterBlock withoutBias =
                ParameterBlock.permuted(window.layer(), weights.offset(), axes, new int[] {1, 0, 2}, units);
        this.block = bias == null ? withoutBias : withoutBias.withBias(bias.offset());
    }

    @Override
    public Optional<ParameterBlock> block() {
        return trainable ? Optional.of(block) : Optional.empty();
    }

    @Override
    public RowForm rowForm() {
        return RowForm.SUM_OF_OUTER_PRODUCTS;
    }

    @Override
    public Linearized linearize(INDArray input, INDArray parameters) {
        window.checkImages(input, channels);
        INDArray x = Folding.compact(input);
        INDArray w = weightsOf(parameters);
        INDArray output = convolve(x, w);
        addBias(output, parameters);
        return new At(x, w, output);
    }

    /** [C, out kh kw]. */
    private INDArray weightsOf(INDArray parameters) {
        return weights.of(parameters).reshape('c', channels, weights.length() / channels);
    }

    private void addBias(INDArray output, INDArray parameters) {
        if (bias != null) {
            output.addi(bias.of(parameters).reshape('c', 1, block.units(), 1, 1));
        }
    }

    private INDArray convolve(INDArray x, INDArray w) {
        INDArray pixels = x.permute(0, 2, 3, 1).dup('c').reshape('c', x.length() / channels, channels);
        INDArray patches = pixels.mmul(w)
                .dup('c')
                .reshape('c', x.size(0), x.size(2), x.size(3), block.units(), window.kernel(0), window.kernel(1));
        return window.images(patches, window.transposedSize(0, x.size(2)), window.transposedSize(1, x.size(3)));
    }

    private final class At implements Linearized {

        private final INDArray x;
        private final INDArray w;
        private final INDArray output;

        At(INDArray x, INDArray w, INDArray output) {
            this.x = x;
            this.w = w;
            this.output = output;
        }

        @Override
        public INDArray output() {
            return output;
        }

        @Override
        public INDArray jvp(INDArray inputTangent, INDArray tangent) {
            INDArray result = inputTangent == null ? null : convolve(Folding.compact(inputTangent), w);
            if (!trainable) {
                return result;
            }
            INDArray own = convolve(x, weightsOf(tangent));
            addBias(own, tangent);
            return result == null ? own : result.addi(own);
        }

        @Override
        public INDArray vjp(INDArray cotangents) {
            INDArray folded = Folding.fold(cotangents);
            INDArray patches = window.patches(folded);
            INDArray pixels = patches.reshape('c', patches.length() / w.size(1), w.size(1))
                    .mmul(w.transpose())
                    .dup('c')
                    .reshape('c', folded.size(0), x.size(2), x.size(3), channels);
            return Folding.unfold(pixels.permute(0, 3, 1, 2).dup('c'), cotangents.size(0));
        }

        @Override
        public LayerJacobian jacobian(INDArray cotangents, Parameterization scaling, boolean coupled) {
            INDArray delta = Folding.compact(cotangents)
                    .reshape('c', cotangents.size(0), cotangents.size(1), block.units(), positions());
            return new SharedJacobian(block, new Spread(scaling.rootScales(block)), delta, coupled);
        }

        private long positions() {
            return output.size(2) * output.size(3);
        }

        /** The input's pixels where the kernel's elements take them from, at every position of the output. */
        private final class Spread implements Patches {

            private final double[] rootScales;

            Spread(double[] rootScales) {
                this.rootScales = rootScales;
            }

            @Override
            public long samples() {
                return x.size(0);
            }

            @Override
            public long positions() {
                return At.this.positions();
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
}
