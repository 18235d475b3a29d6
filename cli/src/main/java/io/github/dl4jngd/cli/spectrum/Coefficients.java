package io.github.dl4jngd.cli.spectrum;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Reads a vector or a row that {@code Nd4j.write} wrote: two buffers, shape information and elements, each a mode of
 * allocation, a length, an element type and the elements, big-endian.
 */
final class Coefficients {

    /** Of versions before 1.0.0-beta, which wrote lengths as 32 bits. */
    private static final Set<String> EARLY_MODES = Set.of("DIRECT", "HEAP", "JAVACPP");

    private static final Set<String> MODES = Set.of("LONG_SHAPE", "MIXED_DATA_TYPES");

    private final DataInputStream in;
    private long length;
    private String type;

    private Coefficients(byte[] bytes) {
        in = new DataInputStream(new ByteArrayInputStream(bytes));
    }

    /**
     * Reads an array of coefficients.
     *
     * @return [n] or [1, n], of the type that was written
     * @throws IllegalArgumentException if the bytes are neither of float32 or float64
     */
    static INDArray decode(byte[] bytes) {
        try {
            return new Coefficients(bytes).read();
        } catch (IOException e) {
            throw new IllegalArgumentException("they end within their header, after " + bytes.length + " bytes", e);
        }
    }

    private INDArray read() throws IOException {
        long[] shape = shape();
        buffer();
        int size = type.equals("DOUBLE") ? Double.BYTES : Float.BYTES;
        require(type.equals("DOUBLE") || type.equals("FLOAT"), "elements of type FLOAT or DOUBLE", type);
        long columns = shape[shape.length - 1];
        require(length == columns && length > 0, columns + " elements as in the shape", length);
        require(in.available() == length * size, length + " elements of " + size + " bytes", in.available() + " bytes");
        ByteBuffer elements = ByteBuffer.wrap(in.readAllBytes());
        return (size == Double.BYTES ? doubles(elements) : floats(elements)).reshape('c', shape);
    }

    /** Reads shape information: rank, sizes, strides, flags, stride of elements, order. */
    private long[] shape() throws IOException {
        buffer();
        require(type.equals("LONG") || type.equals("INT"), "shape information of type LONG or INT", type);
        require(length == 6 || length == 8, "the shape information of a vector or matrix, 6 or 8 numbers", length);
        int rank = (int) length / 2 - 2;
        require(number() == rank, "rank " + rank, "another one");
        long[] shape = new long[rank];
        for (int i = 0; i < rank; i++) {
            shape[i] = number();
        }
        in.skipNBytes((length - 1 - rank) * (type.equals("LONG") ? Long.BYTES : Integer.BYTES));
        require(rank == 1 || shape[0] == 1, "one row", shape[0] + " rows");
        return shape;
    }

    private long number() throws IOException {
        return type.equals("LONG") ? in.readLong() : in.readInt();
    }

    private void buffer() throws IOException {
        String mode = in.readUTF();
        require(EARLY_MODES.contains(mode) || MODES.contains(mode), "a buffer of ND4J's", "'" + mode + "'");
        length = EARLY_MODES.contains(mode) ? in.readInt() : in.readLong();
        type = in.readUTF();
    }

    private static INDArray doubles(ByteBuffer elements) {
        double[] values = new double[elements.remaining() / Double.BYTES];
        elements.asDoubleBuffer().get(values);
        return Nd4j.createFromArray(values);
    }

    private static INDArray floats(ByteBuffer elements) {
        float[] values = new float[elements.remaining() / Float.BYTES];
        elements.asFloatBuffer().get(values);
        return Nd4j.createFromArray(values);
    }

    private static void require(boolean condition, String expected, Object found) {
        if (!condition) {
            throw new IllegalArgumentException("expected " + expected + ", found " + found);
        }
    }
}
