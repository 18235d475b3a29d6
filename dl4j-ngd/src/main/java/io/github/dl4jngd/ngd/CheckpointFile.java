package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.internal.AtomicFile;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.SerializationFeature;

/**
 * The format of checkpoints: a model file of DL4J's ({@code configuration.json}, {@code coefficients.bin},
 * {@code updaterState.bin}, as {@code ModelSerializer} reads it) with the state of the natural gradient beside it.
 *
 * <p>A manifest comes last. It has the format's version, everything that is not an array, and the SHA-256 of every
 * other entry; its own checksum is the archive's CRC-32. Nothing is decoded before all of them have been compared.
 * Arrays are written in ND4J's format, whose last bytes are the elements, big-endian in storage order; type, order and
 * shape are in the manifest, too, and reading trusts that alone, within the length of the file: ND4J's own reader takes
 * whatever a file claims. There is no Java serialisation.
 */
final class CheckpointFile {

    static final int VERSION = 1;

    private static final String FORMAT = "dl4j-ngd checkpoint";
    private static final String FOLDER = "naturalGradient/";
    private static final String MANIFEST = FOLDER + "manifest.json";
    private static final String CONFIGURATION = "configuration.json";
    private static final String PARAMETERS = "coefficients.bin";
    private static final String UPDATER_STATE = "updaterState.bin";
    private static final int LARGEST_TEXT = 1 << 26;
    private static final int BUFFER = 1 << 16;

    /** What ND4J writes before an array's elements takes some hundred bytes. */
    private static final int LARGEST_HEADER = 1 << 12;

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private CheckpointFile() {}

    /**
     * What a checkpoint has.
     *
     * @param model the model's configuration as JSON
     * @param parameters θ
     * @param updaterState of the model's updaters, or null where they have none
     * @param state everything else
     */
    record Content(String model, INDArray parameters, INDArray updaterState, CheckpointState state) {}

    static void write(Path file, Content content) throws IOException {
        AtomicFile.write(file, out -> new Writer(out).write(content));
    }

    private static final class Writer {
        private final ZipOutputStream zip;
        private final Map<String, String> checksums = new LinkedHashMap<>();
        private final List<Map<String, Object>> arrays = new ArrayList<>();

        Writer(OutputStream out) {
            zip = new ZipOutputStream(out);
            // Floating-point numbers hardly shrink.
            zip.setLevel(Deflater.NO_COMPRESSION);
        }

        void write(Content content) throws IOException {
            entry(CONFIGURATION, text(content.model()));
            array(PARAMETERS, "", content.parameters());
            if (content.updaterState() != null) {
                array(UPDATER_STATE, "", content.updaterState());
            }
            for (Map.Entry<String, INDArray> array : content.state().arrays().entrySet()) {
                array(FOLDER + arrays.size() + ".bin", array.getKey(), array.getValue());
            }
            Map<String, Object> manifest = new LinkedHashMap<>();
            manifest.put("format", FORMAT);
            manifest.put("version", VERSION);
            manifest.put("values", content.state().values());
            manifest.put("arrays", arrays);
            manifest.put("sha256", new LinkedHashMap<>(checksums));
            entry(MANIFEST, text(JSON.writeValueAsString(manifest)));
            zip.finish();
        }

        private void array(String entry, String name, INDArray array) throws IOException {
            arrays.add(Map.of(
                    "entry",
                    entry,
                    "name",
                    name,
                    "type",
                    array.dataType().name(),
                    "order",
                    String.valueOf(array.ordering()),
                    "shape",
                    array.shape()));
            // ND4J would write the elements of a view in another order.
            INDArray compact = array.dup(array.ordering());
            entry(entry, out -> {
                DataOutputStream data = new DataOutputStream(new BufferedOutputStream(out, BUFFER));
                Nd4j.write(compact, data);
                data.flush();
            });
        }

        private void entry(String name, AtomicFile.Content content) throws IOException {
            zip.putNextEntry(new ZipEntry(name));
            DigestOutputStream out = new DigestOutputStream(zip, sha256());
            content.writeTo(out);
            zip.closeEntry();
            checksums.put(name, HexFormat.of().formatHex(out.getMessageDigest().digest()));
        }
    }

    private static AtomicFile.Content text(String text) {
        return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads a checkpoint.
     *
     * @throws CheckpointException if it is none, damaged or of another version
     */
    static Content read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString(), null, "there is no such checkpoint");
        }
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return new Reader(file, zip).read();
        } catch (CheckpointException | FileNotFoundException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new CheckpointException(
                    file + " is not a checkpoint, or it is damaged or incomplete: " + e.getMessage(), e);
        }
    }

    private record Reader(Path file, ZipFile zip) {

        Content read() throws IOException {
            JsonNode manifest = JSON.readTree(manifest());
            if (!FORMAT.equals(manifest.path("format").asText())) {
                throw new CheckpointException(file + " is not a checkpoint of dl4j-ngd");
            }
            int version = manifest.path("version").asInt();
            if (version != VERSION) {
                throw new CheckpointException(file + " is a checkpoint of version " + version
                        + ", this library reads version " + VERSION
                        + (version > VERSION ? "; use a newer dl4j-ngd" : ""));
            }
            JsonNode checksums = manifest.required("sha256");
            for (var checksum : (Iterable<Map.Entry<String, JsonNode>>) checksums::fields) {
                check(checksum.getKey(), checksum.getValue().asText());
            }
            Map<String, String> values = new LinkedHashMap<>();
            manifest.required("values")
                    .fields()
                    .forEachRemaining(
                            value -> values.put(value.getKey(), value.getValue().asText()));
            INDArray parameters = null;
            INDArray updaterState = null;
            Map<String, INDArray> arrays = new LinkedHashMap<>();
            for (JsonNode described : manifest.required("arrays")) {
                String entry = described.required("entry").asText();
                requireChecked(checksums, entry);
                INDArray array = array(entry, described);
                switch (entry) {
                    case PARAMETERS -> parameters = array;
                    case UPDATER_STATE -> updaterState = array;
                    default -> arrays.put(described.required("name").asText(), array);
                }
            }
            requireChecked(checksums, CONFIGURATION);
            if (parameters == null) {
                throw new CheckpointException(file + " is incomplete: it has no parameters");
            }
            return new Content(
                    new String(bytes(CONFIGURATION), StandardCharsets.UTF_8),
                    parameters,
                    updaterState,
                    CheckpointState.of(values, arrays));
        }

        /** Its checksum is in the archive's directory, which Java does not compare. */
        private byte[] manifest() throws IOException {
            if (zip.getEntry(MANIFEST) == null) {
                throw new CheckpointException(file + " is not a checkpoint of dl4j-ngd: it has no " + MANIFEST
                        + ". A plain model file is read by ModelSerializer");
            }
            byte[] bytes = bytes(MANIFEST);
            CRC32 crc = new CRC32();
            crc.update(bytes);
            if (crc.getValue() != zip.getEntry(MANIFEST).getCrc()) {
                throw damaged(MANIFEST);
            }
            return bytes;
        }

        private InputStream open(String name) throws IOException {
            ZipEntry entry = zip.getEntry(name);
            if (entry == null) {
                throw new CheckpointException(file + " is incomplete: it has no " + name);
            }
            return zip.getInputStream(entry);
        }

        private byte[] bytes(String name) throws IOException {
            try (InputStream in = open(name)) {
                byte[] bytes = in.readNBytes(LARGEST_TEXT);
                if (bytes.length == LARGEST_TEXT) {
                    throw new CheckpointException(file + ": " + name + " is larger than any checkpoint's");
                }
                return bytes;
            }
        }

        private void check(String name, String expected) throws IOException {
            MessageDigest digest = sha256();
            byte[] buffer = new byte[BUFFER];
            try (InputStream in = open(name)) {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    digest.update(buffer, 0, read);
                }
            }
            if (!HexFormat.of().formatHex(digest.digest()).equals(expected)) {
                throw damaged(name);
            }
        }

        private void requireChecked(JsonNode checksums, String name) throws CheckpointException {
            if (!checksums.has(name)) {
                throw new CheckpointException(file + " is incomplete: it has no checksum of " + name);
            }
        }

        private INDArray array(String entry, JsonNode described) throws IOException {
            DataType type = DataType.valueOf(described.required("type").asText());
            if (type != DataType.FLOAT && type != DataType.DOUBLE) {
                throw new CheckpointException(file + ": " + entry + " is of type " + type);
            }
            JsonNode sizes = described.required("shape");
            long[] shape = new long[sizes.size()];
            long length = 1;
            for (int i = 0; i < shape.length; i++) {
                shape[i] = sizes.get(i).asLong();
                length = Math.multiplyExact(length, shape[i]);
            }
            long bytes = zip.getEntry(entry).getSize();
            long header = bytes - Math.multiplyExact(length, type.width());
            if (length <= 0 || bytes > Files.size(file) || header < 0 || header > LARGEST_HEADER) {
                throw new CheckpointException(file + ": " + entry + " has " + bytes + " bytes, which is not an array "
                        + Arrays.toString(shape) + " of " + type);
            }
            char order = described.required("order").asText().charAt(0);
            try (DataInputStream in = new DataInputStream(new BufferedInputStream(open(entry), BUFFER))) {
                in.skipNBytes(header);
                return elements(in, type, Math.toIntExact(length)).reshape(order, shape);
            }
        }

        private static INDArray elements(DataInputStream in, DataType type, int length) throws IOException {
            if (type == DataType.DOUBLE) {
                double[] values = new double[length];
                for (int i = 0; i < length; i++) {
                    values[i] = in.readDouble();
                }
                return Nd4j.createFromArray(values);
            }
            float[] values = new float[length];
            for (int i = 0; i < length; i++) {
                values[i] = in.readFloat();
            }
            return Nd4j.createFromArray(values);
        }

        private CheckpointException damaged(String name) {
            return new CheckpointException(
                    file + " is damaged: " + name + " is not what was written. Use an earlier checkpoint");
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
