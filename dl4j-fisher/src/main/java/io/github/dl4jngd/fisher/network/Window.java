package io.github.dl4jngd.fisher.network;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.convolution.Convolution;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The sliding window of a two-dimensional convolution or pooling over NCHW images: output sizes as DL4J computes them, patches
 * ({@code im2col}) and their adjoint ({@code col2im}).
 */
final class Window {

    private final String layer;
    private final int[] kernel;
    private final int[] stride;
    private final int[] padding;
    private final int[] dilation;
    private final ConvolutionMode mode;

    Window(String layer, int[] kernel, int[] stride, int[] padding, int[] dilation, ConvolutionMode mode) {
        this.layer = layer;
        this.kernel = kernel.clone();
        this.stride = stride.clone();
        this.padding = padding.clone();
        this.dilation = dilation.clone();
        this.mode = mode;
    }

    String layer() {
        return layer;
    }

    /** The kernel's size along height (0) or width (1). */
    int kernel(int axis) {
        return kernel[axis];
    }

    boolean same() {
        return mode == ConvolutionMode.Same;
    }

    boolean isDilated() {
        return dilation[0] > 1 || dilation[1] > 1;
    }

    private int extent(int axis) {
        return (kernel[axis] - 1) * dilation[axis] + 1;
    }

    /** The output size along height (0) or width (1). */
    long outputSize(int axis, long input) {
        if (same()) {
            return (input + stride[axis] - 1) / stride[axis];
        }
        long span = input - extent(axis) + 2L * padding[axis];
        if (span < 0) {
            throw new IllegalArgumentException("Layer " + layer + ": the kernel " + Arrays.toString(kernel)
                    + " is larger than its padded input, " + input + " along axis " + axis);
        }
        if (mode == ConvolutionMode.Strict && span % stride[axis] != 0) {
            throw new IllegalArgumentException("Layer " + layer + ": in mode Strict the kernel " + extent(axis)
                    + ", stride " + stride[axis] + " and padding " + padding[axis] + " do not divide an input of size "
                    + input + "; use Truncate or Same");
        }
        return span / stride[axis] + 1;
    }

    /** Padding above (0) or to the left (1). */
    int paddingBefore(int axis, long input) {
        if (!same()) {
            return padding[axis];
        }
        long total = (outputSize(axis, input) - 1) * stride[axis] + extent(axis) - input;
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

    /** The patches of images [N, C, H, W], [N, C kh kw, H' W'], row-major: the order that {@code im2col} is fastest in. */
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
