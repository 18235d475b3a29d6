package io.github.dl4jngd.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.lossfunctions.LossFunctions;

class OneDnnReportTest {
    private static final CNN2DFormat NCHW = CNN2DFormat.NCHW;

    @BeforeEach
    void needsOneDnn() {
        assumeTrue(OneDnn.enable().enabled(), () -> OneDnn.status().toString());
    }

    @AfterEach
    void off() {
        OneDnn.disable();
    }

    @Test
    void everyLayerHasItsReason() {
        ConvolutionLayer named = Networks.convolution(NCHW, 3, Activation.RELU, 4);
        named.setLayerName("stem");
        ConvolutionLayer dilated = new ConvolutionLayer.Builder(3, 3)
                .dilation(2, 2)
                .convolutionMode(ConvolutionMode.Same)
                .nOut(4)
                .build();
        OneDnnReport report = OneDnn.report(Networks.withHelpers(Networks.configuration(
                DataType.FLOAT,
                NCHW,
                8,
                8,
                3,
                named,
                Networks.batchNormalization(NCHW),
                Networks.pooling(NCHW, SubsamplingLayer.PoolingType.AVG, 2, 1, 1, ConvolutionMode.Truncate, true),
                dilated,
                new BatchNormalization.Builder(true).build(),
                new LocalResponseNormalization.Builder().build(),
                new Deconvolution2D.Builder(2, 2).nOut(3).build(),
                new FrozenLayer(Networks.convolution(NCHW, 3, Activation.RELU, 4)))));

        assertThat(report.rows().get(0)).isEqualTo(new OneDnnReport.Row("stem", "ConvolutionLayer", true, "oneDNN"));
        assertThat(report.rows().stream().map(OneDnnReport.Row::helper))
                .containsExactly(true, true, false, false, false, false, false, true, false);
        assertThat(note(report, 2)).contains("refused", "average pooling that counts padding");
        assertThat(note(report, 3)).contains("refused", "dilation [2, 2]");
        assertThat(note(report, 4)).contains("refused", "locked gamma and beta");
        assertThat(note(report, 5)).contains("switched this helper off");
        assertThat(note(report, 6)).contains("this type of convolution");
        assertThat(note(report, 8)).contains("no oneDNN helper for this type of layer");
        assertThat(report.helpers()).isEqualTo(3);
        assertThat(report.toString().lines()).hasSize(2 + 9).allMatch(line -> !line.isBlank());
        assertThat(report.toString()).contains("stem", "helper", "yes", "no");
    }

    private static String note(OneDnnReport report, int layer) {
        return report.rows().get(layer).note();
    }

    @Test
    void builtBeforeEnable() {
        MultiLayerNetwork network = Networks.withoutHelpers(Networks.configuration(
                DataType.FLOAT, NCHW, 6, 6, 3, Networks.convolution(NCHW, 3, Activation.RELU, 4)));
        assertThat(note(OneDnn.report(network), 0)).contains("OneDnn.enable() has not been called");
        OneDnn.enable();
        assertThat(note(OneDnn.report(network), 0)).contains("built while the helpers were off", "clone");
    }

    @Test
    void float64() {
        MultiLayerNetwork network = Networks.withHelpers(Networks.configuration(
                DataType.DOUBLE,
                NCHW,
                6,
                6,
                3,
                Networks.convolution(NCHW, 3, Activation.RELU, 4),
                Networks.batchNormalization(NCHW)));
        OneDnnReport report = OneDnn.report(network);
        assertThat(report.helpers()).isZero();
        assertThat(note(report, 0)).contains("DOUBLE", "FLOAT only");
        assertThat(note(report, 1)).contains("DOUBLE", "FLOAT only");
    }

    @Test
    void computationGraph() {
        OneDnn.enable();
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("image")
                .addLayer("convolution", Networks.convolution(NCHW, 3, Activation.RELU, 4), "image")
                .addLayer(
                        "classes",
                        new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                                .activation(Activation.SOFTMAX)
                                .nOut(3)
                                .build(),
                        "convolution")
                .setOutputs("classes")
                .setInputTypes(InputType.convolutional(6, 6, 3))
                .build());
        graph.init();
        OneDnnReport report = OneDnn.report(graph);
        assertThat(report.rows().stream().map(OneDnnReport.Row::layer)).containsExactly("convolution", "classes");
        assertThat(report.helpers()).isEqualTo(1);
    }
}
