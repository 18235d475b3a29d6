package io.github.dl4jngd.fisher.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes files completely or not at all: beside the target first, then moved there, once they are on the disk. Drafts of processes that were
 * killed are removed by the next write to the same folder.
 */
public final class WholeFile {

    private static final Pattern DRAFT = Pattern.compile("\\..+\\.(?<process>\\d{1,18})-\\d+\\.part");

    private static final AtomicLong NEXT = new AtomicLong();

    private WholeFile() {}

    /** Writes bytes. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes everything.
         *
         * @param out where to; not to be closed
         * @throws IOException when writing fails
         */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes a file.
     *
     * @param target its path; the folder must exist
     * @param content writes its bytes
     * @throws IOException when writing or moving fails; an older file of that name is then untouched
     */
    public static void write(Path target, Content content) throws IOException {
        removeAbandoned(target.toAbsolutePath().getParent());
        Path draft = target.resolveSibling("." + target.getFileName() + "."
                + ProcessHandle.current().pid() + "-" + NEXT.incrementAndGet() + ".part");
        try {
            try (FileChannel file = FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                    OutputStream out = new BufferedOutputStream(Channels.newOutputStream(file))) {
                content.writeTo(out);
                out.flush();
                file.force(true);
            }
            move(draft, target);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private static void removeAbandoned(Path folder) throws IOException {
        try (DirectoryStream<Path> drafts = Files.newDirectoryStream(folder, WholeFile::isAbandoned)) {
            for (Path draft : drafts) {
                Files.deleteIfExists(draft);
            }
        }
    }

    private static boolean isAbandoned(Path file) {
        Matcher draft = DRAFT.matcher(file.getFileName().toString());
        return draft.matches()
                && ProcessHandle.of(Long.parseLong(draft.group("process"))).isEmpty();
    }

    private static void move(Path draft, Path target) throws IOException {
        try {
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
