package io.github.dl4jngd.spectral.listener;

import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.sink.CsvSink;
import io.github.dl4jngd.spectral.sink.JsonLinesSink;
import io.github.dl4jngd.spectral.sink.LogSink;
import io.github.dl4jngd.spectral.sink.MemorySink;
import io.github.dl4jngd.spectral.sink.Reading;
import io.github.dl4jngd.spectral.sink.Sink;
import io.github.dl4jngd.spectral.sink.TensorBoardSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What listeners have in common: how often they read, and where readings go. Without a sink they go to the log.
 *
 * @param <B> the builder itself
 */
abstract class ListenerBuilder<B extends ListenerBuilder<B>> {

    private final List<Sink> sinks = new ArrayList<>();
    private Schedule schedule;

    ListenerBuilder(int every) {
        this.schedule = new Schedule(every, 0);
    }

    abstract B self();

    /**
     * Reads at iterations 0, n, 2n, ….
     *
     * @param iterations n, at least one
     * @return this builder
     */
    public B every(int iterations) {
        if (iterations < 1) {
            throw new IllegalArgumentException("A listener reads every n ≥ 1 iterations, got " + iterations);
        }
        this.schedule = new Schedule(iterations, 0);
        return self();
    }

    /**
     * Reads at the first iteration of epochs 0, n, 2n, ….
     *
     * @param epochs n, at least one
     * @return this builder
     */
    public B everyEpochs(int epochs) {
        if (epochs < 1) {
            throw new IllegalArgumentException("A listener reads every n ≥ 1 epochs, got " + epochs);
        }
        this.schedule = new Schedule(0, epochs);
        return self();
    }

    /**
     * Logs readings at level info, by SLF4J.
     *
     * @return this builder
     */
    public B log() {
        return sink(new LogSink());
    }

    /**
     * Writes readings as a CSV file, row by row; an earlier file of that name is replaced.
     *
     * @param file its path
     * @return this builder
     * @throws UncheckedIOException when it cannot be written
     */
    public B csv(Path file) {
        return sink(opened(file, CsvSink::new));
    }

    /**
     * Goes on with the CSV file of an earlier run, for training that goes on from a checkpoint; see
     * {@link CsvSink#append}.
     *
     * @param file its path; created where there is none
     * @param fromIteration the iteration at which training goes on, ≥ 0: rows before it are kept
     * @return this builder
     * @throws UncheckedIOException when it cannot be written or is no such file; it then is as it was
     */
    public B appendCsv(Path file, int fromIteration) {
        return sink(opened(file, path -> CsvSink.append(path, fromIteration)));
    }

    /**
     * Writes readings as JSON, an object a line; an earlier file of that name is replaced.
     *
     * @param file its path
     * @return this builder
     * @throws UncheckedIOException when it cannot be written
     */
    public B jsonLines(Path file) {
        return sink(opened(file, JsonLinesSink::new));
    }

    /**
     * Writes readings as an event file of TensorBoard; see {@link TensorBoardSink}.
     *
     * @param folder where to, beside event files that are there; made where it is missing
     * @return this builder
     * @throws UncheckedIOException when it cannot be written
     */
    public B tensorBoard(Path folder) {
        return sink(opened(folder, TensorBoardSink::new));
    }

    /**
     * Draws readings; an earlier file of that name is replaced.
     *
     * @param file the PNG's path
     * @return this builder
     */
    public B png(Path file) {
        return png(file, title());
    }

    /**
     * Draws readings under a title of one's own; an earlier file of that name is replaced.
     *
     * @param file the PNG's path
     * @param sheetTitle the title
     * @return this builder
     */
    public B png(Path file, String sheetTitle) {
        return sink(new PngSink(file, sheetTitle, this::plots));
    }

    /**
     * Keeps readings in memory.
     *
     * @param memory where
     * @return this builder
     */
    public B memory(MemorySink memory) {
        return sink(memory);
    }

    /**
     * Gives readings to a sink.
     *
     * @param sink one of this library's or one's own; closed with the listener
     * @return this builder
     */
    public B sink(Sink sink) {
        sinks.add(Objects.requireNonNull(sink, "sink"));
        return self();
    }

    /** The title of charts where none is given. */
    abstract String title();

    /** The charts of all readings so far, at least one. */
    abstract List<LinePlot> plots(List<Reading> readings);

    Schedule schedule() {
        return schedule;
    }

    Sinks sinks() {
        return new Sinks(sinks.isEmpty() ? List.of(new LogSink()) : sinks);
    }

    /** Opens a file as a sink. */
    @FunctionalInterface
    private interface Opener {
        Sink open(Path file) throws IOException;
    }

    private static Sink opened(Path file, Opener opener) {
        try {
            return opener.open(file);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file + ": " + e.getMessage(), e);
        }
    }
}
