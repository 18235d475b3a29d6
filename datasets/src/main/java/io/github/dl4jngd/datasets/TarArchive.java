package io.github.dl4jngd.datasets;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Takes chosen files out of a tar.gz archive. Nothing is written under a name that the archive chooses. */
final class TarArchive {

    private static final int MOST_ENTRIES = 1000;
    private static final int BUFFER = 1 << 16;

    private TarArchive() {}

    /**
     * Extracts the wanted entries into a folder under their last names; all of them, or none.
     *
     * @param wanted entry names and their exact sizes in bytes
     */
    static void extract(Path archive, Path folder, Map<String, Long> wanted) throws IOException {
        Map<Path, Path> extracted = new LinkedHashMap<>();
        try {
            try (TarArchiveInputStream tar = new TarArchiveInputStream(
                    new GZIPInputStream(new BufferedInputStream(Files.newInputStream(archive), BUFFER), BUFFER))) {
                extract(tar, archive, folder, wanted, extracted);
            } catch (MalformedDataException e) {
                throw e;
            } catch (IOException e) {
                throw new MalformedDataException(
                        archive.toString(), "a sound tar.gz archive", "an error: " + e.getMessage(), e);
            }
            List<String> missing = new ArrayList<>(wanted.keySet());
            missing.removeIf(name -> extracted.containsValue(folder.resolve(lastName(name))));
            if (!missing.isEmpty()) {
                throw new MalformedDataException(archive.toString(), "entries " + wanted.keySet(), "no " + missing);
            }
            for (Map.Entry<Path, Path> file : extracted.entrySet()) {
                Files.move(file.getKey(), file.getValue(), StandardCopyOption.ATOMIC_MOVE);
            }
        } finally {
            for (Path temporary : extracted.keySet()) {
                Files.deleteIfExists(temporary);
            }
        }
    }

    private static void extract(
            TarArchiveInputStream tar, Path archive, Path folder, Map<String, Long> wanted, Map<Path, Path> extracted)
            throws IOException {
        int entries = 0;
        for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            if (++entries > MOST_ENTRIES) {
                throw new MalformedDataException(archive.toString(), "at most " + MOST_ENTRIES + " entries", "more");
            }
            String name = entry.getName();
            refuseEscape(archive, "entry " + name, name);
            if (entry.isSymbolicLink() || entry.isLink()) {
                refuseEscape(archive, "link " + name + " to " + entry.getLinkName(), entry.getLinkName());
            }
            Long size = wanted.get(name);
            if (size == null) {
                continue;
            }
            if (!isPlainFile(entry) || entry.getSize() != size) {
                throw new MalformedDataException(
                        archive.toString(),
                        "a plain file " + name + " of " + size + " bytes",
                        (isPlainFile(entry) ? "a file" : "another kind of entry") + " of " + entry.getSize()
                                + " bytes");
            }
            Path temporary = folder.resolve(lastName(name) + ".part");
            extracted.put(temporary, folder.resolve(lastName(name)));
            try (OutputStream out = Files.newOutputStream(temporary)) {
                long copied = tar.transferTo(out);
                if (copied != size) {
                    throw new MalformedDataException(archive.toString(), size + " bytes of " + name, copied + " bytes");
                }
            }
        }
    }

    /** No link, folder or device, and not sparse: that would grow beyond its size. */
    private static boolean isPlainFile(TarArchiveEntry entry) {
        boolean plain = entry.getLinkFlag() == TarConstants.LF_NORMAL || entry.getLinkFlag() == TarConstants.LF_OLDNORM;
        return plain && !entry.isSparse();
    }

    private static void refuseEscape(Path archive, String found, String path) throws MalformedDataException {
        boolean parent = Arrays.asList(path.split("[/\\\\]", -1)).contains("..");
        boolean drive = path.length() > 1 && path.charAt(1) == ':' && Character.isLetter(path.charAt(0));
        if (parent || drive || path.startsWith("/") || path.startsWith("\\")) {
            throw new MalformedDataException(
                    archive.toString(), "entries that stay inside the archive's folder", found);
        }
    }

    private static String lastName(String entry) {
        return entry.substring(entry.lastIndexOf('/') + 1);
    }
}
