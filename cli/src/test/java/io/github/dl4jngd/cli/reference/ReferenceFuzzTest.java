package io.github.dl4jngd.cli.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.cli.npz.NpyBytes;
import io.github.dl4jngd.testing.Fuzzing;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Damaged reference files are refused as unusable, or a network is made of them that has their form. */
@Timeout(value = 500, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReferenceFuzzTest {

    private static final int FEW = 50;
    private static final int MANY = 5_000;

    private static final String DENSE =
            """
            {"sizes": [2, 3, 2], "activation": "tanh", "loss": "softmax_cross_entropy", "bias": true, "dampings": [0.1]}
            """;
    private static final String IMAGES =
            """
            {"network": "convolution", "loss": "half_squared_error", "damping": 1e-2, "layers": ["conv1", "conv3", "out"]}
            """;

    @TempDir
    private Path directory;

    Stream<Fuzzing> readers() {
        Map<String, byte[]> dense = arrays("x", "4,2", "y", "4,2", "W0", "2,3", "b0", "3", "W1", "3,2", "b1", "2");
        Map<String, byte[]> images = arrays(
                "x",
                "2,1,6,6",
                "y",
                "2,3",
                "param/conv1/W",
                "2,1,3,3",
                "param/conv1/b",
                "2",
                "param/conv3/W",
                "2,2,3,3",
                "param/conv3/b",
                "2",
                "param/out/W",
                "2,3",
                "param/out/b",
                "3");
        return Stream.of(
                fuzzing("JSON of a dense reference", damage -> damage.on(utf8(DENSE)), json -> read(json, dense)),
                fuzzing("JSON of images", damage -> damage.on(utf8(IMAGES)), json -> read(json, images)),
                arrays("arrays of a dense reference", DENSE, dense),
                arrays("arrays of images", IMAGES, images));
    }

    /** All arrays one after the other are what is damaged; each is cut out again as long as it was. */
    private Fuzzing arrays(String name, String json, Map<String, byte[]> sound) {
        return fuzzing(
                name,
                damage -> damage.on(sound.values().stream().reduce(new byte[0], ReferenceFuzzTest::concatenate)),
                bytes -> read(utf8(json), cut(bytes, sound)));
    }

    private static Fuzzing fuzzing(String name, Fuzzing.Input input, Fuzzing.Reader reader) {
        return new Fuzzing(name, input, reader, UnusableFileException.class);
    }

    @ParameterizedTest
    @MethodSource("readers")
    void damagedReferencesAreRefusedOrRead(Fuzzing fuzzing) throws Exception {
        fuzzing.run(FEW);
    }

    @ParameterizedTest
    @MethodSource("readers")
    @Tag("slow")
    void manyDamagedReferencesAreRefusedOrRead(Fuzzing fuzzing) throws Exception {
        fuzzing.run(MANY);
    }

    private void read(byte[] json, Map<String, byte[]> arrays) throws IOException, UnusableFileException {
        Files.write(directory.resolve("a.json"), json);
        Path npz = Files.write(directory.resolve("a.npz"), NpyBytes.zip(false, arrays));
        Reference reference = Reference.of(ReferenceFile.read(npz), DataType.DOUBLE);
        assertThat(reference.labels().shape()).containsExactly(reference.input().size(0), reference.outputs());
        assertThat(reference.linearize().parameters().sumNumber().doubleValue()).isFinite();
        assertThat(reference.linearize().outputs()).isEqualTo(reference.outputs());
    }

    /** Arrays by name and shape. */
    private static Map<String, byte[]> arrays(String... namesAndShapes) {
        Map<String, byte[]> arrays = new LinkedHashMap<>();
        for (int i = 0; i < namesAndShapes.length; i += 2) {
            String shape = namesAndShapes[i + 1];
            int size = Arrays.stream(shape.split(",", -1))
                    .mapToInt(Integer::parseInt)
                    .reduce(1, (a, b) -> a * b);
            double[] values = new double[size];
            Arrays.setAll(values, j -> 0.1 * j);
            arrays.put(
                    namesAndShapes[i] + ".npy",
                    NpyBytes.npy("<f8", false, "(" + shape + ",)", NpyBytes.doubles(ByteOrder.LITTLE_ENDIAN, values)));
        }
        return arrays;
    }

    private static Map<String, byte[]> cut(byte[] bytes, Map<String, byte[]> sound) {
        Map<String, byte[]> arrays = new LinkedHashMap<>();
        int at = 0;
        for (Map.Entry<String, byte[]> array : sound.entrySet()) {
            int end = Math.min(bytes.length, at + array.getValue().length);
            arrays.put(array.getKey(), Arrays.copyOfRange(bytes, Math.min(at, end), end));
            at += array.getValue().length;
        }
        return arrays;
    }

    private static byte[] concatenate(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
