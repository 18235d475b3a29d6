package io.github.dl4jngd.dashboard.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Set;

/**
 * The complete lines of a file that somebody else writes: it may grow, be cut off or be replaced while it is followed.
 *
 * <p>A last line without its line feed waits until it has one. A line of more than a mebibyte is left out without being
 * held. A link is not followed.
 */
final class Tail {

    /** Bytes of the longest line that is taken. */
    static final int LONGEST_LINE = 1 << 20;

    /** How many of the first bytes tell a file from another in its place. */
    private static final int HEAD = 512;

    private static final int CHUNK = 1 << 16;

    private final Path file;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private byte[] head = new byte[0];
    private long position;
    private boolean skipping;

    /** Follows a file from its beginning; nothing is read yet. */
    Tail(Path file) {
        this.file = file;
    }

    /** Takes what is read. */
    interface Lines {
        /** The file was cut off or replaced: its lines come from the first again. */
        void restart();

        /** The next complete line, without its end. */
        void line(String text);

        /** A line that is too long was left out. */
        void leftOut();
    }

    /**
     * Reads on.
     *
     * @param budget how many bytes at most
     * @return whether there is more to read
     * @throws IOException when the file cannot be read, or is no regular file
     */
    boolean read(long budget, Lines to) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(file + " is no regular file");
        }
        try (SeekableByteChannel channel =
                Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            byte[] first = firstBytes(channel);
            if (channel.size() < position || !isContinuation(first)) {
                forget();
                to.restart();
            }
            channel.position(position);
            ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
            long left = budget;
            while (left > 0 && channel.read(buffer.clear()) > 0) {
                left -= buffer.position();
                position += buffer.position();
                take(buffer.array(), buffer.position(), to);
            }
            head = Arrays.copyOf(first, (int) Math.min(first.length, position));
            return position < channel.size();
        }
    }

    /** Begins again with the next reading. */
    void forget() {
        position = 0;
        head = new byte[0];
        pending.reset();
        skipping = false;
    }

    private static byte[] firstBytes(SeekableByteChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(HEAD);
        while (buffer.hasRemaining() && channel.read(buffer) > 0) {
            // the channel gives what it has
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private boolean isContinuation(byte[] first) {
        return first.length >= head.length && Arrays.equals(head, 0, head.length, first, 0, head.length);
    }

    private void take(byte[] bytes, int end, Lines to) {
        int from = 0;
        for (int i = 0; i < end; i++) {
            if (bytes[i] == '\n') {
                append(bytes, from, i);
                finish(to);
                from = i + 1;
            }
        }
        append(bytes, from, end);
    }

    private void append(byte[] bytes, int from, int to) {
        skipping |= pending.size() + (to - from) > LONGEST_LINE;
        if (skipping) {
            pending.reset();
        } else {
            pending.write(bytes, from, to - from);
        }
    }

    private void finish(Lines to) {
        if (skipping) {
            to.leftOut();
        } else {
            String line = pending.toString(StandardCharsets.UTF_8);
            to.line(line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
        }
        pending.reset();
        skipping = false;
    }
}
