package io.github.dl4jngd.ngd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.conf.weightnoise.IWeightNoise;
import org.deeplearning4j.nn.conf.weightnoise.WeightNoise;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** K-FAC with its defaults trains a classifier with dropout or weight noise at least as well as Adam. */
class DropoutTrainingTest {

    private static final int INPUTS = 64;
    private static final int CLASSES = 10;
    private static final int BATCH = 64;
    private static final int EPOCHS = 2;

    private static Stream<Arguments> noises() {
        return Stream.of(
                Arguments.of("dropout 0.8", new Dropout(0.8), null),
                Arguments.of("dropout 0.5", new Dropout(0.5), null),
                Arguments.of("Gaussian dropout", new GaussianDropout(0.5), null),
                Arguments.of("DropConnect", null, new DropConnect(0.5)),
                Arguments.of("weight noise", null, new WeightNoise(new NormalDistribution(0, 0.1))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("noises")
    void kfacTrainsAsWellAsAdam(String name, IDropout dropout, IWeightNoise weightNoise) {
        DataSet data = gaussianClasses(new Random(1));
        MultiLayerNetwork adam = network(new Adam(1e-3), dropout, weightNoise);
        fit(adam, data);
        for (Method method : new Method[] {Method.KFAC, Method.EKFAC}) {
            MultiLayerNetwork network = network(new Sgd(1), dropout, weightNoise);
            double start = network.score(data);
            NaturalGradient.attach(network, method.builder().build());
            double worst = fit(network, data);
            assertThat(worst).as("%s, the worst score of a step", method).isLessThan(1.5 * start);
            assertThat(network.score(data))
                    .as("%s, loss at the end", method)
                    .isLessThan(Math.max(adam.score(data), 0.1));
        }
    }

    /** Returns the worst score of a step. */
    private static double fit(MultiLayerNetwork network, DataSet data) {
        double worst = 0;
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            for (DataSet batch : data.batchBy(BATCH)) {
                network.fit(batch);
                worst = Math.max(worst, network.score());
            }
        }
        return worst;
    }

    private static MultiLayerNetwork network(IUpdater updater, IDropout dropout, IWeightNoise weightNoise) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(updater)
                .weightInit(WeightInit.XAVIER)
                .activation(Activation.RELU)
                .weightNoise(weightNoise)
                .list()
                .layer(new DenseLayer.Builder().nIn(INPUTS).nOut(200).build())
                .layer(new DenseLayer.Builder()
                        .nIn(200)
                        .nOut(100)
                        .dropOut(copy(dropout))
                        .build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .nIn(100)
                        .nOut(CLASSES)
                        .dropOut(copy(dropout))
                        .build())
                .build());
        network.init();
        return network;
    }

    /** A dropout keeps its draw: two layers cannot share one. */
    private static IDropout copy(IDropout dropout) {
        return dropout == null ? null : dropout.clone();
    }

    /** Ten classes around centres of their own. */
    private static DataSet gaussianClasses(Random random) {
        float[][] centres = new float[CLASSES][INPUTS];
        for (float[] centre : centres) {
            for (int j = 0; j < INPUTS; j++) {
                centre[j] = (float) (0.4 * random.nextGaussian());
            }
        }
        float[][] x = new float[1024][INPUTS];
        INDArray y = Nd4j.zeros(x.length, CLASSES);
        for (int n = 0; n < x.length; n++) {
            for (int j = 0; j < INPUTS; j++) {
                x[n][j] = Math.max(0, centres[n % CLASSES][j] + (float) (0.5 * random.nextGaussian()));
            }
            y.putScalar(n, n % CLASSES, 1);
        }
        DataSet data = new DataSet(Nd4j.create(x), y);
        data.shuffle(3);
        return data;
    }
}
