package io.github.dl4jngd.examples;

import io.github.dl4jngd.datasets.ImageDataSetIterator;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.SyntheticImages;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.spectral.FisherMatrix;
import io.github.dl4jngd.spectral.Spectrum;
import io.github.dl4jngd.spectral.SpectrumMeter;
import io.github.dl4jngd.spectral.estimate.Lanczos;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Nesterovs;

/**
 * The Fisher information matrix of a trained network, at its training images. Prints its trace, its five largest
 * eigenvalues and the largest one of each layer's block.
 */
public class EigenvaluesOfMyNetwork {

    public static void main(String[] args) {
        ImageDataSetIterator digits = digits();
        MultiLayerNetwork net = network();
        net.fit(digits, 5);

        FisherMatrix fisher = FisherMatrix.of(LinearizedNetwork.of(net))
                .data(digits.all().getFeatures())
                .build();
        Spectrum spectrum = SpectrumMeter.builder()
                .top(new Lanczos(5, 1e-5, 500, 1))
                .perLayer()
                .trace()
                .build()
                .measure(fisher);
        System.out.printf(
                "P = %d, trace %.4f%n",
                spectrum.dimension(), spectrum.trace().orElseThrow().value());
        spectrum.eigenvalues().values().forEach(value -> System.out.printf("eigenvalue %.4f%n", value));
        spectrum.layers().forEach((layer, block) -> System.out.printf("%s: %.3f%n", layer, block.lambdaMax()));
    }

    static ImageDataSetIterator digits() {
        return ImageDataSetIterator.builder(SyntheticImages.train(ImageDataset.MNIST, 64, 1))
                .batchSize(16)
                .build();
    }

    static MultiLayerNetwork network() {
        MultiLayerNetwork net = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Nesterovs(0.1, 0.9))
                .activation(Activation.TANH)
                .list(
                        new DenseLayer.Builder().nIn(784).nOut(16).build(),
                        new DenseLayer.Builder().nIn(16).nOut(16).build(),
                        new OutputLayer.Builder().nIn(16).nOut(10).build())
                .build());
        net.init();
        return net;
    }
}
