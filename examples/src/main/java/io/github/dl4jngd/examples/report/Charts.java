package io.github.dl4jngd.examples.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
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
    public static void writePng(OutputStream out, String title, int columns, List<LinePlot> plots) throws IOException {
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
    public static BufferedImage draw(String title, int columns, List<LinePlot> plots) {
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

    private static void drawPanel(Graphics2D graphics, LinePlot plot, int left, int top) {
        XYChart chart = ChartStyle.chart(plot, PANEL_WIDTH, PANEL_HEIGHT);
        Graphics2D panel = (Graphics2D) graphics.create(left, top, PANEL_WIDTH, PANEL_HEIGHT);
        try {
            chart.paint(panel, PANEL_WIDTH, PANEL_HEIGHT);
        } finally {
            panel.dispose();
        }
    }

    private static void drawLegend(Graphics2D graphics, List<LinePlot> plots, int width, int middle) {
        Map<String, Series> entries = new LinkedHashMap<>();
        plots.forEach(plot -> plot.series().forEach(series -> entries.putIfAbsent(series.name(), series)));
        graphics.setFont(ChartStyle.font(Font.PLAIN, 13));
        var metrics = graphics.getFontMetrics();
        int total = entries.keySet().stream()
                        .mapToInt(name -> SAMPLE_LENGTH + SAMPLE_GAP + metrics.stringWidth(name))
                        .sum()
                + ENTRY_GAP * (entries.size() - 1);
        int x = Math.max(ENTRY_GAP, (width - total) / 2);
        for (Series series : entries.values()) {
            drawSample(graphics, series, x, middle);
            x += SAMPLE_LENGTH + SAMPLE_GAP;
            graphics.setColor(ChartStyle.TEXT);
            graphics.drawString(series.name(), x, middle + metrics.getAscent() / 2 - 1);
            x += metrics.stringWidth(series.name()) + ENTRY_GAP;
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
