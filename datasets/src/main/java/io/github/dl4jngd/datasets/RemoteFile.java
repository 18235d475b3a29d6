package io.github.dl4jngd.datasets;

import java.net.URI;
import java.util.List;
import java.util.Objects;

/**
 * A file to download.
 *
 * @param name what it is called in the cache
 * @param mirrors where it may be had, in order of preference
 * @param checksum what its bytes must be
 * @param maxBytes more than this is refused, stored or uncompressed
 */
record RemoteFile(String name, List<URI> mirrors, Checksum checksum, long maxBytes) {

    RemoteFile {
        Objects.requireNonNull(
                checksum, () -> name + " has no checksum: what comes over the net is not trusted without one");
        mirrors = List.copyOf(mirrors);
    }
}
