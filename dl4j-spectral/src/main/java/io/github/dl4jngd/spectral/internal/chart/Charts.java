package io.github.dl4jngd.spectral.internal.chart;

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
import java.util.ArrayList;
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
    static final int LEGEND_ROW = 30;
    static final int MARGIN = 14;

    private static final int SAMPLE_LENGTH = 34;
    private static final int SAMPLE_GAP = 8;
    private static final int ENTRY_GAP = 28;
    private static final Font LEGEND_FONT = ChartStyle.font(Font.PLAIN, 13);
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
        List<List<Entry>> legend = rows(entries(legendMetrics(), plots), width);
        int height = TITLE_HEIGHT + rows * PANEL_HEIGHT + legend.size() * LEGEND_ROW + MARGIN;
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
            drawLegend(graphics, legend, width, TITLE_HEIGHT + rows * PANEL_HEIGHT + MARGIN / 2);
        } finally {
            graphics.dispose();
        }
        return image;
    }

    private static FontMetrics legendMetrics() {
        Graphics2D graphics = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
        try {
            return graphics.getFontMetrics(LEGEND_FONT);
        } finally {
            graphics.dispose();
        }
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

    /** Draws a line again, over the cells. */
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

    /** An entry of the legend. */
    private record Entry(int width, Drawing drawing) {}

    /** Draws an entry with its left end and its middle at given places. */
    @FunctionalInterface
    private interface Drawing {
        void draw(Graphics2D graphics, int left, int middle);
    }

    /** The scales of colours, then the lines, each name once. */
    private static List<Entry> entries(FontMetrics metrics, List<? extends Plot> plots) {
        List<Entry> entries = new ArrayList<>();
        plots.stream()
                .filter(HeatMap.class::isInstance)
                .map(plot -> ((HeatMap) plot).scale())
                .distinct()
                .forEach(scale -> {
                    String range =
                            String.format(Locale.ROOT, "%s, %.2g to %.2g", scale.label(), scale.low(), scale.high());
                    entries.add(new Entry(
                            SCALE_LENGTH + SAMPLE_GAP + metrics.stringWidth(range),
                            (graphics, left, middle) -> drawScale(graphics, range, left, middle)));
                    entries.add(new Entry(
                            SCALE_THICKNESS + SAMPLE_GAP + metrics.stringWidth(scale.missing()),
                            (graphics, left, middle) -> drawMissing(graphics, scale.missing(), left, middle)));
                });
        Map<String, Series> lines = new LinkedHashMap<>();
        plots.forEach(plot -> plot.series().forEach(series -> lines.putIfAbsent(series.name(), series)));
        lines.values()
                .forEach(series -> entries.add(new Entry(
                        SAMPLE_LENGTH + SAMPLE_GAP + metrics.stringWidth(series.name()), (graphics, left, middle) -> {
                            drawSample(graphics, series, left, middle);
                            drawText(graphics, series.name(), left + SAMPLE_LENGTH + SAMPLE_GAP, middle);
                        })));
        return entries;
    }

    /** As many entries in a row as fit. */
    private static List<List<Entry>> rows(List<Entry> entries, int width) {
        List<List<Entry>> rows = new ArrayList<>();
        int used = 0;
        for (Entry entry : entries) {
            if (rows.isEmpty() || used + entry.width() + ENTRY_GAP > width) {
                rows.add(new ArrayList<>());
                used = ENTRY_GAP;
            }
            rows.get(rows.size() - 1).add(entry);
            used += entry.width() + ENTRY_GAP;
        }
        return rows;
    }

    private static void drawLegend(Graphics2D graphics, List<List<Entry>> rows, int width, int top) {
        graphics.setFont(LEGEND_FONT);
        for (int i = 0; i < rows.size(); i++) {
            int total = rows.get(i).stream().mapToInt(Entry::width).sum()
                    + ENTRY_GAP * (rows.get(i).size() - 1);
            int x = (width - total) / 2;
            for (Entry entry : rows.get(i)) {
                entry.drawing().draw(graphics, x, top + LEGEND_ROW / 2 + i * LEGEND_ROW);
                x += entry.width() + ENTRY_GAP;
            }
        }
    }

    private static void drawScale(Graphics2D graphics, String text, int left, int middle) {
        for (int i = 0; i < SCALE_LENGTH; i++) {
            graphics.setColor(HeatMap.Scale.between((double) i / SCALE_LENGTH));
            graphics.fillRect(left + i, middle - SCALE_THICKNESS / 2, 1, SCALE_THICKNESS);
        }
        drawText(graphics, text, left + SCALE_LENGTH + SAMPLE_GAP, middle);
    }

    private static void drawMissing(Graphics2D graphics, String text, int left, int middle) {
        graphics.setColor(HeatMap.Scale.GREY);
        graphics.fillRect(left, middle - SCALE_THICKNESS / 2, SCALE_THICKNESS, SCALE_THICKNESS);
        drawText(graphics, text, left + SCALE_THICKNESS + SAMPLE_GAP, middle);
    }

    private static void drawText(Graphics2D graphics, String text, int left, int middle) {
        graphics.setColor(ChartStyle.TEXT);
        graphics.drawString(text, left, middle + graphics.getFontMetrics().getAscent() / 2 - 1);
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
