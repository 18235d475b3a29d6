package io.github.dl4jngd.examples;

import io.github.dl4jngd.datasets.ImageDataSetIterator;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.SyntheticImages;
import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.LevenbergMarquardt;
import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.ngd.StepDiagnostics;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Damping by the Levenberg–Marquardt rule: it starts far too high and comes down while steps do what their quadratic
 * model predicts. Prints it and the loss, beside the loss with a constant damping.
 */
public class DampingThatAdapts {

    public static void main(String[] args) {
        ImageDataSetIterator digits = ImageDataSetIterator.builder(SyntheticImages.train(ImageDataset.MNIST, 128, 1))
                .batchSize(32)
                .build();
        DataSet all = digits.all();
        MultiLayerNetwork constant = network();
        NaturalGradient.attach(constant, Kfac.builder().damping(10).build());
        MultiLayerNetwork adaptive = network();
        NaturalGradient ngd = NaturalGradient.attach(
                adaptive,
                Kfac.builder()
                        .damping(10)
                        .adaptiveDamping(LevenbergMarquardt.DEFAULT)
                        .build());

        System.out.println("epoch  constant: loss  adaptive: loss  damping  reduction ratio");
        for (int epoch = 1; epoch <= 12; epoch++) {
            constant.fit(digits);
            adaptive.fit(digits);
            StepDiagnostics last = ngd.lastDiagnostics().orElseThrow();
            System.out.printf(
                    "%5d  %14.4f  %14.4f  %7.3f  %15.2f%n",
                    epoch, constant.score(all), adaptive.score(all), last.damping(), last.reductionRatio());
        }
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
