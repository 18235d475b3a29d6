package io.github.dl4jngd.cli.reference;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * The networks over images of reference files, with the layer names that their arrays use; channels and image size
 * vary.
 */
enum ImageNetwork {
    /** conv1 (3×3, padding 1) – ReLU – average pooling 2×2 – conv3 (3×3) – ReLU – global average – out. */
    CONVOLUTION {
        @Override
        String body(GraphBuilder builder, Units units) throws UnusableFileException {
            builder.addLayer("conv1", convolution(units.of("conv1"), 1, 1), "x")
                    .addLayer("relu1", new ActivationLayer(Activation.RELU), "conv1")
                    .addLayer(
                            "pool",
                            new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG)
                                    .kernelSize(2, 2)
                                    .stride(2, 2)
                                    .build(),
                            "relu1")
                    .addLayer("conv3", convolution(units.of("conv3"), 1, 0), "pool")
                    .addLayer("relu3", new ActivationLayer(Activation.RELU), "conv3");
            return "relu3";
        }
    },
    /**
     * conv1 – bn1 – ReLU – (conv2 – bn2 + skip) – ReLU – conv3 (stride 2) – ReLU – global average – out; all 3×3,
     * padding 1.
     */
    RESIDUAL_BATCHNORM {
        @Override
        String body(GraphBuilder builder, Units units) throws UnusableFileException {
            builder.addLayer("conv1", convolution(units.of("conv1"), 1, 1), "x")
                    .addLayer(
                            "bn1", new BatchNormalization.Builder().eps(EPSILON).build(), "conv1")
                    .addLayer("relu1", new ActivationLayer(Activation.RELU), "bn1")
                    .addLayer("conv2", convolution(units.of("conv2"), 1, 1), "relu1")
                    .addLayer(
                            "bn2", new BatchNormalization.Builder().eps(EPSILON).build(), "conv2")
                    .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "bn2", "relu1")
                    .addLayer("relu2", new ActivationLayer(Activation.RELU), "sum")
                    .addLayer("conv3", convolution(units.of("conv3"), 2, 1), "relu2")
                    .addLayer("relu3", new ActivationLayer(Activation.RELU), "conv3");
            return "relu3";
        }
    };

    private static final double EPSILON = 1e-5;

    /** How many output channels a layer has; asked layer by layer from the input. */
    interface Units {
        long of(String layer) throws UnusableFileException;
    }

    abstract String body(GraphBuilder builder, Units units) throws UnusableFileException;

    static Optional<ImageNetwork> named(String name) {
        return Arrays.stream(values())
                .filter(network -> network.toString().equals(name))
                .findFirst();
    }

    static String names() {
        return Arrays.stream(values()).map(ImageNetwork::toString).collect(Collectors.joining(", "));
    }

    private static ConvolutionLayer convolution(long units, int stride, int padding) {
        return new ConvolutionLayer.Builder(3, 3)
                .nOut(units)
                .stride(stride, stride)
                .padding(padding, padding)
                .activation(Activation.IDENTITY)
                .build();
    }

    ComputationGraph build(long[] input, Units units, OutputLoss loss, DataType dataType) throws UnusableFileException {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .dataType(dataType)
                .updater(new NoOp())
                .graphBuilder()
                .addInputs("x")
                .setInputTypes(InputType.convolutional(input[2], input[3], input[1]));
        String last = body(builder, units);
        ComputationGraph graph =
                new ComputationGraph(builder.addLayer("average", new GlobalPoolingLayer(PoolingType.AVG), last)
                        .addLayer(
                                "out",
                                new OutputLayer.Builder(loss.function())
                                        .nOut(units.of("out"))
                                        .activation(loss.activation())
                                        .build(),
                                "average")
                        .setOutputs("out")
                        .build());
        graph.init();
        return graph;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
