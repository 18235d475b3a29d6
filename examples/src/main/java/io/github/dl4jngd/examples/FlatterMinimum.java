package io.github.dl4jngd.examples;

import io.github.dl4jngd.ngd.ForwardDifference;
import io.github.dl4jngd.ngd.GradientRegularization;
import io.github.dl4jngd.ngd.Sam;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Fits sixty noisy samples of a sine by 300 steps of gradient descent, plainly, with a gradient regularisation and with
 * SAM, and prints loss and gradient at the end: where the gradient stays small around a minimum, it is a flat one.
 */
public class FlatterMinimum {

    public static void main(String[] args) {
        Nd4j.getRandom().setSeed(1);
        INDArray x = Nd4j.linspace(-1, 1, 60).reshape(60, 1);
        INDArray y = Transforms.sin(x.mul(3)).add(Nd4j.randn(60, 1).mul(0.2));
        DataSet samples = new DataSet(x, y);

        for (String how : new String[] {"plain", "F-GR", "SAM"}) {
            MultiLayerNetwork net = network();
            GradientRegularization regularization =
                    switch (how) {
                        case "F-GR" -> GradientRegularization.attach(net, ForwardDifference.of(0.05, 0.1));
                        case "SAM" -> GradientRegularization.attach(net, Sam.of(0.1));
                        // no weight: the steps are plain ones, and their diagnostics are there
                        default -> GradientRegularization.attach(net, ForwardDifference.of(0, 0.1));
                    };
            for (int step = 0; step < 300; step++) {
                net.fit(samples);
            }
            var last = regularization.lastDiagnostics().orElseThrow();
            System.out.printf(
                    "%-6s loss %.4f, gradient %.4f, a little uphill %.4f%n",
                    how, last.loss(), last.gradientNorm(), last.ascendedLoss());
            regularization.detach();
        }
    }

    static MultiLayerNetwork network() {
        MultiLayerNetwork net = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(0.2))
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
        return net;
    }
}
