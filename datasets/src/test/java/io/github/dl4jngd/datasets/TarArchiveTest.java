package io.github.dl4jngd.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TarArchiveTest {

    private static final Map<String, Long> WANTED = Map.of("batches/a.bin", 1000L, "batches/b.bin", 2000L);

    @TempDir
    Path temporary;

    private Path folder;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createDirectory(temporary.resolve("folder"));
    }

    @Test
    void takesWhatIsWanted() throws IOException {
        extract(tar(sizes("batches/a.bin", 1000, "batches/readme.html", 10, "batches/b.bin", 2000)));
        assertThat(folder.resolve("a.bin")).hasSize(1000);
        assertThat(folder.resolve("b.bin")).hasSize(2000);
        assertThat(files()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "batches/../../evil", "/evil", "..\\evil", "\\evil", "C:\\evil", "c:\\e\nvil"})
    void refusesEntriesThatLeaveTheFolder(String name) throws IOException {
        byte[] archive = tar(sizes("batches/a.bin", 1000, name, 10, "batches/b.bin", 2000));
        assertRefused(archive, "stay inside");
        assertThat(temporary.resolve("evil")).doesNotExist();
    }

    @Test
    void refusesOtherSizes() throws IOException {
        assertRefused(
                tar(sizes("batches/a.bin", 1000, "batches/b.bin", 2001)),
                "a plain file batches/b.bin of 2000 bytes, found a file of 2001 bytes");
    }

    @ParameterizedTest
    @ValueSource(bytes = {TarConstants.LF_SYMLINK, TarConstants.LF_LINK})
    void refusesLinks(byte kind) throws IOException {
        assertRefused(link("batches/a.bin", kind, "b.bin"), "a plain file batches/a.bin");
    }

    @ParameterizedTest
    @ValueSource(bytes = {TarConstants.LF_SYMLINK, TarConstants.LF_LINK})
    void refusesLinksThatLeaveTheFolder(byte kind) throws IOException {
        assertRefused(
                link("batches/other", kind, "/etc/hosts"),
                "stay inside the archive's folder, found link batches/other");
        assertRefused(link("batches/other", kind, "../../x"), "to ../../x");
        assertRefused(link("batches/other", kind, "D:\\x"), "to D:\\x");
    }

    @ParameterizedTest
    @ValueSource(bytes = {TarConstants.LF_FIFO, TarConstants.LF_CHR, TarConstants.LF_BLK})
    void refusesWhatIsNoFile(byte kind) throws IOException {
        assertRefused(link("batches/a.bin", kind, ""), "a plain file batches/a.bin");
    }

    /** Its size is that of what the archive holds of it; unpacked it would be five megabytes long, or terabytes. */
    @Test
    void refusesSparseFiles() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes)) {
            TarArchiveEntry extended = new TarArchiveEntry("extended", TarConstants.LF_PAX_EXTENDED_HEADER_LC);
            byte[] header =
                    """
                    27 GNU.sparse.size=5000000
                    35 GNU.sparse.map=0,1000,5000000,0
                    """
                            .getBytes(StandardCharsets.UTF_8);
            extended.setSize(header.length);
            out.putArchiveEntry(extended);
            out.write(header);
            out.closeArchiveEntry();
            put(out, "batches/a.bin", 1000);
        }
        assertRefused(Fixtures.gzip(bytes.toByteArray()), "a plain file batches/a.bin of 1000 bytes, found another");
    }

    @Test
    void refusesIncompleteAndDamagedArchives() throws IOException {
        assertRefused(tar(sizes("batches/a.bin", 1000)), "found no [batches/b.bin]");
        byte[] sound = tar(sizes("batches/a.bin", 1000, "batches/b.bin", 2000));
        assertRefused(Arrays.copyOf(sound, sound.length / 2), "a sound tar.gz archive");
        assertRefused(new byte[100], "a sound tar.gz archive");
    }

    @Test
    void refusesEndlessArchives() throws IOException {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        for (int i = 0; i < 1001; i++) {
            sizes.put("batches/" + i, 0);
        }
        assertRefused(tar(sizes), "at most 1000 entries");
    }

    private void assertRefused(byte[] archive, String message) throws IOException {
        assertThatThrownBy(() -> extract(archive))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("archive.tar.gz")
                .hasMessageContaining(message);
        assertThat(files()).isZero();
    }

    private void extract(byte[] archive) throws IOException {
        TarArchive.extract(Files.write(temporary.resolve("archive.tar.gz"), archive), folder, WANTED);
    }

    private long files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    private static Map<String, Integer> sizes(Object... namesAndSizes) {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        for (int i = 0; i < namesAndSizes.length; i += 2) {
            sizes.put((String) namesAndSizes[i], (Integer) namesAndSizes[i + 1]);
        }
        return sizes;
    }

    private static byte[] tar(Map<String, Integer> sizes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes)) {
            for (Map.Entry<String, Integer> file : sizes.entrySet()) {
                put(out, file.getKey(), file.getValue());
            }
        }
        return Fixtures.gzip(bytes.toByteArray());
    }

    private static void put(TarArchiveOutputStream out, String name, int size) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setSize(size);
        out.putArchiveEntry(entry);
        out.write(new byte[size]);
        out.closeArchiveEntry();
    }

    /** An archive of one entry without content. */
    private static byte[] link(String name, byte kind, String target) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes)) {
            TarArchiveEntry entry = new TarArchiveEntry(name, kind);
            entry.setLinkName(target);
            out.putArchiveEntry(entry);
            out.closeArchiveEntry();
        }
        return Fixtures.gzip(bytes.toByteArray());
    }
}
