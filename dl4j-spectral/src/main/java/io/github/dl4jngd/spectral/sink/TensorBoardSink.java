package io.github.dl4jngd.spectral.sink;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.protobuf.CodedOutputStream;
import org.tensorflow.framework.HistogramProto;
import org.tensorflow.framework.Summary;

/**
 * Writes readings as an event file of TensorBoard, so that they stand beside runs of other libraries. Every reading is
 * on disk before training goes on.
 *
 * <p>A reading's numbers are scalars over iterations: {@code fisher/lambda_max}, {@code fisher/rate_over_boundary} and
 * so on of a spectrum, {@code fisher/lambda_max_of/LAYER} of a layer, {@code natural_gradient/damping} and so on of a
 * natural gradient's steps. Numbers that are NaN are left out. A density is a histogram {@code fisher/log10_lambda} of
 * the eigenvalues within six decades of the largest; the many near zero would hide the rest.
 *
 * <p>TensorBoard reads the files of one folder one after the other: give each listener a folder of its own, or start it
 * with {@code --reload_multifile true}. Readings of further copies of a model, as of a {@code ParallelWrapper}'s
 * workers, have {@code model_1/} and so on before their names.
 */
public final class TensorBoardSink implements Sink {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** What every event file begins with. */
    private static final String VERSION = "brain.Event:2";

    // fields of TensorFlow's message Event
    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;

    /** What TensorFlow adds to a rotated checksum. */
    private static final int MASK = 0xa282ead8;

    private static final int DECADES = 6;
    private static final int BUCKETS_A_DECADE = 5;

    private final OutputStream out;
    private final Clock clock;

    /**
     * Creates an event file in a folder, beside those that are there.
     *
     * @param folder made where it is missing
     * @throws IOException when it cannot be written
     */
    public TensorBoardSink(Path folder) throws IOException {
        this(folder, Clock.systemUTC());
    }

    TensorBoardSink(Path folder, Clock clock) throws IOException {
        this.clock = clock;
        Files.createDirectories(folder);
        this.out = new BufferedOutputStream(create(folder, clock.millis() / 1000));
        write(event -> event.writeString(FILE_VERSION, VERSION));
        flush();
    }

    /** A file of its own for each sink: TensorBoard knows them by the middle of their names. */
    private static OutputStream create(Path folder, long seconds) throws IOException {
        for (int number = 0; ; number++) {
            String name = String.format(Locale.ROOT, "events.out.tfevents.%010d.%d.dl4j-ngd", seconds, number);
            try {
                return Files.newOutputStream(folder.resolve(name), StandardOpenOption.CREATE_NEW);
            } catch (FileAlreadyExistsException e) {
                // another sink's
            }
        }
    }

    @Override
    public void accept(Reading reading) throws IOException {
        String prefix = (reading.model() == 0 ? "" : "model_" + reading.model() + "/")
                + (reading.values().containsKey("lambda_max") ? "fisher/" : "natural_gradient/");
        Summary.Builder summary = Summary.newBuilder();
        reading.values().forEach((name, value) -> {
            if (!value.isNaN() && !name.equals("model")) {
                summary.addValue(
                        Summary.Value.newBuilder().setTag(prefix + tag(name)).setSimpleValue(value.floatValue()));
            }
        });
        histogram(reading.details())
                .ifPresent(found -> summary.addValue(Summary.Value.newBuilder()
                        .setTag(prefix + "log10_lambda")
                        .setHisto(found)));
        write(event -> {
            event.writeInt64(STEP, reading.iteration());
            event.writeMessage(SUMMARY, summary.build());
        });
        flush();
    }

    /** Layers are a group of their own on the page. */
    private static String tag(String name) {
        for (String group : List.of("lambda_max_of_", "rate_over_boundary_of_", "rate_over_kept_step_boundary_of_")) {
            if (name.startsWith(group)) {
                return group.substring(0, group.length() - 1) + "/" + name.substring(group.length());
            }
        }
        return name;
    }

    /** The eigenvalues of a density, by the logarithms of their sizes. */
    private static Optional<HistogramProto> histogram(Map<String, Object> details) {
        JsonNode quadratures = MAPPER.valueToTree(details.get("density"));
        double largest = 0;
        for (JsonNode quadrature : quadratures) {
            for (JsonNode node : quadrature.path("nodes")) {
                largest = Math.max(largest, node.asDouble());
            }
        }
        if (!(largest > 0) || Double.isInfinite(largest)) {
            return Optional.empty();
        }
        double[] weights = new double[DECADES * BUCKETS_A_DECADE];
        double sum = 0;
        double sumOfLogarithms = 0;
        double sumOfSquares = 0;
        double low = Math.log10(largest) - DECADES;
        for (JsonNode quadrature : quadratures) {
            for (int i = 0; i < quadrature.path("nodes").size(); i++) {
                double logarithm = Math.log10(quadrature.path("nodes").get(i).asDouble());
                double weight = quadrature.path("weights").path(i).asDouble() / quadratures.size();
                if (logarithm >= low) {
                    int bucket = (int) ((logarithm - low) * BUCKETS_A_DECADE);
                    weights[Math.min(bucket, weights.length - 1)] += weight;
                    sum += weight;
                    sumOfLogarithms += weight * logarithm;
                    sumOfSquares += weight * logarithm * logarithm;
                }
            }
        }
        HistogramProto.Builder histogram = HistogramProto.newBuilder()
                .setMin(low)
                .setMax(low + DECADES)
                .setNum(sum)
                .setSum(sumOfLogarithms)
                .setSumSquares(sumOfSquares);
        for (int i = 0; i < weights.length; i++) {
            histogram.addBucketLimit(low + (i + 1.0) / BUCKETS_A_DECADE).addBucket(weights[i]);
        }
        return Optional.of(histogram.build());
    }

    /** What an event has beside its time. */
    @FunctionalInterface
    private interface Content {
        void writeTo(CodedOutputStream event) throws IOException;
    }

    /** Writes an event as a record: its length, a checksum of that, the event, a checksum of it. */
    private void write(Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream event = CodedOutputStream.newInstance(bytes);
        event.writeDouble(WALL_TIME, clock.millis() / 1000.0);
        content.writeTo(event);
        event.flush();
        byte[] data = bytes.toByteArray();
        byte[] length = little(Long.BYTES).putLong(data.length).array();
        out.write(length);
        out.write(little(Integer.BYTES).putInt(maskedChecksum(length)).array());
        out.write(data);
        out.write(little(Integer.BYTES).putInt(maskedChecksum(data)).array());
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** CRC-32C, rotated and shifted as in TensorFlow's records. */
    private static int maskedChecksum(byte[] bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        return Integer.rotateRight((int) checksum.getValue(), 15) + MASK;
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
