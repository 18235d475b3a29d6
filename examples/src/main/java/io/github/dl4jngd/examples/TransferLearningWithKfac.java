package io.github.dl4jngd.examples;

import io.github.dl4jngd.datasets.ImageDataSetIterator;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.LabelledImages;
import io.github.dl4jngd.datasets.SyntheticImages;
import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.NaturalGradient;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * A network learns the digits 0 to 4; its first layer is frozen and the others learn 5 to 9, with K-FAC both times.
 * Prints the accuracy on new digits, and that the frozen parameters stay.
 */
public class TransferLearningWithKfac {

    public static void main(String[] args) {
        LabelledImages train = SyntheticImages.train(ImageDataset.MNIST, 400, 1);
        LabelledImages test = SyntheticImages.test(ImageDataset.MNIST, 200, 1);
        MultiLayerNetwork net = network();
        NaturalGradient ngd = NaturalGradient.attach(net, Kfac.defaults());
        net.fit(digits(train, 0, 1, 2, 3, 4), 3);
        double accuracy = net.evaluate(digits(test, 0, 1, 2, 3, 4)).accuracy();
        System.out.printf("0 to 4: %.3f%n", accuracy);
        ngd.detach();

        MultiLayerNetwork tuned = new TransferLearning.Builder(net)
                .setFeatureExtractor(0)
                .nOutReplace(2, 5, WeightInit.XAVIER)
                .build();
        INDArray frozen = tuned.getLayer(0).params().dup();
        NaturalGradient.attach(tuned, Kfac.defaults());
        tuned.fit(digits(train, 5, 6, 7, 8, 9), 3);
        double newAccuracy = tuned.evaluate(digits(test, 5, 6, 7, 8, 9)).accuracy();
        System.out.printf("5 to 9: %.3f%n", newAccuracy);
        System.out.println("frozen layer moved by " + tuned.getLayer(0).params().distance2(frozen));
    }

    static ImageDataSetIterator digits(LabelledImages images, int... classes) {
        return ImageDataSetIterator.builder(images)
                .classes(classes)
                .batchSize(32)
                .build();
    }

    static MultiLayerNetwork network() {
        MultiLayerNetwork net = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(1.0))
                .activation(Activation.TANH)
                .list(
                        new DenseLayer.Builder().nIn(784).nOut(32).build(),
                        new DenseLayer.Builder().nIn(32).nOut(32).build(),
                        new OutputLayer.Builder().nIn(32).nOut(5).build())
                .build());
        net.init();
        return net;
    }
}
