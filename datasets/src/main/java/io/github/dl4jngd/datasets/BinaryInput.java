package io.github.dl4jngd.datasets;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A named stream of big-endian binary data, gzipped or not (told by its first two bytes), whose errors name the file.
 */
final class BinaryInput implements Closeable {

    private static final int BUFFER = 1 << 16;
    /** A header may announce anything: memory grows with what was really read, from this on. */
    private static final int FIRST_ALLOCATION = 1 << 20;

    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    private final String name;
    private final InputStream in;
    private long position;

    private BinaryInput(String name, InputStream in) {
        this.name = name;
        this.in = in;
    }

    static BinaryInput open(Path path) throws IOException {
        return of(path.toString(), Files.newInputStream(path));
    }

    /** Takes over the stream, and closes it where it cannot be read. */
    static BinaryInput of(String name, InputStream stream) throws IOException {
        try {
            InputStream buffered = new BufferedInputStream(stream, BUFFER);
            buffered.mark(2);
            boolean gzipped = buffered.read() == 0x1f && buffered.read() == 0x8b;
            buffered.reset();
            return new BinaryInput(name, gzipped ? new GZIPInputStream(buffered, BUFFER) : buffered);
        } catch (ZipException | EOFException e) {
            stream.close();
            throw new MalformedDataException(name, "a gzip file", "a damaged gzip header", e);
        } catch (IOException | RuntimeException e) {
            stream.close();
            throw e;
        }
    }

    /** Opens bytes that are known not to be gzipped. */
    static BinaryInput uncompressed(String name, InputStream stream) {
        return new BinaryInput(name, stream);
    }

    String name() {
        return name;
    }

    int readInt(String what) throws IOException {
        byte[] bytes = new byte[4];
        int read = readAtMost(bytes, 0, 4);
        if (read < 4) {
            throw malformed(what, "the end of the file after " + position + " bytes");
        }
        return (bytes[0] & 0xff) << 24 | (bytes[1] & 0xff) << 16 | (bytes[2] & 0xff) << 8 | (bytes[3] & 0xff);
    }

    /** Reads so many bytes. Allocates no more than twice what the stream has delivered (or 1 MiB). */
    byte[] readBytes(long count, String what) throws IOException {
        if (count > LARGEST_ARRAY) {
            throw malformed("at most " + LARGEST_ARRAY + " bytes of data", what);
        }
        byte[] bytes = new byte[(int) Math.min(count, FIRST_ALLOCATION)];
        int filled = 0;
        while (true) {
            filled += readAtMost(bytes, filled, bytes.length - filled);
            if (filled < bytes.length) {
                throw malformed(what, "the end of the file after " + position + " bytes");
            }
            if (filled == count) {
                return bytes;
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(count, 2L * bytes.length));
        }
    }

    /** Reads until the array section is full or the stream ends; returns how many bytes were read. */
    int readAtMost(byte[] target, int offset, int length) throws IOException {
        try {
            int read = in.readNBytes(target, offset, length);
            position += read;
            return read;
        } catch (EOFException e) {
            throw new MalformedDataException(
                    name, "a complete gzip stream", "its end cut off (after " + position + " bytes or more)", e);
        } catch (ZipException e) {
            throw new MalformedDataException(name, "a sound gzip stream", "damaged data (" + e.getMessage() + ")", e);
        }
    }

    /** Checks that nothing follows; for a gzipped file this also verifies its CRC. */
    void expectEnd(String what) throws IOException {
        if (readAtMost(new byte[1], 0, 1) > 0) {
            throw malformed(what, "more data after byte " + (position - 1));
        }
    }

    MalformedDataException malformed(String expected, String found) {
        return new MalformedDataException(name, expected, found);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
