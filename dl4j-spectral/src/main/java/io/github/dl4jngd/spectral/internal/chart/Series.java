package io.github.dl4jngd.spectral.internal.chart;

import java.util.List;

/**
 * One line of a {@link LinePlot}.
 *
 * @param name the name in the legend; series of the same name on one sheet share an entry
 * @param color index into the palette of {@link Charts}
 * @param style how it is drawn
 * @param x abscissas
 * @param y ordinates, as many as {@code x}; points that are not finite, or not positive on a logarithmic axis, are left
 *     out
 */
public record Series(String name, int color, Style style, List<Double> x, List<Double> y) {

    /** How a series is drawn. */
    public enum Style {
        /** A solid line: the main measurement. */
        SOLID,
        /** A thin line with a marker at every point: a second measurement of the same thing. */
        MARKED,
        /** A dashed line without markers: theory. */
        DASHED
    }

    /**
     * Checks and copies.
     *
     * @param name the name in the legend
     * @param color index into the palette
     * @param style how it is drawn
     * @param x abscissas
     * @param y ordinates
     * @throws IllegalArgumentException when {@code x} and {@code y} differ in length
     */
    public Series {
        if (x.size() != y.size()) {
            throw new IllegalArgumentException(
                    "series '" + name + "': expected as many x as y, found " + x.size() + " and " + y.size());
        }
        x = List.copyOf(x);
        y = List.copyOf(y);
    }
}
