package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.io.WholeFile;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.SerializationFeature;

/**
 * The format of checkpoints: a model file of DL4J's ({@code configuration.json}, {@code coefficients.bin}, {@code updaterState.bin}, as {@code
 * ModelSerializer} reads it) with the state of the natural gradient beside it.
 *
 * <p>A manifest comes last. It has the format's version, everything that is not an array, and the SHA-256 of every other entry; its own
 * checksum is the archive's CRC-32. Nothing is decoded before all of them have been compared, so that damage is an error and never an
 * allocation. Arrays are in ND4J's format with their storage order and come back bit for bit. There is no Java serialisation.
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
    record Content(String model, INDArray parameters, INDArray updaterState, State state) {}

    static void write(Path file, Content content) throws IOException {
        WholeFile.write(file, out -> {
            ZipOutputStream zip = new ZipOutputStream(out);
            // floating-point numbers hardly shrink
            zip.setLevel(Deflater.NO_COMPRESSION);
            Map<String, String> checksums = new LinkedHashMap<>();
            checksums.put(CONFIGURATION, entry(zip, CONFIGURATION, text(content.model())));
            checksums.put(PARAMETERS, entry(zip, PARAMETERS, array(content.parameters())));
            if (content.updaterState() != null) {
                checksums.put(UPDATER_STATE, entry(zip, UPDATER_STATE, array(content.updaterState())));
            }
            List<String> names = new ArrayList<>(content.state().arrays().keySet());
            for (int i = 0; i < names.size(); i++) {
                checksums.put(
                        arrayEntry(i),
                        entry(zip, arrayEntry(i), array(content.state().arrays().get(names.get(i)))));
            }
            Map<String, Object> manifest = new LinkedHashMap<>();
            manifest.put("format", FORMAT);
            manifest.put("version", VERSION);
            manifest.put("values", content.state().values());
            manifest.put("arrays", names);
            manifest.put("sha256", checksums);
            entry(zip, MANIFEST, text(JSON.writeValueAsString(manifest)));
            zip.finish();
        });
    }

    private static String arrayEntry(int index) {
        return FOLDER + index + ".bin";
    }

    private static WholeFile.Content text(String text) {
        return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static WholeFile.Content array(INDArray array) {
        return out -> {
            DataOutputStream data = new DataOutputStream(out);
            Nd4j.write(array, data);
            data.flush();
        };
    }

    /** Writes an entry and returns its SHA-256. */
    private static String entry(ZipOutputStream zip, String name, WholeFile.Content content) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        DigestOutputStream out = new DigestOutputStream(zip, sha256());
        content.writeTo(out);
        zip.closeEntry();
        return HexFormat.of().formatHex(out.getMessageDigest().digest());
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
            Map<String, INDArray> arrays = new LinkedHashMap<>();
            int count = 0;
            for (JsonNode name : manifest.required("arrays")) {
                arrays.put(name.asText(), array(checksums, arrayEntry(count++)));
            }
            requireChecked(checksums, CONFIGURATION);
            return new Content(
                    new String(bytes(CONFIGURATION), StandardCharsets.UTF_8),
                    array(checksums, PARAMETERS),
                    checksums.has(UPDATER_STATE) ? array(checksums, UPDATER_STATE) : null,
                    State.of(values, arrays));
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

        private INDArray array(JsonNode checksums, String name) throws IOException {
            requireChecked(checksums, name);
            try (DataInputStream in = new DataInputStream(new BufferedInputStream(open(name), BUFFER))) {
                return Nd4j.read(in);
            }
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
