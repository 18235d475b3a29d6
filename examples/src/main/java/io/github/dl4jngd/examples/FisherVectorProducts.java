package io.github.dl4jngd.examples;

import io.github.dl4jngd.datasets.ImageDataSetIterator;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.SyntheticImages;
import io.github.dl4jngd.fisher.curvature.FisherOperator;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Products with a network's Jacobian J and its Fisher information matrix F, which is never formed. A step v of gradient
 * descent changes the predicted probabilities: prints their Kullback–Leibler divergence, and ½ vᵀF v, which predicts
 * it.
 */
public class FisherVectorProducts {

    public static void main(String[] args) {
        DataSet digits = ImageDataSetIterator.builder(SyntheticImages.train(ImageDataset.MNIST, 128, 1))
                .build()
                .all();
        MultiLayerNetwork net = network();
        INDArray before = net.output(digits.getFeatures());

        LinearizedNetwork network = LinearizedNetwork.of(net);
        Linearization jacobian = network.at(digits.getFeatures());
        FisherOperator fisher = new FisherOperator(jacobian, network.lossModel().at(jacobian.outputs()));

        // of softmax and cross-entropy at the logits
        INDArray residual = before.sub(digits.getLabels());
        INDArray gradient = jacobian.vjp(residual).divi(digits.numExamples());
        INDArray v = gradient.mul(-0.03);
        System.out.printf(
                "J v moves the logits by %.4f%n", jacobian.jvp(v).norm2Number().doubleValue());
        System.out.printf(
                "half vFv:      %.3e%n",
                0.5 * v.mul(fisher.times(v)).sumNumber().doubleValue());

        net.setParams(net.params().add(v.reshape(1, -1)));
        INDArray after = net.output(digits.getFeatures());
        INDArray divergences = before.mul(Transforms.log(before.div(after))).sum(1);
        System.out.printf("KL divergence: %.3e%n", divergences.meanNumber().doubleValue());
    }

    static MultiLayerNetwork network() {
        MultiLayerNetwork net = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(1.0))
                .activation(Activation.TANH)
                .list(
                        new DenseLayer.Builder().nIn(784).nOut(32).build(),
                        new DenseLayer.Builder().nIn(32).nOut(32).build(),
                        new OutputLayer.Builder().nIn(32).nOut(10).build())
                .build());
        net.init();
        return net;
    }
}
