package io.github.dl4jngd.cli.spectrum;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.spectral.listener.IsotropyListener;
import io.github.dl4jngd.spectral.sink.MemorySink;
import io.github.dl4jngd.spectral.sink.Reading;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** K-FAC measures its scaling in one of five steps, and what the listener reads is of those. */
class IsotropyReadingsTest {

    private static final int STEPS = 80;

    private static List<Reading> readings(int every) {
        Nd4j.getRandom().setSeed(1);
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(0.1))
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(6)
                        .nOut(8)
                        .activation(Activation.TANH)
                        .build())
                .layer(new OutputLayer.Builder(LossFunction.MSE)
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build())
                .build());
        network.init();
        MemorySink memory = new MemorySink();
        network.addListeners(
                IsotropyListener.builder().every(every).memory(memory).build());
        try (NaturalGradient attached = NaturalGradient.attach(network, Kfac.defaults())) {
            assertThat(attached.registration()).isNotNull();
            INDArray input = Nd4j.randn(40, 6);
            INDArray labels = Nd4j.randn(40, 2);
            for (int step = 0; step < STEPS; step++) {
                network.fit(input, labels);
            }
        }
        return memory.readings();
    }

    @Test
    void everyReadingHasTheIsotropyConstant() {
        for (int every : new int[] {1, 7, 10}) {
            assertThat(readings(every)).isNotEmpty().allSatisfy(reading -> assertThat(
                            reading.values().get("alpha"))
                    .as("iteration " + reading.iteration())
                    .isFinite());
        }
    }

    /** One of 5 steps from the 50th on; before, one of a tenth of the steps so far. */
    @Test
    void aReadingThatIsDueIsOfTheNextStepThatMeasures() {
        List<Integer> measured = readings(1).stream().map(Reading::iteration).toList();
        assertThat(measured).startsWith(0, 1, 2, 3).hasSizeLessThan(3 * STEPS / 4);
        assertThat(measured.subList(measured.size() - 3, measured.size()))
                .satisfies(last -> assertThat(last.get(2) - last.get(0)).isLessThanOrEqualTo(10));
        List<Integer> everyTenth = readings(10).stream().map(Reading::iteration).toList();
        assertThat(measured).containsAll(everyTenth);
        assertThat(everyTenth).hasSize(STEPS / 10);
    }
}
