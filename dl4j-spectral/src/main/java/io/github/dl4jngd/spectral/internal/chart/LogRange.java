package io.github.dl4jngd.spectral.internal.chart;

import java.util.DoubleSummaryStatistics;
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * The range of a logarithmic axis: down to a power of ten, so that a labelled tick is in sight, and up to the next 1, 2
 * or 5.
 */
record LogRange(double min, double max) {

    static Optional<LogRange> of(DoubleStream values) {
        DoubleSummaryStatistics range = values.filter(value -> value > 0).summaryStatistics();
        if (range.getCount() == 0) {
            return Optional.empty();
        }
        double min = Math.pow(10, Math.floor(Math.log10(range.getMin())));
        return Optional.of(new LogRange(min, Math.max(2 * min, roundedUp(range.getMax()))));
    }

    private static double roundedUp(double value) {
        double decade = Math.pow(10, Math.floor(Math.log10(value)));
        for (int step : new int[] {1, 2, 5}) {
            if (value <= step * decade) {
                return step * decade;
            }
        }
        return 10 * decade;
    }

    /** Whether there is room for a label at every digit. */
    boolean narrow() {
        return max / min <= 10;
    }

    /** Whether grid lines at every digit would fill the chart. */
    boolean wide() {
        return max / min > 1e7;
    }
}
