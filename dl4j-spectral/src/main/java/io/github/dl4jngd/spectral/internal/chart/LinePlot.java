package io.github.dl4jngd.spectral.internal.chart;

import java.util.List;

/**
 * What one chart shows.
 *
 * @param title the title
 * @param x the horizontal axis
 * @param y the vertical axis
 * @param series the lines
 */
public record LinePlot(String title, Axis x, Axis y, List<Series> series) implements Plot {

    /**
     * A horizontal or vertical axis of a plot.
     *
     * @param label what it shows, with its unit
     * @param logarithmic whether its scale is logarithmic
     */
    public record Axis(String label, boolean logarithmic) {

        /**
         * A linear axis.
         *
         * @param label what it shows, with its unit
         * @return the axis
         */
        public static Axis linear(String label) {
            return new Axis(label, false);
        }

        /**
         * A logarithmic axis.
         *
         * @param label what it shows, with its unit
         * @return the axis
         */
        public static Axis logarithmic(String label) {
            return new Axis(label, true);
        }
    }
}
