package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.testing.TestNetworks.normal;

import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Small models as a user would write them, with any of DL4J's settings, and minibatches for them. */
final class Models {

    static final int IN = 4;
    static final int OUT = 3;
    static final int SAMPLES = 6;

    private Models() {}

    /** 4-5-4-3, tanh and softmax, float64; Sgd(1) unless the settings say otherwise. */
    static MultiLayerNetwork softmax(Consumer<NeuralNetConfiguration.Builder> settings) {
        return of(settings, dense(IN, 5), dense(5, 4), output(4, LossFunction.MCXENT, Activation.SOFTMAX));
    }

    static MultiLayerNetwork softmax() {
        return softmax(settings -> {});
    }

    static MultiLayerNetwork of(Consumer<NeuralNetConfiguration.Builder> settings, Layer... layers) {
        NeuralNetConfiguration.Builder builder = new NeuralNetConfiguration.Builder()
                .seed(17)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(1))
                .biasInit(0.1)
                .weightInit(WeightInit.XAVIER);
        settings.accept(builder);
        MultiLayerNetwork network = new MultiLayerNetwork(builder.list(layers).build());
        network.init();
        return network;
    }

    static DenseLayer dense(int in, int out) {
        return new DenseLayer.Builder()
                .nIn(in)
                .nOut(out)
                .activation(Activation.TANH)
                .build();
    }

    static OutputLayer output(int in, LossFunction loss, Activation activation) {
        return new OutputLayer.Builder(loss)
                .nIn(in)
                .nOut(OUT)
                .activation(activation)
                .build();
    }

    static INDArray input(long seed) {
        return normal(new Random(seed), 1, DataType.DOUBLE, SAMPLES, IN);
    }

    /** One-hot. */
    static INDArray labels(long seed) {
        Random random = new Random(seed + 1000);
        INDArray y = Nd4j.zeros(DataType.DOUBLE, SAMPLES, OUT);
        for (int n = 0; n < SAMPLES; n++) {
            y.putScalar(n, random.nextInt(OUT), 1);
        }
        return y;
    }

    static List<INDArray> state(MultiLayerNetwork network) {
        INDArray updater = network.getUpdater().getStateViewArray();
        return updater == null
                ? List.of(network.params().dup())
                : List.of(network.params().dup(), updater.dup());
    }
}
