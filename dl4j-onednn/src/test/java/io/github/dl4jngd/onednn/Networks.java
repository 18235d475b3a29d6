package io.github.dl4jngd.onednn;

import java.util.Random;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Small networks, built with helpers and without, that share their parameters. */
final class Networks {
    static final int CLASSES = 3;

    private Networks() {}

    static MultiLayerConfiguration configuration(
            DataType dataType, CNN2DFormat format, int height, int width, int channels, Layer... layers) {
        NeuralNetConfiguration.ListBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(7)
                .dataType(dataType)
                .updater(new NoOp())
                .list();
        for (Layer layer : layers) {
            builder.layer(layer.clone());
        }
        return builder.layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .nOut(CLASSES)
                        .build())
                .setInputType(InputType.convolutional(height, width, channels, format))
                .build();
    }

    static MultiLayerNetwork withoutHelpers(MultiLayerConfiguration configuration) {
        OneDnn.disable();
        return initialised(configuration.clone());
    }

    static MultiLayerNetwork withHelpers(MultiLayerConfiguration configuration) {
        if (!OneDnn.enable().enabled()) {
            throw new IllegalStateException(OneDnn.status().toString());
        }
        return initialised(configuration.clone());
    }

    private static MultiLayerNetwork initialised(MultiLayerConfiguration configuration) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        return network;
    }

    static MultiLayerConfiguration withoutWorkspaces(MultiLayerConfiguration configuration) {
        configuration.setTrainingWorkspaceMode(WorkspaceMode.NONE);
        configuration.setInferenceWorkspaceMode(WorkspaceMode.NONE);
        return configuration;
    }

    static MultiLayerConfiguration cached(MultiLayerConfiguration configuration) {
        configuration.setCacheMode(CacheMode.DEVICE);
        configuration.getConfs().forEach(conf -> conf.setCacheMode(CacheMode.DEVICE));
        return configuration;
    }

    /** Parameters away from their initial values, so that no bias, gain or running mean is 0 or 1. */
    static void randomiseParameters(MultiLayerNetwork network, long seed) {
        Random random = new Random(seed);
        INDArray parameters = network.params();
        for (long i = 0; i < parameters.length(); i++) {
            parameters.putScalar(i, 0.3 * random.nextGaussian() + (parameters.getDouble(i) == 1 ? 1 : 0));
        }
        network.paramTable().forEach((name, values) -> {
            if (name.endsWith("_var")) {
                values.assign(Transforms.abs(values).add(0.5));
            }
        });
    }

    static INDArray gaussian(long seed, DataType dataType, long... shape) {
        Random random = new Random(seed);
        INDArray array = Nd4j.create(dataType, shape);
        for (long i = 0; i < array.length(); i++) {
            array.putScalar(i, random.nextGaussian());
        }
        return array;
    }

    static INDArray images(DataType dataType, CNN2DFormat format, int count, int height, int width, int channels) {
        return format == CNN2DFormat.NCHW
                ? gaussian(5, dataType, count, channels, height, width)
                : gaussian(5, dataType, count, height, width, channels);
    }

    static INDArray labels(DataType dataType, int count) {
        INDArray labels = Nd4j.create(dataType, count, CLASSES);
        for (int i = 0; i < count; i++) {
            labels.putScalar(i, i % CLASSES, 1);
        }
        return labels;
    }

    static ConvolutionLayer convolution(CNN2DFormat format, int kernel, Activation activation, int channels) {
        return convolution(format, kernel, 1, kernel / 2, ConvolutionMode.Truncate, true, activation, channels);
    }

    static ConvolutionLayer convolution(
            CNN2DFormat format,
            int kernel,
            int stride,
            int padding,
            ConvolutionMode mode,
            boolean bias,
            Activation activation,
            int channels) {
        return new ConvolutionLayer.Builder(kernel, kernel)
                .stride(stride, stride)
                .padding(padding, padding)
                .convolutionMode(mode)
                .hasBias(bias)
                .dataFormat(format)
                .activation(activation)
                .nOut(channels)
                .build();
    }

    static BatchNormalization batchNormalization(CNN2DFormat format) {
        return new BatchNormalization.Builder().dataFormat(format).build();
    }

    static SubsamplingLayer pooling(
            CNN2DFormat format,
            SubsamplingLayer.PoolingType type,
            int kernel,
            int stride,
            int padding,
            ConvolutionMode mode,
            boolean countPadding) {
        return new SubsamplingLayer.Builder(type)
                .kernelSize(kernel, kernel)
                .stride(stride, stride)
                .padding(padding, padding)
                .convolutionMode(mode)
                .dataFormat(format)
                .avgPoolIncludePadInDivisor(countPadding)
                .build();
    }
}
