package io.github.dl4jngd.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import io.github.dl4jngd.cli.data.Digits;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

class TrainMnistAutoencoderTest {

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** Hinton &amp; Salakhutdinov's network: 2.8 million weights. */
    @Test
    void theBenchmarksNetwork() {
        Autoencoder autoencoder = new Autoencoder(784, List.of(1000, 500, 250, 30), DataType.FLOAT, 1);
        assertThat(autoencoder.shape()).isEqualTo("784-1000-500-250-30-250-500-1000-784");
        assertThat(autoencoder.parameters()).isEqualTo(2_837_314);
    }

    /** Martens (2010): 15 connections a unit, and no more than there are inputs. */
    @Test
    void startsSparse() {
        INDArray parameters = new Autoencoder(40, List.of(30, 4), DataType.FLOAT, 1).initialParameters();
        INDArray connected = parameters.neq(0).castTo(DataType.INT32);
        assertThat(connected.sumNumber().intValue()).isEqualTo(30 * 15 + 4 * 15 + 30 * 4 + 40 * 15);
        assertThat(new Autoencoder(40, List.of(30, 4), DataType.FLOAT, 1).initialParameters())
                .isEqualTo(parameters);
    }

    /** The score of reconstructions is DL4J's own. */
    @Test
    void scoresReconstructions() {
        TrainingData data =
                new TrainingData(Digits.images(30, 1), Digits.images(20, 2), DataForm.reconstructed(DataType.DOUBLE));
        Autoencoder autoencoder = new Autoencoder(data.inputs(), List.of(9, 4), DataType.DOUBLE, 3);
        TrainingModel model = autoencoder.network(new Sgd(0));
        Score score = Evaluator.evaluate(model, data.trainingSet(), Scoring.RECONSTRUCTION);
        DataSet all = data.minibatches(30, 1).next();
        model.fit(all);
        assertThat(score.loss()).isCloseTo(model.score(), withPercentage(1e-6));
        double squared = org.nd4j.linalg.ops.transforms.Transforms.sigmoid(model.logits(all.getFeatures()), true)
                .sub(all.getFeatures())
                .norm2Number()
                .doubleValue();
        assertThat(score.fit()).isCloseTo(squared * squared / 30, withPercentage(1e-6));
    }

    @Test
    void trainsAndWritesItsFiles() throws IOException {
        int status = train(
                "--encoder",
                "20,5",
                "--batch",
                "40",
                "--epochs",
                "2",
                "--method",
                "nesterovs,kfac",
                "--momentum",
                "nesterovs=0.99",
                "--out",
                directory.toString());

        assertThat(status).isZero();
        assertThat(out.toString())
                .contains("36-20-5-20-36", "train sq. err.", "the training loss that nesterovs ended with")
                .doesNotContain("s to 97 %");
        assertThat(err.toString()).contains("adaptive");
        assertThat(Files.readAllLines(directory.resolve("training.csv")).get(0)).contains("test_squared_error");
        assertThat(directory.resolve("training.png")).isNotEmptyFile();
    }

    @Test
    void namesWrongValues() {
        assertThat(train("--encoder", "20,0")).isEqualTo(2);
        assertThat(err.toString()).contains("--encoder", "[20, 0]");
    }

    private int train(String... args) {
        return TrainMnistAutoencoder.commandLine(new TrainMnistAutoencoder((folder, seed) -> Digits.dataset(160, 40)))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(List.of(args).toArray(new String[0]));
    }
}
