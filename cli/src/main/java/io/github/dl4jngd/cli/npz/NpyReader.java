package io.github.dl4jngd.cli.npz;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads one {@code .npy} stream: magic string, version (1, 2 or 3), header, data.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">numpy.lib.format</a>
 */
final class NpyReader {

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    /** Plain arrays have headers of about a hundred bytes; a longer one is damage. */
    private static final int LONGEST_HEADER = 1 << 20;

    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    private final String where;

    /**
     * Creates a reader.
     *
     * @param where what is read, for messages: file and entry
     */
    NpyReader(String where) {
        this.where = where;
    }

    NpyArray read(String name, InputStream in) throws IOException {
        NpyHeader header = header(in);
        byte[] data = readExactly(in, dataBytes(header), "data");
        if (in.read() >= 0) {
            throw damaged(
                    "data", data.length + " bytes for shape " + header.shape() + " of " + header.description(), "more");
        }
        long[] shape = header.shape().stream().mapToLong(Long::longValue).toArray();
        double[] values = decode(header, data);
        return new NpyArray(
                name, header.description(), shape, header.fortranOrder() ? toCOrder(values, shape) : values);
    }

    private NpyHeader header(InputStream in) throws IOException {
        byte[] magic = readExactly(in, MAGIC.length, "magic string");
        if (!Arrays.equals(magic, MAGIC)) {
            throw damaged("magic string", "\\x93NUMPY", printable(magic));
        }
        byte[] version = readExactly(in, 2, "version");
        int major = version[0];
        if (major < 1 || major > 3 || version[1] != 0) {
            throw damaged(
                    "format version",
                    "1.0, 2.0 or 3.0",
                    Byte.toUnsignedInt(version[0]) + "." + Byte.toUnsignedInt(version[1]));
        }
        String text = new String(readExactly(in, headerLength(in, major), "header"), charset(major));
        try {
            return HeaderParser.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IOException(where + ": " + e.getMessage(), e);
        }
    }

    private long headerLength(InputStream in, int major) throws IOException {
        int bytes = major == 1 ? Short.BYTES : Integer.BYTES;
        long length = 0;
        byte[] littleEndian = readExactly(in, bytes, "header length");
        for (int i = bytes - 1; i >= 0; i--) {
            length = length << 8 | Byte.toUnsignedLong(littleEndian[i]);
        }
        if (length > LONGEST_HEADER) {
            throw damaged("header length", "at most " + LONGEST_HEADER + " bytes", Long.toString(length));
        }
        return length;
    }

    private static Charset charset(int major) {
        return major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
    }

    private long dataBytes(NpyHeader header) throws IOException {
        long bytes;
        try {
            bytes = header.dataBytes();
        } catch (ArithmeticException e) {
            throw new IOException(where + ": shape " + header.shape() + " is too large", e);
        }
        if (bytes > LARGEST_ARRAY) {
            throw new IOException(where + ": shape " + header.shape() + " needs " + bytes + " bytes, at most "
                    + LARGEST_ARRAY + " are read");
        }
        return bytes;
    }

    /** {@link InputStream#readNBytes(int)} grows with what arrives, so that a false length takes no memory. */
    private byte[] readExactly(InputStream in, long length, String part) throws IOException {
        byte[] bytes = in.readNBytes((int) length);
        if (bytes.length < length) {
            throw damaged(part, length + " bytes", bytes.length + " bytes");
        }
        return bytes;
    }

    private static double[] decode(NpyHeader header, byte[] data) {
        NpyType type = header.type();
        ByteBuffer bytes = ByteBuffer.wrap(data).order(header.order());
        double[] values = new double[data.length / type.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = type.get(bytes, i * type.size());
        }
        return values;
    }

    private static double[] toCOrder(double[] fortran, long[] shape) {
        double[] values = new double[fortran.length];
        int[] index = new int[shape.length];
        for (int target = 0; target < values.length; target++) {
            int source = 0;
            for (int axis = shape.length - 1; axis >= 0; axis--) {
                source = source * (int) shape[axis] + index[axis];
            }
            values[target] = fortran[source];
            for (int axis = shape.length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--) {
                index[axis] = 0;
            }
        }
        return values;
    }

    private IOException damaged(String part, String expected, String found) {
        return new IOException(where + ": damaged " + part + ": expected " + expected + ", found " + found);
    }

    private static String printable(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            text.append(b >= ' ' && b < 0x7f ? String.valueOf((char) b) : String.format("\\x%02x", b));
        }
        return text.toString();
    }
}
