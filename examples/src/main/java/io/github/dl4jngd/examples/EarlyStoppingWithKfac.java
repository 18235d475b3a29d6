package io.github.dl4jngd.examples;

import io.github.dl4jngd.datasets.ImageDataSetIterator;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.SyntheticImages;
import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.NaturalGradient;
import org.deeplearning4j.earlystopping.EarlyStoppingConfiguration;
import org.deeplearning4j.earlystopping.EarlyStoppingResult;
import org.deeplearning4j.earlystopping.saver.InMemoryModelSaver;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.termination.MaxEpochsTerminationCondition;
import org.deeplearning4j.earlystopping.termination.ScoreImprovementEpochTerminationCondition;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingTrainer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Deeplearning4j's early stopping, on a model with K-FAC. Prints the validation loss of every epoch and which one was
 * kept; then trains the best model, a copy without a natural gradient, for one more epoch.
 */
public class EarlyStoppingWithKfac {

    public static void main(String[] args) {
        ImageDataSetIterator train = ImageDataSetIterator.builder(SyntheticImages.train(ImageDataset.MNIST, 256, 1))
                .batchSize(32)
                .build();
        ImageDataSetIterator validation = ImageDataSetIterator.builder(SyntheticImages.test(ImageDataset.MNIST, 256, 1))
                .build();
        MultiLayerNetwork net = network();
        NaturalGradient.attach(net, Kfac.defaults());

        EarlyStoppingConfiguration<MultiLayerNetwork> stopping = new EarlyStoppingConfiguration.Builder<
                        MultiLayerNetwork>()
                .scoreCalculator(new DataSetLossCalculator(validation, true))
                .modelSaver(new InMemoryModelSaver<>())
                .epochTerminationConditions(
                        new ScoreImprovementEpochTerminationCondition(3), new MaxEpochsTerminationCondition(50))
                .build();
        EarlyStoppingResult<MultiLayerNetwork> result = new EarlyStoppingTrainer(stopping, net, train).fit();
        result.getScoreVsEpoch().forEach((epoch, loss) -> System.out.printf("epoch %d: %.4f%n", epoch, loss));
        System.out.printf("best: epoch %d of %d%n", result.getBestModelEpoch(), result.getTotalEpochs());

        // its first step would be refused, because it has no natural gradient of its own yet
        MultiLayerNetwork best = result.getBestModel();
        NaturalGradient.attach(best, Kfac.defaults());
        best.fit(train);
        System.out.printf("best model, one epoch on: %.4f%n", best.score(validation.all()));
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
