package io.github.dl4jngd.datasets;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** The cache folder of one data set: complete, official files only, put there by one process at a time. */
final class DatasetCache {

    /** File locks are per process; this one is for the threads of this process. */
    private static final ReentrantLock ONE_AT_A_TIME = new ReentrantLock();

    private final ImageDataset dataset;
    private final Path root;

    DatasetCache(ImageDataset dataset, Path root) {
        this.dataset = dataset;
        this.root = root;
    }

    Path folder() {
        return root.resolve(dataset.folder());
    }

    /** The files, where the cache has all of them. */
    Optional<DatasetFiles> find(RemoteDataset remote) {
        for (String name : names(remote)) {
            if (!Files.isRegularFile(folder().resolve(name))) {
                return Optional.empty();
            }
        }
        return DatasetFiles.locate(dataset, root);
    }

    /** Downloads what is missing, or everything. */
    DatasetFiles fetch(RemoteDataset remote, Downloader downloader) throws IOException {
        Files.createDirectories(folder());
        ONE_AT_A_TIME.lock();
        try (FileChannel channel = FileChannel.open(
                        folder().resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (find(remote).isEmpty() && lock.isValid()) {
                download(remote, downloader);
            }
        } finally {
            ONE_AT_A_TIME.unlock();
        }
        return find(remote).orElseThrow(() -> new IOException(folder() + " is incomplete after the download"));
    }

    /** Removes files that turned out not to be what they should be. */
    void discard(RemoteDataset remote) throws IOException {
        for (String name : names(remote)) {
            Files.deleteIfExists(folder().resolve(name));
        }
    }

    private void download(RemoteDataset remote, Downloader downloader) throws IOException {
        for (RemoteFile file : remote.files()) {
            Path stored = folder().resolve(file.name());
            if (!isSound(file, stored)) {
                downloader.download(file, folder());
            }
            if (!remote.archiveEntries().isEmpty()) {
                TarArchive.extract(stored, folder(), remote.archiveEntries());
                Files.delete(stored);
            }
        }
    }

    /** Whether a file of an earlier, interrupted run is there; it may have been damaged since, and is then removed. */
    private static boolean isSound(RemoteFile file, Path stored) throws IOException {
        if (!Files.isRegularFile(stored)) {
            return false;
        }
        try {
            file.checksum().verify(stored, stored.toString(), file.maxBytes());
            return true;
        } catch (MalformedDataException e) {
            Files.delete(stored);
            return false;
        }
    }

    private static Iterable<String> names(RemoteDataset remote) {
        return remote.archiveEntries().isEmpty()
                ? remote.files().stream().map(RemoteFile::name).toList()
                : remote.archiveEntries().keySet().stream()
                        .map(entry -> entry.substring(entry.lastIndexOf('/') + 1))
                        .toList();
    }
}
