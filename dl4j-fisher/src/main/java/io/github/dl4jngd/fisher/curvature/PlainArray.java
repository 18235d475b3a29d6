package io.github.dl4jngd.fisher.curvature;

import java.io.Serial;
import java.io.Serializable;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * An array of float32 or float64 in Java's own memory: what travels between processes, whatever serialises it.
 *
 * <p>ND4J's arrays need a serialiser of their own where the process is configured for Kryo.
 *
 * @serial exclude
 */
public final class PlainArray implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    private final float[] floats;
    private final double[] doubles;
    private final long[] shape;
    private final char order;

    private PlainArray(float[] floats, double[] doubles, long[] shape, char order) {
        this.floats = floats;
        this.doubles = doubles;
        this.shape = shape;
        this.order = order;
    }

    /**
     * Copies an array.
     *
     * @param array float32 or float64
     * @return its numbers and its shape
     * @throws IllegalArgumentException if it is of another type
     */
    public static PlainArray of(INDArray array) {
        char order = array.ordering();
        Object numbers = numbers(array, order);
        return numbers instanceof float[] own
                ? new PlainArray(own, new double[0], array.shape().clone(), order)
                : new PlainArray(new float[0], (double[]) numbers, array.shape().clone(), order);
    }

    /** The numbers in an order, as an array of float or of double. */
    static Object numbers(INDArray array, char order) {
        int length = Math.toIntExact(array.length());
        INDArray plain = array.dup(order);
        if (array.dataType() == DataType.FLOAT) {
            float[] numbers = new float[length];
            plain.data().asNioFloat().get(numbers);
            return numbers;
        }
        if (array.dataType() == DataType.DOUBLE) {
            double[] numbers = new double[length];
            plain.data().asNioDouble().get(numbers);
            return numbers;
        }
        throw new IllegalArgumentException("Sums are of float32 or float64, this array is " + array.dataType());
    }

    /**
     * The array again.
     *
     * @return a new array of the same type, shape and order, allocated where the caller's workspace says
     */
    public INDArray toArray() {
        INDArray flat = floats.length > 0 ? Nd4j.createFromArray(floats) : Nd4j.createFromArray(doubles);
        return flat.reshape(order, shape);
    }

    /**
     * The number of numbers along an axis.
     *
     * @param axis from 0
     * @return its length
     */
    public long size(int axis) {
        return shape[axis];
    }

    /**
     * The memory of the numbers.
     *
     * @return bytes
     */
    public long bytes() {
        return 4L * floats.length + 8L * doubles.length;
    }

    /** Whether both have the same shape and the same numbers, to the bit. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PlainArray array
                && order == array.order
                && Arrays.equals(shape, array.shape)
                && Arrays.equals(floats, array.floats)
                && Arrays.equals(doubles, array.doubles);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(shape) + Arrays.hashCode(floats) + Arrays.hashCode(doubles);
    }
}
