package io.github.dl4jngd.spectral.internal.chart;

import java.util.List;
import java.util.stream.DoubleStream;

/** One chart of a sheet. */
public sealed interface Plot permits LinePlot, HeatMap {

    /**
     * The title above the plot.
     *
     * @return a few words
     */
    String title();

    /**
     * The horizontal axis.
     *
     * @return label and scale
     */
    LinePlot.Axis x();

    /**
     * The vertical axis.
     *
     * @return label and scale
     */
    LinePlot.Axis y();

    /**
     * The lines of the plot.
     *
     * @return in the order in which they are drawn
     */
    List<Series> series();

    /**
     * What the horizontal axis must show.
     *
     * @return abscissas
     */
    default DoubleStream abscissas() {
        return series().stream().flatMap(line -> line.x().stream()).mapToDouble(Double::doubleValue);
    }

    /**
     * What the vertical axis must show.
     *
     * @return ordinates
     */
    default DoubleStream ordinates() {
        return series().stream().flatMap(line -> line.y().stream()).mapToDouble(Double::doubleValue);
    }
}
