package io.github.dl4jngd.testing;

import static io.github.dl4jngd.testing.TestNetworks.normal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling1D;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Small seeded networks over images, one for every layer, vertex and setting. */
public final class ImageNetworks {

    private static final int HEIGHT = 7;
    private static final int WIDTH = 6;
    private static final int CHANNELS = 3;

    /** What batch normalisation keeps among its parameters: they have updates and no gradients. */
    private static final Set<String> RUNNING_STATISTICS = Set.of("mean", "var", "log10stdev");

    /** Parameters near one. */
    private static final Set<String> SPREAD = Set.of("var", "gamma");

    private ImageNetworks() {}

    private static String nameInLayer(String key) {
        return key.substring(key.lastIndexOf('_') + 1);
    }

    /** A DL4J network of either class. */
    public record Network(Model model) {

        /**
         * DL4J's gradient of the mean loss as a flat vector in the order of the parameters, zero for what is not
         * trained.
         */
        public INDArray gradient(INDArray x, INDArray y) {
            Gradient gradient;
            if (model instanceof MultiLayerNetwork network) {
                network.setInput(x);
                network.setLabels(y);
                network.computeGradientAndScore();
                gradient = network.gradient();
            } else {
                ComputationGraph graph = (ComputationGraph) model;
                graph.setInputs(x);
                graph.setLabels(y);
                graph.computeGradientAndScore();
                gradient = graph.gradient();
            }
            INDArray flat = Nd4j.create(x.dataType(), model.numParams());
            model.paramTable(false).forEach((name, view) -> {
                INDArray part = gradient.getGradientFor(name);
                if (part != null && !RUNNING_STATISTICS.contains(nameInLayer(name))) {
                    Nd4j.create(flat.data(), view.shape(), view.stride(), view.offset(), view.ordering())
                            .assign(part);
                }
            });
            return flat.divi(x.size(0));
        }

        /** The score of the last gradient. */
        public double score() {
            return model.score();
        }
    }

    /**
     * One network and its data.
     *
     * @param name what it shows
     * @param build makes a fresh network
     * @param sample the shape of a sample
     * @param samples N
     * @param outputs C
     * @param softmax whether the loss is a softmax cross-entropy, else L2
     * @param dataType the network's type
     * @param words how many words its inputs are indices of; 0 where they are normal numbers
     */
    public record Case(
            String name,
            Build build,
            List<Long> sample,
            int samples,
            int outputs,
            boolean softmax,
            DataType dataType,
            int words) {

        Case(
                String name,
                Build build,
                List<Long> sample,
                int samples,
                int outputs,
                boolean softmax,
                DataType dataType) {
            this(name, build, sample, samples, outputs, softmax, dataType, 0);
        }

        /** Skips the test that calls it where Deeplearning4j itself fails on the network. */
        public void skipKnownDefects() {
            if (name.startsWith("layer normalisation")) {
                KnownDefect.LAYER_NORMALISATION_IN_DENSE_LAYERS.skip();
            }
            if (name.startsWith("pool") && name.endsWith("with a kernel larger than what is left")) {
                KnownDefect.POOLING_WINDOWS_LARGER_THAN_THEIR_INPUT.skip();
            }
        }

        /** The network, with parameters drawn so that biases and running statistics are not trivial. */
        public Network model() {
            Model model = build.of(dataType);
            Random random = new Random(17);
            if (model instanceof MultiLayerNetwork network) {
                network.init();
            } else {
                ((ComputationGraph) model).init();
            }
            Network network = new Network(model);
            model.paramTable(false).entrySet().stream()
                    .sorted(Comparator.comparingLong(entry -> entry.getValue().offset()))
                    .forEach(entry -> {
                        boolean spread = SPREAD.contains(nameInLayer(entry.getKey()));
                        INDArray view = entry.getValue();
                        INDArray drawn = normal(random, spread ? 0.2 : 0.4, dataType, view.shape());
                        view.assign(spread ? drawn.addi(1) : drawn);
                    });
            return network;
        }

        /** x. */
        public INDArray input() {
            long[] shape = new long[sample.size() + 1];
            shape[0] = samples;
            for (int i = 0; i < sample.size(); i++) {
                shape[i + 1] = sample.get(i);
            }
            if (words > 0) {
                Random random = new Random(11);
                INDArray indices = Nd4j.create(dataType, shape);
                for (long i = 0; i < indices.length(); i++) {
                    indices.putScalar(i, random.nextInt(words));
                }
                return indices;
            }
            return normal(new Random(11), 1, dataType, shape);
        }

        /** y. */
        public INDArray labels() {
            if (!softmax) {
                return normal(new Random(12), 1, dataType, samples, outputs);
            }
            INDArray labels = Nd4j.create(dataType, samples, outputs);
            for (int n = 0; n < samples; n++) {
                labels.putScalar(n, (3 * n + 1) % outputs, 1);
            }
            return labels;
        }

        /** The same in another type. */
        public Case withDataType(DataType type) {
            return new Case(name, build, sample, samples, outputs, softmax, type, words);
        }

        /** The same with indices of words as inputs. */
        Case withWords(int count) {
            return new Case(name, build, sample, samples, outputs, softmax, dataType, count);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** Makes a network of a type. */
    public interface Build {
        Model of(DataType dataType);
    }

    /** All cases. */
    public static Stream<Case> grid() {
        List<Case> cases = new ArrayList<>();
        for (CNN2DFormat format : CNN2DFormat.values()) {
            String suffix = " " + format;
            for (ConvolutionMode mode :
                    new ConvolutionMode[] {ConvolutionMode.Truncate, ConvolutionMode.Same, ConvolutionMode.Strict}) {
                cases.add(layers(
                        "conv 3x3 " + mode + suffix,
                        format,
                        () -> List.of(conv(4, 3, 1, mode, format).build())));
                if (mode != ConvolutionMode.Strict) {
                    cases.add(layers(
                            "conv 3x2 stride 2x1 " + mode + suffix,
                            format,
                            () -> List.of(conv(3, 3, 1, mode, format)
                                    .kernelSize(3, 2)
                                    .stride(2, 1)
                                    .hasBias(false)
                                    .build())));
                    cases.add(layers(
                            "dilated conv " + mode + suffix,
                            format,
                            () -> List.of(
                                    conv(3, 2, 1, mode, format).dilation(2, 2).build())));
                }
            }
            cases.add(layers(
                    "padded conv, conv 1x1" + suffix,
                    format,
                    () -> List.of(
                            conv(4, 3, 2, ConvolutionMode.Truncate, format)
                                    .padding(1, 2)
                                    .build(),
                            conv(2, 1, 1, ConvolutionMode.Truncate, format).build())));
            for (SubsamplingLayer.PoolingType type : new SubsamplingLayer.PoolingType[] {
                SubsamplingLayer.PoolingType.MAX, SubsamplingLayer.PoolingType.AVG, SubsamplingLayer.PoolingType.PNORM
            }) {
                for (ConvolutionMode mode : new ConvolutionMode[] {ConvolutionMode.Truncate, ConvolutionMode.Same}) {
                    cases.add(layers(
                            "pool " + type + " " + mode + suffix,
                            format,
                            () -> List.of(
                                    conv(3, 2, 1, mode, format).build(),
                                    pool(type, mode, format).build())));
                }
            }
            for (boolean include : new boolean[] {true, false}) {
                cases.add(layers(
                        "padded average pool, padding " + (include ? "counted" : "not counted") + suffix,
                        format,
                        () -> List.of(
                                conv(3, 2, 1, ConvolutionMode.Truncate, format).build(),
                                pool(SubsamplingLayer.PoolingType.AVG, ConvolutionMode.Truncate, format)
                                        .padding(1, 1)
                                        .avgPoolIncludePadInDivisor(include)
                                        .build())));
            }
            cases.add(layers(
                    "padded max pool" + suffix,
                    format,
                    () -> List.of(
                            conv(3, 2, 1, ConvolutionMode.Truncate, format).build(),
                            pool(SubsamplingLayer.PoolingType.MAX, ConvolutionMode.Truncate, format)
                                    .padding(1, 1)
                                    .build())));
            cases.add(layers(
                    "batch normalisation" + suffix,
                    format,
                    () -> List.of(
                            conv(3, 2, 1, ConvolutionMode.Truncate, format)
                                    .activation(Activation.IDENTITY)
                                    .build(),
                            new BatchNormalization.Builder().dataFormat(format).build(),
                            new ActivationLayer(Activation.TANH),
                            conv(2, 2, 1, ConvolutionMode.Truncate, format).build())));
        }
        for (CNN2DFormat format : CNN2DFormat.values()) {
            for (ConvolutionMode mode :
                    new ConvolutionMode[] {ConvolutionMode.Truncate, ConvolutionMode.Same, ConvolutionMode.Strict}) {
                int stride = mode == ConvolutionMode.Strict ? 1 : 2;
                int dilation = mode == ConvolutionMode.Truncate ? 2 : 1;
                String setting = " " + mode + ", stride " + stride + ", dilation " + dilation + " " + format;
                cases.add(layers(
                        "depthwise conv" + setting,
                        format,
                        () -> List.of(new DepthwiseConvolution2D.Builder(4, 2)
                                .depthMultiplier(2)
                                .stride(stride, 1)
                                .dilation(dilation, 1)
                                .hasBias(mode != ConvolutionMode.Same)
                                .convolutionMode(mode)
                                .dataFormat(format)
                                .activation(Activation.TANH)
                                .build())));
                cases.add(layers(
                        "separable conv" + setting,
                        format,
                        () -> List.of(new SeparableConvolution2D.Builder(2, 3)
                                .nOut(4)
                                .depthMultiplier(2)
                                .stride(1, stride)
                                .dilation(1, dilation)
                                .hasBias(mode != ConvolutionMode.Same)
                                .convolutionMode(mode)
                                .dataFormat(format)
                                .activation(Activation.TANH)
                                .build())));
                cases.add(layers(
                        "transposed conv" + setting,
                        format,
                        () -> List.of(
                                conv(2, 3, 2, ConvolutionMode.Truncate, format).build(),
                                new Deconvolution2D.Builder(3, 2)
                                        .nOut(3)
                                        .stride(stride, 2)
                                        .dilation(1, dilation)
                                        .hasBias(mode != ConvolutionMode.Same)
                                        .padding(mode == ConvolutionMode.Truncate ? 1 : 0, 0)
                                        .convolutionMode(mode)
                                        .dataFormat(format)
                                        .activation(Activation.TANH)
                                        .build())));
            }
            for (int n = 3; n < 5; n++) {
                int width = n;
                cases.add(layers(
                        "local response normalisation over " + n + " " + format,
                        format,
                        () -> List.of(
                                conv(6, 3, 2, ConvolutionMode.Truncate, format).build(),
                                new LocalResponseNormalization.Builder(1.5, width, 0.4, 0.75)
                                        .dataFormat(format)
                                        .build())));
            }
            cases.add(layers(
                    "depthwise conv below a batch normalisation " + format,
                    format,
                    () -> List.of(
                            new DepthwiseConvolution2D.Builder(4, 2)
                                    .depthMultiplier(2)
                                    .stride(2, 2)
                                    .dataFormat(format)
                                    .build(),
                            new BatchNormalization.Builder().dataFormat(format).build())));
            cases.add(layers(
                    "transposed conv below a batch normalisation " + format,
                    format,
                    () -> List.of(
                            conv(2, 3, 2, ConvolutionMode.Truncate, format).build(),
                            new Deconvolution2D.Builder(2, 2)
                                    .nOut(3)
                                    .stride(2, 2)
                                    .dataFormat(format)
                                    .build(),
                            new BatchNormalization.Builder().dataFormat(format).build())));
            cases.add(layers(
                    "zero padding, cropping, upsampling " + format,
                    format,
                    () -> List.of(
                            new ZeroPaddingLayer.Builder(1, 2, 0, 3)
                                    .dataFormat(format)
                                    .build(),
                            conv(3, 2, 1, ConvolutionMode.Truncate, format).build(),
                            new Upsampling2D.Builder()
                                    .size(new int[] {2, 3})
                                    .dataFormat(format)
                                    .build(),
                            new Cropping2D.Builder(1, 0, 2, 3)
                                    .dataFormat(format)
                                    .build(),
                            conv(2, 3, 2, ConvolutionMode.Truncate, format).build())));
        }
        for (ConvolutionMode mode : new ConvolutionMode[] {ConvolutionMode.Truncate, ConvolutionMode.Same}) {
            for (int dilation = 1; dilation < 3; dilation++) {
                int spread = dilation;
                cases.add(sequences(
                        "conv1d " + mode + ", dilation " + dilation,
                        () -> List.of(
                                conv1d(4, 3, 2, mode).dilation(spread).build(),
                                conv1d(3, 2, 1, mode).hasBias(false).build())));
            }
            for (SubsamplingLayer.PoolingType type : new SubsamplingLayer.PoolingType[] {
                SubsamplingLayer.PoolingType.MAX, SubsamplingLayer.PoolingType.AVG
            }) {
                cases.add(sequences(
                        "pool1d " + type + " " + mode,
                        () -> List.of(
                                conv1d(4, 2, 1, mode).build(),
                                new Subsampling1DLayer.Builder(type, 3, 2)
                                        .convolutionMode(mode)
                                        .build())));
            }
        }
        cases.add(sequences(
                "zero padding, cropping, upsampling of sequences",
                () -> List.of(
                        new ZeroPadding1DLayer.Builder(2, 1).build(),
                        conv1d(3, 2, 1, ConvolutionMode.Truncate).build(),
                        new Upsampling1D.Builder(2).build(),
                        new Cropping1D.Builder(1, 3).build(),
                        conv1d(2, 3, 2, ConvolutionMode.Truncate).build())));
        for (PoolingType type : PoolingType.values()) {
            cases.add(layers(
                    "global " + type,
                    CNN2DFormat.NCHW,
                    () -> List.of(
                            conv(4, 3, 1, ConvolutionMode.Truncate, CNN2DFormat.NCHW)
                                    .build(),
                            new GlobalPoolingLayer.Builder(type).pnorm(3).build())));
        }
        cases.add(layers(
                "locked batch normalisation",
                CNN2DFormat.NCHW,
                () -> List.of(
                        conv(3, 2, 1, ConvolutionMode.Truncate, CNN2DFormat.NCHW)
                                .build(),
                        new BatchNormalization.Builder()
                                .lockGammaBeta(true)
                                .gamma(0.7)
                                .beta(0.2)
                                .build())));
        for (boolean bias : new boolean[] {true, false}) {
            cases.add(layers(
                    "layer normalisation in dense layers" + (bias ? "" : " without bias"),
                    CNN2DFormat.NCHW,
                    () -> List.of(
                            conv(3, 3, 2, ConvolutionMode.Truncate, CNN2DFormat.NCHW)
                                    .build(),
                            new DenseLayer.Builder()
                                    .nOut(6)
                                    .hasLayerNorm(true)
                                    .hasBias(bias)
                                    .activation(Activation.TANH)
                                    .build())));
        }
        cases.add(layers(
                "layer normalisation below a batch normalisation",
                CNN2DFormat.NCHW,
                () -> List.of(
                        new DenseLayer.Builder()
                                .nOut(6)
                                .hasLayerNorm(true)
                                .activation(Activation.TANH)
                                .build(),
                        new BatchNormalization.Builder().build())));
        cases.add(layers(
                "batch normalisation locked at its defaults, first",
                CNN2DFormat.NCHW,
                () -> List.of(
                        new BatchNormalization.Builder().lockGammaBeta(true).build(),
                        conv(3, 2, 1, ConvolutionMode.Truncate, CNN2DFormat.NCHW)
                                .build())));
        cases.add(layers(
                "dense batch normalisation",
                CNN2DFormat.NCHW,
                () -> List.of(
                        conv(3, 3, 2, ConvolutionMode.Truncate, CNN2DFormat.NCHW)
                                .build(),
                        new DenseLayer.Builder()
                                .nOut(5)
                                .activation(Activation.IDENTITY)
                                .build(),
                        new BatchNormalization.Builder().useLogStd(true).build(),
                        new DenseLayer.Builder()
                                .nOut(4)
                                .activation(Activation.TANH)
                                .build())));
        cases.add(graph("residual with batch normalisation", true, builder -> residual(builder, true)));
        cases.add(graph("residual without batch normalisation", true, builder -> residual(builder, false)));
        cases.add(graph("vertices", false, ImageNetworks::vertices));
        for (CNN2DFormat format : CNN2DFormat.values()) {
            rearrangements(cases, format);
        }
        largePoolings(cases);
        cases.add(graph("maximum", true, ImageNetworks::maximum));
        cases.add(repeatedInputs());
        cases.add(graph("reshape, pool helper, norm of chosen dimensions", true, ImageNetworks::shapes));
        for (boolean normalized : new boolean[] {false, true}) {
            cases.add(graph(
                    "stacked inputs" + (normalized ? " below a batch normalisation" : ""),
                    true,
                    builder -> stacked(builder, normalized)));
        }
        cases.addAll(SequenceNetworks.cases());
        cases.addAll(VolumeNetworks.cases());
        cases.addAll(EmbeddingNetworks.cases());
        return cases.stream();
    }

    /** Slopes of their own and shared ones, blocks of pixels as channels. */
    private static void rearrangements(List<Case> cases, CNN2DFormat format) {
        boolean first = format == CNN2DFormat.NCHW;
        // Deeplearning4j's own layer fails where more than 64 entries of a minibatch share a slope
        for (long[] shared : new long[][] {{2}, {3}}) {
            cases.add(layers(
                    "PReLU with slopes shared along " + Arrays.toString(shared) + " " + format,
                    format,
                    () -> List.of(
                            conv(4, 2, 1, ConvolutionMode.Truncate, format)
                                    .activation(Activation.IDENTITY)
                                    .build(),
                            new PReLULayer.Builder()
                                    .inputShape(first ? new long[] {4, 6, 5} : new long[] {6, 5, 4})
                                    .sharedAxes(shared)
                                    .build())));
        }
        cases.add(layers(
                "PReLU with a slope for each entry, one below a batch normalisation " + format,
                format,
                () -> List.of(
                        conv(3, 3, 2, ConvolutionMode.Truncate, format)
                                .activation(Activation.IDENTITY)
                                .build(),
                        new PReLULayer.Builder()
                                .inputShape(first ? new long[] {3, 3, 2} : new long[] {3, 2, 3})
                                .build(),
                        new BatchNormalization.Builder().dataFormat(format).build())));
        cases.add(layers(
                "space to depth " + format,
                format,
                () -> List.of(
                        conv(3, 2, 1, ConvolutionMode.Truncate, format)
                                .kernelSize(2, 1)
                                .build(),
                        new SpaceToDepthLayer.Builder<>(2, format).build(),
                        conv(2, 2, 1, ConvolutionMode.Truncate, format).build())));
    }

    /** Where DL4J does not know the size of its inputs it pools with a window that is larger than them. */
    private static void largePoolings(List<Case> cases) {
        for (SubsamplingLayer.PoolingType type : new SubsamplingLayer.PoolingType[] {
            SubsamplingLayer.PoolingType.MAX, SubsamplingLayer.PoolingType.AVG, SubsamplingLayer.PoolingType.PNORM
        }) {
            for (ConvolutionMode mode : new ConvolutionMode[] {ConvolutionMode.Truncate, ConvolutionMode.Strict}) {
                Build build = dataType -> new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                        .seed(5)
                        .dataType(dataType)
                        .updater(new Sgd(0.1))
                        .list()
                        .layer(conv(4, 3, 2, ConvolutionMode.Truncate, CNN2DFormat.NCHW)
                                .nIn(CHANNELS)
                                .build())
                        .layer(new SubsamplingLayer.Builder(type)
                                .kernelSize(4, 3)
                                .stride(2, 2)
                                .convolutionMode(mode)
                                .pnorm(3)
                                .build())
                        .layer(new GlobalPoolingLayer.Builder(PoolingType.AVG).build())
                        .layer(softmax().nIn(4).build())
                        .build());
                cases.add(new Case(
                        "pool " + type + " " + mode + " with a kernel larger than what is left",
                        build,
                        List.of((long) CHANNELS, (long) HEIGHT, (long) WIDTH),
                        5,
                        3,
                        true,
                        DataType.DOUBLE));
            }
        }
    }

    static OutputLayer.Builder softmax() {
        return new OutputLayer.Builder(LossFunction.MCXENT).nOut(3).activation(Activation.SOFTMAX);
    }

    private static void maximum(GraphBuilder builder) {
        ConvolutionMode same = ConvolutionMode.Same;
        builder.addLayer("a", conv(4, 3, 1, same, CNN2DFormat.NCHW).build(), "in")
                .addLayer("b", conv(4, 2, 1, same, CNN2DFormat.NCHW).build(), "in")
                .addLayer("c", conv(4, 1, 1, same, CNN2DFormat.NCHW).build(), "in")
                .addVertex("largest", new ElementWiseVertex(ElementWiseVertex.Op.Max), "a", "b", "c")
                .addLayer("last", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "largest");
    }

    /** Squeeze and excitation. Where Deeplearning4j knows the sizes it refuses to join them. */
    private static Case repeatedInputs() {
        Build build = dataType -> new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(dataType)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "conv",
                        conv(4, 3, 1, ConvolutionMode.Same, CNN2DFormat.NCHW)
                                .nIn(CHANNELS)
                                .build(),
                        "in")
                .addLayer(
                        "squeeze",
                        new GlobalPoolingLayer.Builder(PoolingType.AVG)
                                .collapseDimensions(false)
                                .build(),
                        "conv")
                .addLayer(
                        "excite",
                        conv(4, 1, 1, ConvolutionMode.Same, CNN2DFormat.NCHW)
                                .nIn(4)
                                .activation(Activation.SIGMOID)
                                .build(),
                        "squeeze")
                .addVertex("gated", new ElementWiseVertex(ElementWiseVertex.Op.Product), "conv", "excite")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "gated", "excite")
                .addLayer("last", new GlobalPoolingLayer.Builder(PoolingType.MAX).build(), "sum")
                .addLayer("out", softmax().nIn(4).build(), "last")
                .setOutputs("out")
                .build());
        return new Case(
                "repeated inputs",
                build,
                List.of((long) CHANNELS, (long) HEIGHT, (long) WIDTH),
                5,
                3,
                true,
                DataType.DOUBLE);
    }

    /** Two inputs through the same layers. */
    private static void stacked(GraphBuilder builder, boolean normalized) {
        builder.addLayer(
                        "a",
                        conv(3, 3, 2, ConvolutionMode.Truncate, CNN2DFormat.NCHW)
                                .build(),
                        "in")
                .addLayer(
                        "b",
                        conv(3, 3, 2, ConvolutionMode.Truncate, CNN2DFormat.NCHW)
                                .build(),
                        "in")
                .addVertex("stack", new StackVertex(), "a", "b")
                .addLayer(
                        "shared",
                        conv(4, 2, 1, ConvolutionMode.Truncate, CNN2DFormat.NCHW)
                                .build(),
                        "stack")
                .addLayer(
                        "norm",
                        normalized ? new BatchNormalization.Builder().build() : new ActivationLayer(Activation.TANH),
                        "shared")
                .addLayer(
                        "dense",
                        new DenseLayer.Builder()
                                .nOut(4)
                                .activation(Activation.TANH)
                                .build(),
                        "norm")
                .addVertex("first", new UnstackVertex(0, 2), "dense")
                .addVertex("second", new UnstackVertex(1, 2), "dense")
                .addVertex("last", new ElementWiseVertex(ElementWiseVertex.Op.Product), "first", "second");
    }

    private static void shapes(GraphBuilder builder) {
        builder.addLayer(
                        "conv",
                        conv(4, 3, 1, ConvolutionMode.Same, CNN2DFormat.NCHW).build(),
                        "in")
                .addVertex("wide", new ReshapeVertex(-1, 6, 4, 7), "conv")
                .addVertex("back", new ReshapeVertex(-1, 2, 6, 14), "wide")
                .addVertex("image", new ReshapeVertex(-1, 4, 7, 6), "back")
                .addLayer(
                        "pool",
                        new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                                .kernelSize(2, 1)
                                .stride(1, 1)
                                .build(),
                        "image")
                .addVertex("square", new PoolHelperVertex(), "pool")
                .addLayer("pooled", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "square")
                .addVertex("last", new L2NormalizeVertex(new int[] {1}, 1e-8), "pooled");
    }

    private static ConvolutionLayer.Builder conv(
            int units, int kernel, int stride, ConvolutionMode mode, CNN2DFormat format) {
        return new ConvolutionLayer.Builder(kernel, kernel)
                .nOut(units)
                .stride(stride, stride)
                .convolutionMode(mode)
                .dataFormat(format)
                .activation(Activation.TANH);
    }

    private static SubsamplingLayer.Builder pool(
            SubsamplingLayer.PoolingType type, ConvolutionMode mode, CNN2DFormat format) {
        return new SubsamplingLayer.Builder(type)
                .kernelSize(2, 3)
                .stride(2, 1)
                .convolutionMode(mode)
                .dataFormat(format)
                .pnorm(3);
    }

    private static Case layers(String name, CNN2DFormat format, Supplier<List<Layer>> layers) {
        Build build = dataType -> {
            NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder()
                    .seed(5)
                    .dataType(dataType)
                    .updater(new Sgd(0.1))
                    .list();
            layers.get().forEach(list::layer);
            return new MultiLayerNetwork(list.layer(new OutputLayer.Builder(LossFunction.MCXENT)
                            .nOut(3)
                            .activation(Activation.SOFTMAX)
                            .build())
                    .setInputType(InputType.convolutional(HEIGHT, WIDTH, CHANNELS, format))
                    .build());
        };
        List<Long> sample = format == CNN2DFormat.NCHW
                ? List.of((long) CHANNELS, (long) HEIGHT, (long) WIDTH)
                : List.of((long) HEIGHT, (long) WIDTH, (long) CHANNELS);
        return new Case(name, build, sample, 5, 3, true, DataType.DOUBLE);
    }

    private static Convolution1DLayer.Builder conv1d(int units, int kernel, int stride, ConvolutionMode mode) {
        return new Convolution1DLayer.Builder(kernel, stride)
                .nOut(units)
                .convolutionMode(mode)
                .activation(Activation.TANH);
    }

    /** Layers over sequences [5, 3, 9], then a global pooling and the output. */
    static Case sequences(String name, Supplier<List<Layer>> layers) {
        Build build = dataType -> {
            NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder()
                    .seed(5)
                    .dataType(dataType)
                    .updater(new Sgd(0.1))
                    .list();
            layers.get().forEach(list::layer);
            return new MultiLayerNetwork(list.layer(new GlobalPoolingLayer.Builder(PoolingType.AVG).build())
                    .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                            .nOut(3)
                            .activation(Activation.SOFTMAX)
                            .build())
                    .setInputType(InputType.recurrent(CHANNELS, 9))
                    .build());
        };
        return new Case(name, build, List.of((long) CHANNELS, 9L), 5, 3, true, DataType.DOUBLE);
    }

    private static Case graph(String name, boolean softmax, Consumer<GraphBuilder> body) {
        Build build = dataType -> {
            GraphBuilder builder = new NeuralNetConfiguration.Builder()
                    .seed(5)
                    .dataType(dataType)
                    .updater(new Sgd(0.1))
                    .graphBuilder()
                    .addInputs("in")
                    .setInputTypes(InputType.convolutional(HEIGHT, WIDTH, CHANNELS));
            body.accept(builder);
            builder.addLayer(
                            "out",
                            softmax
                                    ? new OutputLayer.Builder(LossFunction.MCXENT)
                                            .nOut(3)
                                            .activation(Activation.SOFTMAX)
                                            .build()
                                    : new OutputLayer.Builder(LossFunction.L2)
                                            .nOut(2)
                                            .activation(Activation.IDENTITY)
                                            .build(),
                            "last")
                    .setOutputs("out");
            return new ComputationGraph(builder.build());
        };
        return new Case(
                name,
                build,
                List.of((long) CHANNELS, (long) HEIGHT, (long) WIDTH),
                5,
                softmax ? 3 : 2,
                softmax,
                DataType.DOUBLE);
    }

    private static void residual(GraphBuilder builder, boolean normalized) {
        ConvolutionMode same = ConvolutionMode.Same;
        Supplier<Layer> between =
                () -> normalized ? new BatchNormalization.Builder().build() : new ActivationLayer(Activation.IDENTITY);
        builder.addLayer("conv1", conv(4, 3, 1, same, CNN2DFormat.NCHW).build(), "in")
                .addLayer("bn1", between.get(), "conv1")
                .addLayer("relu1", new ActivationLayer(Activation.RELU), "bn1")
                .addLayer(
                        "conv2",
                        conv(4, 3, 1, same, CNN2DFormat.NCHW).hasBias(false).build(),
                        "relu1")
                .addLayer("bn2", between.get(), "conv2")
                .addVertex("add", new ElementWiseVertex(ElementWiseVertex.Op.Add), "bn2", "relu1")
                .addLayer("relu2", new ActivationLayer(Activation.RELU), "add")
                .addLayer("conv3", conv(3, 3, 2, same, CNN2DFormat.NCHW).build(), "relu2")
                .addLayer("last", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "conv3");
    }

    private static void vertices(GraphBuilder builder) {
        ConvolutionMode same = ConvolutionMode.Same;
        builder.addLayer("a", conv(4, 3, 1, same, CNN2DFormat.NCHW).build(), "in")
                .addLayer("b", conv(4, 1, 1, same, CNN2DFormat.NCHW).build(), "in")
                .addVertex("product", new ElementWiseVertex(ElementWiseVertex.Op.Product), "a", "b")
                .addVertex("difference", new ElementWiseVertex(ElementWiseVertex.Op.Subtract), "a", "product")
                .addVertex("mean", new ElementWiseVertex(ElementWiseVertex.Op.Average), "a", "b", "difference")
                .addVertex("merge", new MergeVertex(), "mean", "product", "a")
                .addVertex("scale", new ScaleVertex(0.7), "merge")
                .addVertex("shift", new ShiftVertex(0.3), "scale")
                .addLayer(
                        "dense",
                        new DenseLayer.Builder()
                                .nOut(8)
                                .activation(Activation.TANH)
                                .build(),
                        "shift")
                .addVertex("subset", new SubsetVertex(1, 6), "dense")
                .addVertex("last", new L2NormalizeVertex(), "subset");
    }
}
