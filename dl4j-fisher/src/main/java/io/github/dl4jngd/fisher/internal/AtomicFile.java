package io.github.dl4jngd.fisher.internal;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;

/**
 * Writes files completely or not at all: beside the target first, then moved there, once they are on the disk. Drafts
 * of processes that were killed are removed by the next write to the same folder.
 */
public final class AtomicFile {

    private static final Pattern DRAFT = Pattern.compile("\\..+\\.(?<process>\\d{1,18})-[-0-9a-f]{36}\\.part");

    /** The names of those that are being written. */
    private static final Set<String> DRAFTS = ConcurrentHashMap.newKeySet();

    private AtomicFile() {}

    /** What a file is to contain. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes the whole content.
         *
         * @param out where to; not to be closed
         * @throws IOException when writing fails
         */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes a file so that it is complete or not there.
     *
     * @param target its path; the folder must exist
     * @param content writes its bytes
     * @throws IOException when writing or moving fails; an older file of that name is then untouched
     */
    public static void write(Path target, Content content) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException("Cannot write to " + target + ": it is the root of a file system, not a file");
        }
        Path draft = target.resolveSibling(
                "." + target.getFileName() + "." + ProcessHandle.current().pid() + "-" + UUID.randomUUID() + ".part");
        DRAFTS.add(draft.getFileName().toString());
        try {
            removeAbandoned(folder);
            // a channel would be closed by an interruption of the thread, which is when checkpoints matter
            try (FileOutputStream file = new FileOutputStream(draft.toFile());
                    OutputStream out = new BufferedOutputStream(file)) {
                content.writeTo(out);
                out.flush();
                file.getFD().sync();
            }
            move(draft, target);
        } finally {
            Files.deleteIfExists(draft);
            DRAFTS.remove(draft.getFileName().toString());
        }
    }

    /** As far as that can be done: what cannot be removed does no harm. */
    private static void removeAbandoned(Path folder) {
        try (DirectoryStream<Path> drafts = Files.newDirectoryStream(folder, AtomicFile::isAbandoned)) {
            for (Path draft : drafts) {
                Files.deleteIfExists(draft);
            }
        } catch (IOException | DirectoryIteratorException e) {
            LoggerFactory.getLogger(AtomicFile.class).debug("drafts of killed processes are left in {}", folder, e);
        }
    }

    /** Of a process that is gone, or of an earlier one with this process's number, as in containers. */
    private static boolean isAbandoned(Path file) {
        String name = file.getFileName().toString();
        Matcher draft = DRAFT.matcher(name);
        if (!draft.matches()) {
            return false;
        }
        long process = Long.parseLong(draft.group("process"));
        return process == ProcessHandle.current().pid()
                ? !DRAFTS.contains(name)
                : ProcessHandle.of(process).isEmpty();
    }

    private static void move(Path draft, Path target) throws IOException {
        try {
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
