package io.github.dl4jngd.examples;

import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.NaturalGradient;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.ViewIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Tells two interleaved spirals apart, with Adam and with K-FAC, and prints the share of points classified rightly. */
public class QuickStart {

    public static void main(String[] args) {
        INDArray radius = Nd4j.arange(400).mul(3.0 / 400);
        INDArray spiral = Nd4j.arange(400).fmod(2);
        INDArray angle = radius.add(spiral).mul(Math.PI);
        INDArray x = Nd4j.stack(1, radius.mul(Transforms.cos(angle)), radius.mul(Transforms.sin(angle)));
        DataSet spirals = new DataSet(x, Nd4j.stack(1, spiral.rsub(1), spiral));
        spirals.shuffle(1);
        ViewIterator points = new ViewIterator(spirals, 50);

        for (boolean kfac : new boolean[] {false, true}) {
            MultiLayerNetwork net = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                    .seed(1)
                    .updater(kfac ? new Sgd(1.0) : new Adam(0.03))
                    .activation(Activation.TANH)
                    .list(
                            new DenseLayer.Builder().nIn(2).nOut(32).build(),
                            new DenseLayer.Builder().nIn(32).nOut(32).build(),
                            new DenseLayer.Builder().nIn(32).nOut(32).build(),
                            new OutputLayer.Builder().nIn(32).nOut(2).build())
                    .build());
            net.init();
            if (kfac) {
                NaturalGradient.attach(net, Kfac.defaults());
            }
            net.fit(points, 10);
            double accuracy = net.evaluate(points).accuracy();
            System.out.printf("%-5s after 10 epochs: %.0f %%%n", kfac ? "K-FAC" : "Adam", 100 * accuracy);
        }
    }
}
