package io.github.dl4jngd.cli.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.LabelledImages;
import io.github.dl4jngd.datasets.LoadedDataset;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class DynamicsTest {

    private static final Path REFERENCE = Path.of("..", "..", "shared", "reference", "wide-three-layer.npz");
    private static final int SIDE = 6;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path directory;

    @Test
    void writesCurvesOfEveryMethodAndScaling() throws IOException {
        assertThat(dynamics(
                        "--width",
                        "64",
                        "--samples",
                        "12",
                        "--steps",
                        "3",
                        "--scaling",
                        "analytic,measured,none",
                        "--learning-rate",
                        "0.5"))
                .isZero();

        assertThat(out.toString())
                .contains("Network: 36-64-64-1, relu, squared_error, no biases, NTK")
                .contains("12 training and 30 test images")
                .contains("unit-wise α: γ(L−1)·width + 1 = 65.00")
                .contains("Wrote " + directory.resolve("dynamics.png"));
        assertThat(rows()).hasSize((5 * 3 + 1) * 4);
        assertThat(ImageIO.read(directory.resolve("dynamics.png").toFile()).getWidth())
                .isEqualTo(2560);
        JsonNode report =
                new ObjectMapper().readTree(directory.resolve("run.json").toFile());
        assertThat(report.get("curves")).hasSize(16);
        assertThat(report.get("unit_wise_alpha_in_theory").asDouble()).isEqualTo(65);
    }

    /** On its own minibatch the linearised exact method has the error (1 − η)^t whatever the data. */
    @Test
    void thePredictionOfTheExactMethodIsTheIsotropicDecay() throws IOException {
        assertThat(dynamics(
                        "--width",
                        "64",
                        "--samples",
                        "12",
                        "--steps",
                        "3",
                        "--method",
                        "exact",
                        "--learning-rate",
                        "0.5",
                        "--damping",
                        "0"))
                .isZero();

        for (NamedCsvRecord row : rows()) {
            double decay = number(row, "isotropic_decay");
            assertThat(number(row, "predicted_train_loss")).isCloseTo(decay, within(1e-9 * decay));
        }
        double first = number(rows().get(0), "train_loss");
        assertThat(number(rows().get(2), "isotropic_decay")).isCloseTo(first / 16, within(1e-12));
    }

    /** With a small step the network is linear: every method follows its prediction, with a damping that counts. */
    @ParameterizedTest
    @CsvSource({
        "--damping, 0.01, analytic",
        "--damping, 0.01, measured",
        "--relative-damping, 0.1, analytic",
        "--relative-damping, 0.1, measured"
    })
    void smallStepsFollowThePrediction(String damping, String value, String scaling) throws IOException {
        assertThat(dynamics(
                        "--width",
                        "64",
                        "--samples",
                        "12",
                        "--steps",
                        "2",
                        "--learning-rate",
                        "0.001",
                        damping,
                        value,
                        "--method",
                        "exact,layer-wise,unit-wise,kfac",
                        "--scaling",
                        scaling))
                .isZero();

        for (int method = 0; method < 4; method++) {
            NamedCsvRecord start = rows().get(3 * method);
            NamedCsvRecord end = rows().get(3 * method + 2);
            for (String loss : List.of("train_loss", "test_loss")) {
                double measured = number(end, loss) - number(start, loss);
                double predicted = number(end, "predicted_" + loss) - number(start, loss);
                assertThat(measured)
                        .as(end.getField("method") + " " + loss)
                        .isCloseTo(predicted, within(0.02 * Math.abs(predicted) + 1e-7));
            }
        }
    }

    @Test
    void reproducesTheReferenceFile() {
        assumeTrue(Files.exists(REFERENCE), () -> "skipped: " + REFERENCE + " is not there");

        int status = dynamics(
                "--reference",
                REFERENCE.toString(),
                "--steps",
                "2",
                "--method",
                "exact,layer-wise,block-tri-diagonal,kfac");

        assertThat(status).isZero();
        assertThat(out.toString().lines().filter(line -> line.endsWith("yes"))).hasSize(4 * 3);
        assertThat(out.toString()).doesNotContain("NO");
    }

    @Test
    void aDeviationFromTheReferenceFileIsStatusOne() throws IOException {
        assumeTrue(Files.exists(REFERENCE), () -> "skipped: " + REFERENCE + " is not there");
        Path copy = Files.copy(REFERENCE, directory.resolve("wide.npz"));
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode json = (ObjectNode) mapper.readTree(
                REFERENCE.resolveSibling("wide-three-layer.json").toFile());
        ((ObjectNode) json.get("methods").get("exact")).put("learning_rate", 0.9);
        mapper.writeValue(directory.resolve("wide.json").toFile(), json);

        assertThat(dynamics("--reference", copy.toString(), "--steps", "1", "--method", "exact"))
                .isEqualTo(1);
        assertThat(out.toString()).contains("NO");

        json.remove("damping");
        mapper.writeValue(directory.resolve("wide.json").toFile(), json);
        assertThat(dynamics("--reference", copy.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("wide.json: has no key 'damping', expected a number");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            --width 0                               | '--width': expected a number of at least 1, found 0
            --method adam                           | 'adam' is not a method, expected one of exact, layer-wise
            --learning-rate 2                       | expected a number between 0 and 2, found 2.0
            --damping 1 --relative-damping 1        | excludes '--damping'
            --damping -1                            | '--damping': expected a number of at least 0, found -1.0
            --reference a.npz --width 5             | Option '--width' excludes '--reference'
            --reference nowhere.npz                 | nowhere.npz: no such file
            """)
    void wrongUsageIsStatusTwo(String line, String message) {
        assertThat(dynamics(line.split(" "))).isEqualTo(2);
        assertThat(err.toString()).contains(message);
    }

    private List<NamedCsvRecord> rows() throws IOException {
        try (CsvReader<NamedCsvRecord> reader =
                CsvReader.builder().ofNamedCsvRecord(directory.resolve("dynamics.csv"))) {
            return reader.stream().toList();
        }
    }

    private static double number(NamedCsvRecord row, String column) {
        return Double.parseDouble(row.getField(column));
    }

    private int dynamics(String... args) {
        Dynamics command = new Dynamics((folder, seed) ->
                new LoadedDataset(ImageDataset.MNIST, images(40, 1), images(30, 2), "made for this test", true));
        return new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(Stream.concat(Stream.of("--out", directory.toString()), Stream.of(args))
                        .toArray(String[]::new));
    }

    /** Noise with a bright row that tells the class. */
    private static LabelledImages images(int count, long seed) {
        Random random = new Random(seed);
        byte[] pixels = new byte[count * SIDE * SIDE];
        random.nextBytes(pixels);
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = i % 2;
            for (int p = 0; p < SIDE; p++) {
                pixels[(i * SIDE + labels[i]) * SIDE + p] = (byte) 255;
            }
        }
        return LabelledImages.of(SIDE, SIDE, 1, 2, pixels, labels);
    }
}
