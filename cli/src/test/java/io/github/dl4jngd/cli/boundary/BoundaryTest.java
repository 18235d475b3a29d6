package io.github.dl4jngd.cli.boundary;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.dl4jngd.cli.data.Digits;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BoundaryTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    private int boundary(String... args) {
        return new CommandLine(new Boundary((folder, seed) -> Digits.dataset(60, 10)))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(Stream.concat(Stream.of(args), Stream.of("--out", directory.toString()))
                        .toArray(String[]::new));
    }

    @Test
    void theLossFallsWithinTheBoundaryAndRisesBeyond() throws IOException {
        assertThat(boundary("--width", "40,80", "--rates", "6", "--batch", "10"))
                .isZero();

        assertThat(out.toString())
                .contains("as expected", "SGD converges up to")
                .doesNotContain(" NO");
        JsonNode report =
                new ObjectMapper().readTree(directory.resolve("run.json").toFile());
        assertThat(report.get("as_expected").asBoolean()).isTrue();
        assertThat(report.get("widths")).hasSize(2);
        double factor =
                report.get("widths").get(1).get("in_units_of_the_boundary").asDouble();
        assertThat(factor).isBetween(0.1, 20.0);
        assertThat(Files.readAllLines(directory.resolve("boundary.csv"))).hasSize(1 + 2 * 6);
        assertThat(Files.readAllLines(directory.resolve("descent.csv"))).hasSize(1 + 2 * 2 * 6);
        assertThat(ImageIO.read(directory.resolve("boundary.png").toFile())).isNotNull();
    }

    @Test
    void judgesByWhatHappened() {
        Sharpness sharpness = new Sharpness(10, 4, 4);
        assertThat(descent(sharpness, 1.8, 0.9).isAsExpected()).isTrue();
        assertThat(descent(sharpness, 1.8, 1.1).isAsExpected()).isFalse();
        assertThat(descent(sharpness, 2, 1.1).isAsExpected()).isTrue();
        assertThat(descent(sharpness, 2.3, 0.9).isAsExpected()).isFalse();
        assertThat(descent(sharpness, 2.3, Double.NaN).isAsExpected()).isTrue();
        assertThat(descent(sharpness, 1.8, Double.NaN).isAsExpected()).isFalse();
    }

    private static Descent descent(Sharpness sharpness, double factor, double after) {
        return new Descent(sharpness, Descent.Targets.NEAR, factor, 1, after);
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThat(boundary("--rates", "1")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("--rates", "at least 2");
    }
}
