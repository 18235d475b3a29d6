package io.github.dl4jngd.spectral.internal.chart;

import java.awt.Color;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Coloured cells with lines over them.
 *
 * @param title the title
 * @param x the horizontal axis
 * @param y the vertical axis
 * @param cells the cells
 * @param scale from values to colours
 * @param series the lines
 */
public record HeatMap(
        String title, LinePlot.Axis x, LinePlot.Axis y, List<Cell> cells, Scale scale, List<Series> series)
        implements Plot {

    /**
     * Copies the lists.
     *
     * @param title the title
     * @param x the horizontal axis
     * @param y the vertical axis
     * @param cells the cells
     * @param scale from values to colours
     * @param series the lines
     */
    public HeatMap {
        cells = List.copyOf(cells);
        series = List.copyOf(series);
    }

    /**
     * A coloured rectangle.
     *
     * @param left its lower abscissa
     * @param right its upper abscissa
     * @param bottom its lower ordinate
     * @param top its upper ordinate
     * @param value what its colour says
     */
    public record Cell(double left, double right, double bottom, double top, double value) {}

    /**
     * Colours from pale to dark over a logarithmic range; what is not finite is grey.
     *
     * @param label what the values are
     * @param low the value of the palest colour, above zero
     * @param high the value of the darkest, above {@code low}
     * @param missing what grey means
     */
    public record Scale(String label, double low, double high, String missing) {

        private static final Color PALE = new Color(0xf2, 0xf7, 0xfc);
        private static final Color DARK = new Color(0x08, 0x45, 0x8a);
        /** The colour of values that are not finite. */
        static final Color GREY = new Color(0x77, 0x77, 0x77);

        /**
         * Checks the range.
         *
         * @param label what the values are
         * @param low of the palest colour
         * @param high of the darkest
         * @param missing what grey means
         */
        public Scale {
            if (!(low > 0) || !(high > low)) {
                throw new IllegalArgumentException(
                        "Colours need a range of positive values, got " + low + " to " + high);
            }
        }

        Color color(double value) {
            return Double.isFinite(value) ? between(Math.log(value / low) / Math.log(high / low)) : GREY;
        }

        /** Mixes a colour from 0, pale, to 1, dark. */
        static Color between(double position) {
            double t = Math.min(1, Math.max(0, position));
            return new Color(
                    mix(PALE.getRed(), DARK.getRed(), t),
                    mix(PALE.getGreen(), DARK.getGreen(), t),
                    mix(PALE.getBlue(), DARK.getBlue(), t));
        }

        private static int mix(int from, int to, double t) {
            return (int) Math.round(from + t * (to - from));
        }
    }

    @Override
    public DoubleStream abscissas() {
        return DoubleStream.concat(
                Plot.super.abscissas(), cells.stream().flatMapToDouble(cell -> DoubleStream.of(cell.left, cell.right)));
    }

    @Override
    public DoubleStream ordinates() {
        return DoubleStream.concat(
                Plot.super.ordinates(), cells.stream().flatMapToDouble(cell -> DoubleStream.of(cell.bottom, cell.top)));
    }
}
