package io.github.dl4jngd.spectral.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.internal.chart.Series;
import io.github.dl4jngd.spectral.sink.MemorySink;
import io.github.dl4jngd.spectral.sink.Reading;
import io.github.dl4jngd.spectral.sink.Sink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What listeners add to sinks: charts, and that one that fails harms nobody. */
class SinksTest {

    @TempDir
    private Path directory;

    private record One(int iteration, double value) implements Reading {

        @Override
        public int epoch() {
            return 0;
        }

        @Override
        public Map<String, Double> values() {
            return Map.of("value", value);
        }
    }

    private static List<LinePlot> plots(List<Reading> readings) {
        return List.of(new LinePlot(
                "value",
                LinePlot.Axis.linear("iteration"),
                LinePlot.Axis.linear("value"),
                List.of(new Series(
                        "value",
                        0,
                        Series.Style.SOLID,
                        readings.stream().map(r -> (double) r.iteration()).toList(),
                        readings.stream().map(r -> r.values().get("value")).toList()))));
    }

    @Test
    void chartsAreCompleteFilesAfterTheFirstReadingAndTheLast() throws IOException {
        Path file = directory.resolve("a.png");
        try (PngSink sink = new PngSink(file, "title", SinksTest::plots)) {
            sink.accept(new One(0, 1));
            assertThat(ImageIO.read(file.toFile())).isNotNull();
            byte[] first = Files.readAllBytes(file);
            for (int i = 1; i < 5; i++) {
                sink.accept(new One(i, i * i));
            }
            sink.flush();
            assertThat(Files.readAllBytes(file)).isNotEqualTo(first);
        }
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aSinkThatFailsIsClosedAndTheOthersGoOn() {
        List<String> calls = new ArrayList<>();
        MemorySink memory = new MemorySink();
        Sinks sinks = new Sinks(List.of(
                new Sink() {
                    @Override
                    public void accept(Reading reading) throws IOException {
                        calls.add("accept");
                        throw new IOException("No space left on device");
                    }

                    @Override
                    public void close() {
                        calls.add("close");
                    }
                },
                memory));
        sinks.accept(new One(0, 1));
        sinks.accept(new One(1, 1));
        sinks.close();
        assertThat(calls).containsExactly("accept", "close");
        assertThat(memory.readings()).hasSize(2);
    }
}
