package io.github.dl4jngd.cli.report;

import io.github.dl4jngd.fisher.internal.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The directory that a command writes its results to. A file appears under its name only when it is complete: it is
 * written beside its target and moved. Files of the same name from an earlier run are replaced. Not safe for several
 * threads.
 */
public final class RunDirectory {

    private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    private final Path directory;
    private final Set<Path> files = new LinkedHashSet<>();

    private RunDirectory(Path directory) {
        this.directory = directory;
    }

    /**
     * The directory of a run, made where it is missing.
     *
     * @param directory the directory
     * @return the run directory
     * @throws IOException when it cannot be made or is a file
     */
    public static RunDirectory open(Path directory) throws IOException {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new NotDirectoryException(directory.toString());
        }
        Files.createDirectories(directory);
        return new RunDirectory(directory);
    }

    /**
     * The default place of a run.
     *
     * @param command the command's name, such as {@code mnist-mlp}
     * @param time when the run started
     * @return {@code out/<command>-<time>} under the working directory
     */
    public static Path defaultPath(String command, ZonedDateTime time) {
        return Path.of("out", command + "-" + TIMESTAMP.format(time));
    }

    /**
     * Writes a file completely or not at all.
     *
     * @param name the file's name in this directory
     * @param content writes its bytes
     * @throws IOException when writing or moving fails; an older file of that name is then untouched
     */
    public void write(String name, AtomicFile.Content content) throws IOException {
        Path target = directory.resolve(name);
        AtomicFile.write(target, content);
        files.add(target);
    }

    /**
     * A CSV file that grows row by row while the run goes on.
     *
     * @param name the file's name in this directory
     * @param header the titles of the columns
     * @return the log, whose header is on disk
     * @throws IOException when the file cannot be written
     */
    public CsvLog csv(String name, String... header) throws IOException {
        Path target = directory.resolve(name);
        CsvLog log = new CsvLog(target, header);
        files.add(target);
        return log;
    }

    /**
     * A file that someone else writes.
     *
     * @param name the file's name in this directory
     * @return its path, which then counts as written
     */
    public Path file(String name) {
        Path target = directory.resolve(name);
        files.add(target);
        return target;
    }

    /**
     * The path of the directory.
     *
     * @return its path
     */
    public Path path() {
        return directory;
    }

    /**
     * The files written so far.
     *
     * @return their paths, in the order of their first writing
     */
    public List<Path> files() {
        return List.copyOf(files);
    }
}
