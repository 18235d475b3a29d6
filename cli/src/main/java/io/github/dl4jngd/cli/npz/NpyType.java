package io.github.dl4jngd.cli.npz;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The element types that are read, each widened to double. An {@code i8} above 2^53 is rounded. */
enum NpyType {
    FLOAT32("f4", Float.BYTES) {
        @Override
        double get(ByteBuffer bytes, int offset) {
            return bytes.getFloat(offset);
        }
    },
    FLOAT64("f8", Double.BYTES) {
        @Override
        double get(ByteBuffer bytes, int offset) {
            return bytes.getDouble(offset);
        }
    },
    INT32("i4", Integer.BYTES) {
        @Override
        double get(ByteBuffer bytes, int offset) {
            return bytes.getInt(offset);
        }
    },
    INT64("i8", Long.BYTES) {
        @Override
        double get(ByteBuffer bytes, int offset) {
            return bytes.getLong(offset);
        }
    },
    UINT8("u1", Byte.BYTES) {
        @Override
        double get(ByteBuffer bytes, int offset) {
            return Byte.toUnsignedInt(bytes.get(offset));
        }
    },
    BOOLEAN("b1", Byte.BYTES) {
        @Override
        double get(ByteBuffer bytes, int offset) {
            return bytes.get(offset) == 0 ? 0.0 : 1.0;
        }
    };

    private final String code;
    private final int size;

    NpyType(String code, int size) {
        this.code = code;
        this.size = size;
    }

    /** The element at a byte offset. */
    abstract double get(ByteBuffer bytes, int offset);

    /** NumPy's code without the byte order, such as {@code f8}. */
    String code() {
        return code;
    }

    /** Bytes per element. */
    int size() {
        return size;
    }

    static Optional<NpyType> of(String code) {
        return Arrays.stream(values()).filter(type -> type.code.equals(code)).findFirst();
    }

    static String supported() {
        return Arrays.stream(values()).map(NpyType::code).collect(Collectors.joining(", "));
    }
}
