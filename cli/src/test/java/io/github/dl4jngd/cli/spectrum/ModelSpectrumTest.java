package io.github.dl4jngd.cli.spectrum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.LabelledImages;
import io.github.dl4jngd.datasets.LoadedDataset;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import picocli.CommandLine;

class ModelSpectrumTest {

    private static final int IMAGES = 30;
    private static final int CLASSES = 10;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    private int spectrum(Path model, String... more) {
        return new CommandLine(new SpectrumCommand(dataset -> (folder, seed) -> noise(dataset)))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(Stream.concat(
                                Stream.of("--model", model.toString(), "--out", directory.toString()), Stream.of(more))
                        .toArray(String[]::new));
    }

    private static LoadedDataset noise(ImageDataset dataset) {
        Random random = new Random(3);
        byte[] pixels = new byte[IMAGES * dataset.channels() * dataset.height() * dataset.width()];
        random.nextBytes(pixels);
        LabelledImages images = LabelledImages.of(
                dataset.height(),
                dataset.width(),
                dataset.channels(),
                CLASSES,
                pixels,
                random.ints(IMAGES, 0, CLASSES).toArray());
        return new LoadedDataset(dataset, images, images, dataset.displayName() + " noise", true);
    }

    private Path saved(Model model) throws IOException {
        Path file = directory.resolve("model.zip");
        ModelSerializer.writeModel(model, file.toFile(), true);
        return file;
    }

    private JsonNode report() throws IOException {
        return new ObjectMapper().readTree(directory.resolve("run.json").toFile());
    }

    private static MultiLayerNetwork perceptron(int inputs) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(4)
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(inputs)
                        .nOut(12)
                        .activation(Activation.TANH)
                        .build())
                .layer(output().nIn(12).build())
                .build());
        network.init();
        return network;
    }

    private static OutputLayer.Builder output() {
        return new OutputLayer.Builder(LossFunction.MCXENT).nOut(CLASSES).activation(Activation.SOFTMAX);
    }

    @Test
    void allEigenvaluesOfASmallDual() throws IOException {
        assertThat(spectrum(saved(perceptron(784)), "--samples", "20")).isZero();

        JsonNode report = report();
        double largest = report.get("lambda_max").asDouble();
        assertThat(report.get("data").asText()).isEqualTo("MNIST noise");
        assertThat(report.get("boundary").asDouble()).isCloseTo(2 / largest, withPercentage(1e-9));
        assertThat(report.get("trace_standard_error").asDouble()).isZero();
        assertThat(report.get("layers")).hasSize(3);
        // by another way, power iteration on the whole
        assertThat(report.get("layers").get(2).get("lambda_max").asDouble()).isCloseTo(largest, withPercentage(0.2));
        assertThat(out.toString()).contains("20 samples", "2/λ_max", "flat rows");
        assertThat(directory.resolve("spectrum.png")).isNotEmptyFile();
        assertThat(Files.readAllLines(directory.resolve("spectrum.csv"))).hasSize(1 + 20 + 2);
    }

    @Test
    void aConvolutionalGraphWithBatchStatistics() throws IOException {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(4)
                .graphBuilder()
                .addInputs("image")
                .setInputTypes(InputType.convolutional(32, 32, 3))
                .addLayer(
                        "conv",
                        new ConvolutionLayer.Builder(3, 3).nOut(4).stride(4, 4).build(),
                        "image")
                .addLayer("norm", new BatchNormalization(), "conv")
                .addLayer("mean", new GlobalPoolingLayer(PoolingType.AVG), "norm")
                .addLayer("classes", output().build(), "mean")
                .setOutputs("classes")
                .build());
        graph.init();

        assertThat(spectrum(saved(graph))).isZero();

        assertThat(report().get("data").asText()).isEqualTo("CIFAR-10 noise");
        assertThat(out.toString()).contains("30 samples", "standardised channel planes", " ± ");
        assertThat(report().get("layers"))
                .extracting(layer -> layer.get("layer").asText())
                .containsExactly("conv", "norm", "classes", "all");
    }

    @Test
    void takesAnotherDataSetOfTheSameForm() throws IOException {
        assertThat(spectrum(saved(perceptron(784)), "--samples", "5", "--dataset", "fashion-mnist"))
                .isZero();
        assertThat(report().get("data").asText()).isEqualTo("Fashion-MNIST noise");
    }

    @ParameterizedTest
    @CsvSource({
        "--width, 4, is of random networks",
        "--samples, width, expected a number",
        "--dataset, imagenet, 'imagenet' is none of mnist",
    })
    void refusesOptionsThatContradict(String option, String value, String message) throws IOException {
        assertThat(spectrum(saved(perceptron(784)), option, value)).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains(option, message);
    }

    @Test
    void saysWhatIsWrongWithAFile() throws IOException {
        assertThat(spectrum(directory.resolve("nowhere.zip"))).isEqualTo(CommandLine.ExitCode.SOFTWARE);
        Path text = Files.writeString(directory.resolve("text.zip"), "no zip");
        assertThat(spectrum(text)).isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(err.toString()).contains("nowhere.zip", "is no sound zip file as ModelSerializer writes them");

        byte[] whole = Files.readAllBytes(saved(perceptron(784)));
        Path half = directory.resolve("half.zip");
        Files.write(half, Arrays.copyOf(whole, whole.length / 2));
        assertThat(spectrum(half)).isEqualTo(CommandLine.ExitCode.SOFTWARE);
    }

    @Test
    void refusesANetworkThatTakesNoImagesOfOurs() throws IOException {
        assertThat(spectrum(saved(perceptron(50)))).isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(err.toString()).contains("50 inputs");
    }
}
