package io.github.dl4jngd.spectral.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.testing.Fuzzing;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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

/** Damaged CSV files are continued correctly or left as they are; damaged stored readings are refused or read. */
@Timeout(value = 500, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SinkFuzzTest {

    private static final int FEW = 300;
    private static final int MANY = 10_000;
    private static final int FROM_ITERATION = 30;

    @TempDir
    private Path directory;

    Stream<Fuzzing> readers() throws IOException {
        byte[] plain = csv("lambda", "trace");
        byte[] quoted = csv("λ, \"max\"", "a\nb");
        byte[] stopped = Arrays.copyOf(plain, plain.length - 5);
        byte[] stored = new StoredReading("run", 1, reading(4, "lambda", "trace")).encode();
        return Stream.of(
                new Fuzzing(
                        "CSV",
                        damage -> damage.on(plain),
                        bytes -> append(bytes, "lambda", "trace"),
                        IOException.class),
                new Fuzzing(
                        "CSV with quoted names",
                        damage -> damage.on(quoted),
                        bytes -> append(bytes, "λ, \"max\"", "a\nb"),
                        IOException.class),
                new Fuzzing(
                        "CSV stopped in a row",
                        damage -> damage.on(stopped),
                        bytes -> append(bytes, "lambda", "trace"),
                        IOException.class),
                new Fuzzing("stored reading", damage -> damage.on(stored), SinkFuzzTest::decode, IOException.class));
    }

    @ParameterizedTest
    @MethodSource("readers")
    void damagedInputIsRefusedOrReadAsItIs(Fuzzing fuzzing) throws Exception {
        fuzzing.run(FEW);
    }

    @ParameterizedTest
    @MethodSource("readers")
    @Tag("slow")
    void muchDamagedInputIsRefusedOrReadAsItIs(Fuzzing fuzzing) throws Exception {
        fuzzing.run(MANY);
    }

    private void append(byte[] input, String first, String second) throws IOException {
        Path file = Files.write(directory.resolve("a.csv"), input);
        try (CsvSink sink = CsvSink.append(file, FROM_ITERATION)) {
            sink.accept(reading(FROM_ITERATION, first, second));
        } catch (IOException e) {
            assertThat(file).hasBinaryContent(input);
            assertThat(e).hasMessageContaining(file.toString());
            throw e;
        } finally {
            try (Stream<Path> files = Files.list(directory)) {
                assertThat(files.toList()).isEqualTo(List.of(file));
            }
        }
        checkRows(Files.readString(file), new String(input, StandardCharsets.UTF_8), header(first, second));
    }

    /** The header, rows of the input of earlier iterations in their order, and the new row. */
    private static void checkRows(String text, String input, String header) {
        assertThat(text).startsWith(header).endsWith("\n30,3,1.5,\n");
        String kept = text.substring(header.length() - 1, text.length() - "30,3,1.5,\n".length());
        int searched = 0;
        for (String row : kept.lines().skip(1).toList()) {
            searched = input.indexOf("\n" + row, searched) + 1;
            assertThat(searched).as(row).isPositive();
            assertThat(Integer.parseInt(row.substring(0, row.indexOf(',')))).isBetween(0, FROM_ITERATION - 1);
            assertThat(row.chars().filter(c -> c == ',')).hasSize(3);
        }
    }

    private static void decode(byte[] input) throws IOException {
        StoredReading reading = new StoredReading();
        reading.decode(new ByteArrayInputStream(input));
        StoredReading again = new StoredReading();
        again.decode(reading.encode());
        assertThat(again.values()).isEqualTo(reading.values());
        assertThat(again.iteration()).isEqualTo(reading.iteration());
    }

    private static byte[] csv(String first, String second) throws IOException {
        Path file = Files.createTempFile("sound", ".csv");
        try (CsvSink sink = new CsvSink(file)) {
            for (int iteration = 0; iteration < 60; iteration += 10) {
                sink.accept(reading(iteration, first, second));
            }
            return Files.readAllBytes(file);
        } finally {
            Files.delete(file);
        }
    }

    private static String header(String first, String second) {
        return "iteration,epoch," + quoted(first) + "," + quoted(second) + "\n";
    }

    private static String quoted(String name) {
        return name.equals("lambda") || name.equals("trace") ? name : '"' + name.replace("\"", "\"\"") + '"';
    }

    private static Reading reading(int iteration, String first, String second) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put(first, 1.5);
        values.put(second, Double.NaN);
        return new Numbers(iteration, iteration / 10, values);
    }
}
