package io.github.dl4jngd.examples;

import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.LayerRule;
import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.NaturalGradient;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLambdaLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.ViewIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * K-FAC through a layer of one's own, y = sin x. META-INF/services/io.github.dl4jngd.fisher.network.LayerRule names its
 * rule. A sum of 32 sines learns |x|: prints its loss before and after.
 */
public class MyOwnLayerRule {

    public static void main(String[] args) {
        INDArray x = Nd4j.linspace(-3, 3, 61).reshape(61, 1).castTo(Nd4j.defaultFloatingPointType());
        DataSet data = new DataSet(x, Transforms.abs(x));
        Layer output = new OutputLayer.Builder(LossFunction.MSE)
                .nIn(32)
                .nOut(1)
                .activation(Activation.IDENTITY)
                .build();
        MultiLayerNetwork net = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(1.0))
                .activation(Activation.IDENTITY)
                .list(new DenseLayer.Builder().nIn(1).nOut(32).build(), new Sine(), output)
                .build());
        net.init();
        NaturalGradient.attach(net, Kfac.defaults());
        System.out.printf("before: loss %.4f%n", net.score(data));
        net.fit(new ViewIterator(data, 61), 50);
        System.out.printf("after 50 steps: loss %.4f%n", net.score(data));
    }

    @SuppressWarnings("serial")
    public static class Sine extends SameDiffLambdaLayer { // as Deeplearning4j runs it
        @Override
        public SDVariable defineLayer(SameDiff graph, SDVariable input) {
            return graph.math().sin(input);
        }

        @Override
        public InputType getOutputType(int layerIndex, InputType inputType) {
            return inputType;
        }
    }

    public static class SineRule implements LayerRule { // as a natural gradient differentiates it
        @Override
        public Class<? extends Layer> layerClass() {
            return Sine.class;
        }

        @Override
        public List<Operation> compile(LayerDescription layer) {
            return List.of((input, parameters) -> new Linearized(Transforms.sin(input), Transforms.cos(input)));
        }
    }

    record Linearized(INDArray output, INDArray cosine) implements Operation.Linearized {
        @Override
        public INDArray jvp(INDArray inputTangent, INDArray tangent) {
            return inputTangent == null ? null : inputTangent.mul(cosine);
        }

        @Override
        public INDArray vjp(INDArray cotangents) {
            return cotangents.mul(cosine.reshape(1, cosine.size(0), cosine.size(1))); // [K, N, units]
        }
    }
}
