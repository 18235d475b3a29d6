package io.github.dl4jngd.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.onednn.OneDnn;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.zoo.model.AlexNet;
import org.deeplearning4j.zoo.model.Darknet19;
import org.deeplearning4j.zoo.model.FaceNetNN4Small2;
import org.deeplearning4j.zoo.model.InceptionResNetV1;
import org.deeplearning4j.zoo.model.LeNet;
import org.deeplearning4j.zoo.model.NASNet;
import org.deeplearning4j.zoo.model.ResNet50;
import org.deeplearning4j.zoo.model.SimpleCNN;
import org.deeplearning4j.zoo.model.SqueezeNet;
import org.deeplearning4j.zoo.model.TextGenerationLSTM;
import org.deeplearning4j.zoo.model.TinyYOLO;
import org.deeplearning4j.zoo.model.UNet;
import org.deeplearning4j.zoo.model.VGG16;
import org.deeplearning4j.zoo.model.VGG19;
import org.deeplearning4j.zoo.model.Xception;
import org.deeplearning4j.zoo.model.YOLO2;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Deeplearning4j's zoo, with random weights and small images: which models train with K-FAC's defaults. Some of them
 * alone: {@code -Dngd.zoo=LeNet,VGG16}.
 */
class ZooModelsTest {

    /** Refused by name when attaching: recurrent layers, and a loss of boxes. */
    private static final Set<String> REFUSED = Set.of("TextGenerationLSTM", "TinyYOLO", "YOLO2");

    private static final int SAMPLES = 8;
    private static final int CLASSES = 10;

    /**
     * A model of the zoo.
     *
     * @param name its class
     * @param size height and width of its images
     * @param channels their channels
     * @param steps as many as time allows
     * @param make makes it, initialised
     */
    private record Entry(String name, int size, int channels, int steps, Callable<Model> make) {

        Entry(String name, int size, int steps, Callable<Model> make) {
            this(name, size, 3, steps, make);
        }
    }

    private static int[] images(int size) {
        return new int[] {3, size, size};
    }

    private static List<Entry> entries() {
        return List.of(
                new Entry("LeNet", 28, 1, 30, () -> LeNet.builder()
                        .numClasses(CLASSES)
                        .inputShape(new int[] {1, 28, 28})
                        .build()
                        .init()),
                new Entry("SimpleCNN", 48, 30, () -> SimpleCNN.builder()
                        .numClasses(CLASSES)
                        .inputShape(images(48))
                        .build()
                        .init()),
                new Entry("AlexNet", 64, 4, () -> AlexNet.builder()
                        .numClasses(CLASSES)
                        .inputShape(images(64))
                        .build()
                        .init()),
                new Entry("Darknet19", 64, 5, () -> Darknet19.builder()
                        .numClasses(CLASSES)
                        .inputShape(images(64))
                        .build()
                        .init()),
                new Entry("SqueezeNet", 64, 30, () -> SqueezeNet.builder()
                        .numClasses(CLASSES)
                        .inputShape(images(64))
                        .build()
                        .init()),
                new Entry("ResNet50", 64, 4, () -> ResNet50.builder()
                        .numClasses(CLASSES)
                        .inputShape(images(64))
                        .build()
                        .init()),
                new Entry("VGG16", 32, 3, () -> VGG16.builder()
                        .numClasses(CLASSES)
                        .inputShape(images(32))
                        .build()
                        .init()),
                new Entry("VGG19", 32, 3, () -> VGG19.builder()
                        .numClasses(CLASSES)
                        .inputShape(images(32))
                        .build()
                        .init()),
                new Entry("Xception", 96, 3, () -> Xception.builder()
                        .numClasses(CLASSES)
                        .inputShape(images(96))
                        .build()
                        .init()),
                new Entry("InceptionResNetV1", 96, 3, () -> InceptionResNetV1.builder()
                        .numClasses(CLASSES)
                        .inputShape(images(96))
                        .build()
                        .init()),
                new Entry("FaceNetNN4Small2", 96, 3, () -> FaceNetNN4Small2.builder()
                        .numClasses(CLASSES)
                        .inputShape(images(96))
                        .build()
                        .init()),
                new Entry("UNet", 64, 2, () -> UNet.builder()
                        .inputShape(images(64))
                        .build()
                        .init()),
                new Entry("NASNet", 96, 3, () -> NASNet.builder()
                        .numClasses(CLASSES)
                        .inputShape(images(96))
                        .build()
                        .init()),
                new Entry("TinyYOLO", 96, 3, () -> TinyYOLO.builder()
                        .numClasses(5)
                        .inputShape(images(96))
                        .build()
                        .init()),
                new Entry("YOLO2", 96, 3, () -> YOLO2.builder()
                        .numClasses(5)
                        .inputShape(images(96))
                        .build()
                        .init()),
                new Entry("TextGenerationLSTM", 0, 3, () -> TextGenerationLSTM.builder()
                        .totalUniqueCharacters(20)
                        .inputShape(new int[] {40, 20})
                        .build()
                        .init()));
    }

    @Test
    void modelsThatAttachTrain() {
        OneDnn.enable();
        String wanted = System.getProperty("ngd.zoo", "");
        Table table = new Table("Zoo");
        for (Entry entry : entries()) {
            if (wanted.isEmpty() || Arrays.asList(wanted.split(",")).contains(entry.name())) {
                table.add(entry.name(), () -> train(entry));
                System.gc();
            }
        }
        table.print();
        assertThat(table.failed()).allMatch(line -> REFUSED.contains(line.substring(0, line.indexOf(':'))));
    }

    private static Outcome train(Entry entry) {
        Nd4j.getRandom().setSeed(1);
        Model model;
        try {
            model = entry.make().call();
        } catch (Exception e) {
            return Outcome.excluded("Deeplearning4j does not make it", e.toString());
        }
        if (!hasLoss(model)) {
            return Outcome.excluded("no loss", "");
        }
        INDArray x = Nd4j.rand(
                DataType.FLOAT, SAMPLES, entry.channels(), Math.max(1, entry.size()), Math.max(1, entry.size()));
        INDArray y = entry.name().equals("UNet") ? pixels(entry) : classes();
        return Training.of((NeuralNetwork) model, new DataSet(x, y), entry.steps())
                .described(model.numParams() + " parameters, " + entry.steps() + " steps");
    }

    private static boolean hasLoss(Model model) {
        return model instanceof MultiLayerNetwork network
                ? network.getOutputLayer() instanceof IOutputLayer
                : ((ComputationGraph) model).getOutputLayer(0) instanceof IOutputLayer;
    }

    private static INDArray classes() {
        Random random = new Random(1);
        INDArray labels = Nd4j.create(DataType.FLOAT, SAMPLES, CLASSES);
        for (int n = 0; n < SAMPLES; n++) {
            labels.putScalar(n, random.nextInt(CLASSES), 1);
        }
        return labels;
    }

    private static INDArray pixels(Entry entry) {
        return Nd4j.rand(DataType.FLOAT, SAMPLES, 1, entry.size(), entry.size())
                .gt(0.5)
                .castTo(DataType.FLOAT);
    }
}
