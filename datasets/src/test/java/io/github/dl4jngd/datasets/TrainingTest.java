package io.github.dl4jngd.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** DL4J trains from the iterator, through its own asynchronous wrapper. */
class TrainingTest {

    @Test
    void everyEpochServesEveryImageInItsOwnOrder() {
        LabelledImages images = Fixtures.images(50, 4, 1, 2, 1);
        MultiLayerConfiguration conf = new NeuralNetConfiguration.Builder()
                .seed(1)
                .list()
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nIn(16)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build();
        MultiLayerNetwork network = new MultiLayerNetwork(conf);
        network.init();
        ImageDataSetIterator iterator =
                ImageDataSetIterator.builder(images).batchSize(20).shuffle(1).build();
        List<Double> firstPixels = new ArrayList<>();
        iterator.setPreProcessor(batch -> {
            if (batch.getFeatures().size(0) == 20) {
                firstPixels.add(batch.getFeatures().getDouble(0, 0));
            }
        });

        network.fit(iterator, 3);

        assertThat(network.getIterationCount()).isEqualTo(9);
        assertThat(iterator.epoch()).isBetween(2, 3);
        assertThat(firstPixels).hasSize(6);
        assertThat(firstPixels.subList(0, 2)).isNotEqualTo(firstPixels.subList(2, 4));
    }
}
