package io.github.dl4jngd.transfer;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Two tasks that have nothing in common, of other inputs each: the second wipes out the first, an anchor keeps it. */
class ContinualTrainingTest {

    private static final int IN = 6;

    /** The class is the larger of two of the inputs, and those are the task's. */
    private static DataSetIterator task(int which, int samples, long seed) {
        INDArray x = normal(new Random(seed), 1, DataType.FLOAT, samples, IN);
        INDArray y = Nd4j.zeros(DataType.FLOAT, samples, 2);
        for (int n = 0; n < samples; n++) {
            y.putScalar(n, x.getDouble(n, 2L * which) > x.getDouble(n, 2L * which + 1) ? 0 : 1, 1);
            for (int i = 0; i < IN; i++) {
                if (i / 2 != which) {
                    // the other tasks' inputs are there, weaker
                    x.putScalar(n, i, 0.3 * x.getDouble(n, i));
                }
            }
        }
        return new ExistingDataSetIterator(new DataSet(x, y).batchBy(20));
    }

    private static MultiLayerNetwork network() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.02))
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(IN)
                        .nOut(16)
                        .activation(Activation.TANH)
                        .build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(16)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        return network;
    }

    private static ContinualTraining training(Model model) {
        return ContinualTraining.of(model)
                .tasks(List.of(task(0, 200, 1), task(1, 200, 2)))
                .tests(List.of(task(0, 200, 3), task(1, 200, 4)))
                .until(StopRule.loss(0.05), StopRule.epochs(20));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAnchorForgetsLess(boolean graph) {
        Model plain = graph ? network().toComputationGraph() : network();
        Model anchored = graph ? network().toComputationGraph() : network();
        ErrorMatrix without = training(plain).fit();
        ErrorMatrix with = training(anchored)
                .anchor(AnchoredPenalty.kroneckerFactored(1, 1e-3))
                .fit();
        assertThat(without.score(0, 0)).isEqualTo(with.score(0, 0)).isGreaterThan(0.9);
        assertThat(without.score(1, 1)).isGreaterThan(0.9);
        assertThat(without.forgetting()).isGreaterThan(0.05);
        assertThat(with.forgetting()).isLessThan(0.6 * without.forgetting());
        assertThat(with.score(1, 1)).isGreaterThan(0.75);
    }

    @Test
    void scoresAndStops() {
        MultiLayerNetwork network = network();
        DataSetIterator data = task(0, 40, 1);
        double loss = -TaskScore.negativeLoss().of(network, data);
        DataSet all = new DataSet(
                Nd4j.vstack(task(0, 40, 1).next().getFeatures(), nth(1).getFeatures()),
                Nd4j.vstack(task(0, 40, 1).next().getLabels(), nth(1).getLabels()));
        assertThat(loss).isCloseTo(network.score(all, false), within(1e-5));
        int before = network.getEpochCount();
        ContinualTraining.of(network)
                .tasks(List.of(data))
                .tests(List.of(data))
                .score(TaskScore.negativeLoss())
                .until(StopRule.loss(1e9), StopRule.epochs(7))
                .fit();
        assertThat(network.getEpochCount()).isEqualTo(before + 1);
        assertThatThrownBy(() -> ContinualTraining.of(network).fit()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> ContinualTraining.of(network).until()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StopRule.epochs(0)).hasMessageContaining("epoch");
        assertThatThrownBy(() -> StopRule.loss(Double.NaN)).hasMessageContaining("finite");
    }

    private static DataSet nth(int batch) {
        DataSetIterator data = task(0, 40, 1);
        DataSet found = data.next();
        for (int i = 0; i < batch; i++) {
            found = data.next();
        }
        return found;
    }
}
