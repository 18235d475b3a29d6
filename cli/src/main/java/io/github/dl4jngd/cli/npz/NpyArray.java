package io.github.dl4jngd.cli.npz;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One array of a NumPy file: its shape and its elements as doubles in C order (last index fastest), whatever the file's
 * order.
 */
public final class NpyArray {

    private final String name;
    private final String dtype;
    private final long[] shape;
    private final double[] values;

    NpyArray(String name, String dtype, long[] shape, double[] values) {
        this.name = name;
        this.dtype = dtype;
        this.shape = shape;
        this.values = values;
    }

    /**
     * Reads a {@code .npy} file.
     *
     * @param file the file
     * @return its array, named like the file without {@code .npy}
     * @throws IOException when the file cannot be read, is damaged, or has an element type that is not supported
     */
    public static NpyArray read(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            return new NpyReader(file.toString()).read(NpzFile.arrayName(String.valueOf(file.getFileName())), in);
        }
    }

    /**
     * The array's name.
     *
     * @return the entry's name without {@code .npy}, such as {@code param/conv1/W}
     */
    public String name() {
        return name;
    }

    /**
     * The element type in the file.
     *
     * @return NumPy's description, such as {@code <f8}
     */
    public String dtype() {
        return dtype;
    }

    /**
     * The shape of the array.
     *
     * @return a copy; empty for a 0-d array
     */
    public long[] shape() {
        return shape.clone();
    }

    /**
     * The number of elements.
     *
     * @return the product of the shape, 1 for a 0-d array
     */
    public int size() {
        return values.length;
    }

    /**
     * All elements in C order.
     *
     * @return a copy
     */
    public double[] toDoubles() {
        return values.clone();
    }

    /**
     * The value of an array of one element.
     *
     * @return the value
     * @throws IllegalStateException when there is not exactly one element
     */
    public double scalar() {
        if (values.length != 1) {
            throw new IllegalStateException(
                    "array '" + name + "' has shape " + Arrays.toString(shape) + ", expected exactly one element");
        }
        return values[0];
    }

    /**
     * The array as a new {@link DataType#DOUBLE} array in C order.
     *
     * @return an array of this shape; empty where a dimension is 0
     */
    public INDArray toINDArray() {
        if (values.length == 0) {
            return Nd4j.empty(DataType.DOUBLE);
        }
        if (shape.length == 0) {
            return Nd4j.scalar(values[0]);
        }
        return Nd4j.createFromArray(values).reshape('c', shape);
    }

    @Override
    public String toString() {
        return name + " " + dtype + " " + Arrays.toString(shape);
    }
}
