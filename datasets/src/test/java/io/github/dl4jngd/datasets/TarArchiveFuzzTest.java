package io.github.dl4jngd.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.testing.Fuzzing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Of a damaged archive all wanted files are taken, complete, or none; and nothing else is ever written. */
@Timeout(value = 500, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TarArchiveFuzzTest {

    private static final int FEW = 100;
    private static final int MANY = 6_000;
    private static final int BLOCK = 512;
    private static final int MAGIC = 257;
    private static final int CHECKSUM = 148;

    private static final Map<String, Long> WANTED = Map.of("batches/a.bin", 700L, "batches/b.bin", 90L);
    private static final byte[] TAR = tar();

    @TempDir
    private Path temporary;

    private Path folder;

    Stream<Fuzzing> parts() {
        byte[] zipped = Fixtures.gzip(TAR);
        return Stream.of(
                part("tar.gz", damage -> damage.on(zipped)),
                part("tar within gzip", damage -> Fixtures.gzip(damage.on(TAR))),
                part("tar with right checksums", damage -> Fixtures.gzip(withRightChecksums(damage.on(TAR)))),
                part("tar's headers", damage -> Fixtures.gzip(withHeaders(damage.on(headers())))),
                part(
                        "tar's headers with right checksums",
                        damage -> Fixtures.gzip(withRightChecksums(withHeaders(damage.on(headers()))))));
    }

    private Fuzzing part(String name, Fuzzing.Input input) {
        return new Fuzzing(name, input, this::extract, MalformedDataException.class);
    }

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createDirectories(temporary.resolve("outside").resolve("folder"));
    }

    @ParameterizedTest
    @MethodSource("parts")
    void damagedArchivesAreTakenWhollyOrNotAtAll(Fuzzing fuzzing) throws Exception {
        fuzzing.run(FEW);
    }

    @ParameterizedTest
    @MethodSource("parts")
    @Tag("slow")
    void manyDamagedArchivesAreTakenWhollyOrNotAtAll(Fuzzing fuzzing) throws Exception {
        fuzzing.run(MANY);
    }

    private void extract(byte[] input) throws IOException {
        Path archive = Files.write(temporary.resolve("archive"), input);
        try {
            TarArchive.extract(archive, folder, WANTED);
            assertThat(removeFiles()).containsExactly("outside/folder/a.bin 700", "outside/folder/b.bin 90");
        } catch (MalformedDataException e) {
            assertThat(removeFiles()).isEmpty();
            throw e;
        }
    }

    /** Names and sizes of all files but the archive. */
    private List<String> removeFiles() throws IOException {
        Files.delete(temporary.resolve("archive"));
        try (Stream<Path> all = Files.walk(temporary)) {
            List<Path> files =
                    all.filter(path -> !Files.isDirectory(path)).sorted().toList();
            List<String> found = new ArrayList<>();
            for (Path file : files) {
                found.add(temporary.relativize(file).toString().replace('\\', '/') + " " + Files.size(file));
                Files.delete(file);
            }
            return found;
        }
    }

    /** Wanted and other files, a folder, long names (entries of their own) and a link. */
    private static byte[] tar() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes)) {
            put(out, new TarArchiveEntry("batches/"), 0);
            put(out, new TarArchiveEntry("batches/a.bin"), 700);
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
            put(out, new TarArchiveEntry("batches/" + "gnu".repeat(40)), 10);
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            put(out, new TarArchiveEntry("batches/" + "posix".repeat(30)), 10);
            TarArchiveEntry link = new TarArchiveEntry("batches/link", TarConstants.LF_SYMLINK);
            link.setLinkName("a.bin");
            put(out, link, 0);
            put(out, new TarArchiveEntry("batches/b.bin"), 90);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    private static void put(TarArchiveOutputStream out, TarArchiveEntry entry, int size) throws IOException {
        entry.setSize(size);
        entry.setModTime(0); // the same bytes every time
        out.putArchiveEntry(entry);
        out.write(Fixtures.pattern(size));
        out.closeArchiveEntry();
    }

    private static int[] headerOffsets(byte[] tar) {
        return IntStream.iterate(0, offset -> offset + BLOCK <= tar.length, offset -> offset + BLOCK)
                .filter(offset -> new String(tar, offset + MAGIC, 5, StandardCharsets.ISO_8859_1).equals("ustar"))
                .toArray();
    }

    /** All headers, one after the other. */
    private static byte[] headers() {
        ByteArrayOutputStream headers = new ByteArrayOutputStream();
        for (int offset : headerOffsets(TAR)) {
            headers.write(TAR, offset, BLOCK);
        }
        return headers.toByteArray();
    }

    /** The archive with other headers in their places. */
    private static byte[] withHeaders(byte[] headers) {
        byte[] tar = TAR.clone();
        int[] offsets = headerOffsets(tar);
        byte[] fitting = Arrays.copyOf(headers, offsets.length * BLOCK);
        for (int i = 0; i < offsets.length; i++) {
            System.arraycopy(fitting, i * BLOCK, tar, offsets[i], BLOCK);
        }
        return tar;
    }

    /** Damaged headers that look sound. */
    private static byte[] withRightChecksums(byte[] tar) {
        for (int offset : headerOffsets(tar)) {
            Arrays.fill(tar, offset + CHECKSUM, offset + CHECKSUM + 8, (byte) ' ');
            int sum = 0;
            for (int i = offset; i < offset + BLOCK; i++) {
                sum += tar[i] & 0xff;
            }
            byte[] octal = "%06o\0 ".formatted(sum).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(octal, 0, tar, offset + CHECKSUM, octal.length);
        }
        return tar;
    }
}
