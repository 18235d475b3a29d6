package io.github.dl4jngd.ngd;

import io.github.dl4jngd.testing.Fuzzing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** Checkpoints changed by someone who puts the checksums right. */
final class CheckpointFiles {

    private static final String MANIFEST = "naturalGradient/manifest.json";

    private CheckpointFiles() {}

    static Map<String, byte[]> entries(Path file) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        return entries;
    }

    private static byte[] archive(Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setLevel(0);
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
            }
        }
        return bytes.toByteArray();
    }

    /** Writes the archive anew with the bytes it has, whose CRCs then fit. */
    static void repairChecksum(Path file) throws IOException {
        Files.write(file, archive(entries(file)));
    }

    /** One entry damaged; the archive's own checksums fit. */
    static byte[] with(Map<String, byte[]> sound, String name, Fuzzing.Damage damage) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>(sound);
        entries.put(name, damage.on(sound.get(name)));
        return archive(entries);
    }

    /** The same, and the manifest's checksum fits, too. */
    static byte[] withChecksum(Map<String, byte[]> sound, String name, Fuzzing.Damage damage) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>(sound);
        byte[] damaged = damage.on(sound.get(name));
        entries.put(name, damaged);
        String manifest = new String(sound.get(MANIFEST), StandardCharsets.UTF_8)
                .replace(sha256(sound.get(name)), sha256(damaged));
        entries.put(MANIFEST, manifest.getBytes(StandardCharsets.UTF_8));
        return archive(entries);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
