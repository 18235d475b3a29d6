package io.github.dl4jngd.cli.continual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.dl4jngd.cli.data.Digits;
import io.github.dl4jngd.spectral.theory.GaussianMoments;
import io.github.dl4jngd.spectral.theory.KernelSpectrum;
import io.github.dl4jngd.spectral.theory.LearningCurve;
import io.github.dl4jngd.spectral.theory.MeanField;
import io.github.dl4jngd.spectral.theory.TangentKernel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Theory, regression and trained networks. */
class ContinualTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    private int run(CommandLine command, String... args) {
        return command.setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(Stream.concat(Stream.of(args), Stream.of("--out", directory.toString()))
                        .toArray(String[]::new));
    }

    private static TangentKernel kernel(int dimension) {
        return new TangentKernel(
                MeanField.of(GaussianMoments.relu(), List.of((long) dimension, 1L, 1L, 1L), 2, 0, false), true);
    }

    /** Against targets and test inputs that are drawn: the exact average of the same inputs. */
    @Test
    void theAverageOverTargetsIsThatOfDrawnOnes() {
        // one mode: k = c, so that everything is a mean of labels
        double c = 2;
        int[] sizes = {3, 2};
        double[] ridges = {0, 0.5};
        SphereRegression regression = new SphereRegression(t -> c * (1 + 1e-6 * t), 5, 0.1);
        SphereRegression.Draw drawn = regression
                .draw(sizes, new double[] {1e-3, ridges[1]}, new Random(1))
                .get(1);
        // f = a mean of y_A moved towards y_B by w = 2c/(2c + λ); targets have variance c²
        double w = 2 * c / (2 * c + ridges[1]);
        double variance = c * c;
        double labels = (1 - w) * (1 - w) * (variance + 0.1 / 3) + w * w * (variance + 0.1 / 2);
        double same = labels + 2 * w * (1 - w) * variance - 2 * variance + variance;
        double none = labels - 2 * w * variance + variance;
        assertThat(drawn.error(1, 1)).isCloseTo(same, within(5e-3));
        assertThat(drawn.error(1, 0)).isCloseTo(none, within(5e-3));
        assertThat(drawn.error(1, 0.25)).isCloseTo(0.75 * none + 0.25 * same, within(5e-3));
    }

    @Test
    void regressionIsWhatTheorySays() {
        LearningCurve curve = new LearningCurve(KernelSpectrum.onSphere(kernel(20), 40), 1e-3);
        SphereRegression regression = new SphereRegression(kernel(20)::ofCorrelation, 20, 1e-3);
        int[] sizes = {80, 40, 120};
        List<List<Double>> errors = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        Random random = new Random(3);
        for (int draw = 0; draw < 8; draw++) {
            List<SphereRegression.Draw> draws = regression.draw(sizes, new double[3], random);
            for (int task = 0; task < 3; task++) {
                errors.get(task).add(draws.get(task).error(task, 0.8));
            }
        }
        double[] theory = {0.02703638, 0.03175441, 0.00892939};
        for (int task = 0; task < 3; task++) {
            Measured measured = Measured.of(errors.get(task));
            assertThat(measured.agrees(theory[task], 0.02))
                    .as("task %d: %s", task, measured)
                    .isTrue();
            assertThat(measured.error() / measured.mean()).isLessThan(0.05);
        }
        assertThat(curve.sequence(IntStream.of(sizes).asDoubleStream().toArray(), 0.8)
                        .error(1))
                .isCloseTo(theory[1], within(1e-8));
    }

    @Test
    void theCommandWritesItsFiles() throws IOException {
        assertThat(run(Continual.commandLine(), "--quick", "--draws", "3"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("0.4116", "0.99792", "Many tasks");
        assertThat(Files.readAllLines(directory.resolve("transfer.csv"))).hasSize(1 + 3 * 8);
        assertThat(Files.readAllLines(directory.resolve("sequence.csv"))).hasSize(1 + 2 * 5);
        assertThat(ImageIO.read(directory.resolve("continual.png").toFile()).getWidth())
                .isEqualTo(2560);
        assertThat(new ObjectMapper()
                        .readTree(directory.resolve("run.json").toFile())
                        .get("as_expected")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void trainedNetworksHaveATableToo() throws IOException {
        CommandLine command = new CommandLine(new ContinualMnist((folder, seed) -> Digits.dataset(100, 20)));
        assertThat(run(
                        command,
                        "--first",
                        "60",
                        "--later",
                        "20",
                        "--tasks",
                        "2",
                        "--width",
                        "8",
                        "--seeds",
                        "2",
                        "--epochs",
                        "2"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("after task 2", "none", "ridge", "kfac");
        assertThat(Files.readAllLines(directory.resolve("mnist.csv"))).hasSize(1 + 3 * 2 * 2);
        assertThat(ImageIO.read(directory.resolve("mnist.png").toFile())).isNotNull();
        assertThat(run(command, "--anchor", "rope")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("rope");
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThat(run(Continual.commandLine(), "--dim", "2")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("--dim");
    }
}
