package io.github.dl4jngd.examples;

import io.github.dl4jngd.transfer.AnchoredPenalty;
import io.github.dl4jngd.transfer.ContinualTraining;
import io.github.dl4jngd.transfer.ErrorMatrix;
import io.github.dl4jngd.transfer.StopRule;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.ViewIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/**
 * Learns two tasks one after the other, without an anchor, with a ridge and with K-FAC's Fisher matrix around what was
 * learnt first, and prints the accuracy on both at the end.
 */
public class ContinualLearning {

    public static void main(String[] args) {
        Nd4j.getRandom().setSeed(1);
        List<ViewIterator> tasks = List.of(task(0), task(1));

        for (String anchor : new String[] {"none", "ridge", "K-FAC"}) {
            ContinualTraining training = ContinualTraining.of(network())
                    .tasks(tasks)
                    .tests(List.of(task(0), task(1)))
                    .until(StopRule.loss(0.05), StopRule.epochs(20));
            switch (anchor) {
                case "ridge" -> training.anchor(AnchoredPenalty.ridge(0.03));
                case "K-FAC" -> training.anchor(AnchoredPenalty.kroneckerFactored(5, 1e-2));
                default -> {}
            }
            ErrorMatrix errors = training.fit();
            System.out.printf(
                    "%-6s first task %.3f, second %.3f, forgotten %.3f%n",
                    anchor, errors.score(1, 0), errors.score(1, 1), errors.forgetting());
        }
    }

    /** Which of two inputs is larger; the other task's inputs are there, too, weaker. */
    static ViewIterator task(int which) {
        INDArray x = Nd4j.randn(200, 4);
        INDArray label = x.getColumn(2L * which).gt(x.getColumn(2L * which + 1)).castTo(x.dataType());
        for (int other = 2 - 2 * which; other < 4 - 2 * which; other++) {
            x.getColumn(other).muli(0.3);
        }
        return new ViewIterator(new DataSet(x, Nd4j.stack(1, label, label.rsub(1))), 20);
    }

    static MultiLayerNetwork network() {
        MultiLayerNetwork net = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.02))
                .activation(Activation.TANH)
                .list(
                        new DenseLayer.Builder().nIn(4).nOut(16).build(),
                        new OutputLayer.Builder().nIn(16).nOut(2).build())
                .build());
        net.init();
        return net;
    }
}
