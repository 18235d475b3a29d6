package io.github.dl4jngd.spectral.listener;

import io.github.dl4jngd.fisher.io.WholeFile;
import io.github.dl4jngd.spectral.internal.chart.Charts;
import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.sink.Reading;
import io.github.dl4jngd.spectral.sink.Sink;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws the readings so far as a sheet of charts: now and then while training goes on, at the end of epochs, and when
 * closed.
 */
public final class PngSink implements Sink {

    /** Drawing takes some tenths of a second. */
    private static final Duration BETWEEN = Duration.ofSeconds(20);

    private final Path file;
    private final String title;
    private final List<Reading> readings = new ArrayList<>();
    private long drawn;
    private int shown;

    /**
     * A chart; the file is written with the first reading, and an earlier one of that name replaced.
     *
     * @param file its path
     * @param title the title of the sheet
     */
    public PngSink(Path file, String title) {
        this.file = file;
        this.title = title;
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
        List<LinePlot> plots = readings.get(readings.size() - 1).plots(List.copyOf(readings));
        WholeFile.write(file, out -> Charts.writePng(out, title, Math.min(2, plots.size()), plots));
        shown = readings.size();
        drawn = System.nanoTime();
    }
}
