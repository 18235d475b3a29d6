package io.github.dl4jngd.spectral.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.shade.protobuf.CodedInputStream;
import org.nd4j.shade.protobuf.WireFormat;
import org.tensorflow.framework.HistogramProto;
import org.tensorflow.framework.Summary;

class TensorBoardSinkTest {

    /**
     * Made by hand: lengths, checksums (CRC-32C bit by bit) and messages. The first twelve bytes are those of every
     * event file that TensorFlow writes.
     */
    private static final String VERSION =
            "1800000000000000a37f4b22" + "0900002040fc54d941" + "1a0d627261696e2e4576656e743a32" + "2b353110";

    private static final String READING = "4700000000000000bac3fb9b" + "0900002040fc54d941" + "10ac02"
            + "2a39" + "0a18" + "0a116669736865722f6c616d6264615f6d6178" + "150000a041"
            + "0a1d" + "0a166669736865722f6c616d6264615f6d61785f6f662f30" + "150000803e"
            + "87a0bfd5";

    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(1_700_000_000_500L), ZoneOffset.UTC);

    private record Numbered(int iteration, int model, Map<String, Double> values, Map<String, Object> details)
            implements Reading {
        @Override
        public int epoch() {
            return 0;
        }
    }

    @TempDir
    Path folder;

    private static Map<String, Double> values(Object... namesAndNumbers) {
        Map<String, Double> values = new LinkedHashMap<>();
        for (int i = 0; i < namesAndNumbers.length; i += 2) {
            values.put((String) namesAndNumbers[i], ((Number) namesAndNumbers[i + 1]).doubleValue());
        }
        return values;
    }

    private byte[] written() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return Files.readAllBytes(files.findFirst().orElseThrow());
        }
    }

    @Test
    void writesTheBytesOfAnEventFile() throws IOException {
        try (TensorBoardSink sink = new TensorBoardSink(folder, CLOCK)) {
            sink.accept(new Numbered(300, 0, values("lambda_max", 20, "lambda_max_of_0", 0.25, "model", 0), Map.of()));

            assertThat(HexFormat.of().formatHex(written())).isEqualTo(VERSION + READING);
        }
    }

    /** The messages of the records behind the first. */
    private List<Summary> summaries() throws IOException {
        List<Summary> summaries = new ArrayList<>();
        ByteBuffer bytes = ByteBuffer.wrap(written()).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            byte[] event = new byte[(int) bytes.getLong()];
            bytes.getInt();
            bytes.get(event).getInt();
            CodedInputStream in = CodedInputStream.newInstance(event);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (WireFormat.getTagFieldNumber(tag) == 5) {
                    summaries.add(Summary.parseFrom(in.readByteArray()));
                } else {
                    in.skipField(tag);
                }
            }
        }
        return summaries;
    }

    @Test
    void leavesOutWhatIsNoNumberAndTellsModelsApart() throws IOException {
        try (TensorBoardSink sink = new TensorBoardSink(folder)) {
            sink.accept(new Numbered(0, 0, values("damping", 0.5, "alpha", Double.NaN, "model", 0), Map.of()));
            sink.accept(new Numbered(1, 2, values("lambda_max", 3, "model", 2), Map.of()));
        }

        List<Summary> summaries = summaries();
        assertThat(summaries.get(0).getValueList())
                .extracting(Summary.Value::getTag)
                .containsExactly("natural_gradient/damping");
        assertThat(summaries.get(0).getValue(0).getSimpleValue()).isEqualTo(0.5f);
        assertThat(summaries.get(1).getValueList())
                .extracting(Summary.Value::getTag)
                .containsExactly("model_2/fisher/lambda_max");
    }

    @Test
    void aDensityIsAHistogramOfLogarithms() throws IOException {
        Map<String, Object> density = Map.of(
                "density",
                List.of(
                        Map.of("nodes", List.of(-1e-9, 1e-9, 1.0, 100.0), "weights", List.of(0.2, 0.5, 0.2, 0.1)),
                        Map.of("nodes", List.of(10.0), "weights", List.of(1.0))));
        try (TensorBoardSink sink = new TensorBoardSink(folder)) {
            sink.accept(new Numbered(0, 0, values("lambda_max", 100), density));
            sink.accept(new Numbered(1, 0, values("lambda_max", 100), Map.of("density", List.of())));
        }

        List<Summary> summaries = summaries();
        assertThat(summaries.get(0).getValue(1).getTag()).isEqualTo("fisher/log10_lambda");
        HistogramProto histogram = summaries.get(0).getValue(1).getHisto();
        assertThat(histogram.getNum()).isEqualTo(0.1 + 0.05 + 0.5, offset(1e-12));
        assertThat(histogram.getSum()).isEqualTo(0.05 * 2 + 0.5 * 1, offset(1e-12));
        assertThat(histogram.getSumSquares()).isEqualTo(0.05 * 4 + 0.5 * 1, offset(1e-12));
        assertThat(weightAbove(histogram, 1.5)).isEqualTo(0.05, offset(1e-12));
        assertThat(weightAbove(histogram, 0.5)).isEqualTo(0.55, offset(1e-12));
        assertThat(histogram.getBucketLimitList()).isSorted().hasSize(30);
        assertThat(histogram.getBucketLimit(29)).isEqualTo(2, offset(1e-12));
        assertThat(summaries.get(1).getValueCount()).isEqualTo(1);
    }

    private static double weightAbove(HistogramProto histogram, double bound) {
        double sum = 0;
        for (int i = 0; i < histogram.getBucketCount(); i++) {
            sum += histogram.getBucketLimit(i) > bound ? histogram.getBucket(i) : 0;
        }
        return sum;
    }

    @Test
    void filesOfEarlierRunsStay() throws IOException {
        for (int i = 0; i < 3; i++) {
            new TensorBoardSink(folder.resolve("runs/a"), CLOCK).close();
        }

        try (Stream<Path> files = Files.list(folder.resolve("runs/a"))) {
            assertThat(files).hasSize(3).allSatisfy(file -> assertThat(
                            file.getFileName().toString())
                    .contains("tfevents"));
        }
    }
}
