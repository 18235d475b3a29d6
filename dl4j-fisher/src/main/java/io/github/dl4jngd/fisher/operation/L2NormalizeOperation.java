package io.github.dl4jngd.fisher.operation;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * y = x/max(‖x‖, ε) for every sample: DL4J's L2NormalizeVertex. The derivative (u − y ⟨y, u⟩)/‖x‖ is its own adjoint;
 * below ε it is u/ε.
 */
final class L2NormalizeOperation implements Operation {

    private final String name;
    private final double epsilon;
    /** The axes that the norm is over; empty for all of a sample's. */
    private final int[] axes;

    L2NormalizeOperation(String name, double epsilon, int... axes) {
        this.name = name;
        this.epsilon = epsilon;
        this.axes = axes.clone();
    }

    /** All axes of samples. DL4J divides by one norm a sample, whatever the axes. */
    private int[] axes(INDArray input) {
        int[] all = IntStream.range(1, input.rank()).toArray();
        int[] sorted = Arrays.stream(axes)
                .map(axis -> axis < 0 ? axis + input.rank() : axis)
                .sorted()
                .toArray();
        if (sorted.length > 0 && !Arrays.equals(sorted, all)) {
            throw new UnsupportedModelException("Vertex " + name + ": a norm over the dimensions "
                    + Arrays.toString(axes) + " of an input " + Arrays.toString(input.shape())
                    + " is not one norm for each sample, and DL4J's own vertex knows only that; give all dimensions but the "
                    + "first, or none");
        }
        return all;
    }

    @Override
    public Linearized linearize(INDArray input, INDArray parameters) {
        INDArray norm = input.norm2(true, axes(input));
        INDArray floored = Transforms.max(norm, epsilon, true);
        INDArray curved = norm.gt(epsilon).castTo(input.dataType());
        INDArray output = input.div(floored);
        return new At(output, floored, curved);
    }

    private record At(INDArray output, INDArray norm, INDArray curved) implements Linearized {

        @Override
        public @Nullable INDArray jvp(@Nullable INDArray inputTangent, INDArray tangent) {
            return inputTangent == null
                    ? null
                    : derivative(inputTangent.reshape('c', one(inputTangent))).reshape('c', inputTangent.shape());
        }

        private static long[] one(INDArray array) {
            long[] shape = new long[array.rank() + 1];
            shape[0] = 1;
            System.arraycopy(array.shape(), 0, shape, 1, array.rank());
            return shape;
        }

        @Override
        public INDArray vjp(INDArray cotangents) {
            return derivative(cotangents);
        }

        private INDArray derivative(INDArray u) {
            INDArray y = Folding.broadcastable(output);
            int[] axes = IntStream.range(2, u.rank()).toArray();
            INDArray along = u.mul(y).sum(true, axes).muli(Folding.broadcastable(curved));
            return u.sub(y.mul(along)).divi(Folding.broadcastable(norm));
        }
    }
}
