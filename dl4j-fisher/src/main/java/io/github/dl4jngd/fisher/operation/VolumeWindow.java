package io.github.dl4jngd.fisher.operation;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The patches of a {@link Window} over NCDHW volumes, and their adjoint. */
final class VolumeWindow {

    private final Window window;

    VolumeWindow(Window window) {
        this.window = window;
    }

    Window window() {
        return window;
    }

    /** Refuses an input that is no volume of the given number of channels; any number where it is not positive. */
    void check(INDArray input, long channels) {
        if (input.rank() != 5 || (channels > 0 && input.size(1) != channels)) {
            throw new IllegalArgumentException("Layer " + window.layer() + ": expected volumes of shape [N, "
                    + (channels > 0 ? String.valueOf(channels) : "channels") + ", depth, height, width], got "
                    + Arrays.toString(input.shape()));
        }
    }

    /** The number of elements of the kernel. */
    long elements() {
        return (long) window.kernel(0) * window.kernel(1) * window.kernel(2);
    }

    /** [N, channels, D′, H′, W′] for an input [N, …, D, H, W]. */
    long[] outputShape(INDArray input, long channels) {
        return new long[] {
            input.size(0),
            channels,
            window.outputSize(0, input.size(2)),
            window.outputSize(1, input.size(3)),
            window.outputSize(2, input.size(4))
        };
    }

    /** The integer arguments that conv3dnew and the poolings begin with. */
    int[] arguments(INDArray input, int... rest) {
        int[] arguments = new int[13 + rest.length];
        for (int axis = 0; axis < 3; axis++) {
            arguments[axis] = window.kernel(axis);
            arguments[3 + axis] = window.stride(axis);
            arguments[6 + axis] = window.paddingBefore(axis, input.size(axis + 2));
            arguments[9 + axis] = window.dilation(axis);
        }
        arguments[12] = window.same() ? 1 : 0;
        System.arraycopy(rest, 0, arguments, 13, rest.length);
        return arguments;
    }

    private interface Element {
        void at(long element, Window.Reach depth, Window.Reach height, Window.Reach width);
    }

    /** Where every element of the kernel takes its inputs from. */
    private void forEachElement(long[] input, long[] output, Element element) {
        long index = 0;
        for (int i = 0; i < window.kernel(0); i++) {
            Window.Reach depth = window.reach(0, i, output[2], input[2]);
            for (int j = 0; j < window.kernel(1); j++) {
                Window.Reach height = window.reach(1, j, output[3], input[3]);
                for (int k = 0; k < window.kernel(2); k++) {
                    Window.Reach width = window.reach(2, k, output[4], input[4]);
                    if (!depth.isEmpty() && !height.isEmpty() && !width.isEmpty()) {
                        element.at(index, depth, height, width);
                    }
                    index++;
                }
            }
        }
    }

    /** The patches of volumes, [N, C, kernel, D′ H′ W′], row-major; zeros where the window hangs over. */
    INDArray patches(INDArray volumes) {
        long[] output = outputShape(volumes, volumes.size(1));
        INDArray stack =
                Nd4j.create(volumes.dataType(), elements(), output[0], output[1], output[2], output[3], output[4]);
        forEachElement(volumes.shape(), output, (element, depth, height, width) -> stack.slice(element)
                .get(NDArrayIndex.all(), NDArrayIndex.all(), depth.sources(), height.sources(), width.sources())
                .assign(volumes.get(
                        NDArrayIndex.all(), NDArrayIndex.all(), depth.targets(), height.targets(), width.targets())));
        long positions = output[2] * output[3] * output[4];
        return stack.reshape('c', elements(), output[0], output[1], positions)
                .permute(1, 2, 0, 3)
                .dup('c');
    }

    /** The adjoint of {@link #patches}: overlapping patches added up. */
    INDArray volumes(INDArray patches, long[] shape) {
        long[] output = {
            shape[0],
            shape[1],
            window.outputSize(0, shape[2]),
            window.outputSize(1, shape[3]),
            window.outputSize(2, shape[4])
        };
        INDArray stack = patches.permute(2, 0, 1, 3)
                .dup('c')
                .reshape('c', elements(), output[0], output[1], output[2], output[3], output[4]);
        INDArray volumes = Nd4j.create(patches.dataType(), shape);
        forEachElement(shape, output, (element, depth, height, width) -> volumes.get(
                        NDArrayIndex.all(), NDArrayIndex.all(), depth.targets(), height.targets(), width.targets())
                .addi(stack.slice(element)
                        .get(
                                NDArrayIndex.all(),
                                NDArrayIndex.all(),
                                depth.sources(),
                                height.sources(),
                                width.sources())));
        return volumes;
    }
}
