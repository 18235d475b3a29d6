package io.github.dl4jngd.spectral.internal.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** How every chart looks: palette, fonts, strokes, grid. */
final class ChartStyle {

    static final Color TEXT = new Color(0x22, 0x22, 0x22);
    static final int MARKER_SIZE = 6;

    private static final Color GRID = new Color(0xe4, 0xe4, 0xe4);
    private static final Color BORDER = new Color(0x99, 0x99, 0x99);

    /** Okabe and Ito's palette, readable for the colour-blind, without its yellow; black last. */
    private static final Color[] PALETTE = {
        new Color(0x00, 0x72, 0xb2),
        new Color(0xd5, 0x5e, 0x00),
        new Color(0x00, 0x9e, 0x73),
        new Color(0xcc, 0x79, 0xa7),
        new Color(0xe6, 0x9f, 0x00),
        new Color(0x56, 0xb4, 0xe9),
        new Color(0x7a, 0x4f, 0xa3),
        new Color(0x33, 0x33, 0x33)
    };

    private ChartStyle() {}

    static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, size);
    }

    static Color color(Series series) {
        return PALETTE[Math.floorMod(series.color(), PALETTE.length)];
    }

    static BasicStroke stroke(Series.Style style) {
        int cap = BasicStroke.CAP_BUTT;
        int join = BasicStroke.JOIN_ROUND;
        return switch (style) {
            case SOLID -> new BasicStroke(2.2f, cap, join);
            case MARKED -> new BasicStroke(1.1f, cap, join);
            case DASHED -> new BasicStroke(1.6f, cap, join, 10f, new float[] {7f, 5f}, 0f);
        };
    }

    static XYChart chart(Plot plot, int width, int height) {
        XYChart chart = new XYChartBuilder()
                .width(width)
                .height(height)
                .title(plot.title())
                .xAxisTitle(plot.x().label())
                .yAxisTitle(plot.y().label())
                .build();
        style(chart.getStyler(), plot);
        for (int i = 0; i < plot.series().size(); i++) {
            add(chart, plot, plot.series().get(i), i);
        }
        return chart;
    }

    private static void style(XYStyler styler, Plot plot) {
        styler.setXAxisLogarithmic(plot.x().logarithmic())
                .setYAxisLogarithmic(plot.y().logarithmic());
        styler.setPlotGridLinesColor(GRID)
                .setPlotGridLinesStroke(new BasicStroke(1f))
                .setAxisTitleFont(font(Font.PLAIN, 13))
                .setAxisTickLabelsFont(font(Font.PLAIN, 12))
                .setAxisTickMarksColor(BORDER)
                .setAxisTicksLineVisible(false);
        styler.setLegendVisible(false)
                .setChartBackgroundColor(Color.WHITE)
                .setChartFontColor(TEXT)
                .setChartTitleFont(font(Font.BOLD, 14))
                .setChartTitleBoxVisible(false)
                .setPlotBackgroundColor(Color.WHITE)
                .setPlotBorderColor(BORDER)
                .setPlotContentSize(0.98)
                .setAntiAlias(true)
                .setMarkerSize(MARKER_SIZE);
        range(styler, plot);
    }

    /** Linear axes of times and steps begin at 0; cells fill their chart. */
    private static void range(XYStyler styler, Plot plot) {
        if (plot instanceof HeatMap) {
            styler.setPlotContentSize(1);
            plot.abscissas().min().ifPresent(styler::setXAxisMin);
            plot.abscissas().max().ifPresent(styler::setXAxisMax);
            plot.ordinates().min().ifPresent(styler::setYAxisMin);
            plot.ordinates().max().ifPresent(styler::setYAxisMax);
            styler.setXAxisLogarithmicDecadeOnly(false);
            return;
        }
        if (plot.x().logarithmic()) {
            LogRange.of(plot.abscissas().filter(Double::isFinite)).ifPresent(range -> {
                styler.setXAxisMin(range.min()).setXAxisMax(range.max());
                styler.setXAxisLogarithmicDecadeOnly(!range.narrow());
            });
        } else if (plot.abscissas().filter(Double::isFinite).allMatch(x -> x >= 0)) {
            styler.setXAxisMin(0.0);
        }
        if (plot.y().logarithmic()) {
            LogRange.of(plot.ordinates().filter(Double::isFinite)).ifPresent(range -> {
                styler.setYAxisMin(range.min()).setYAxisMax(range.max());
                styler.setYAxisLogarithmicDecadeOnly(!range.narrow());
                styler.setPlotGridHorizontalLinesVisible(!range.wide());
            });
        }
    }

    private static void add(XYChart chart, Plot plot, Series series, int index) {
        int[] drawable = IntStream.range(0, series.x().size())
                .filter(i -> drawable(series.x().get(i), plot.x())
                        && drawable(series.y().get(i), plot.y()))
                .toArray();
        if (drawable.length == 0) {
            return; // XChart refuses an empty series
        }
        double[] x = IntStream.of(drawable).mapToDouble(series.x()::get).toArray();
        double[] y = IntStream.of(drawable).mapToDouble(series.y()::get).toArray();
        XYSeries line = chart.addSeries(index + " " + series.name(), x, y);
        line.setMarker(series.style() == Series.Style.MARKED ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
        line.setMarkerColor(color(series));
        line.setLineColor(color(series));
        line.setLineStyle(stroke(series.style()));
    }

    private static boolean drawable(double value, LinePlot.Axis axis) {
        return Double.isFinite(value) && (!axis.logarithmic() || value > 0);
    }
}
