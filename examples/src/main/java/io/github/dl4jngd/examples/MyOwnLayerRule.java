package io.github.dl4jngd.examples;

import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.LayerRule;
import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.NaturalGradient;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** K-FAC through a softmax inside a network that tells x² < 2 from x² ≥ 2, a layer without a rule: prints the loss. */
public class MyOwnLayerRule {

    public static void main(String[] args) {
        INDArray x = Nd4j.linspace(-3, 3, 61).reshape(61, 1).castTo(Nd4j.defaultFloatingPointType());
        INDArray y = Nd4j.hstack(x.mul(x).lt(2), x.mul(x).gte(2)).castTo(x.dataType());
        var output = new OutputLayer.Builder().nIn(32).nOut(2).build();
        MultiLayerNetwork net = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(1.0))
                .activation(Activation.IDENTITY)
                .list(new DenseLayer.Builder().nIn(1).nOut(32).build(), new Softmax(), output)
                .build());
        net.init();
        NaturalGradient.attach(net, Kfac.defaults());
        for (int step = 0; step <= 30; step++) {
            net.fit(x, y);
            System.out.printf("after %d steps: loss %.4f%n", step, net.score()); // of the forward pass
        }
    }

    public static class Softmax extends ActivationLayer { // as Deeplearning4j runs it
        public Softmax() {
            super(Activation.SOFTMAX);
        }
    }

    public static class SoftmaxRule implements LayerRule { // as a natural gradient does; META-INF/services names it
        @Override
        public Class<Softmax> layerClass() {
            return Softmax.class;
        }

        @Override
        public List<Operation> compile(LayerDescription layer) {
            return List.of((input, parameters) -> new Linearized(Nd4j.nn().softmax(input)));
        }
    }

    record Linearized(INDArray output) implements Operation.Linearized {
        @Override
        public INDArray jvp(INDArray dx, INDArray dTheta) {
            return dx == null ? null : dx.sub(dx.mul(output).sum(true, 1)).mul(output);
        }

        @Override
        public INDArray vjp(INDArray cotangents) { // [K, N, units]
            INDArray p = output.reshape(1, output.size(0), output.size(1));
            return cotangents.sub(cotangents.mul(p).sum(true, 2)).mul(p);
        }
    }
}
