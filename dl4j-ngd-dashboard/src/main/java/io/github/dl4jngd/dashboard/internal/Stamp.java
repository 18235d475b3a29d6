package io.github.dl4jngd.dashboard.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * What says that a source of readings has changed.
 *
 * @param size of a file in bytes, of others in readings; negative where there is none
 * @param modified milliseconds since 1970
 * @param key what the file system tells files apart by; empty where it does not say
 */
public record Stamp(long size, long modified, String key) {

    /** That of what is not there. */
    public static final Stamp NONE = new Stamp(-1, 0, "");

    /** That of a regular file; a link is none. */
    static Stamp of(Path file) {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isRegularFile()
                    ? new Stamp(
                            attributes.size(),
                            attributes.lastModifiedTime().toMillis(),
                            String.valueOf(attributes.fileKey()))
                    : NONE;
        } catch (IOException e) {
            return NONE;
        }
    }
}
