package io.github.dl4jngd.ngd;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Somebody else's program, which knows Deeplearning4j and not this library: it reads each file of a folder, predicts,
 * and trains a step. {@link SavedModelTest} runs it without the library on its class path.
 */
final class PlainProgram {

    static final String MARK = "io.github.dl4jngd.ngd.NaturalGradientMark";

    private PlainProgram() {}

    /** Numbers from nowhere but here, because the tests' own helpers are on no class path of this program's. */
    static INDArray features() {
        return Nd4j.linspace(DataType.DOUBLE, -1, 0.1, 24).reshape(6, 4);
    }

    private static INDArray labels() {
        return Nd4j.eye(3).castTo(DataType.DOUBLE).repeat(0, 2);
    }

    /**
     * Prints a line for each file: its name, the sum of squared predictions and, of a model file, how far a step went.
     *
     * @param args the folder
     * @throws IOException when a file cannot be read
     */
    public static void main(String... args) throws IOException {
        try {
            Class.forName(MARK);
            throw new IllegalStateException("The library is on the class path");
        } catch (ClassNotFoundException e) {
            System.out.println("without the library");
        }
        File[] files = Path.of(args[0]).toFile().listFiles();
        for (File file : files) {
            System.out.println(file.getName() + " " + use(file));
        }
    }

    private static String use(File file) throws IOException {
        String name = file.getName();
        String text = name.endsWith("zip") || name.endsWith("ser") ? "" : Files.readString(file.toPath());
        return switch (name) {
            case "network.zip", "checkpoint.zip" -> trained(MultiLayerNetwork.load(file, true));
            case "graph.zip" -> trained(ComputationGraph.load(file, true));
            case "network.json" -> started(new MultiLayerNetwork(MultiLayerConfiguration.fromJson(text)));
            case "network.yaml" -> started(new MultiLayerNetwork(MultiLayerConfiguration.fromYaml(text)));
            case "graph.json" -> started(new ComputationGraph(ComputationGraphConfiguration.fromJson(text)));
            case "graph.yaml" -> started(new ComputationGraph(ComputationGraphConfiguration.fromYaml(text)));
            case "network.ser" -> started(new MultiLayerNetwork((MultiLayerConfiguration) object(file)));
            case "graph.ser" -> started(new ComputationGraph((ComputationGraphConfiguration) object(file)));
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static Object object(File file) throws IOException {
        try (InputStream in = Files.newInputStream(file.toPath());
                ObjectInputStream objects = new ObjectInputStream(in)) {
            return objects.readObject();
        } catch (ClassNotFoundException e) {
            throw new IOException(e);
        }
    }

    private static String started(NeuralNetwork model) {
        model.init();
        return trained(model);
    }

    private static String trained(NeuralNetwork model) {
        INDArray before = model.params().dup();
        double predictions = predictions(model);
        model.fit(new DataSet(features(), labels()));
        return predictions + " " + model.params().sub(before).norm2Number();
    }

    /** The sum of squared predictions. */
    static double predictions(NeuralNetwork model) {
        INDArray predictions = model instanceof MultiLayerNetwork network
                ? network.output(features())
                : ((ComputationGraph) model).output(features())[0];
        return predictions.mul(predictions).sumNumber().doubleValue();
    }
}
