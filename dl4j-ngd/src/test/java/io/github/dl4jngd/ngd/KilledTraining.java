package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.testing.TestNetworks.normal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A process that trains from the latest checkpoint, or from the start, and writes a checkpoint after every step until
 * it is killed.
 */
final class KilledTraining {

    static final String READY = "ready at ";
    private static final int IN = 60;
    private static final int WIDTH = 120;
    private static final int OUT = 10;
    private static final int SAMPLES = 16;

    private KilledTraining() {}

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        int iterations = Integer.parseInt(args[1]);
        Optional<Path> latest = CheckpointListener.latest(folder);
        NaturalGradient ngd = latest.isPresent() ? NaturalGradient.restore(latest.get()) : fresh();
        MultiLayerNetwork network = (MultiLayerNetwork) ngd.model();
        network.addListeners(CheckpointListener.builder(folder)
                .every(1)
                .keepLast(2)
                .keepBest()
                .build());
        int from = network.getIterationCount();
        // the first step loads libraries and is a hundred times slower than the next
        train(network, from + 1);
        System.out.println(READY + from);
        train(network, iterations);
    }

    static NaturalGradient fresh() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.01))
                .dropOut(new Dropout(0.8))
                .list(
                        new DenseLayer.Builder()
                                .nIn(IN)
                                .nOut(WIDTH)
                                .activation(Activation.RELU)
                                .build(),
                        new DenseLayer.Builder()
                                .nIn(WIDTH)
                                .nOut(WIDTH)
                                .activation(Activation.TANH)
                                .build(),
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(WIDTH)
                                .nOut(OUT)
                                .activation(Activation.SOFTMAX)
                                .build())
                .build());
        network.init();
        Nd4j.getRandom().setSeed(5);
        return NaturalGradient.attach(
                network,
                Kfac.builder()
                        .damping(0.01)
                        .factorInterval(2)
                        .inverseInterval(6)
                        .gradualStart(false)
                        .asynchronousInverses(true)
                        .build());
    }

    /** The minibatch belongs to the iteration, whoever makes it. */
    static void train(MultiLayerNetwork network, int iterations) {
        while (network.getIterationCount() < iterations) {
            Random random = new Random(network.getIterationCount());
            INDArray x = normal(random, 1, DataType.FLOAT, SAMPLES, IN);
            INDArray y = Nd4j.zeros(DataType.FLOAT, SAMPLES, OUT);
            for (int n = 0; n < SAMPLES; n++) {
                y.putScalar(n, random.nextInt(OUT), 1);
            }
            network.fit(x, y);
        }
    }
}
