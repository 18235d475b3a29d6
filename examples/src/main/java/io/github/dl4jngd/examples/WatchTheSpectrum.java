package io.github.dl4jngd.examples;

import io.github.dl4jngd.datasets.ImageDataSetIterator;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.SyntheticImages;
import io.github.dl4jngd.spectral.listener.FisherSpectrumListener;
import io.github.dl4jngd.spectral.listener.SpectrumReading;
import io.github.dl4jngd.spectral.sink.MemorySink;
import io.github.dl4jngd.spectral.sink.Reading;
import java.nio.file.Path;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * A listener that measures the Fisher information matrix's largest eigenvalue during ordinary training. Prints it, the
 * boundary 2/λ_max beyond which gradient descent is unstable along its eigenvector, and draws both to
 * target/spectrum.png.
 */
public class WatchTheSpectrum {

    public static void main(String[] args) {
        ImageDataSetIterator digits = digits();
        MultiLayerNetwork net = network();
        MemorySink memory = new MemorySink();
        try (FisherSpectrumListener listener = FisherSpectrumListener.builder()
                .every(10)
                .png(Path.of("target", "spectrum.png"))
                .memory(memory)
                .build()) {
            net.addListeners(listener);
            net.fit(digits, 10);
        }

        System.out.println("iteration  lambda_max  2/lambda_max  learning rate");
        for (Reading reading : memory.readings()) {
            SpectrumReading at = (SpectrumReading) reading;
            System.out.printf(
                    "%9d  %10.3f  %12.4f  %13.4f%n",
                    at.iteration(), at.lambdaMax(), at.boundary(), at.rate().value());
        }
    }

    static ImageDataSetIterator digits() {
        return ImageDataSetIterator.builder(SyntheticImages.train(ImageDataset.MNIST, 256, 1))
                .batchSize(32)
                .build();
    }

    static MultiLayerNetwork network() {
        MultiLayerNetwork net = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(0.3))
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
