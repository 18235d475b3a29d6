package io.github.dl4jngd.ui;

import java.util.Random;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** A small network to train, the same each time. */
final class Training {

    private static final int INPUTS = 8;
    private static final int CLASSES = 3;
    private static final int BATCH = 16;

    private Training() {}

    static MultiLayerNetwork network(double rate) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(new Sgd(rate))
                .activation(Activation.TANH)
                .list(
                        new DenseLayer.Builder()
                                .name("first")
                                .nIn(INPUTS)
                                .nOut(12)
                                .build(),
                        new OutputLayer.Builder()
                                .name("out")
                                .nIn(12)
                                .nOut(CLASSES)
                                .build())
                .build());
        network.init();
        return network;
    }

    /** The parameters after some steps. */
    static INDArray train(MultiLayerNetwork network, int steps) {
        network.fit(new ExistingDataSetIterator(new Random(7)
                .ints(steps)
                .mapToObj(seed -> minibatch(new Random(seed)))
                .toList()));
        return network.params().dup();
    }

    private static DataSet minibatch(Random random) {
        float[][] inputs = new float[BATCH][INPUTS];
        float[][] labels = new float[BATCH][CLASSES];
        for (int n = 0; n < BATCH; n++) {
            int label = random.nextInt(CLASSES);
            labels[n][label] = 1;
            for (int i = 0; i < INPUTS; i++) {
                inputs[n][i] = (float) random.nextGaussian() + (i % CLASSES == label ? 1 : 0);
            }
        }
        return new DataSet(Nd4j.createFromArray(inputs), Nd4j.createFromArray(labels));
    }
}
