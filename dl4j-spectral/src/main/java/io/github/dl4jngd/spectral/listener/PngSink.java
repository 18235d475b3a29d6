package io.github.dl4jngd.spectral.listener;

import io.github.dl4jngd.fisher.internal.AtomicFile;
import io.github.dl4jngd.spectral.internal.chart.Charts;
import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.sink.Reading;
import io.github.dl4jngd.spectral.sink.Sink;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Draws the readings so far as a sheet of charts: now and then while training goes on, at the end of epochs, and when
 * closed.
 */
final class PngSink implements Sink {

    /** Drawing takes some tenths of a second. */
    private static final Duration BETWEEN = Duration.ofSeconds(20);

    private final Path file;
    private final String title;
    private final Function<List<Reading>, List<LinePlot>> plots;
    private final List<Reading> readings = new ArrayList<>();
    private long drawn;
    private int shown;

    /**
     * Creates a sink. The file is written with the first reading, and an earlier one of that name replaced.
     *
     * @param file its path
     * @param title the title of the sheet
     * @param plots what to draw of all readings so far, at least one
     */
    PngSink(Path file, String title, Function<List<Reading>, List<LinePlot>> plots) {
        this.file = file;
        this.title = title;
        this.plots = plots;
    }

    @Override
    public void accept(Reading reading) throws IOException {
        readings.add(reading);
        if (shown == 0 || System.nanoTime() - drawn > BETWEEN.toNanos()) {
            flush();
        }
    }

    @Override
    public void flush() throws IOException {
        if (shown == readings.size()) {
            return;
        }
        List<LinePlot> sheet = plots.apply(List.copyOf(readings));
        AtomicFile.write(file, out -> Charts.writePng(out, title, Math.min(2, sheet.size()), sheet));
        shown = readings.size();
        drawn = System.nanoTime();
    }
}
