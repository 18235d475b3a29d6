package io.github.dl4jngd.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import io.github.dl4jngd.cli.data.Digits;
import io.github.dl4jngd.cli.spark.Cluster;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TrainMnistMlpTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path directory;

    @Test
    void trainsAndWritesItsFiles() throws IOException {
        int status = train(
                "--quick",
                "--method",
                "sgd,adam,sgd",
                "--learning-rate",
                "sgd=0.2,adam=0.01",
                "--hidden",
                "12,8",
                "--batch",
                "16",
                "--epochs",
                "3",
                "--limit",
                "150",
                "--evaluate-every",
                "4",
                "--seed",
                "9");

        assertThat(status).isZero();
        assertThat(out.toString())
                .contains("Data:    made for this test")
                .containsPattern("Taken:   the first 150 of the \\d+ training images")
                .contains("Network: 36-12-8-4, 584 parameters, relu, softmax cross-entropy")
                .contains("Wrote " + directory.resolve("training.csv"))
                .contains("Wrote " + directory.resolve("training.png"))
                .contains("Wrote " + directory.resolve("run.json"));
        assertThat(err.toString().lines().filter(line -> line.startsWith("sgd ")))
                .hasSize(4);
        checkCsv();
        checkJson();
        assertThat(ImageIO.read(directory.resolve("training.png").toFile()).getWidth())
                .isEqualTo(2560);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files)
                    .extracting(file -> file.getFileName().toString())
                    .contains("model-initial.zip", "model-sgd.zip", "model-adam.zip")
                    .hasSize(6);
        }
    }

    /** What is refused before Spark is looked for, and a build without it. */
    @Test
    void sparkIsForNaturalGradientsAndForBuildsThatHaveIt() {
        assertThat(train("--spark", "local[2]", "--method", "kfac,sgd")).isEqualTo(2);
        assertThat(err.toString()).contains("--spark").contains("sgd trains on one machine");
        assertThat(train("--spark", "local[2]", "--method", "kfac", "--sharpness", "5"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("ngd spectrum --model FILE --spark local[2]");
        if (Cluster.provider().isEmpty()) {
            assertThat(train("--spark", "local[2]", "--method", "kfac")).isEqualTo(2);
            assertThat(err.toString()).contains("built without Apache Spark").contains("NGD_MAVEN_OPTS=-Pspark");
        }
    }

    /** Each method again with each rule, from the same parameters; a natural gradient too. */
    @Test
    void regularisesTheGradientOfEveryMethod() throws IOException {
        int status = train(
                "--method",
                "sgd,kfac",
                "--hidden",
                "12",
                "--batch",
                "16",
                "--epochs",
                "1",
                "--limit",
                "48",
                "--evaluate-every",
                "0",
                "--gradient-regularization",
                "0.1",
                "--ascent",
                "-0.05",
                "--sam",
                "0.05",
                "--flooding",
                "10");

        assertThat(status).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("ms/step")
                .contains("sgd-gr ", "sgd-sam ", "sgd-flooding ", "kfac-gr ", "kfac-sam ", "kfac-flooding ");
        assertThat(err.toString()).contains("backward difference, γ 0.1, ε 0.05");
        JsonNode results = new ObjectMapper()
                .readTree(directory.resolve("run.json").toFile())
                .get("results");
        double plain = results.get(0).get("train_loss").asDouble();
        for (int run : new int[] {1, 2}) {
            assertThat(results.get(run).get("train_loss").asDouble())
                    .isNotEqualTo(plain)
                    .isCloseTo(plain, within(0.1));
        }
        // all minibatches are below the level: uphill
        assertThat(results.get(3).get("train_loss").asDouble()).isGreaterThan(plain + 0.1);
        assertThat(directory.resolve("model-kfac-sam.zip")).isNotEmptyFile();
    }

    private void checkCsv() throws IOException {
        List<NamedCsvRecord> rows;
        try (CsvReader<NamedCsvRecord> reader =
                CsvReader.builder().ofNamedCsvRecord(directory.resolve("training.csv"))) {
            rows = reader.stream().toList();
        }
        assertThat(rows.get(0).getHeader())
                .containsExactly(
                        "method",
                        "seed",
                        "epoch",
                        "step",
                        "seconds",
                        "train_loss",
                        "train_accuracy",
                        "test_loss",
                        "test_accuracy");
        // 10 steps an epoch: before training, and after 4, 8, 10, 12, 16, 20, 24, 28 and 30
        assertThat(rows).hasSize(2 * 10);
        assertThat(rows).extracting(row -> row.getField("seed")).containsOnly("9");
        assertThat(rows.get(1).getField("train_loss")).isEmpty();
        NamedCsvRecord last = rows.get(9);
        assertThat(last.getField("method")).isEqualTo("sgd");
        assertThat(last.getField("step")).isEqualTo("30");
        assertThat(Double.parseDouble(last.getField("train_accuracy"))).isGreaterThan(0.9);
    }

    private void checkJson() throws IOException {
        JsonNode report =
                new ObjectMapper().readTree(directory.resolve("run.json").toFile());
        assertThat(report.get("status").asText()).isEqualTo("finished");
        assertThat(report.get("command").asText()).contains("--seed 9");
        assertThat(report.get("seed").asLong()).isEqualTo(9);
        assertThat(report.get("synthetic_data").asBoolean()).isTrue();
        assertThat(report.get("cores").asInt()).isPositive();
        assertThat(report.get("deeplearning4j").asText()).startsWith("1.0.0-M");
        assertThat(report.get("backend").asText()).endsWith("Backend");
        JsonNode results = report.get("results");
        assertThat(results).hasSize(2);
        assertThat(results.get(0).get("learning_rate").asDouble()).isEqualTo(0.2);
        assertThat(results.get(1).get("method").asText()).isEqualTo("adam");
        assertThat(results.get(1).get("training_examples").asInt()).isEqualTo(150);
    }

    @Test
    void replacesAnEarlierRunAndTrainsInDoublePrecision() throws IOException {
        assertThat(train("--method", "sgd", "--hidden", "5", "--epochs", "2")).isZero();
        assertThat(train("--method", "nesterovs", "--hidden", "5", "--epochs", "1", "--dtype", "double"))
                .isZero();

        assertThat(directory.resolve("training.csv")).content().doesNotContain("sgd");
        assertThat(directory.resolve("run.json")).content().contains("\"dtype\" : \"DOUBLE\"");
    }

    @Test
    void showsTheRunWhileItTrainsWithoutChangingIt() throws IOException {
        String[] common = {"--method", "sgd,kfac", "--hidden", "6", "--epochs", "2", "--batch", "20", "--seed", "3"};
        assertThat(train(common)).isZero();
        byte[] without = parameters("kfac");

        assertThat(train(Stream.concat(Stream.of("--live"), Stream.of(common)).toArray(String[]::new)))
                .isZero();

        assertThat(out.toString())
                .containsPattern("Page: +http://127\\.0\\.0\\.1:\\d+/")
                .contains("The page again: ngd ui " + directory);
        assertThat(directory.resolve("sharpness-sgd.jsonl")).content().contains("lambda_max_of_");
        assertThat(directory.resolve("sharpness-kfac.jsonl")).content().contains("lambda_max_of_");
        assertThat(directory.resolve("isotropy-kfac.jsonl")).content().contains("damping");
        assertThat(parameters("kfac")).isEqualTo(without);
    }

    /** As the model's file has them. */
    private byte[] parameters(String method) throws IOException {
        try (ZipFile zip =
                new ZipFile(directory.resolve("model-" + method + ".zip").toFile())) {
            return zip.getInputStream(zip.getEntry("coefficients.bin")).readAllBytes();
        }
    }

    @Test
    void saysWhereAFileIsInTheWay() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        CommandLine commandLine = commandLine();

        int status = commandLine.execute("--out", file.toString(), "--method", "sgd");

        assertThat(status).isEqualTo(1);
    }

    private int train(String... args) {
        return commandLine()
                .execute(Stream.concat(Stream.of("--out", directory.toString()), Stream.of(args))
                        .toArray(String[]::new));
    }

    private CommandLine commandLine() {
        return new CommandLine(new TrainMnistMlp((folder, seed) -> Digits.dataset(200, 60)))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
    }
}
