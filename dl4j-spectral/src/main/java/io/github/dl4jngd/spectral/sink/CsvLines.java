package io.github.dl4jngd.spectral.sink;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The lines of a file, one at a time, as the bytes they are. Holds one line in memory, of at most a mebibyte. */
final class CsvLines implements Closeable {

    private static final int LONGEST = 1 << 20;

    private final Path file;
    private final InputStream in;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private int number;

    CsvLines(Path file) throws IOException {
        this.file = file;
        this.in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    }

    /**
     * Goes to the next line; false where no complete one is left, and then {@link #bytes()} has what there is of it.
     */
    boolean next() throws IOException {
        return read(false);
    }

    /** The same for text, in which line feeds within quotation marks do not end it. */
    boolean nextRecord() throws IOException {
        return read(true);
    }

    private boolean read(boolean quotes) throws IOException {
        line.reset();
        number++;
        boolean quoted = false;
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (line.size() == LONGEST) {
                throw new IOException(
                        file + " cannot be continued: its line " + number + " has more than " + LONGEST + " bytes");
            }
            line.write(next);
            quoted ^= quotes && next == '"';
            if (next == '\n' && !quoted) {
                return true;
            }
        }
        return false;
    }

    /** The bytes of the line, with its line feed. */
    byte[] bytes() {
        return line.toByteArray();
    }

    /** The line's number, from 1. */
    int number() {
        return number;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
