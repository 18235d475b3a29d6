package io.github.dl4jngd.spectral.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.knowm.xchart.XYChart;

/** Draws a sheet of line charts with one common legend as a PNG. Works without a display. */
public final class Charts {

    static final int PANEL_WIDTH = 640;
    static final int PANEL_HEIGHT = 400;
    /** Pixels per unit, for sharp text. */
    static final int SCALE = 2;

    static final int TITLE_HEIGHT = 46;
    static final int LEGEND_HEIGHT = 44;

    private static final int SAMPLE_LENGTH = 34;
    private static final int SAMPLE_GAP = 8;
    private static final int ENTRY_GAP = 28;
    private static final int SCALE_LENGTH = 90;
    private static final int SCALE_THICKNESS = 12;

    private Charts() {}

    /**
     * Writes a sheet as PNG.
     *
     * @param out where to; not closed
     * @param title the title of the sheet
     * @param columns charts side by side
     * @param plots the charts, row by row
     * @throws IOException when writing fails
     */
    public static void writePng(OutputStream out, String title, int columns, List<? extends Plot> plots)
            throws IOException {
        if (!ImageIO.write(draw(title, columns, plots), "png", out)) {
            throw new IOException("this Java runtime has no PNG encoder");
        }
    }

    /**
     * Draws a sheet.
     *
     * @param title the title of the sheet
     * @param columns charts side by side
     * @param plots the charts, row by row
     * @return the image
     */
    public static BufferedImage draw(String title, int columns, List<? extends Plot> plots) {
        int rows = (plots.size() + columns - 1) / columns;
        int width = columns * PANEL_WIDTH;
        int height = TITLE_HEIGHT + rows * PANEL_HEIGHT + LEGEND_HEIGHT;
        BufferedImage image = new BufferedImage(SCALE * width, SCALE * height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            graphics.scale(SCALE, SCALE);
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, width, height);
            drawTitle(graphics, title, width);
            for (int i = 0; i < plots.size(); i++) {
                drawPanel(graphics, plots.get(i), i % columns * PANEL_WIDTH, TITLE_HEIGHT + i / columns * PANEL_HEIGHT);
            }
            drawLegend(graphics, plots, width, height - LEGEND_HEIGHT / 2);
        } finally {
            graphics.dispose();
        }
        return image;
    }

    private static void drawTitle(Graphics2D graphics, String title, int width) {
        graphics.setColor(ChartStyle.TEXT);
        graphics.setFont(ChartStyle.font(Font.BOLD, 17));
        graphics.drawString(title, (width - graphics.getFontMetrics().stringWidth(title)) / 2, TITLE_HEIGHT - 14);
    }

    private static void drawPanel(Graphics2D graphics, Plot plot, int left, int top) {
        XYChart chart = ChartStyle.chart(plot, PANEL_WIDTH, PANEL_HEIGHT);
        Graphics2D panel = (Graphics2D) graphics.create(left, top, PANEL_WIDTH, PANEL_HEIGHT);
        try {
            chart.paint(panel, PANEL_WIDTH, PANEL_HEIGHT);
            if (plot instanceof HeatMap map) {
                drawCells(panel, chart, map);
                map.series().forEach(series -> drawLine(panel, chart, series));
            }
        } finally {
            panel.dispose();
        }
    }

    private static void drawCells(Graphics2D graphics, XYChart chart, HeatMap map) {
        for (HeatMap.Cell cell : map.cells()) {
            double left = chart.getScreenXFromChart(cell.left());
            double top = chart.getScreenYFromChart(cell.top());
            double width = chart.getScreenXFromChart(cell.right()) - left;
            double height = chart.getScreenYFromChart(cell.bottom()) - top;
            graphics.setColor(map.scale().color(cell.value()));
            graphics.fill(new Rectangle2D.Double(left, top, width, height));
        }
    }

    /** Again, over the cells. */
    private static void drawLine(Graphics2D graphics, XYChart chart, Series series) {
        Path2D line = new Path2D.Double();
        for (int i = 0; i < series.x().size(); i++) {
            double x = chart.getScreenXFromChart(series.x().get(i));
            double y = chart.getScreenYFromChart(series.y().get(i));
            if (i == 0) {
                line.moveTo(x, y);
            } else {
                line.lineTo(x, y);
            }
        }
        graphics.setColor(ChartStyle.color(series));
        graphics.setStroke(
                ChartStyle.stroke(Series.Style.SOLID == series.style() ? series.style() : Series.Style.DASHED));
        graphics.draw(line);
    }

    /** A band of colours with its ends and what grey means; returns where it ends. */
    private static int drawScale(Graphics2D graphics, HeatMap.Scale scale, int left, int middle) {
        int x = left;
        for (int i = 0; i < SCALE_LENGTH; i++) {
            graphics.setColor(HeatMap.Scale.between((double) i / SCALE_LENGTH));
            graphics.fillRect(x + i, middle - SCALE_THICKNESS / 2, 1, SCALE_THICKNESS);
        }
        x += SCALE_LENGTH + SAMPLE_GAP;
        x = drawText(graphics, scaleText(scale), x, middle) + ENTRY_GAP;
        graphics.setColor(HeatMap.Scale.GREY);
        graphics.fillRect(x, middle - SCALE_THICKNESS / 2, SCALE_THICKNESS, SCALE_THICKNESS);
        return drawText(graphics, scale.missing(), x + SCALE_THICKNESS + SAMPLE_GAP, middle);
    }

    private static String scaleText(HeatMap.Scale scale) {
        return String.format(Locale.ROOT, "%s, %.2g to %.2g", scale.label(), scale.low(), scale.high());
    }

    private static int scaleWidth(Graphics2D graphics, HeatMap.Scale scale) {
        FontMetrics metrics = graphics.getFontMetrics();
        return SCALE_LENGTH
                + 2 * SAMPLE_GAP
                + metrics.stringWidth(scaleText(scale))
                + ENTRY_GAP
                + SCALE_THICKNESS
                + metrics.stringWidth(scale.missing());
    }

    private static int drawText(Graphics2D graphics, String text, int left, int middle) {
        graphics.setColor(ChartStyle.TEXT);
        graphics.drawString(text, left, middle + graphics.getFontMetrics().getAscent() / 2 - 1);
        return left + graphics.getFontMetrics().stringWidth(text);
    }

    private static void drawLegend(Graphics2D graphics, List<? extends Plot> plots, int width, int middle) {
        Map<String, Series> entries = new LinkedHashMap<>();
        plots.forEach(plot -> plot.series().forEach(series -> entries.putIfAbsent(series.name(), series)));
        List<HeatMap.Scale> scales = plots.stream()
                .filter(HeatMap.class::isInstance)
                .map(plot -> ((HeatMap) plot).scale())
                .distinct()
                .toList();
        graphics.setFont(ChartStyle.font(Font.PLAIN, 13));
        FontMetrics metrics = graphics.getFontMetrics();
        int total = entries.keySet().stream()
                        .mapToInt(name -> SAMPLE_LENGTH + SAMPLE_GAP + metrics.stringWidth(name))
                        .sum()
                + scales.stream().mapToInt(scale -> scaleWidth(graphics, scale)).sum()
                + ENTRY_GAP * (entries.size() + scales.size() - 1);
        int x = Math.max(ENTRY_GAP, (width - total) / 2);
        for (HeatMap.Scale scale : scales) {
            x = drawScale(graphics, scale, x, middle) + ENTRY_GAP;
        }
        for (Series series : entries.values()) {
            drawSample(graphics, series, x, middle);
            x = drawText(graphics, series.name(), x + SAMPLE_LENGTH + SAMPLE_GAP, middle) + ENTRY_GAP;
        }
    }

    private static void drawSample(Graphics2D graphics, Series series, int x, int middle) {
        BasicStroke stroke = ChartStyle.stroke(series.style());
        graphics.setColor(ChartStyle.color(series));
        graphics.setStroke(stroke);
        graphics.drawLine(x, middle, x + SAMPLE_LENGTH, middle);
        if (series.style() == Series.Style.MARKED) {
            int size = ChartStyle.MARKER_SIZE;
            graphics.fillOval(x + (SAMPLE_LENGTH - size) / 2, middle - size / 2, size, size);
        }
    }
}
