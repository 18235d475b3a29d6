package io.github.dl4jngd.dashboard.internal;

import io.github.dl4jngd.spectral.sink.JsonLinesSink;
import io.github.dl4jngd.spectral.sink.Reading;
import io.github.dl4jngd.spectral.sink.Sink;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The file of a run that is being written. Several listeners may share it: it is closed with the last of its sinks. */
public final class RunFile {

    private static final int LONGEST_NAME = 80;

    /** What every file system takes, whatever its language. */
    private static final Pattern OTHER = Pattern.compile("[^A-Za-z0-9 ._+=,@()-]");

    /** Names that Windows keeps for devices. */
    private static final Set<String> DEVICES = Set.of("con", "prn", "aux", "nul", "com1", "com2", "lpt1", "lpt2");

    private final Path path;
    private final JsonLinesSink lines;
    private int sinks;
    private boolean closed;

    private RunFile(Path path, String name) throws IOException {
        this.path = path;
        this.lines = new JsonLinesSink(path);
        if (!path.getFileName().toString().equals(name + ".jsonl")) {
            lines.accept(new Title(name));
        }
    }

    /**
     * Creates the file of a run. A file that is there already stays: the run then has a number behind its name.
     *
     * @param folder where to
     * @param name any text
     * @return the file
     * @throws IOException when it cannot be written
     */
    public static RunFile create(Path folder, String name) throws IOException {
        for (int number = 1; ; number++) {
            String numbered = number == 1 ? name : name + " (" + number + ")";
            String suffix = number == 1 ? "" : " (" + number + ")";
            Path path = folder.resolve(fileName(name) + suffix + ".jsonl");
            try {
                Files.createFile(path);
                return new RunFile(path, numbered);
            } catch (FileAlreadyExistsException e) {
                // an earlier run's
            }
        }
    }

    /** A name that a file can have, as near to the run's as possible. */
    static String fileName(String name) {
        String plain = OTHER.matcher(name).replaceAll("_").strip();
        if (plain.length() > LONGEST_NAME) {
            plain = plain.substring(0, LONGEST_NAME).strip();
        }
        boolean unusable = plain.isEmpty()
                || plain.startsWith(".")
                || plain.endsWith(".")
                || DEVICES.contains(plain.toLowerCase(Locale.ROOT));
        return unusable ? "run " + plain.replace('.', '_') : plain;
    }

    /**
     * Where it is.
     *
     * @return its path
     */
    public Path path() {
        return path;
    }

    /**
     * Another sink that writes to this file.
     *
     * @return the sink
     */
    public synchronized Sink sink() {
        sinks++;
        return new RunSink();
    }

    /**
     * Whether it takes no more readings.
     *
     * @return true once it or the last of its sinks is closed
     */
    public synchronized boolean closed() {
        return closed;
    }

    /**
     * Closes it for all sinks.
     *
     * @throws IOException when the last lines cannot be written
     */
    public synchronized void close() throws IOException {
        if (!closed) {
            closed = true;
            lines.close();
        }
    }

    private synchronized void write(Reading reading) throws IOException {
        if (closed) {
            throw new IOException("The run of " + path + " is closed");
        }
        lines.accept(reading);
    }

    private synchronized void leave() throws IOException {
        sinks--;
        if (sinks == 0) {
            close();
        }
    }

    /** What a listener has of the file. */
    private final class RunSink implements Sink {

        private boolean left;

        @Override
        public void accept(Reading reading) throws IOException {
            write(reading);
        }

        @Override
        public void close() throws IOException {
            if (!left) {
                left = true;
                leave();
            }
        }
    }

    /** The first line of a file that cannot be called what its run is called. */
    private record Title(String name) implements Reading {

        @Override
        public int iteration() {
            return 0;
        }

        @Override
        public int epoch() {
            return 0;
        }

        @Override
        public Map<String, Double> values() {
            return Map.of();
        }

        @Override
        public Map<String, Object> details() {
            return Map.of(JsonLines.RUN, name);
        }
    }
}
