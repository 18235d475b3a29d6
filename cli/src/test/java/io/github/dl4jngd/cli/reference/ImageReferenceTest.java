package io.github.dl4jngd.cli.reference;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.cli.npz.NpyBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;

class ImageReferenceTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            x             | 2, 4, 6, 6       | array 'param/conv1/W': expected shape [any, 4, 3, 3], found [2, 1, 3, 3]
            param/conv1/W | 10000, 1, 3, 3   | array 'param/conv3/W': expected shape [any, 10000, 3, 3]
            param/conv3/W | 10000, 2, 3, 3   | array 'param/out/W': expected shape [10000, 3], found [2, 3]
            param/conv1/b | 5                | array 'param/conv1/b': expected shape [2], found [5]
            y             | 2, 100000        | array 'param/out/W': expected shape [2, 100000], found [2, 3]
            """)
    void namesWhatDoesNotFit(String array, String shape, String message) throws IOException {
        Map<String, String> shapes = new LinkedHashMap<>(Map.of("x", "2, 1, 6, 6", "y", "2, 3"));
        shapes.putAll(Map.of("param/conv1/W", "2, 1, 3, 3", "param/conv1/b", "2"));
        shapes.putAll(Map.of("param/conv3/W", "2, 2, 3, 3", "param/conv3/b", "2"));
        shapes.putAll(Map.of("param/out/W", "2, 3", "param/out/b", "3"));
        shapes.put(array, shape);
        Map<String, byte[]> arrays = new LinkedHashMap<>();
        shapes.forEach((name, sides) -> arrays.put(name + ".npy", bytes(sides)));
        Files.writeString(
                directory.resolve("a.json"),
                """
                {"network": "convolution", "loss": "half_squared_error", "layers": ["conv1", "conv3", "out"]}
                """);
        Path file = Files.write(directory.resolve("a.npz"), NpyBytes.zip(true, arrays));

        assertThatThrownBy(() -> Reference.of(ReferenceFile.read(file), DataType.FLOAT))
                .isInstanceOf(UnusableFileException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(message);
    }

    private static byte[] bytes(String shape) {
        int size = 1;
        for (String side : shape.split(", ", -1)) {
            size *= Integer.parseInt(side);
        }
        return NpyBytes.npy("|u1", false, "(" + shape + ",)", new byte[size]);
    }
}
