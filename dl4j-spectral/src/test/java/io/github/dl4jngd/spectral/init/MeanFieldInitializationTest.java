package io.github.dl4jngd.spectral.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.data.Percentage.withPercentage;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
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
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class MeanFieldInitializationTest {

    private static MultiLayerConfiguration configuration(boolean orthogonal) {
        return new NeuralNetConfiguration.Builder()
                .seed(3)
                .weightInit(new MeanFieldWeightInit(3, orthogonal))
                .list()
                .layer(new DenseLayer.Builder().nIn(200).nOut(300).build())
                .layer(new DenseLayer.Builder().nIn(300).nOut(100).build())
                .layer(new OutputLayer.Builder(LossFunction.L2)
                        .nIn(100)
                        .nOut(4)
                        .activation(Activation.IDENTITY)
                        .build())
                .build();
    }

    private static double variance(INDArray array) {
        return Math.pow(array.norm2Number().doubleValue(), 2) / array.length();
    }

    private static void check(MultiLayerNetwork network, boolean orthogonal) {
        for (int i = 0; i < 2; i++) {
            INDArray weights = network.getParam(i + "_W");
            long in = weights.size(0);
            long out = weights.size(1);
            double expected = orthogonal ? 3.0 / Math.max(in, out) : 3.0 / in;
            assertThat(variance(weights)).isCloseTo(expected, withPercentage(3));
            if (orthogonal) {
                INDArray wide = weights.castTo(DataType.DOUBLE);
                INDArray gram = in >= out ? wide.transpose().mmul(wide) : wide.mmul(wide.transpose());
                assertThat(gram.sub(Nd4j.eye(gram.size(0))
                                        .castTo(DataType.DOUBLE)
                                        .mul(3))
                                .norm2Number()
                                .doubleValue())
                        .isLessThan(1e-4);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void inAConfiguration(boolean orthogonal) {
        MultiLayerConfiguration read =
                MultiLayerConfiguration.fromJson(configuration(orthogonal).toJson());
        MultiLayerNetwork network = new MultiLayerNetwork(read);
        network.init();
        check(network, orthogonal);
        MultiLayerNetwork again = new MultiLayerNetwork(configuration(orthogonal));
        again.init();
        assertThat(again.params()).isEqualTo(network.params());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ofANetwork(boolean orthogonal) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration(false));
        network.init();
        new MeanFieldInitialization(3, 0.5, orthogonal, 7).apply(network);
        check(network, orthogonal);
        assertThat(variance(network.getParam("0_b"))).isCloseTo(0.5, withPercentage(20));
        INDArray first = network.params().dup();
        new MeanFieldInitialization(3, 0.5, orthogonal, 7).apply(network);
        assertThat(network.params()).isEqualTo(first);
    }

    @Test
    void variancesAreChecked() {
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new MeanFieldWeightInit(0, true));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> MeanFieldInitialization.gaussian(1, -1, 1));
    }
}
