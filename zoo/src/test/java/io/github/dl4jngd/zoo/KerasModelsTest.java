package io.github.dl4jngd.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.modelimport.keras.KerasModelImport;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;

/**
 * Keras models as people have them: every file that Deeplearning4j imports and fits, and that has a loss, trains with
 * K-FAC's defaults.
 */
class KerasModelsTest {

    private static final Path FILES = Path.of("..", "..", "shared", "keras");

    private static final int SAMPLES = 16;
    private static final int STEPS = 10;
    /** The length of what the file says nothing of. */
    private static final long ANY_LENGTH = 10;

    private static final Pattern SHAPE = Pattern.compile("\"batch_input_shape\": ?\\[null, ?([^]]*)]");

    /** Layers that no rule covers; Deeplearning4j's initialisation of some ends the process. */
    private static final Pattern RECURRENT =
            Pattern.compile("\"class_name\": ?\"(LSTM|SimpleRNN|GRU|Bidirectional|ConvLSTM2D|TimeDistributed)\"");

    @Test
    void everyModelThatCanBeFittedTrains() throws IOException {
        assumeTrue(Files.isDirectory(FILES), "no Keras files in " + FILES.toAbsolutePath());
        List<Path> files;
        try (Stream<Path> found = Files.walk(FILES)) {
            files = found.filter(file -> file.toString().endsWith(".h5"))
                    .sorted()
                    .toList();
        }
        Table table = new Table("Keras");
        for (Path file : files) {
            String name = FILES.relativize(file).toString();
            table.add(name, () -> train(file));
        }
        table.print();
        assertThat(table.trained()).isPositive();
        assertThat(table.failed()).isEmpty();
    }

    private static Outcome train(Path file) throws UnsupportedKerasConfigurationException {
        String configuration = configuration(file);
        if (RECURRENT.matcher(configuration).find()) {
            return Outcome.excluded("recurrent layers", "");
        }
        NeuralNetwork model;
        try {
            model = imported(file);
        } catch (Exception e) {
            return Outcome.excluded("Deeplearning4j does not import it", e.toString());
        }
        String layers = Stream.of(layers(model))
                .map(layer -> layer.conf().getLayer().getClass().getSimpleName())
                .collect(Collectors.joining(", "));
        if (!layers.matches(".*(LossLayer|OutputLayer)")) {
            return Outcome.excluded("no loss", layers);
        }
        DataSet batch;
        try {
            batch = batch(model, configuration);
            NeuralNetwork copy = copy(model);
            copy.fit(batch);
            double score = ((Model) copy).score();
            if (!Double.isFinite(score)) {
                return Outcome.excluded("Deeplearning4j's own loss is " + score, layers);
            }
        } catch (Exception e) {
            return Outcome.excluded("Deeplearning4j does not fit it", layers + ": " + e.getMessage());
        }
        return Training.of(model, batch, STEPS).described(layers);
    }

    private static String configuration(Path file) throws UnsupportedKerasConfigurationException {
        try (Hdf5Archive archive = new Hdf5Archive(file.toString())) {
            return archive.hasAttribute("model_config") ? archive.readAttributeAsJson("model_config") : "";
        }
    }

    private static NeuralNetwork imported(Path file) throws Exception {
        try {
            return KerasModelImport.importKerasSequentialModelAndWeights(file.toString(), true);
        } catch (Exception e) {
            return KerasModelImport.importKerasModelAndWeights(file.toString(), true);
        }
    }

    private static Layer[] layers(NeuralNetwork model) {
        return model instanceof MultiLayerNetwork network
                ? network.getLayers()
                : ((ComputationGraph) model).getLayers();
    }

    private static NeuralNetwork copy(NeuralNetwork model) {
        return model instanceof MultiLayerNetwork network ? network.clone() : ((ComputationGraph) model).clone();
    }

    private static INDArray output(NeuralNetwork model, INDArray x) {
        return model instanceof MultiLayerNetwork network
                ? network.output(x)
                : ((ComputationGraph) model).outputSingle(x);
    }

    /** Noise of the shape that the file names, channels where the imported model has them, and random classes. */
    private static DataSet batch(NeuralNetwork model, String configuration) {
        List<Long> shape = new ArrayList<>(List.of((long) SAMPLES));
        Matcher given = SHAPE.matcher(configuration);
        if (!given.find()) {
            throw new IllegalArgumentException("the file does not say what its input is");
        }
        for (String size : given.group(1).split(",", -1)) {
            shape.add(size.strip().equals("null") ? ANY_LENGTH : Long.parseLong(size.strip()));
        }
        boolean words =
                layers(model)[0].conf().getLayer().getClass().getSimpleName().startsWith("Embedding");
        List<Long> channelsFirst = new ArrayList<>(shape);
        channelsFirst.add(1, channelsFirst.remove(shape.size() - 1));
        RuntimeException last = null;
        for (List<Long> tried : List.of(shape, channelsFirst)) {
            long[] sizes = tried.stream().mapToLong(size -> size).toArray();
            Nd4j.getRandom().setSeed(1);
            INDArray x = words ? wordsOf(sizes) : Nd4j.randn(DataType.FLOAT, sizes);
            try {
                INDArray labels = classes(output(model, x));
                return new DataSet(x, takesNumbers(model) ? labels.argMax(1).reshape(SAMPLES, 1) : labels);
            } catch (RuntimeException e) {
                last = e;
            }
        }
        throw new IllegalArgumentException("no input of shape " + shape + " or " + channelsFirst + " fits", last);
    }

    /** Whether its loss takes numbers of classes. */
    private static boolean takesNumbers(NeuralNetwork model) {
        Layer[] layers = layers(model);
        return layers[layers.length - 1].conf().getLayer() instanceof LossLayer last
                && last.getLossFn() instanceof LossSparseMCXENT;
    }

    private static INDArray wordsOf(long... sizes) {
        Random random = new Random(2);
        INDArray words = Nd4j.create(DataType.FLOAT, sizes);
        for (long i = 0; i < words.length(); i++) {
            words.putScalar(i, random.nextInt(3));
        }
        return words;
    }

    /** One class at each position; bits where there is but one. */
    private static INDArray classes(INDArray outputs) {
        Random random = new Random(1);
        long samples = outputs.size(0);
        long classes = outputs.size(1);
        long positions = outputs.length() / (samples * classes);
        INDArray labels = Nd4j.create(DataType.FLOAT, samples, classes, positions);
        for (long n = 0; n < samples; n++) {
            for (long p = 0; p < positions; p++) {
                if (classes > 1 || random.nextBoolean()) {
                    labels.putScalar(new long[] {n, classes == 1 ? 0 : random.nextInt((int) classes), p}, 1);
                }
            }
        }
        return labels.reshape('c', Arrays.copyOf(outputs.shape(), outputs.rank()));
    }
}
