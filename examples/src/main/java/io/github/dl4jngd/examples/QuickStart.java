package io.github.dl4jngd.examples;

import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.NaturalGradient;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.ViewIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** Tells two interleaved spirals apart, with Adam and with K-FAC, and prints the share of points classified rightly. */
public class QuickStart {

    public static void main(String[] args) {
        ViewIterator points = new ViewIterator(spirals(400), 50);
        MultiLayerNetwork adam = network(new Adam(0.03));
        MultiLayerNetwork kfac = network(new Sgd(1.0));
        NaturalGradient.attach(kfac, Kfac.defaults());

        System.out.println("epoch   Adam   K-FAC");
        for (int epoch = 2; epoch <= 10; epoch += 2) {
            adam.fit(points, 2);
            kfac.fit(points, 2);
            double adamAccuracy = adam.evaluate(points).accuracy();
            double kfacAccuracy = kfac.evaluate(points).accuracy();
            System.out.printf("%5d  %3.0f %%   %3.0f %%%n", epoch, 100 * adamAccuracy, 100 * kfacAccuracy);
        }
    }

    static MultiLayerNetwork network(IUpdater updater) {
        MultiLayerNetwork net = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(updater)
                .activation(Activation.TANH)
                .list(
                        new DenseLayer.Builder().nIn(2).nOut(32).build(),
                        new DenseLayer.Builder().nIn(32).nOut(32).build(),
                        new DenseLayer.Builder().nIn(32).nOut(32).build(),
                        new OutputLayer.Builder().nIn(32).nOut(2).build())
                .build());
        net.init();
        return net;
    }

    static DataSet spirals(int points) {
        float[][] features = new float[points][];
        float[][] labels = new float[points][];
        for (int i = 0; i < points; i++) {
            int spiral = i % 2;
            double radius = 3.0 * i / points;
            double angle = Math.PI * (radius + spiral);
            features[i] = new float[] {(float) (radius * Math.cos(angle)), (float) (radius * Math.sin(angle))};
            labels[i] = new float[] {1 - spiral, spiral};
        }
        DataSet data = new DataSet(Nd4j.createFromArray(features), Nd4j.createFromArray(labels));
        data.shuffle(1);
        return data;
    }
}
