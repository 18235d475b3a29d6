package io.github.dl4jngd.spectral.internal.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.spectral.internal.chart.LinePlot.Axis;
import io.github.dl4jngd.spectral.internal.chart.Series.Style;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChartsTest {

    private static final Series LINE = new Series("a", 0, Style.SOLID, List.of(0.0, 1.0, 2.0), List.of(1.0, 0.1, 0.05));

    @Test
    void writesAPngOfTheExpectedSize() throws IOException {
        Series theory = new Series("theory", 1, Style.DASHED, List.of(0.0, 2.0), List.of(1.0, 0.02));
        LinePlot plot = new LinePlot("loss", Axis.linear("steps"), Axis.logarithmic("loss"), List.of(LINE, theory));
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        Charts.writePng(out, "title", 2, List.of(plot, plot, plot));

        BufferedImage image = ImageIO.read(new ByteArrayInputStream(out.toByteArray()));
        assertThat(image.getWidth()).isEqualTo(Charts.SCALE * 2 * Charts.PANEL_WIDTH);
        assertThat(image.getHeight())
                .isEqualTo(Charts.SCALE
                        * (Charts.TITLE_HEIGHT + 2 * Charts.PANEL_HEIGHT + Charts.LEGEND_ROW + Charts.MARGIN));
        assertThat(pixelsOf(image, ChartStyle.color(LINE).getRGB())).isGreaterThan(1000);
        assertThat(pixelsOf(image, ChartStyle.color(theory).getRGB())).isGreaterThan(1000);
    }

    @Test
    void leavesOutWhatCannotBeDrawn() {
        List<Double> x = List.of(1.0, 2.0, 3.0, 4.0);
        Series broken = new Series("b", 0, Style.MARKED, x, List.of(Double.NaN, -1.0, 0.0, Double.POSITIVE_INFINITY));

        BufferedImage image = Charts.draw(
                "nothing", 1, List.of(new LinePlot("p", Axis.linear("x"), Axis.logarithmic("y"), List.of(broken))));

        assertThat(image.getWidth()).isEqualTo(Charts.SCALE * Charts.PANEL_WIDTH);
    }

    @Test
    void drawsASinglePoint() {
        Series point = new Series("p", 2, Style.MARKED, List.of(1.0), List.of(0.5));
        LinePlot plot = new LinePlot("p", Axis.logarithmic("x"), Axis.logarithmic("y"), List.of(point));

        BufferedImage image = Charts.draw("point", 1, List.of(plot));

        assertThat(pixelsOf(image, ChartStyle.color(point).getRGB())).isPositive();
    }

    @Test
    void refusesCoordinatesThatDoNotPair() {
        assertThatThrownBy(() -> new Series("a", 0, Style.SOLID, List.of(1.0), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("series 'a': expected as many x as y, found 1 and 0");
    }

    @ParameterizedTest
    @CsvSource({"0.12, 2.5, 0.1, 5", "0.1, 1, 0.1, 1", "3, 3, 1, 5", "1, 1, 1, 2", "0.004, 60, 0.001, 100"})
    void roundsTheRangeOfALogarithmicAxis(double low, double high, double min, double max) {
        LogRange range = LogRange.of(DoubleStream.of(low, high, -1, 0)).orElseThrow();

        assertThat(range.min()).isEqualTo(min);
        assertThat(range.max()).isEqualTo(max);
    }

    private static long pixelsOf(BufferedImage image, int color) {
        return IntStream.range(0, image.getWidth() * image.getHeight())
                .filter(i -> image.getRGB(i % image.getWidth(), i / image.getWidth()) == color)
                .count();
    }
}
