package io.github.dl4jngd.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.Field;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.layers.LayerHelper;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNBatchNormHelper;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNConvHelper;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNSubsamplingHelper;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Deeplearning4j's own helpers are wrong where this library repairs or refuses them. Were they not, the repairs would
 * be superfluous; and the comparison that passes for the repaired ones is seen to fail here.
 */
class UnrepairedHelperTest {
    private static final double WRONG = 0.05;

    @BeforeEach
    void needsOneDnn() {
        assumeTrue(OneDnn.enable().enabled(), () -> OneDnn.status().toString());
    }

    @AfterEach
    void off() {
        OneDnn.disable();
    }

    @Test
    void convolutionBehindReluInNhwc() throws ReflectiveOperationException {
        CNN2DFormat format = CNN2DFormat.NHWC;
        MultiLayerConfiguration configuration = Networks.configuration(
                DataType.FLOAT, format, 6, 5, 3, Networks.convolution(format, 3, Activation.RELU, 4));
        INDArray input = Networks.images(DataType.FLOAT, format, 4, 6, 5, 3);
        assertThat(error(configuration, 0, new MKLDNNConvHelper(DataType.FLOAT), input))
                .isGreaterThan(WRONG);
    }

    @Test
    void convolutionOfViewInNhwc() throws ReflectiveOperationException {
        CNN2DFormat format = CNN2DFormat.NHWC;
        MultiLayerConfiguration configuration = Networks.configuration(
                DataType.FLOAT, format, 6, 5, 3, Networks.convolution(format, 3, Activation.TANH, 4));
        INDArray input =
                Networks.images(DataType.FLOAT, CNN2DFormat.NCHW, 4, 6, 5, 3).permute(0, 2, 3, 1);
        assertThat(error(configuration, 0, new MKLDNNConvHelper(DataType.FLOAT), input))
                .isGreaterThan(WRONG);
    }

    @Test
    void batchNormalisationOfFortranOrder() throws ReflectiveOperationException {
        CNN2DFormat format = CNN2DFormat.NCHW;
        MultiLayerConfiguration configuration =
                Networks.configuration(DataType.FLOAT, format, 6, 5, 3, Networks.batchNormalization(format));
        INDArray input = Networks.images(DataType.FLOAT, format, 4, 6, 5, 3).dup('f');
        assertThat(error(configuration, 0, new MKLDNNBatchNormHelper(DataType.FLOAT), input))
                .isGreaterThan(WRONG);
    }

    @Test
    void averagePoolingThatCountsPadding() throws ReflectiveOperationException {
        CNN2DFormat format = CNN2DFormat.NCHW;
        MultiLayerConfiguration configuration = Networks.configuration(
                DataType.FLOAT,
                format,
                7,
                8,
                3,
                Networks.convolution(format, 3, Activation.TANH, 4),
                Networks.pooling(format, SubsamplingLayer.PoolingType.AVG, 3, 2, 1, ConvolutionMode.Truncate, true));
        INDArray input = Networks.images(DataType.FLOAT, format, 4, 7, 8, 3);
        assertThat(error(configuration, 1, new MKLDNNSubsamplingHelper(DataType.FLOAT), input))
                .isGreaterThan(WRONG);
    }

    private static double error(MultiLayerConfiguration configuration, int layer, LayerHelper helper, INDArray input)
            throws ReflectiveOperationException {
        MultiLayerNetwork builtIn = Networks.withoutHelpers(configuration);
        Networks.randomiseParameters(builtIn, 3);
        MultiLayerNetwork helped = Networks.withoutHelpers(configuration);
        helped.setParams(builtIn.params());
        setHelper(helped.getLayer(layer), helper);
        assertThat(OneDnn.report(helped).rows().get(layer).note()).contains("without the repairs");
        INDArray labels = Networks.labels(DataType.FLOAT, 4);
        return Results.of(helped, input, labels).largestDistance(Results.of(builtIn, input, labels));
    }

    private static void setHelper(Layer layer, LayerHelper helper) throws ReflectiveOperationException {
        Field field = layer.getClass().getDeclaredField("helper");
        field.setAccessible(true);
        field.set(layer, helper);
    }
}
