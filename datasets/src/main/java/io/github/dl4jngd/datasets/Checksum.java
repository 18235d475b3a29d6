package io.github.dl4jngd.datasets;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A published MD5 checksum. It guards against damage and mix-ups, not against an attacker: no stronger one is
 * published.
 *
 * @param md5 in hexadecimal
 * @param scope which bytes it is of
 */
record Checksum(String md5, Scope scope) {

    private static final int BUFFER = 1 << 16;

    /** Which bytes a checksum is of. */
    enum Scope {
        /** The file as downloaded. */
        STORED,
        /** What the gzipped file holds; mirrors may have compressed it differently. */
        UNCOMPRESSED
    }

    static Checksum stored(String md5) {
        return new Checksum(md5, Scope.STORED);
    }

    static Checksum uncompressed(String md5) {
        return new Checksum(md5, Scope.UNCOMPRESSED);
    }

    /** Reads the file and throws where it is not what it should be. */
    void verify(Path file, String source, long maxBytes) throws IOException {
        String what = "MD5 " + md5 + (scope == Scope.STORED ? "" : " of the uncompressed bytes");
        MessageDigest digest = md5Digest();
        long total = 0;
        try (InputStream stored = new BufferedInputStream(Files.newInputStream(file), BUFFER);
                InputStream in = scope == Scope.STORED ? stored : new GZIPInputStream(stored, BUFFER)) {
            byte[] buffer = new byte[BUFFER];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
                total += read;
                if (total > maxBytes) {
                    throw new MalformedDataException(source, "at most " + maxBytes + " bytes", "more");
                }
            }
        } catch (EOFException | ZipException e) {
            throw new MalformedDataException(source, what, "a damaged gzip file (" + e.getMessage() + ")", e);
        }
        String found = HexFormat.of().formatHex(digest.digest());
        if (!found.equals(md5)) {
            throw new MalformedDataException(source, what, "MD5 " + found);
        }
    }

    private static MessageDigest md5Digest() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    }
}
