package io.github.dl4jngd.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Networks compute the same with the helpers as with the built-in layers. */
class HelperEqualityTest {
    private static final int MINIBATCH = 4;

    /**
     * A network and a layout of its input.
     *
     * @param helpers the number of layers that must have a helper
     */
    private record Case(String name, MultiLayerConfiguration configuration, INDArray input, int helpers) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeEach
    void needsOneDnn() {
        assumeTrue(OneDnn.enable().enabled(), () -> OneDnn.status().toString());
    }

    @AfterEach
    void off() {
        OneDnn.disable();
    }

    @ParameterizedTest
    @MethodSource({"convolutions", "activations", "layouts", "pooling", "batchNormalization", "mixtures"})
    void equalsBuiltInLayers(Case example) {
        assertEqual(example);
    }

    private static void assertEqual(Case example) {
        MultiLayerNetwork builtIn = Networks.withoutHelpers(example.configuration());
        assertThat(builtIn.getLayers()).allMatch(layer -> layer.getHelper() == null);
        Networks.randomiseParameters(builtIn, 3);
        MultiLayerNetwork helped = Networks.withHelpers(example.configuration());
        assertThat(OneDnn.report(helped).helpers()).isEqualTo(example.helpers());
        helped.setParams(builtIn.params());

        INDArray labels = Networks.labels(DataType.FLOAT, MINIBATCH);
        Results expected = Results.of(builtIn, example.input(), labels);
        Results.of(helped, example.input(), labels).assertEqualTo(expected);
    }

    static Stream<Case> convolutions() {
        List<Case> cases = new ArrayList<>();
        for (CNN2DFormat format : CNN2DFormat.values()) {
            for (int kernel : new int[] {1, 2, 3, 5}) {
                for (int stride : new int[] {1, 2, 3}) {
                    for (ConvolutionMode mode :
                            new ConvolutionMode[] {ConvolutionMode.Truncate, ConvolutionMode.Same}) {
                        if (mode == ConvolutionMode.Same && stride > kernel) {
                            continue; // Deeplearning4j computes a negative padding and throws
                        }
                        for (boolean bias : new boolean[] {true, false}) {
                            int padding = mode == ConvolutionMode.Truncate && kernel > 1 ? stride % 2 : 0;
                            Layer layer = Networks.convolution(
                                    format, kernel, stride, padding, mode, bias, Activation.RELU, 4);
                            String name = format + " kernel " + kernel + " stride " + stride + " padding " + padding
                                    + " " + mode + (bias ? "" : " without bias");
                            cases.add(image(name, 1, format, 7, 8, 3, layer));
                        }
                    }
                }
            }
        }
        return cases.stream();
    }

    /** What reaches a convolution's backward pass is laid out by its activation function. */
    static Stream<Case> activations() {
        List<Case> cases = new ArrayList<>();
        for (CNN2DFormat format : CNN2DFormat.values()) {
            for (Activation activation : new Activation[] {
                Activation.IDENTITY,
                Activation.SIGMOID,
                Activation.TANH,
                Activation.LEAKYRELU,
                Activation.ELU,
                Activation.SELU,
                Activation.SOFTPLUS,
                Activation.SWISH,
                Activation.GELU,
                Activation.HARDTANH
            }) {
                cases.add(image(
                        format + " " + activation,
                        3,
                        format,
                        6,
                        5,
                        2,
                        Networks.convolution(format, 3, activation, 4),
                        Networks.batchNormalization(format),
                        Networks.convolution(format, 3, activation, 3)));
            }
        }
        return cases.stream();
    }

    static Stream<Case> layouts() {
        Map<String, UnaryOperator<INDArray>> layouts = new LinkedHashMap<>();
        layouts.put("in Fortran order", x -> x.dup('f'));
        layouts.put("permuted", x -> x.permute(0, 2, 3, 1).dup('c').permute(0, 3, 1, 2));
        layouts.put(
                "permuted the other way", x -> x.permute(0, 3, 1, 2).dup('c').permute(0, 2, 3, 1));
        layouts.put(
                "with the examples last", x -> x.permute(1, 2, 3, 0).dup('c').permute(3, 0, 1, 2));
        layouts.put("cut out of a larger array", HelperEqualityTest::cutOut);
        List<Case> cases = new ArrayList<>();
        for (CNN2DFormat format : CNN2DFormat.values()) {
            layouts.forEach((name, layout) -> {
                Layer pooling = Networks.pooling(
                        format, SubsamplingLayer.PoolingType.MAX, 2, 2, 0, ConvolutionMode.Truncate, false);
                Layer convolution = Networks.convolution(format, 3, Activation.RELU, 4);
                Layer normalization = Networks.batchNormalization(format);
                String prefix = format + " input " + name + ", ";
                cases.add(laidOut(prefix + "convolution", layout, 1, format, 6, 5, 3, convolution));
                cases.add(laidOut(prefix + "batch normalisation", layout, 1, format, 6, 5, 3, normalization));
                cases.add(laidOut(prefix + "pooling", layout, 1, format, 6, 5, 3, pooling, convolution));
            });
        }
        return cases.stream();
    }

    private static INDArray cutOut(INDArray x) {
        INDArray larger = Nd4j.valueArrayOf(
                new long[] {x.size(0) + 1, x.size(1) + 2, x.size(2) + 1, x.size(3) + 2}, 9.0, x.dataType());
        INDArray view = larger.get(
                NDArrayIndex.interval(1, x.size(0) + 1),
                NDArrayIndex.interval(0, x.size(1)),
                NDArrayIndex.interval(1, x.size(2) + 1),
                NDArrayIndex.interval(2, x.size(3) + 2));
        return view.assign(x);
    }

    static Stream<Case> pooling() {
        List<Case> cases = new ArrayList<>();
        for (CNN2DFormat format : CNN2DFormat.values()) {
            for (SubsamplingLayer.PoolingType type : new SubsamplingLayer.PoolingType[] {
                SubsamplingLayer.PoolingType.MAX, SubsamplingLayer.PoolingType.AVG
            }) {
                for (int kernel : new int[] {2, 3, 5}) {
                    for (int stride : new int[] {1, 2}) {
                        for (ConvolutionMode mode :
                                new ConvolutionMode[] {ConvolutionMode.Truncate, ConvolutionMode.Same}) {
                            for (boolean countPadding : new boolean[] {false, true}) {
                                if (countPadding && type == SubsamplingLayer.PoolingType.MAX) {
                                    continue;
                                }
                                int padding = mode == ConvolutionMode.Truncate ? 1 : 0;
                                Layer pooling =
                                        Networks.pooling(format, type, kernel, stride, padding, mode, countPadding);
                                String name = format + " " + type + " " + kernel + " stride " + stride + " " + mode
                                        + (countPadding ? " counting padding" : "");
                                Layer convolution = Networks.convolution(format, 3, Activation.RELU, 4);
                                cases.add(image(name, 1, format, 7, 8, 3, convolution, pooling));
                            }
                        }
                    }
                }
            }
        }
        return cases.stream();
    }

    static Stream<Case> batchNormalization() {
        List<Case> cases = new ArrayList<>();
        for (CNN2DFormat format : CNN2DFormat.values()) {
            for (int channels : new int[] {1, 3, 8, 17}) {
                for (int size : new int[] {1, 2, 5}) {
                    for (boolean logStd : new boolean[] {false, true}) {
                        Layer normalization = new BatchNormalization.Builder()
                                .useLogStd(logStd)
                                .eps(1e-3)
                                .dataFormat(format)
                                .build();
                        String name = format + " batch normalisation of " + channels + " channels " + size + " × "
                                + size + (logStd ? " with log standard deviation" : "");
                        Layer convolution = Networks.convolution(format, 3, Activation.RELU, channels);
                        cases.add(image(name, 2, format, size, size, 3, convolution, normalization));
                    }
                }
            }
            Layer convolution = Networks.convolution(format, 3, Activation.RELU, 4);
            Layer dense =
                    new DenseLayer.Builder().nOut(6).activation(Activation.TANH).build();
            cases.add(image(
                    format + " batch normalisation of rows",
                    2,
                    format,
                    4,
                    4,
                    2,
                    convolution,
                    dense,
                    Networks.batchNormalization(format)));
        }
        // In NHWC Deeplearning4j itself throws for locked parameters.
        cases.add(image(
                "locked gamma and beta",
                1,
                CNN2DFormat.NCHW,
                5,
                5,
                3,
                Networks.convolution(CNN2DFormat.NCHW, 3, Activation.RELU, 4),
                new BatchNormalization.Builder(true).build()));
        return cases.stream();
    }

    static Stream<Case> mixtures() {
        List<Case> cases = new ArrayList<>();
        for (CNN2DFormat format : CNN2DFormat.values()) {
            Layer first = Networks.convolution(format, 3, Activation.TANH, 4);
            Layer last = Networks.convolution(format, 3, Activation.RELU, 5);
            Layer normalization = Networks.batchNormalization(format);
            for (int dilation : new int[] {2, 3}) {
                for (ConvolutionMode mode : new ConvolutionMode[] {ConvolutionMode.Truncate, ConvolutionMode.Same}) {
                    Layer dilated = new ConvolutionLayer.Builder(3, 3)
                            .dilation(dilation, dilation)
                            .convolutionMode(mode)
                            .dataFormat(format)
                            .activation(Activation.RELU)
                            .nOut(4)
                            .build();
                    cases.add(image(
                            format + " dilation " + dilation + " " + mode,
                            3,
                            format,
                            9,
                            9,
                            3,
                            first,
                            dilated,
                            normalization,
                            last));
                }
            }
            Map<String, Layer> between = new LinkedHashMap<>();
            between.put(
                    "cropping",
                    new Cropping2D.Builder(1, 0, 0, 1).dataFormat(format).build());
            between.put(
                    "zero padding",
                    new ZeroPaddingLayer.Builder(1, 2, 0, 1).dataFormat(format).build());
            between.put(
                    "upsampling", new Upsampling2D.Builder(2).dataFormat(format).build());
            between.put(
                    "local response normalisation",
                    new LocalResponseNormalization.Builder().dataFormat(format).build());
            between.forEach((name, layer) -> cases.add(
                    image(format + " around " + name, 3, format, 6, 6, 3, first, layer, last, normalization)));
            cases.add(image(
                    format + " before global pooling",
                    2,
                    format,
                    6,
                    6,
                    3,
                    first,
                    last,
                    new GlobalPoolingLayer.Builder(PoolingType.AVG)
                            .poolingDimensions(format == CNN2DFormat.NCHW ? new int[] {2, 3} : new int[] {1, 2})
                            .build()));
            Case plain = image(format + " plain", 3, format, 6, 6, 3, first, normalization, last);
            cases.add(new Case(
                    format + " with cache",
                    Networks.cached(plain.configuration().clone()),
                    plain.input(),
                    3));
            cases.add(new Case(
                    format + " without workspaces",
                    Networks.withoutWorkspaces(plain.configuration().clone()),
                    plain.input(),
                    3));
            // With workspaces Deeplearning4j itself throws for frozen batch normalisation.
            Case frozen = image(
                    format + " frozen batch normalisation",
                    3,
                    format,
                    6,
                    6,
                    3,
                    first,
                    new FrozenLayerWithBackprop(normalization),
                    last);
            cases.add(new Case(
                    frozen.name(),
                    Networks.withoutWorkspaces(frozen.configuration()),
                    frozen.input(),
                    frozen.helpers()));
        }
        return cases.stream();
    }

    private static Case image(
            String name, int helpers, CNN2DFormat format, int height, int width, int channels, Layer... layers) {
        return laidOut(name, UnaryOperator.identity(), helpers, format, height, width, channels, layers);
    }

    private static Case laidOut(
            String name,
            UnaryOperator<INDArray> layout,
            int helpers,
            CNN2DFormat format,
            int height,
            int width,
            int channels,
            Layer... layers) {
        INDArray images = Networks.images(DataType.FLOAT, format, MINIBATCH, height, width, channels);
        return new Case(
                name,
                Networks.configuration(DataType.FLOAT, format, height, width, channels, layers),
                layout.apply(images),
                helpers);
    }

    /** The helper keeps what it prepared for the first image; images may change their size. */
    @ParameterizedTest
    @EnumSource(CNN2DFormat.class)
    void imagesMayChangeTheirSize(CNN2DFormat format) {
        MultiLayerConfiguration configuration = Networks.configuration(
                DataType.FLOAT,
                format,
                8,
                8,
                3,
                Networks.convolution(format, 3, 2, 0, ConvolutionMode.Same, true, Activation.RELU, 4),
                Networks.batchNormalization(format),
                Networks.convolution(format, 2, 2, 0, ConvolutionMode.Same, false, Activation.RELU, 4),
                new GlobalPoolingLayer.Builder(PoolingType.AVG)
                        .poolingDimensions(format == CNN2DFormat.NCHW ? new int[] {2, 3} : new int[] {1, 2})
                        .build());
        MultiLayerNetwork builtIn = Networks.withoutHelpers(configuration);
        Networks.randomiseParameters(builtIn, 3);
        MultiLayerNetwork helped = Networks.withHelpers(configuration);
        helped.setParams(builtIn.params());
        for (int size : new int[] {8, 7, 12, 9}) {
            int minibatch = size - 3;
            INDArray input = Networks.images(DataType.FLOAT, format, minibatch, size, size + 1, 3);
            INDArray labels = Networks.labels(DataType.FLOAT, minibatch);
            Results.of(helped, input, labels).assertEqualTo(Results.of(builtIn, input, labels));
        }
    }

    /** Deeplearning4j makes up a bias of ND4J's default type for a convolution without one. */
    @Test
    void defaultTypeMayBeAnother() {
        DataType before = Nd4j.defaultFloatingPointType();
        Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
        try {
            assertEqual(image(
                    "without bias",
                    1,
                    CNN2DFormat.NCHW,
                    6,
                    6,
                    3,
                    Networks.convolution(
                            CNN2DFormat.NCHW, 3, 1, 1, ConvolutionMode.Truncate, false, Activation.RELU, 4)));
        } finally {
            Nd4j.setDefaultDataTypes(before, before);
        }
    }

    @ParameterizedTest
    @EnumSource(CNN2DFormat.class)
    void float64IsUntouched(CNN2DFormat format) {
        MultiLayerConfiguration configuration = Networks.configuration(
                DataType.DOUBLE,
                format,
                6,
                6,
                3,
                Networks.convolution(format, 3, Activation.RELU, 4),
                Networks.batchNormalization(format));
        MultiLayerNetwork builtIn = Networks.withoutHelpers(configuration);
        Networks.randomiseParameters(builtIn, 3);
        MultiLayerNetwork helped = Networks.withHelpers(configuration);
        assertThat(OneDnn.report(helped).helpers()).isZero();
        helped.setParams(builtIn.params());
        INDArray input = Networks.images(DataType.DOUBLE, format, MINIBATCH, 6, 6, 3);
        INDArray labels = Networks.labels(DataType.DOUBLE, MINIBATCH);
        Results results = Results.of(helped, input, labels);
        assertThat(results.largestDistance(Results.of(builtIn, input, labels))).isZero();
    }
}
