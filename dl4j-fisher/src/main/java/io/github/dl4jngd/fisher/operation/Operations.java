package io.github.dl4jngd.fisher.operation;

import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The palette: every {@link Operation} that the built-in rules are made of, for rules of one's own, and the {@link
 * Junction}s of graphs.
 *
 * <p>A rule has names and slices from the layer's description: {@code layer.name()}, {@code layer.parameter("W")},
 * {@code layer.parameterOrNull("b")}, {@code layer.trainable()}. Operations that are not trainable treat their
 * parameters as constants.
 * Images are [N, C, H, W], sequences [N, C, L].
 */
public final class Operations {

    private Operations() {}

    /**
     * z = x W + b, x [N, in], W [in, out].
     *
     * @param layer the name of the block of parameters
     * @param weights W, column-major
     * @param bias b, [out] or [1, out]; null for none
     * @param trainable whether W and b are parameters and not constants
     * @return the operation; its rows are outer products
     */
    public static Operation dense(
            String layer, ParameterSlice weights, @Nullable ParameterSlice bias, boolean trainable) {
        return new DenseOperation(layer, weights, bias, trainable);
    }

    /**
     * z = conv(x, W) + b over images.
     *
     * @param window kernel, stride, padding and dilation, with the name of the block of parameters
     * @param weights W, [out, in, kh, kw], row-major
     * @param bias b, of length out; null for none
     * @param trainable whether W and b are parameters and not constants
     * @return the operation; its rows are sums of outer products over positions
     */
    public static Operation convolution(
            Window window, ParameterSlice weights, @Nullable ParameterSlice bias, boolean trainable) {
        return new ConvolutionOperation(window, weights, bias, trainable, false);
    }

    /**
     * The same over sequences as images of width 1, with weights as DL4J reads them there.
     *
     * @param window a window of width 1
     * @param weights W, [kernel, in, out] whatever shape the slice says, row-major
     * @param bias b, of length out; null for none
     * @param trainable whether W and b are parameters and not constants
     * @return the operation, between {@link #addTrailingAxis()} and {@link #dropTrailingAxis()}
     */
    public static Operation sequenceConvolution(
            Window window, ParameterSlice weights, @Nullable ParameterSlice bias, boolean trainable) {
        return new ConvolutionOperation(window, weights, bias, trainable, true);
    }

    /**
     * z_{c,m} = conv(x_c, W_{m,c}) + b_{c,m}.
     *
     * @param window kernel, stride, padding and dilation
     * @param weights W, [kh, kw, in, multiplier], row-major
     * @param bias b, of length in · multiplier; null for none
     * @param trainable whether W and b are parameters and not constants
     * @return the operation; its rows are formed
     */
    public static Operation depthwiseConvolution(
            Window window, ParameterSlice weights, @Nullable ParameterSlice bias, boolean trainable) {
        return DepthwiseConvolutionOperation.kernelFirst(window, weights, bias, trainable);
    }

    /**
     * The first half of a separable convolution; the second is a {@link #convolution} with {@link Window#pointwise}.
     *
     * @param window kernel, stride, padding and dilation
     * @param weights W, [multiplier, in, kh, kw], row-major
     * @param trainable whether W is a parameter and not a constant
     * @return the operation; its rows are formed
     */
    public static Operation separableDepthwise(Window window, ParameterSlice weights, boolean trainable) {
        return DepthwiseConvolutionOperation.multiplierFirst(window, weights, trainable);
    }

    /**
     * The adjoint of a convolution over the larger image.
     *
     * @param window the window over the output
     * @param weights W, [in, out, kh, kw], row-major
     * @param bias b, of length out; null for none
     * @param trainable whether W and b are parameters and not constants
     * @return the operation; its rows are sums of outer products over positions
     */
    public static Operation transposedConvolution(
            Window window, ParameterSlice weights, @Nullable ParameterSlice bias, boolean trainable) {
        return new TransposedConvolutionOperation(window, weights, bias, trainable);
    }

    /**
     * a = φ(z), element by element, for an activation of DL4J.
     *
     * @param activation φ, of which φ′ is taken by its {@code backprop}
     * @return the operation
     */
    public static Operation elementwise(IActivation activation) {
        return ElementwiseOperation.of(activation);
    }

    /**
     * a = φ(z), element by element, for any function.
     *
     * @param function φ, which returns a new array of its argument's shape
     * @param derivative φ′, likewise
     * @return the operation
     */
    public static Operation elementwise(UnaryOperator<INDArray> function, UnaryOperator<INDArray> derivative) {
        return ElementwiseOperation.of(function, derivative);
    }

    /**
     * z = γ x̂ + β per channel, x̂ the input normalised over all other axes.
     *
     * @param layer the name of the block of parameters
     * @param channels C
     * @param scale γ and β
     * @param running the running statistics
     * @param epsilon what is added to the variance
     * @param statistics which statistics, and whether they have a derivative
     * @param trainable whether γ and β are parameters and not constants
     * @return the operation; its rows are formed
     */
    public static Operation batchNormalization(
            String layer,
            long channels,
            BatchScale scale,
            RunningStatistics running,
            double epsilon,
            BatchStatistics statistics,
            boolean trainable) {
        return new BatchNormalizationOperation(layer, channels, scale, running, epsilon, statistics, trainable);
    }

    /**
     * What scales and shifts behind a batch normalisation.
     *
     * @param gamma where γ lies; null where both are locked
     * @param beta where β lies; null where both are locked
     * @param fixedGamma γ where both are locked
     * @param fixedBeta β where both are locked
     */
    public record BatchScale(
            @Nullable ParameterSlice gamma, @Nullable ParameterSlice beta, double fixedGamma, double fixedBeta) {

        /**
         * Checks that γ and β are both locked or both not.
         *
         * @param gamma where γ lies
         * @param beta where β lies
         * @param fixedGamma γ where both are locked
         * @param fixedBeta β where both are locked
         */
        public BatchScale {
            if ((gamma == null) != (beta == null)) {
                throw new IllegalArgumentException("γ and β must both be parameters or both be locked, but only "
                        + (gamma == null ? "γ" : "β") + " is locked");
            }
        }
    }

    /**
     * Where the running statistics of a batch normalisation are.
     *
     * @param mean the mean of every channel
     * @param variance the variance of every channel; null where {@code logDeviation} is kept instead
     * @param logDeviation log10 of the standard deviation; null where {@code variance} is kept
     */
    public record RunningStatistics(
            ParameterSlice mean, @Nullable ParameterSlice variance, @Nullable ParameterSlice logDeviation) {}

    /**
     * z = g x̂ + b, x̂ the input [N, units] normalised over the units of each sample.
     *
     * @param name the name of the block of parameters
     * @param gain g
     * @param bias b; null for none
     * @param trainable whether g and b are parameters and not constants
     * @return the operation; its rows are formed
     */
    public static Operation layerNormalization(
            String name, ParameterSlice gain, @Nullable ParameterSlice bias, boolean trainable) {
        return new LayerNormalizationOperation(name, gain, bias, trainable);
    }

    /**
     * y_c = x_c (k + α Σ_j x_j²)^{−β} over the channels j within {@code reach} of c.
     *
     * @param reach how many channels to either side
     * @param k k
     * @param alpha α
     * @param beta β
     * @return the operation
     */
    public static Operation localResponseNormalization(int reach, double k, double alpha, double beta) {
        return new LocalResponseNormalizationOperation(reach, k, alpha, beta);
    }

    /**
     * y = x/max(‖x‖, ε) for every sample.
     *
     * @param epsilon ε
     * @return the operation
     */
    public static Operation l2Normalization(double epsilon) {
        return new L2NormalizeOperation(epsilon);
    }

    /**
     * Max, average or p-norm pooling of images.
     *
     * @param window kernel, stride, padding and dilation
     * @param type MAX, AVG or PNORM
     * @param pnorm p of a p-norm
     * @param countsPadding whether an average counts the padding
     * @return the operation
     */
    public static Operation pooling(Window window, PoolingType type, int pnorm, boolean countsPadding) {
        return new PoolingOperation(window, type, pnorm, countsPadding);
    }

    /**
     * Max, average, sum or p-norm over whole axes, with masks left out where the layer holds one.
     *
     * @param layer the layer's name for messages
     * @param type what is pooled
     * @param pnorm p of a p-norm
     * @param axes the axes to pool over; null for all behind the second
     * @param collapse whether pooled axes disappear
     * @return the operation
     */
    public static Operation globalPooling(
            String layer, PoolingType type, int pnorm, int @Nullable [] axes, boolean collapse) {
        return new GlobalPoolingOperation(layer, type, pnorm, axes, collapse, null);
    }

    /**
     * y = s x + t.
     *
     * @param scale s
     * @param shift t
     * @return the operation
     */
    public static Operation scaleShift(double scale, double shift) {
        return new ScaleShiftOperation(scale, shift);
    }

    /**
     * Part of the second axis.
     *
     * @param from the first channel
     * @param to the channel after the last
     * @return the operation
     */
    public static Operation subset(long from, long to) {
        return new SubsetOperation(from, to);
    }

    /**
     * Every sample reshaped, row-major.
     *
     * @param layer the layer's name for messages
     * @param sample the shape of one sample; empty to flatten
     * @return the operation
     */
    public static Operation reshape(String layer, long... sample) {
        return new ReshapeOperation(layer, sample);
    }

    /**
     * p = softmax(z) over the last axis, as DL4J takes it: over the classes of [N, C] and of NHWC images, but over the
     * length of sequences [N, C, L].
     *
     * @return the operation
     */
    public static Operation softmax() {
        return new SoftmaxOperation();
    }

    /**
     * Axes in another order.
     *
     * @param axes where each axis comes from; the first stays
     * @return the operation
     */
    public static Operation permute(int... axes) {
        return new PermuteOperation(axes.clone());
    }

    /**
     * An operation whose outputs [N, units] are multiplied by a number for each sample.
     *
     * @param inner the operation
     * @param mask one number a sample, [N, 1]
     * @return the masked operation
     */
    public static Operation rowMasked(Operation inner, INDArray mask) {
        return new RowMaskedOperation(inner, mask.reshape(mask.length(), 1));
    }

    /**
     * What a cross-entropy has taken into itself: the input passed on.
     *
     * @param classes the size of the last axis that is expected; 0 for any
     * @param layer the layer's name for messages
     * @return the operation
     */
    public static Operation folded(String layer, long classes) {
        return new FoldedOperation(layer, classes);
    }

    /**
     * Rows [N, features] passed on, anything else refused.
     *
     * @param layer the layer's name for messages
     * @return the operation
     */
    public static Operation rowsOnly(String layer) {
        return new FlatRowsOperation(layer);
    }

    /**
     * NHWC to NCHW.
     *
     * @return the operation
     */
    public static Operation channelsFirst() {
        return PermuteOperation.channelsFirst();
    }

    /**
     * NCHW to NHWC.
     *
     * @return the operation
     */
    public static Operation channelsLast() {
        return PermuteOperation.channelsLast();
    }

    /**
     * Sequences [N, C, L] as images [N, C, L, 1].
     *
     * @return the operation
     */
    public static Operation addTrailingAxis() {
        return new TrailingAxisOperation(true);
    }

    /**
     * Images [N, C, L, 1] as sequences [N, C, L].
     *
     * @return the operation
     */
    public static Operation dropTrailingAxis() {
        return new TrailingAxisOperation(false);
    }

    /**
     * Zeros put around the axes behind the channels.
     *
     * @param margins before and after the first axis behind the channels, then the next
     * @return the operation
     */
    public static Operation padding(int... margins) {
        return MarginOperation.padding(margins);
    }

    /**
     * Margins cut off the axes behind the channels.
     *
     * @param margins before and after the first axis behind the channels, then the next
     * @return the operation
     */
    public static Operation cropping(int... margins) {
        return MarginOperation.cropping(margins);
    }

    /**
     * Every pixel of images repeated.
     *
     * @param height how often along the height
     * @param width how often along the width
     * @return the operation
     */
    public static Operation upsampling(long height, long width) {
        return new UpsamplingOperation(height, width);
    }

    /** What {@link #combine} does element by element. */
    public enum Combination {
        /** The sum of all inputs. */
        ADD,
        /** The mean of all inputs. */
        AVERAGE,
        /** The first of two inputs less the second. */
        SUBTRACT,
        /** The product of all inputs. */
        PRODUCT
    }

    /**
     * Sum, mean, difference or product of inputs of one shape.
     *
     * @param name the vertex's name for messages
     * @param combination what is done
     * @return the junction
     */
    public static Junction combine(String name, Combination combination) {
        return new ElementwiseJunction(name, combination);
    }

    /**
     * Inputs side by side.
     *
     * @param axis along which axis
     * @return the junction
     */
    public static Junction merge(int axis) {
        return new MergeJunction(axis);
    }
}
