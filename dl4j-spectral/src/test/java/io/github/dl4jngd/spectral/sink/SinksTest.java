package io.github.dl4jngd.spectral.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.core.storage.StatsStorage;
import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** Where readings go. */
class SinksTest {

    @TempDir
    private Path directory;

    private record Two(int iteration, int epoch, double first, double second) implements Reading {

        @Override
        public Map<String, Double> values() {
            Map<String, Double> values = new LinkedHashMap<>();
            values.put("first", first);
            values.put("second", second);
            return values;
        }

        @Override
        public Map<String, Object> details() {
            return Map.of("list", List.of(1, 2));
        }
    }

    @Test
    void csvHasEveryRowOnDiskAtOnceAndNoNumberForNaN() throws IOException {
        Path file = directory.resolve("a.csv");
        try (CsvSink sink = new CsvSink(file)) {
            sink.accept(new Two(0, 0, 1.5, Double.NaN));
            assertThat(Files.readString(file)).isEqualTo("iteration,epoch,first,second\n0,0,1.5,\n");
            sink.accept(new Two(7, 1, 0.1, 2));
            assertThat(Files.readAllLines(file)).hasSize(3).last().isEqualTo("7,1,0.1,2.0");
        }
    }

    @Test
    void jsonLinesHaveDetailsToo() throws IOException {
        Path file = directory.resolve("a.jsonl");
        try (JsonLinesSink sink = new JsonLinesSink(file)) {
            sink.accept(new Two(3, 1, 1.5, Double.NaN));
            JsonNode line = new ObjectMapper().readTree(Files.readString(file));
            assertThat(line.get("iteration").asInt()).isEqualTo(3);
            assertThat(line.get("first").asDouble()).isEqualTo(1.5);
            assertThat(line.get("second").isNull()).isTrue();
            assertThat(line.get("list").size()).isEqualTo(2);
        }
    }

    @Test
    void memoryKeepsSeries() {
        MemorySink sink = new MemorySink();
        sink.accept(new Two(0, 0, 1, 2));
        sink.accept(new Two(1, 0, 3, 4));
        assertThat(sink.series("second")).containsExactly(2, 4);
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> sink.series("third"))
                .withMessageContaining("third")
                .withMessageContaining("first");
    }

    @Test
    void statisticsStorageGivesReadingsBack() throws IOException {
        InMemoryStatsStorage storage = new InMemoryStatsStorage();
        StatsStorageSink sink = new StatsStorageSink(storage, "run");
        sink.accept(new Two(3, 2, 1, 1));
        sink.accept(new Two(4, 2, 1.25, Double.NaN));
        assertThat(storage.getAllUpdatesAfter("run", StatsStorageSink.TYPE, StatsStorageSink.WORKER, 0))
                .hasSize(2);
        assertThat(storage.listSessionIDs()).containsExactly("run");
        StoredReading stored =
                (StoredReading) storage.getLatestUpdate("run", StatsStorageSink.TYPE, StatsStorageSink.WORKER);
        StoredReading decoded = new StoredReading();
        decoded.decode(stored.encode());
        assertThat(decoded.iteration()).isEqualTo(4);
        assertThat(decoded.epoch()).isEqualTo(2);
        assertThat(decoded.values()).isEqualTo(new Two(4, 2, 1.25, Double.NaN).values());
        assertThat(decoded.details()).isEqualTo(Map.of("list", List.of(1, 2)));
        assertThat(decoded.getWorkerID()).isEqualTo("training");
        assertThat(decoded.getSessionID()).isEqualTo("run");
        assertThat(decoded.getTimeStamp()).isEqualTo(stored.getTimeStamp());
        assertThat(stored.encodingLengthBytes()).isEqualTo(stored.encode().length);
    }

    /** Bytes as the first format had them: no kind, no details. */
    @Test
    void theFirstFormatIsRead() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(bytes);
        data.writeInt(0x4e474431);
        data.writeUTF("run");
        data.writeLong(1234);
        data.writeInt(7);
        data.writeInt(2);
        data.writeInt(2);
        data.writeUTF("lambda_max");
        data.writeDouble(1.5);
        data.writeUTF("model");
        data.writeDouble(0);
        StoredReading decoded = new StoredReading();
        decoded.decode(bytes.toByteArray());
        assertThat(decoded.getSessionID()).isEqualTo("run");
        assertThat(decoded.getWorkerID()).isEqualTo(StatsStorageSink.WORKER);
        assertThat(decoded.getTimeStamp()).isEqualTo(1234);
        assertThat(decoded.iteration()).isEqualTo(7);
        assertThat(decoded.epoch()).isEqualTo(2);
        assertThat(decoded.values()).isEqualTo(Map.of("lambda_max", 1.5, "model", 0.0));
        assertThat(decoded.details()).isEmpty();
        // and is stored in the second from then on
        StoredReading again = new StoredReading();
        again.decode(decoded.encode());
        assertThat(again.values()).isEqualTo(decoded.values());
        assertThat(again.details()).isEmpty();
    }

    /** A reading of a listener's kind. */
    private record OfKind(int iteration, int epoch, String kind) implements Reading {

        @Override
        public Map<String, Double> values() {
            return Map.of("number", (double) iteration);
        }
    }

    /** Three sinks on one session, two of them with the same kind of readings, faster than a millisecond each. */
    @Test
    void sinksThatShareASessionLoseNothing() throws IOException, InterruptedException {
        int count = 500;
        StatsStorage storage = new InMemoryStatsStorage();
        List<String> kinds = List.of("spectrum", "isotropy", "spectrum");
        List<Thread> threads = new ArrayList<>();
        for (String kind : kinds) {
            StatsStorageSink sink = new StatsStorageSink(storage, "run");
            threads.add(new Thread(() -> {
                for (int i = 0; i < count; i++) {
                    try {
                        sink.accept(new OfKind(i, 0, kind));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(storage.getAllUpdatesAfter("run", StatsStorageSink.TYPE, "spectrum", 0))
                .hasSize(2 * count);
        assertThat(storage.getAllUpdatesAfter("run", StatsStorageSink.TYPE, "isotropy", 0))
                .hasSize(count);
        assertThat(storage.listWorkerIDsForSessionAndType("run", StatsStorageSink.TYPE))
                .containsExactlyInAnyOrder("spectrum", "isotropy");
        storage.close();
    }

    @Test
    void aDamagedStoredReadingIsAnErrorAndChangesNothing() throws IOException {
        byte[] bytes = new StoredReading("run", 1, new Two(4, 2, 1.25, 3)).encode();
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            byte[] damaged = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            if (damaged.length > 0 && random.nextBoolean()) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            StoredReading decoded = new StoredReading();
            try {
                decoded.decode(new java.io.ByteArrayInputStream(damaged));
            } catch (IOException e) {
                assertThat(decoded.iteration()).isZero();
                assertThat(decoded.values()).isEmpty();
            }
        }
        assertThatExceptionOfType(StreamCorruptedException.class)
                .isThrownBy(() -> new StoredReading()
                        .decode(new java.io.ByteArrayInputStream(Arrays.copyOf(bytes, bytes.length - 1))))
                .withMessageContaining("too early");
        Reading abAndAc = new Numbers(0, 0, Map.of("ab", 1.0, "ac", 2.0));
        byte[] twice = new String(new StoredReading("run", 1, abAndAc).encode(), StandardCharsets.ISO_8859_1)
                .replace("ac", "ab")
                .getBytes(StandardCharsets.ISO_8859_1);
        assertThatExceptionOfType(StreamCorruptedException.class)
                .isThrownBy(() -> new StoredReading().decode(new java.io.ByteArrayInputStream(twice)))
                .withMessageContaining("two numbers for ab");
    }
}
