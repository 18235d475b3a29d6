package io.github.dl4jngd.dashboard;

import java.util.List;
import java.util.Random;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;

/** A small network to train, the same each time. */
final class Training {

    private static final int INPUTS = 8;
    private static final int CLASSES = 3;
    private static final int BATCH = 16;

    private Training() {}

    static MultiLayerNetwork network(IUpdater updater) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(updater)
                .activation(Activation.TANH)
                .list(
                        new DenseLayer.Builder().nIn(INPUTS).nOut(12).build(),
                        new DenseLayer.Builder().nIn(12).nOut(12).build(),
                        new OutputLayer.Builder().nIn(12).nOut(CLASSES).build())
                .build());
        network.init();
        return network;
    }

    static DataSetIterator minibatches(int count) {
        Random random = new Random(7);
        return new ExistingDataSetIterator(
                random.ints(count).mapToObj(seed -> minibatch(new Random(seed))).toList());
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

    /** The parameters after some steps. */
    static INDArray train(MultiLayerNetwork network, int minibatches) {
        network.fit(minibatches(minibatches));
        return network.params().dup();
    }

    /** Names of threads that are not daemons and were not there before. */
    static List<String> programThreads(List<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.isDaemon() && !before.contains(thread))
                .map(Thread::getName)
                .toList();
    }

    static List<Thread> threads() {
        return List.copyOf(Thread.getAllStackTraces().keySet());
    }
}
