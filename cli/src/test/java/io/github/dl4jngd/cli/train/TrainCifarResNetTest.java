package io.github.dl4jngd.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.datasets.DatasetLoader;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.LoadedDataset;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class TrainCifarResNetTest {

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** He et al. 2016, table 6: ResNet-20 has 0.27 million parameters; running statistics are two more a channel. */
    @ParameterizedTest
    @CsvSource({"8, 16, 0.078", "14, 16, 0.176", "20, 16, 0.275", "32, 16, 0.470", "8, 4, 0.005382"})
    void parametersOfTheResidualNetwork(int depth, int width, double millions) {
        ResNet resNet = resNet(depth, width, true);
        assertThat(resNet.parameters() / 1e6).isCloseTo(millions, org.assertj.core.data.Percentage.withPercentage(1.5));
        assertThat(resNet.shape()).startsWith("ResNet-" + depth);
        assertThat(resNet.network(new org.nd4j.linalg.learning.config.Sgd(0.1))
                        .logits(Nd4j.rand(DataType.FLOAT, 2, 3, 32, 32))
                        .shape())
                .containsExactly(2, 10);
    }

    private static ResNet resNet(int depth, int width, boolean normalized) {
        return new ResNet(InputType.convolutional(32, 32, 3), depth, width, normalized, 10, DataType.FLOAT, 1);
    }

    @Test
    void augmentationMirrorsAndShiftsAndRepeats() {
        INDArray images = Nd4j.rand(DataType.FLOAT, 40, 2, 8, 8).addi(1);
        DataSet first = new DataSet(images.dup(), Nd4j.rand(DataType.FLOAT, 40, 3));
        INDArray labels = first.getLabels().dup();
        new FlipAndShift(5).preProcess(first);
        DataSet again = new DataSet(images.dup(), labels.dup());
        new FlipAndShift(5).preProcess(again);

        assertThat(first.getFeatures()).isEqualTo(again.getFeatures());
        assertThat(first.getLabels()).isEqualTo(labels);
        int mirrored = 0;
        for (int n = 0; n < 40; n++) {
            boolean found = false;
            for (int flip = 0; flip < 2 && !found; flip++) {
                for (int down = -4; down <= 4 && !found; down++) {
                    for (int right = -4; right <= 4 && !found; right++) {
                        found = isMoved(images.slice(n), first.getFeatures().slice(n), flip == 1, down, right);
                        mirrored += found && flip == 1 ? 1 : 0;
                    }
                }
            }
            assertThat(found)
                    .as("image " + n + " is its original, mirrored or not, moved by at most four")
                    .isTrue();
        }
        assertThat(mirrored).isBetween(8, 32);
    }

    private static boolean isMoved(INDArray from, INDArray to, boolean flip, int down, int right) {
        for (int c = 0; c < 2; c++) {
            for (int y = 0; y < 8; y++) {
                for (int x = 0; x < 8; x++) {
                    int row = y - down;
                    int column = flip ? 7 - (x - right) : x - right;
                    boolean inside = row >= 0 && row < 8 && column >= 0 && column < 8;
                    double expected = inside ? from.getDouble(c, row, column) : 0;
                    if (to.getDouble(c, y, x) != expected) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    @Test
    void trainsAndWritesItsFiles() throws IOException {
        int status = train(
                "--depth",
                "8",
                "--width",
                "4",
                "--limit",
                "60",
                "--batch",
                "20",
                "--epochs",
                "1",
                "--method",
                "nesterovs,kfac",
                "--out",
                directory.toString());

        assertThat(err.toString()).doesNotContain("Exception");
        assertThat(status).isZero();
        assertThat(out.toString()).contains("ResNet-8, width 4", "kfac");
        assertThat(err.toString()).contains("A ⊗ G", "one block per unit");
        assertThat(Files.readAllLines(directory.resolve("training.csv"))).hasSizeGreaterThan(4);
        assertThat(directory.resolve("training.png")).isNotEmptyFile();
        assertThat(Files.readString(directory.resolve("run.json"))).contains("\"batch_normalization\" : true");
    }

    @Test
    void namesWrongValues() {
        assertThat(train("--depth", "9")).isEqualTo(2);
        assertThat(err.toString()).contains("--depth", "[8, 14, 20, 32]", "9");
        assertThat(train("--width", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--width");
    }

    private int train(String... args) {
        TrainCifarResNet command = new TrainCifarResNet((folder, seed) -> synthetic());
        return TrainCifarResNet.commandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(List.of(args).toArray(new String[0]));
    }

    private LoadedDataset synthetic() throws IOException {
        return DatasetLoader.builder(ImageDataset.CIFAR_10)
                .cache(directory.resolve("cache"))
                .offline(true)
                .syntheticCounts(80, 20)
                .seed(1L)
                .progress(false)
                .build()
                .load();
    }
}
