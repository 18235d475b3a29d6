package io.github.dl4jngd.testing;

import io.github.dl4jngd.testing.ImageNetworks.Build;
import io.github.dl4jngd.testing.ImageNetworks.Case;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.Convolution3D.DataFormat;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling3D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding3DLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping3D;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;

/** Small seeded networks over volumes. */
final class VolumeNetworks {

    private static final int DEPTH = 4;
    private static final int HEIGHT = 5;
    private static final int WIDTH = 4;
    private static final int CHANNELS = 2;

    private VolumeNetworks() {}

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (DataFormat format : DataFormat.values()) {
            for (ConvolutionMode mode : new ConvolutionMode[] {ConvolutionMode.Truncate, ConvolutionMode.Same}) {
                String setting = " " + mode + " " + format;
                cases.add(volumes(
                        "conv3d" + setting,
                        format,
                        () -> List.of(conv(3, mode, format).kernelSize(2, 3, 2).build())));
                cases.add(volumes(
                        "conv3d with stride, without bias" + setting,
                        format,
                        () -> List.of(
                                conv(3, mode, format)
                                        .kernelSize(2, 2, 3)
                                        .stride(2, 1, 2)
                                        .hasBias(false)
                                        .build(),
                                pooled(format))));
                for (Subsampling3DLayer.PoolingType type : Subsampling3DLayer.PoolingType.values()) {
                    cases.add(volumes(
                            "pool3d " + type + setting,
                            format,
                            () -> List.of(
                                    conv(2, ConvolutionMode.Truncate, format)
                                            .kernelSize(1, 2, 1)
                                            .build(),
                                    new Subsampling3DLayer.Builder(type)
                                            .kernelSize(2, 3, 2)
                                            .stride(2, 1, 1)
                                            .convolutionMode(mode)
                                            .dataFormat(format)
                                            .build(),
                                    pooled(format))));
                }
            }
            cases.add(volumes(
                    "padded conv3d, upsampling3d, global pooling " + format,
                    format,
                    () -> List.of(
                            conv(2, ConvolutionMode.Truncate, format)
                                    .kernelSize(3, 2, 2)
                                    .padding(1, 0, 1)
                                    .stride(2, 2, 2)
                                    .build(),
                            new Upsampling3D.Builder(2)
                                    .dataFormat(format)
                                    .size(new int[] {2, 1, 2})
                                    .build(),
                            conv(3, ConvolutionMode.Same, format)
                                    .kernelSize(2, 1, 2)
                                    .build())));
        }
        cases.add(volumes(
                "zero padding and cropping of volumes",
                DataFormat.NCDHW,
                () -> List.of(
                        new ZeroPadding3DLayer.Builder(1, 0, 2, 1, 0, 1).build(),
                        conv(2, ConvolutionMode.Truncate, DataFormat.NCDHW)
                                .kernelSize(2, 2, 2)
                                .build(),
                        new Cropping3D.Builder(1, 0, 0, 2, 1, 1).build(),
                        conv(2, ConvolutionMode.Truncate, DataFormat.NCDHW)
                                .kernelSize(1, 2, 1)
                                .build(),
                        new GlobalPoolingLayer.Builder(PoolingType.AVG).build())));
        return cases;
    }

    private static Convolution3D.Builder conv(int units, ConvolutionMode mode, DataFormat format) {
        return new Convolution3D.Builder()
                .nOut(units)
                .convolutionMode(mode)
                .dataFormat(format)
                .activation(Activation.TANH);
    }

    /** Before a dense layer Deeplearning4j takes other sizes for granted than its layers with strides make. */
    private static Layer pooled(DataFormat format) {
        return new GlobalPoolingLayer.Builder(PoolingType.AVG)
                .poolingDimensions(format == DataFormat.NCDHW ? new int[] {2, 3, 4} : new int[] {1, 2, 3})
                .build();
    }

    private static Case volumes(String name, DataFormat format, Supplier<List<Layer>> layers) {
        Build build = dataType -> {
            NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder()
                    .seed(5)
                    .dataType(dataType)
                    .updater(new Sgd(0.1))
                    .list();
            layers.get().forEach(list::layer);
            return new MultiLayerNetwork(list.layer(ImageNetworks.softmax().build())
                    .setInputType(InputType.convolutional3D(format, DEPTH, HEIGHT, WIDTH, CHANNELS))
                    .build());
        };
        List<Long> sample = format == DataFormat.NCDHW
                ? List.of((long) CHANNELS, (long) DEPTH, (long) HEIGHT, (long) WIDTH)
                : List.of((long) DEPTH, (long) HEIGHT, (long) WIDTH, (long) CHANNELS);
        return new Case(name, build, sample, 4, 3, true, DataType.DOUBLE);
    }
}
