package io.github.dl4jngd.cli.spectrum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class SpectrumCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    private int spectrum(String... args) {
        return new CommandLine(new SpectrumCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(Stream.concat(Stream.of(args), Stream.of("--out", directory.toString()))
                        .toArray(String[]::new));
    }

    @Test
    void measuresBesideTheory() throws IOException {
        assertThat(spectrum("--width", "200", "--samples", "60", "--seeds", "3"))
                .isZero();

        JsonNode result = new ObjectMapper()
                .readTree(directory.resolve("run.json").toFile())
                .get("results")
                .get(0);
        double theory = result.get("theory_mean_of_outliers").asDouble();
        assertThat(result.get("mean_of_outliers").asDouble() / theory).isBetween(0.85, 1.15);
        assertThat(result.get("next_eigenvalue").asDouble())
                .isLessThan(0.3 * result.get("lambda_max").asDouble());
        assertThat(result.get("trace").asDouble() / result.get("theory_trace").asDouble())
                .isBetween(0.9, 1.1);
        assertThat(Files.readAllLines(directory.resolve("spectrum.csv"))).hasSizeGreaterThan(3 * 5);
        assertThat(ImageIO.read(directory.resolve("spectrum.png").toFile())).isNotNull();
        assertThat(out.toString()).contains("theory", "λ_max of its block");
    }

    @Test
    void showsWhichNormalisationKeepsTheLargestEigenvalueFromGrowing() {
        assertThat(spectrum("--width", "16,32", "--samples", "width", "--seeds", "1"))
                .isZero();

        assertThat(out.toString()).contains("none", "mean-subtraction", "layer-norm", "batch-norm", "grows as width^");
    }

    /** Both tables are of the same matrix. */
    @Test
    void layersAreThoseOfTheMeasuredMatrix() {
        assertThat(spectrum("--normalization", "mean-subtraction", "--width", "40", "--samples", "40", "--seeds", "1"))
                .isZero();

        assertThat(cell("all", 2)).isCloseTo(cell("mean-subtraction", 3), withPercentage(0.2));
    }

    /** A number in the line of the output that begins with a word. */
    private double cell(String word, int column) {
        String line = out.toString()
                .lines()
                .filter(candidate -> candidate.startsWith(word))
                .findFirst()
                .orElseThrow();
        return Double.parseDouble(line.split(" +", -1)[column]);
    }

    @ParameterizedTest
    @CsvSource({
        "--samples, some, expected a number or 'width'",
        "--normalization, group-norm, none of",
        "--width, 0, at least 1",
        "--weight-variance, 0, above zero",
        "--activation, maxout, maxout"
    })
    void refusesWhatMakesNoSense(String option, String value, String message) {
        assertThat(spectrum(option, value)).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains(option, message);
    }
}
