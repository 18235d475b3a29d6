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
     * z_t = W_{w_t} + b for words w, [N, T] or [N, 1, T], as parts of samples, [N, T, units].
     *
     * @param layer the name of the block of parameters
     * @param weights W, [vocabulary, units], column-major
     * @param bias b, of length units; null for none
     * @param trainable whether W and b are parameters and not constants
     * @return the operation; its rows are sums over words and never formed
     */
    public static Operation embedding(
            String layer, ParameterSlice weights, @Nullable ParameterSlice bias, boolean trainable) {
        return new EmbeddingOperation(layer, weights, bias, trainable);
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
     * z = conv(x, W) + b over volumes [N, C, D, H, W].
     *
     * @param window kernel, stride, padding and dilation along depth, height and width
     * @param weights W, [out, in, kd, kh, kw], row-major
     * @param bias b, of length out; null for none
     * @param trainable whether W and b are parameters and not constants
     * @return the operation; its rows are sums of outer products over positions
     */
    public static Operation volumeConvolution(
            Window window, ParameterSlice weights, @Nullable ParameterSlice bias, boolean trainable) {
        return new VolumeConvolutionOperation(window, weights, bias, trainable);
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
     * y = x.
     *
     * @return the operation
     */
    public static Operation identity() {
        return IdentityOperation.INSTANCE;
    }

    /**
     * y = s ∘ x + t with constant arrays, such as dropout whose draws are known.
     *
     * @param factor s, of x's length in row-major order; null for one
     * @param offset t, likewise; null for zero
     * @return the operation
     */
    public static Operation affine(@Nullable INDArray factor, @Nullable INDArray offset) {
        return new AffineOperation(factor, offset, false);
    }

    /**
     * The same for parts of samples, [N, T, …], with arrays of samples as DL4J has them, [T N, …].
     *
     * @param factor s, of x's length in row-major order; null for one
     * @param offset t, likewise; null for zero
     * @return the operation
     */
    public static Operation affineOnParts(@Nullable INDArray factor, @Nullable INDArray offset) {
        return new AffineOperation(factor, offset, true);
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
     * @param decay d of running ← d running + (1 − d) batch in a training step
     */
    public record RunningStatistics(
            ParameterSlice mean,
            @Nullable ParameterSlice variance,
            @Nullable ParameterSlice logDeviation,
            double decay) {}

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
     * @param name the vertex's name for messages
     * @param epsilon ε
     * @param axes all axes of samples, from 1 on; empty for all
     * @return the operation
     */
    public static Operation l2Normalization(String name, double epsilon, int... axes) {
        return new L2NormalizeOperation(name, epsilon, axes);
    }

    /**
     * y = x where x &gt; 0, else α x.
     *
     * @param layer the name of the block of parameters
     * @param slopes α, of a sample's shape with size 1 along the axes that share slopes
     * @param trainable whether α are parameters and not constants
     * @return the operation; its rows are formed
     */
    public static Operation parametricRelu(String layer, ParameterSlice slopes, boolean trainable) {
        return new ParametricReluOperation(layer, slopes, trainable);
    }

    /**
     * Blocks of pixels as channels: [N, C, H, W] to [N, C b², H/b, W/b].
     *
     * @param block b
     * @return the operation
     */
    public static Operation spaceToDepth(int block) {
        return new SpaceToDepthOperation(block);
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
     * Max or average pooling of volumes; averages do not count the padding.
     *
     * @param window kernel, stride, padding and dilation along depth, height and width
     * @param type MAX or AVG
     * @return the operation
     */
    public static Operation volumePooling(Window window, PoolingType type) {
        return new VolumePoolingOperation(window, type);
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
     * @param sample the shape of one sample, of which one size may be −1; empty to flatten
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
     * Sequences [N, C, T] with their time steps as parts of samples, [N, T, C].
     *
     * @param layer the layer's name for messages
     * @return the operation
     */
    public static Operation timeStepsApart(String layer) {
        return new TimeStepsOperation(layer, true);
    }

    /**
     * Time steps [N, T, C] as sequences [N, C, T].
     *
     * @param layer the layer's name for messages
     * @return the operation
     */
    public static Operation timeStepsTogether(String layer) {
        return new TimeStepsOperation(layer, false);
    }

    /**
     * An operation on every part of a sample, such as its time steps: [N, T, …] is [N T, …] to the operation inside.
     *
     * @param inside what is done with every part
     * @return the operation; its rows are sums over the parts
     */
    public static Operation onParts(Operation inside) {
        return new PartsOperation(inside);
    }

    /**
     * A junction of every part of samples, [N, T, …].
     *
     * @param inside what joins the parts
     * @return the junction
     */
    public static Junction onParts(Junction inside) {
        return new PartsJunction(inside);
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
     * Axes of samples in another order, such as sequences [N, L, C] as [N, C, L].
     *
     * @param axes the axes, of which the first is 0
     * @return the operation
     */
    public static Operation permute(int... axes) {
        return new PermuteOperation(axes);
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
     * Every pixel of images or volumes repeated.
     *
     * @param factors how often along each axis behind the channels
     * @return the operation
     */
    public static Operation upsampling(long... factors) {
        return new UpsamplingOperation(factors);
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
        PRODUCT,
        /** The largest of all inputs. */
        MAXIMUM
    }

    /**
     * Sum, mean, difference, product or maximum of inputs; one of size 1 along an axis is repeated along it.
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

    /**
     * Inputs [N, …] of one shape as parts of samples, [N, S, …].
     *
     * @param name the vertex's name for messages
     * @return the junction
     */
    public static Junction stack(String name) {
        return new StackJunction(name);
    }

    /**
     * One part of every sample, of [N, S, …] the i-th [N, …].
     *
     * @param name the vertex's name for messages
     * @param part i, from 0
     * @param parts S
     * @return the operation
     */
    public static Operation part(String name, long part, long parts) {
        return new PartOperation(name, part, parts);
    }
}
