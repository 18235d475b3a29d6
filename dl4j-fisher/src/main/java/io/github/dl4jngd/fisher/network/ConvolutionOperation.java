package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.curvature.LayerJacobian;
import io.github.dl4jngd.fisher.curvature.ParameterBlock;
import io.github.dl4jngd.fisher.curvature.Patches;
import io.github.dl4jngd.fisher.curvature.SharedJacobian;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * z = conv(x, W) + b for x [N, C, H, W] and W [out, C, kh, kw], row-major: DL4J's ConvolutionLayer.
 *
 * <p>Forward and jvp are the operation {@code conv2d}, the vjp {@code conv2d_bp}, which oneDNN runs; dilated
 * convolutions, which it does not in float32, are {@code im2col} and a matrix product, as DL4J's own. The jvp is
 * conv(ẋ, W) + conv(x, Ẇ) + ḃ.
 */
final class ConvolutionOperation implements Operation {

    private final Window window;
    private final ParameterSlice weights;
    private final ParameterSlice bias;
    private final boolean trainable;
    private final ParameterBlock block;

    /** Whether weights lie as [kernel, in, out], as DL4J reads those of sequences, and not as [out, in, kh, kw]. */
    private final boolean kernelFirst;

    ConvolutionOperation(
            Window window, ParameterSlice weights, ParameterSlice bias, boolean trainable, boolean kernelFirst) {
        this.window = window;
        this.weights = weights;
        this.bias = bias;
        this.trainable = trainable;
        this.kernelFirst = kernelFirst;
        long units = weights.shape().get(0);
        ParameterBlock withoutBias = kernelFirst
                ? ParameterBlock.permuted(
                        window.layer(),
                        weights.offset(),
                        new long[] {window.kernel(0), channels(), units},
                        new int[] {2, 1, 0},
                        units)
                : ParameterBlock.of(window.layer(), weights.offset(), weights.length() / units, units);
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

    private long channels() {
        return weights.shape().get(1);
    }

    /** [out, in, kh, kw]. */
    private INDArray weightsOf(INDArray parameters) {
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
    public Linearized linearize(INDArray input, INDArray parameters) {
        window.checkImages(input, channels());
        INDArray x = Folding.compact(input);
        INDArray w = weightsOf(parameters);
        INDArray output = convolve(x, w);
        addBias(output, parameters);
        return new At(x, w, output);
    }

    private void addBias(INDArray output, INDArray parameters) {
        if (bias != null) {
            output.addi(bias.of(parameters).reshape('c', 1, block.units(), 1, 1));
        }
    }

    private INDArray convolve(INDArray x, INDArray w) {
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
            INDArray result =
                    window.isDilated() ? viaPatches(folded) : NativeConvolution.FULL.backward(window, x, w, folded);
            return Folding.unfold(result, cotangents.size(0));
        }

        @Override
        public boolean sumsRows() {
            return !window.isDilated() && !kernelFirst;
        }

        /** Both adjoints are one native operation. */
        @Override
        public INDArray pullBack(INDArray cotangent, boolean toInput, INDArray gradient) {
            if (!trainable || !sumsRows()) {
                return toInput ? vjp(cotangent) : null;
            }
            INDArray delta = Folding.fold(cotangent);
            INDArray weightsGradient = Nd4j.createUninitialized(x.dataType(), w.shape(), 'c');
            INDArray back = NativeConvolution.FULL.backward(window, x, w, delta, weightsGradient);
            INDArray target = weights.of(gradient);
            target.assign(weightsGradient.reshape('c', target.shape()));
            if (bias != null) {
                INDArray shift = bias.of(gradient);
                shift.assign(Sums.perChannel(delta).reshape('c', shift.shape()));
            }
            return toInput ? Folding.unfold(back, 1) : null;
        }

        private INDArray viaPatches(INDArray folded) {
            INDArray delta =
                    folded.permute(0, 2, 3, 1).dup('c').reshape('c', folded.length() / block.units(), block.units());
            INDArray patches = delta.mmul(w.reshape('c', block.units(), block.weightInputs()));
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
                    x.size(2),
                    x.size(3));
        }

        @Override
        public LayerJacobian jacobian(INDArray cotangents, Parameterization scaling, boolean coupled) {
            long[] shape = cotangents.shape();
            INDArray delta =
                    Folding.compact(cotangents).reshape('c', shape[0], shape[1], shape[2], shape[3] * shape[4]);
            return new SharedJacobian(block, new ImagePatches(x, scaling.rootScales(block)), delta, coupled);
        }
    }

    private final class ImagePatches implements Patches {

        private final INDArray x;
        private final double[] rootScales;

        ImagePatches(INDArray x, double[] rootScales) {
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
