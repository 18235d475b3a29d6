package io.github.dl4jngd.cli.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dl4jngd.cli.reference.TinyReference;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class VerifyTest {

    private static final Path REFERENCE = Path.of("..", "..", "shared", "reference");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"half_squared_error", "mse", "softmax_cross_entropy", "sigmoid_cross_entropy"})
    void agreesWithExplicitMatrices(String loss) throws IOException {
        Path deep = new TinyReference(loss, true, 3, 5, 4, 3).write(directory, "deep");
        Path shallow = new TinyReference(loss, false, 4, 2).write(directory, "shallow");

        int status = verify(deep.toString(), shallow.toString());

        assertThat(out.toString())
                .contains("deep: 20 of 20 within their tolerance")
                .contains("shallow: 20 of 20 within their tolerance")
                .contains("deep: 3-5-4-3, tanh, ")
                .contains("no biases, 5 samples");
        assertThat(err.toString()).isEmpty();
        assertThat(status).isZero();
    }

    @Test
    void singlePrecisionHasItsOwnTolerance() throws IOException {
        Path file = tiny().write(directory, "tiny");

        assertThat(verify("--dtype", "float", file.toString())).isZero();
        assertThat(out.toString()).contains("20 of 20 within their tolerance").contains(", float, ");
    }

    @Test
    void anErrorAboveTheToleranceIsStatusOne() throws IOException {
        Path file = tiny().put("f", new SimpleMatrix(5, 2)).write(directory, "tiny");

        assertThat(verify("--out", directory.toString(), file.toString())).isEqualTo(1);

        assertThat(out.toString()).contains("tiny: 19 of 20").containsPattern("f +Infinity +1.0e-08 +NO");
        assertThat(Files.readAllLines(directory.resolve("verify.csv"))).hasSize(21);
    }

    @Test
    void theToleranceIsTheUsers() throws IOException {
        Path file = tiny().write(directory, "tiny");

        assertThat(verify("--tolerance", "0", file.toString())).isEqualTo(1);
        assertThat(verify("--tolerance", "-1", file.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("'--tolerance': expected a number of at least 0, found -1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "W1", "b0", "f", "tangent", "vjp", "fisher_eigenvalues", "ng_unit_wise_0.1"})
    void namesAMissingArray(String key) throws IOException {
        Path file = tiny().without(key).write(directory, "tiny");

        assertThat(verify(file.toString())).isEqualTo(2);
        assertThat(err.toString()).startsWith("ngd: " + file).contains("has no array '" + key + "'");
        assertThat(err.toString().lines()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sizes", "activation", "loss", "bias", "dampings", "methods", "lambda_max", "loss_value"})
    void namesAMissingKeyOfTheJson(String key) throws IOException {
        Path file = tiny().with(key, null).write(directory, "tiny");

        assertThat(verify(file.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("tiny.json: has no key '" + key + "'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            activation | erf                 | the activation 'erf' is none of Deeplearning4j's
            activation | rrelu               | RReLU
            loss       | hinge               | the loss 'hinge' has no counterpart, expected one of half_squared_error
            network    | transformer         | 'transformer' is unknown, expected one of convolution, residual-batchnorm
            sizes      | wide                | key 'sizes': expected a list of positive whole numbers, found "wide"
            """)
    void namesWhatIsNotSupported(String key, String value, String message) throws IOException {
        Path file = tiny().with(key, value).write(directory, "tiny");

        assertThat(verify(file.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("tiny").contains(message);
    }

    @Test
    void namesAnArrayOfTheWrongShape() throws IOException {
        Path file = tiny().put("W1", new SimpleMatrix(2, 3)).write(directory, "tiny");

        assertThat(verify(file.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("array 'W1': expected shape [4, 2], found [2, 3]");
    }

    @Test
    void namesAMethodThatItDoesNotKnow() throws IOException {
        Path file = tiny().put("ng_diagonal_0.1", new SimpleMatrix(1, 1)).write(directory, "tiny");

        assertThat(verify(file.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("array 'ng_diagonal_0.1': the method 'diagonal' is unknown");
    }

    @Test
    void goesOnAfterAFileThatItCannotUse() throws IOException {
        Path lonely = tiny().write(directory, "lonely");
        Files.delete(directory.resolve("lonely.json"));
        Path damaged = Files.writeString(directory.resolve("damaged.npz"), "no zip");
        Path good = tiny().write(directory, "good");

        assertThat(verify("nowhere.npz", lonely.toString(), damaged.toString(), good.toString()))
                .isEqualTo(2);

        assertThat(err.toString())
                .contains("nowhere.npz: no such file")
                .contains("lonely.json: expected the description of the arrays here")
                .contains("damaged.npz: cannot be read");
        assertThat(out.toString()).contains("good: 20 of 20");
    }

    @ParameterizedTest
    @ValueSource(strings = {"double", "float"})
    void agreesWithTheReferenceFiles(String precision) {
        assertThat(verify(
                        "--dtype",
                        precision,
                        reference("binary-relu"),
                        reference("ten-class-tanh"),
                        reference("ten-class-softmax")))
                .isZero();
        assertThat(out.toString().lines().filter(line -> line.contains("24 of 24")))
                .hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"double", "float"})
    void agreesWithTheReferenceFilesOfConvolutions(String precision) {
        assertThat(verify(
                        "--dtype",
                        precision,
                        "--tolerance",
                        precision.equals("double") ? "1e-9" : "1e-3",
                        reference("convolution"),
                        reference("residual-batchnorm")))
                .isZero();
        assertThat(out.toString().lines().filter(line -> line.contains("17 of 17")))
                .hasSize(2);
    }

    @Test
    void refusesTrainingCurves() {
        assertThat(verify(reference("wide-three-layer"))).isEqualTo(2);
        assertThat(err.toString()).contains("try ngd dynamics --reference");
    }

    private static TinyReference tiny() {
        return new TinyReference("half_squared_error", true, 3, 4, 2);
    }

    private static String reference(String name) {
        Path file = REFERENCE.resolve(name + ".npz");
        assumeTrue(Files.exists(file), () -> "skipped: " + file.toAbsolutePath().normalize() + " is not there");
        return file.toString();
    }

    private int verify(String... args) {
        return new CommandLine(new Verify())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(List.of(args).toArray(new String[0]));
    }
}
