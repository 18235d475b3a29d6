package io.github.dl4jngd.fisher.operation;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.convolution.Convolution;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The sliding window of a convolution or pooling over NCHW images or NCDHW volumes: output sizes as DL4J computes them,
 * and for images patches ({@code im2col}) and their adjoint ({@code col2im}).
 */
public final class Window {

    private final String layer;
    private final int[] kernel;
    private final int[] stride;
    private final int[] padding;
    private final int[] dilation;
    private final ConvolutionMode mode;
    private final boolean unchecked;

    /**
     * A window; every array has the value along the height, then along the width, of volumes along the depth before.
     *
     * @param layer the layer's name, for messages and as the name of the block of parameters
     * @param kernel its size
     * @param stride how far it moves
     * @param padding how far it reaches outside, but in mode Same
     * @param dilation how far its elements lie apart
     * @param mode what happens at the edges
     */
    public Window(String layer, int[] kernel, int[] stride, int[] padding, int[] dilation, ConvolutionMode mode) {
        this(layer, kernel, stride, padding, dilation, mode, false);
    }

    private Window(
            String layer,
            int[] kernel,
            int[] stride,
            int[] padding,
            int[] dilation,
            ConvolutionMode mode,
            boolean unchecked) {
        this.layer = layer;
        this.kernel = kernel.clone();
        this.stride = stride.clone();
        this.padding = padding.clone();
        this.dilation = dilation.clone();
        this.mode = mode;
        this.unchecked = unchecked;
    }

    /**
     * A window of one pixel.
     *
     * @param layer the layer's name
     * @return a 1×1 window with stride 1
     */
    public static Window pointwise(String layer) {
        int[] one = {1, 1};
        return new Window(layer, one, one, new int[2], one, ConvolutionMode.Truncate);
    }

    /**
     * The same window under another name.
     *
     * @param name the layer's name
     * @return a copy
     */
    public Window named(String name) {
        return new Window(name, kernel, stride, padding, dilation, mode, unchecked);
    }

    /**
     * The same window without the checks that DL4J does not make for poolings and for convolutions of sequences: it may
     * be larger than its padded input by less than a stride, and Strict is Truncate.
     *
     * @return a copy
     */
    public Window unchecked() {
        return new Window(layer, kernel, stride, padding, dilation, mode, true);
    }

    String layer() {
        return layer;
    }

    /** The kernel's size along an axis behind the channels, from 0 on. */
    int kernel(int axis) {
        return kernel[axis];
    }

    int stride(int axis) {
        return stride[axis];
    }

    int dilation(int axis) {
        return dilation[axis];
    }

    boolean same() {
        return mode == ConvolutionMode.Same;
    }

    boolean isDilated() {
        return dilation[0] > 1 || dilation[1] > 1;
    }

    /** Refuses an input that is no image of the given number of channels. */
    void checkImages(INDArray input, long channels) {
        if (input.rank() != 4 || input.size(1) != channels) {
            throw new IllegalArgumentException("Layer " + layer + ": expected images of shape [N, " + channels
                    + ", height, width], got " + Arrays.toString(input.shape()));
        }
    }

    private int extent(int axis) {
        return (kernel[axis] - 1) * dilation[axis] + 1;
    }

    /** The output size along an axis behind the channels, from 0 on. */
    long outputSize(int axis, long input) {
        if (same()) {
            return (input + stride[axis] - 1) / stride[axis];
        }
        long span = input - extent(axis) + 2L * padding[axis];
        if (span < 0 && !(unchecked && -span < stride[axis])) {
            throw new IllegalArgumentException("Layer " + layer + ": the kernel " + Arrays.toString(kernel)
                    + " is larger than its padded input, " + input + " along axis " + axis);
        }
        if (mode == ConvolutionMode.Strict && !unchecked && span % stride[axis] != 0) {
            throw new IllegalArgumentException("Layer " + layer + ": in mode Strict the kernel " + extent(axis)
                    + ", stride " + stride[axis] + " and padding " + padding[axis] + " do not divide an input of size "
                    + input + "; use Truncate or Same");
        }
        return span / stride[axis] + 1;
    }

    /** Whether a position of the window reaches outside an image. */
    boolean hangsOver(long height, long width) {
        return hangsOver(0, height) || hangsOver(1, width);
    }

    private boolean hangsOver(int axis, long input) {
        long before = paddingBefore(axis, input);
        return before > 0 || (outputSize(axis, input) - 1) * stride[axis] + extent(axis) - before > input;
    }

    /**
     * The size of the image whose positions are the given number of pixels: the output size of a transposed
     * convolution.
     */
    long transposedSize(int axis, long pixels) {
        return same() ? pixels * stride[axis] : (pixels - 1) * stride[axis] + extent(axis) - 2L * padding[axis];
    }

    /**
     * Where an element of the kernel lands in a transposed convolution: pixel t of the input at t · stride + element ·
     * dilation − padding of the output, as far as that is inside.
     */
    Reach reach(int axis, int element, long pixels, long size) {
        long shift = (long) element * dilation[axis] - paddingBefore(axis, size);
        long first = Math.max(0, -Math.floorDiv(shift, stride[axis]));
        long end = Math.min(pixels, Math.floorDiv(size - 1 - shift, stride[axis]) + 1);
        return new Reach(first, end, first * stride[axis] + shift, stride[axis]);
    }

    /**
     * Pixels first … end − 1 of an input and where they land in an output.
     *
     * @param target where the first one lands
     * @param stride how far apart they land
     */
    record Reach(long first, long end, long target, int stride) {

        boolean isEmpty() {
            return first >= end;
        }

        INDArrayIndex sources() {
            return NDArrayIndex.interval(first, end);
        }

        /** A single target has no stride: ND4J's strided intervals of length one are wrong. */
        INDArrayIndex targets() {
            return end - first == 1
                    ? NDArrayIndex.interval(target, target + 1)
                    : NDArrayIndex.interval(target, stride, target + (end - first - 1) * stride + 1);
        }
    }

    /** Padding before the first entry of an axis behind the channels, from 0 on. */
    int paddingBefore(int axis, long input) {
        if (!same()) {
            return padding[axis];
        }
        long total = (outputSize(axis, input) - 1) * stride[axis] + extent(axis) - input;
        if (total < -1) {
            throw new IllegalArgumentException("Layer " + layer + ": in mode Same the kernel " + extent(axis)
                    + " and stride " + stride[axis] + " leave out pixels of an input of size " + input
                    + ", on which DL4J's own layer fails; use Truncate");
        }
        return (int) Math.max(0, total / 2);
    }

    /** The integer arguments that conv2d and the pooling operations begin with. */
    int[] arguments(long height, long width, int... rest) {
        int[] arguments = new int[9 + rest.length];
        int[] geometry = {
            kernel[0],
            kernel[1],
            stride[0],
            stride[1],
            paddingBefore(0, height),
            paddingBefore(1, width),
            dilation[0],
            dilation[1],
            same() ? 1 : 0
        };
        System.arraycopy(geometry, 0, arguments, 0, 9);
        System.arraycopy(rest, 0, arguments, 9, rest.length);
        return arguments;
    }

    /** The patches of images [N, C, H, W], [N, H', W', C, kh, kw], row-major; zeros where the window hangs over. */
    INDArray patches(INDArray images) {
        long oh = outputSize(0, images.size(2));
        long ow = outputSize(1, images.size(3));
        INDArray patches = Nd4j.createUninitialized(
                images.dataType(), new long[] {images.size(0), oh, ow, images.size(1), kernel[0], kernel[1]}, 'c');
        extract(images, patches.permute(0, 3, 4, 5, 1, 2));
        return patches;
    }

    /** Into [N, C, kh, kw, H', W']. */
    private void extract(INDArray images, INDArray patches) {
        Convolution.im2col(
                Folding.compact(images),
                kernel[0],
                kernel[1],
                stride[0],
                stride[1],
                paddingBefore(0, images.size(2)),
                paddingBefore(1, images.size(3)),
                dilation[0],
                dilation[1],
                same(),
                patches);
    }

    /**
     * The patches of images [N, C, H, W], [N, C kh kw, H' W'], row-major: the order that {@code im2col} is fastest in.
     */
    INDArray columns(INDArray images) {
        long oh = outputSize(0, images.size(2));
        long ow = outputSize(1, images.size(3));
        INDArray columns = Nd4j.createUninitialized(
                images.dataType(), new long[] {images.size(0), images.size(1), kernel[0], kernel[1], oh, ow}, 'c');
        extract(images, columns);
        return columns.reshape('c', images.size(0), images.size(1) * kernel[0] * kernel[1], oh * ow);
    }

    /** The adjoint of {@link #patches}: overlapping patches added up, [N, C, H, W]. */
    INDArray images(INDArray patches, long height, long width) {
        INDArray images = Nd4j.createUninitialized(
                patches.dataType(), new long[] {patches.size(0), patches.size(3), height, width}, 'c');
        Convolution.col2im(
                patches.permute(0, 3, 4, 5, 1, 2),
                images,
                stride[0],
                stride[1],
                paddingBefore(0, height),
                paddingBefore(1, width),
                Math.toIntExact(height),
                Math.toIntExact(width),
                dilation[0],
                dilation[1]);
        return images;
    }
}
