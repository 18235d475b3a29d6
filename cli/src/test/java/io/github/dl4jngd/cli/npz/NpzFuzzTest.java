package io.github.dl4jngd.cli.npz;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.testing.Fuzzing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged NumPy files are refused with the file's name, or what is read from them is what they hold. */
@Timeout(value = 500, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NpzFuzzTest {

    private static final int FEW = 150;
    private static final int MANY = 10_000;

    private static final byte[] DATA = NpyBytes.doubles(ByteOrder.BIG_ENDIAN, 1, -2, 3.5, Double.NaN, 5, 6);
    private static final byte[] FORTRAN = NpyBytes.npy(">f8", true, "(1, 3, 2)", DATA);
    private static final byte[] SMALL = NpyBytes.npy("|u1", false, "(2, 2)", new byte[] {1, 2, 3, 4});
    private static final String HEADER = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }";

    @TempDir
    private Path directory;

    Stream<Fuzzing> readers() throws IOException {
        byte[] stored = zip(false, FORTRAN);
        byte[] deflated = zip(true, FORTRAN);
        return Stream.of(
                fuzzing("npz, stored", damage -> damage.on(stored), this::readSoundArrays),
                fuzzing("npz, deflated", damage -> damage.on(deflated), this::readSoundArrays),
                fuzzing("npy within npz", damage -> zip(true, damage.on(FORTRAN)), this::readArrays),
                fuzzing("npy", damage -> damage.on(FORTRAN), this::readNpy),
                fuzzing("npy's header", damage -> withHeader(damage.on(ascii(HEADER))), this::readNpy));
    }

    private static Fuzzing fuzzing(String name, Fuzzing.Input input, Fuzzing.Reader reader) {
        return new Fuzzing(name, input, reader, IOException.class);
    }

    @ParameterizedTest
    @MethodSource("readers")
    void damagedFilesAreRefusedOrReadAsTheyAre(Fuzzing fuzzing) throws Exception {
        fuzzing.run(FEW);
    }

    @ParameterizedTest
    @MethodSource("readers")
    @Tag("slow")
    void manyDamagedFilesAreRefusedOrReadAsTheyAre(Fuzzing fuzzing) throws Exception {
        fuzzing.run(MANY);
    }

    /** Checksums guard the arrays; names and the like may be anything. */
    private void readSoundArrays(byte[] input) throws IOException {
        for (NpyArray array : readArrays(input)) {
            assertThat(array.toString().replace(array.name(), "")).isIn(" |u1 [2, 2]", " >f8 [1, 3, 2]");
            assertThat(array.toDoubles()).isIn(new double[] {1, 2, 3, 4}, new double[] {1, Double.NaN, -2, 5, 3.5, 6});
        }
    }

    private List<NpyArray> readArrays(byte[] input) throws IOException {
        Path file = NpyBytes.write(directory, "a.npz", input);
        try {
            NpzFile npz = NpzFile.read(file);
            assertThat(npz.arrays()).hasSameSizeAs(npz.names());
            npz.arrays().forEach(NpzFuzzTest::check);
            return npz.arrays();
        } catch (IOException e) {
            assertThat(e).hasMessageContaining(file.toString());
            throw e;
        }
    }

    private void readNpy(byte[] input) throws IOException {
        Path file = NpyBytes.write(directory, "a.npy", input);
        try {
            NpyArray array = NpyArray.read(file);
            check(array);
            assertThat(sorted(array.toDoubles())).containsExactly(sorted(decode(array, input)));
        } catch (IOException e) {
            assertThat(e).hasMessageContaining(file.toString());
            throw e;
        }
    }

    private static void check(NpyArray array) {
        assertThat(array.size()).isEqualTo(Arrays.stream(array.shape()).reduce(1, (a, b) -> a * b));
        if (array.size() > 0) {
            assertThat(array.toINDArray().shape()).isEqualTo(array.shape());
        } else {
            assertThat(array.toINDArray().isEmpty()).isTrue();
        }
    }

    /** The values at the end of a file, in the file's order. */
    private static double[] decode(NpyArray array, byte[] file) {
        String type = array.dtype().substring(1);
        int size = type.charAt(1) - '0';
        ByteBuffer data = ByteBuffer.wrap(file, file.length - array.size() * size, array.size() * size)
                .order(array.dtype().charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        double[] values = new double[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (type) {
                case "f8" -> data.getDouble();
                case "f4" -> data.getFloat();
                case "i8" -> data.getLong();
                case "i4" -> data.getInt();
                case "u1" -> data.get() & 0xff;
                case "b1" -> data.get() == 0 ? 0 : 1;
                default -> throw new AssertionError(type);
            };
        }
        return values;
    }

    private static double[] sorted(double[] values) {
        Arrays.sort(values);
        return values;
    }

    private static byte[] zip(boolean deflated, byte[] array) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        for (String name : List.of("param/conv1/W.npy", "x.npy")) {
            entries.put(name, name.equals("x.npy") ? array : SMALL);
        }
        return NpyBytes.zip(deflated, entries);
    }

    private static byte[] withHeader(byte[] text) {
        return NpyBytes.npy(1, new String(text, StandardCharsets.ISO_8859_1), DATA);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
