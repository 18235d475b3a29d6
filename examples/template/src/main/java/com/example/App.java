package com.example;

import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.NaturalGradient;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.ViewIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/** A network learns a sine curve. Prints its loss before and after. */
public class App {

    public static void main(String[] args) {
        INDArray x = Nd4j.linspace(DataType.FLOAT, -3, 0.1, 61).reshape(61, 1);
        DataSet curve = new DataSet(x, Transforms.sin(x));
        MultiLayerNetwork net = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(1.0))
                .activation(Activation.TANH)
                .list(
                        new DenseLayer.Builder().nIn(1).nOut(32).build(),
                        new OutputLayer.Builder(LossFunction.MSE)
                                .nIn(32)
                                .nOut(1)
                                .activation(Activation.IDENTITY)
                                .build())
                .build());
        net.init();
        NaturalGradient.attach(net, Kfac.defaults());

        System.out.printf("before: loss %.4f%n", net.score(curve));
        net.fit(new ViewIterator(curve, 61), 100);
        System.out.printf("after 100 steps of K-FAC: loss %.4f%n", net.score(curve));
    }
}
