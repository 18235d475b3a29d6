package io.github.dl4jngd.cli.npz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

class NpyArrayTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @MethodSource("elementTypes")
    void readsEveryElementType(String description, byte[] data, double[] expected) throws IOException {
        NpyArray array = read(NpyBytes.npy(description, false, "(" + expected.length + ",)", data));

        assertThat(array.toDoubles()).containsExactly(expected);
        assertThat(array.shape()).containsExactly(expected.length);
        assertThat(array.dtype()).isEqualTo(description);
        assertThat(array.name()).isEqualTo("a");
    }

    static Stream<Arguments> elementTypes() {
        ByteOrder little = ByteOrder.LITTLE_ENDIAN;
        ByteOrder big = ByteOrder.BIG_ENDIAN;
        return Stream.of(
                Arguments.of("<f8", NpyBytes.doubles(little, 1.5, -2e300), new double[] {1.5, -2e300}),
                Arguments.of(">f8", NpyBytes.doubles(big, 1.5, Double.NaN), new double[] {1.5, Double.NaN}),
                Arguments.of(
                        "<f4", buffer(8, little).putFloat(0.1f).putFloat(-3).array(), new double[] {0.1f, -3}),
                Arguments.of(">f4", buffer(4, big).putFloat(0.1f).array(), new double[] {0.1f}),
                Arguments.of("<i4", buffer(8, little).putInt(-7).putInt(1 << 30).array(), new double[] {-7, 1 << 30}),
                Arguments.of(">i4", buffer(4, big).putInt(258).array(), new double[] {258}),
                Arguments.of("<i8", buffer(8, little).putLong(-(1L << 52)).array(), new double[] {-(1L << 52)}),
                Arguments.of(">i8", buffer(8, big).putLong(5).array(), new double[] {5}),
                Arguments.of("|u1", new byte[] {0, 127, -1}, new double[] {0, 127, 255}),
                Arguments.of("|b1", new byte[] {0, 1}, new double[] {0, 1}));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void readsEveryVersion(int version) throws IOException {
        String header = "{\"shape\": (2L,), 'fortran_order':False,'descr' : '<f8'}   ";

        NpyArray array = read(NpyBytes.npy(version, header, NpyBytes.doubles(ByteOrder.LITTLE_ENDIAN, 3, 4)));

        assertThat(array.toDoubles()).containsExactly(3, 4);
    }

    @Test
    void bringsFortranOrderIntoCOrder() throws IOException {
        // a[i, j, k] = 100 i + 10 j + k of shape [2, 3, 2]; first index fastest in the file
        double[] file = {0, 100, 10, 110, 20, 120, 1, 101, 11, 111, 21, 121};

        NpyArray array = read(NpyBytes.npy("<f8", true, "(2, 3, 2)", NpyBytes.doubles(ByteOrder.LITTLE_ENDIAN, file)));

        assertThat(array.toDoubles()).containsExactly(0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121);
        assertThat(array.toINDArray().getDouble(1, 2, 0)).isEqualTo(120);
    }

    @Test
    void readsZeroDimensionalArrays() throws IOException {
        NpyArray array = read(NpyBytes.npy("<f8", false, "()", NpyBytes.doubles(ByteOrder.LITTLE_ENDIAN, 42)));

        assertThat(array.shape()).isEmpty();
        assertThat(array.scalar()).isEqualTo(42);
        assertThat(array.toINDArray().isScalar()).isTrue();
        assertThat(array.toINDArray().dataType()).isEqualTo(DataType.DOUBLE);
    }

    @Test
    void readsEmptyArrays() throws IOException {
        NpyArray array = read(NpyBytes.npy("<f8", false, "(0, 9000000000000000000)", new byte[0]));

        assertThat(array.size()).isZero();
        assertThat(array.toINDArray().isEmpty()).isTrue();
        assertThatThrownBy(array::scalar)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("one element");
    }

    @Test
    void becomesANewDoubleArray() throws IOException {
        NpyArray array = read(NpyBytes.npy("|u1", false, "(2, 2)", new byte[] {1, 2, 3, 4}));

        array.toINDArray().addi(1);

        assertThat(array.toINDArray().dataType()).isEqualTo(DataType.DOUBLE);
        assertThat(array.toINDArray().toDoubleMatrix()).isDeepEqualTo(new double[][] {{1, 2}, {3, 4}});
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
            {'descr': '<c16', 'fortran_order': False, 'shape': (1,)} ; element type '<c16' is not supported, expected one of f4
            {'descr': '?f8', 'fortran_order': False, 'shape': (1,)} ; byte order of '?f8'
            {'descr': '', 'fortran_order': False, 'shape': (1,)} ; element type '' is not supported
            {'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)} ; structured element types
            {'descr': '<f8', 'fortran_order': False} ; expected 'shape' as a Shape, found nothing
            {'descr': '<f8', 'fortran_order': 'x', 'shape': (1,)} ; expected 'fortran_order' as a Boolean, found x
            {'descr': '<f8', 'fortran_order': False, 'shape': (-1,)} ; expected a dimension, found '-'
            {'descr': '<f8', 'fortran_order': False, 'shape': (1 1)} ; expected ')', found '1'
            {'descr': '<f8', 'fortran_order': False, 'shape': (1,) ; expected '}', found the end
            {'descr': '<f8', 'fortran_order': False, 'shape': (1,)} x ; expected the end of the header, found 'x'
            {'descr': '<f8 ; has no end
            {'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)} ; is too large
            {'descr': '<f8', 'fortran_order': False, 'shape': (9999999999, 9999999999)} ; is too large
            {'descr': '<f8', 'fortran_order': False, 'shape': (9999999999,)} ; needs 79999999992 bytes
            {'descr': '<f8', 'fortran_order': False, 'shape': (2,)} ; damaged data: expected 16 bytes, found 8 bytes
            {'descr': '<f8', 'fortran_order': False, 'shape': ()}! ; expected the end
            {'descr': '|u1', 'fortran_order': False, 'shape': (7,)} ; expected 7 bytes for shape [7] of |u1, found more
            {'descr': '<f8', 'fortran_order': False, 'shape': (200000000,)} ; expected 1600000000 bytes, found 8 bytes
            """)
    void refusesWhatItCannotRead(String header, String message) throws IOException {
        Path file = NpyBytes.write(directory, "a.npy", NpyBytes.npy(1, header, new byte[8]));

        assertThatThrownBy(() -> NpyArray.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(message);
    }

    @Test
    void namesAMissingFile() {
        assertThatThrownBy(() -> NpyArray.read(directory.resolve("none.npy"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void nothingFollowsTheHeader() {
        assertThatThrownBy(() -> read(
                        NpyBytes.npy(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}\0x", new byte[1])))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected the end of the header, found '\0'");
    }

    @Test
    void readsAsManyDimensionsAsNd4jHas() throws IOException {
        NpyArray array = read(NpyBytes.npy("|u1", true, "(" + "1, ".repeat(31) + "2)", new byte[] {1, 2}));
        assertThat(array.toINDArray().rank()).isEqualTo(32);
        assertThat(array.toINDArray().ravel().toDoubleVector()).containsExactly(1, 2);

        assertThatThrownBy(() -> read(NpyBytes.npy("|u1", true, "(" + "1, ".repeat(32) + "2)", new byte[] {1, 2})))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the shape has more than 32 dimensions");
    }

    @Test
    void refusesAnUnknownMinorVersion() {
        byte[] version = NpyBytes.npy("|u1", false, "(1,)", new byte[1]);
        version[7] = 7;
        assertThatThrownBy(() -> read(version)).isInstanceOf(IOException.class).hasMessageContaining("found 1.7");
    }

    @Test
    void refusesAnUnknownVersionAndALongHeader() throws IOException {
        byte[] version = NpyBytes.npy(9, "{}", new byte[0]);
        byte[] length = NpyBytes.npy(2, "{}", new byte[0]);
        length[11] = 0x7f;

        assertThatThrownBy(() -> read(version))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("1.0, 2.0 or 3.0, found 9.0");
        assertThatThrownBy(() -> read(length)).isInstanceOf(IOException.class).hasMessageContaining("header length");
        assertThatThrownBy(() -> read(new byte[] {'P', 'K', 3, 4, 0, 0}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected \\x93NUMPY, found PK\\x03\\x04\\x00\\x00");
    }

    private NpyArray read(byte[] content) throws IOException {
        return NpyArray.read(NpyBytes.write(directory, "a.npy", content));
    }

    private static ByteBuffer buffer(int bytes, ByteOrder order) {
        return ByteBuffer.allocate(bytes).order(order);
    }
}
