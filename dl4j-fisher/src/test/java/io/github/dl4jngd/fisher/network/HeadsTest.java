package io.github.dl4jngd.fisher.network;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.any.IsMax;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossFMeasure;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.linalg.lossfunctions.impl.LossMAE;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Output layers, losses and masks against DL4J's own gradient and explicit matrices. */
class HeadsTest {

    private static final double TEST_F64 = 1e-9;
    /**
     * DL4J takes its gradient through the logarithm of float32 probabilities where softmax and loss are two layers;
     * ours has no logarithm.
     */
    private static final double TEST_F32 = 1e-4;

    private static final int SAMPLES = 5;
    private static final int CLASSES = 3;
    private static final int LENGTH = 6;
    private static final InputType VECTORS = InputType.feedForward(4);
    private static final InputType IMAGES = InputType.convolutional(5, 4, 2);
    private static final InputType SEQUENCES = InputType.recurrent(2, LENGTH);

    /** What the labels are. */
    private enum Labels {
        ONE_HOT,
        /** Not negative, with any sum. */
        ANY_SUM,
        /** Zeros and ones. */
        BITS,
        REAL,
        COUNTS,
        SIGNS,
        /** Numbers of classes. */
        NUMBERS
    }

    /** What a mask looks like; its entries are 0, 1 and others. */
    private enum Mask {
        NONE,
        SAMPLES,
        OUTPUTS,
        POSITIONS,
        POSITIONS_AND_OUTPUTS
    }

    /**
     * A network with a head.
     *
     * @param name what it shows
     * @param build makes the network
     * @param input the shape of a sample
     * @param labels what the labels are
     * @param shape the shape of a sample's labels
     * @param mask the label mask
     * @param scored whether DL4J's score is the loss that its gradient is of
     */
    private record Head(
            String name,
            Function<DataType, Model> build,
            List<Long> input,
            Labels labels,
            List<Long> shape,
            Mask mask,
            boolean scored) {

        Head with(Labels other) {
            return new Head(name + ", labels " + other, build, input, other, shape, mask, scored);
        }

        /** DL4J's score has a mask of each output once, its gradient twice. */
        Head with(Mask other) {
            boolean squared = other == Mask.OUTPUTS || other == Mask.POSITIONS_AND_OUTPUTS;
            return new Head(name + ", mask " + other, build, input, labels, shape, other, scored && !squared);
        }

        Head unscored() {
            return new Head(name, build, input, labels, shape, mask, false);
        }

        Model model(DataType type) {
            Model model = build.apply(type);
            model.setParams(normal(new Random(7), 0.5, type, 1, model.numParams()));
            return model;
        }

        INDArray x(DataType type) {
            return normal(new Random(8), 1, type, batch(input));
        }

        INDArray y(DataType type) {
            INDArray normal = normal(new Random(9), 1, type, batch(shape));
            return switch (labels) {
                case REAL -> normal;
                case BITS -> normal.gt(0).castTo(type);
                case SIGNS -> normal.gt(0).castTo(type).muli(2).subi(1);
                case ANY_SUM -> Transforms.abs(normal, false);
                case COUNTS -> Transforms.floor(Transforms.abs(normal.mul(3), false), false);
                case NUMBERS -> {
                    Random random = new Random(10);
                    INDArray numbers = Nd4j.create(type, normal.length());
                    for (long i = 0; i < numbers.length(); i++) {
                        numbers.putScalar(i, random.nextInt(CLASSES));
                    }
                    yield numbers.reshape(normal.shape());
                }
                case ONE_HOT ->
                    Nd4j.exec(new IsMax(
                            normal.dup('c'), Nd4j.createUninitialized(type, normal.shape(), 'c'), classAxis()))[0];
            };
        }

        private int classAxis() {
            return shape.size() > 1 && shape.get(0) != CLASSES ? shape.size() : 1;
        }

        private static long[] batch(List<Long> sample) {
            return LongStream.concat(LongStream.of(SAMPLES), sample.stream().mapToLong(size -> size))
                    .toArray();
        }

        @Nullable INDArray maskArray(DataType type) {
            long[] own =
                    switch (mask) {
                        case NONE -> new long[0];
                        case SAMPLES -> new long[] {SAMPLES, 1};
                        case OUTPUTS -> new long[] {SAMPLES, shape.get(0)};
                        case POSITIONS -> batch(shape.subList(1, shape.size()));
                        case POSITIONS_AND_OUTPUTS -> batch(shape);
                    };
            return mask == Mask.NONE ? null : weights(type, own);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static List<Long> shape(long... sizes) {
        return LongStream.of(sizes).boxed().toList();
    }

    /** Zeros, ones and numbers beyond. */
    private static INDArray weights(DataType type, long... shape) {
        Random random = new Random(11);
        INDArray flat = Nd4j.create(type, Arrays.stream(shape).reduce(1, (a, b) -> a * b));
        for (long i = 0; i < flat.length(); i++) {
            int kind = random.nextInt(4);
            flat.putScalar(i, kind == 0 ? 0 : kind == 1 ? 1.75 : 1);
        }
        flat.putScalar(0, 0);
        flat.putScalar(1, 1.75);
        return flat.reshape(shape);
    }

    private static NeuralNetConfiguration.Builder configuration(DataType type) {
        return new NeuralNetConfiguration.Builder().seed(1).dataType(type).updater(new Sgd(1));
    }

    private static Model layers(DataType type, InputType input, List<Layer> layers) {
        NeuralNetConfiguration.ListBuilder list = configuration(type).list();
        layers.forEach(list::layer);
        list.validateOutputLayerConfig(false);
        MultiLayerNetwork network =
                new MultiLayerNetwork(list.setInputType(input).build());
        network.init();
        return network;
    }

    private static Model graph(DataType type, InputType input, UnaryOperator<GraphBuilder> body) {
        GraphBuilder builder =
                body.apply(configuration(type).graphBuilder().addInputs("in").setInputTypes(input));
        builder.validateOutputLayerConfig(false);
        ComputationGraph network = new ComputationGraph(builder.build());
        network.init();
        return network;
    }

    private static Layer dense(int units, Activation activation) {
        return new DenseLayer.Builder().nOut(units).activation(activation).build();
    }

    private static Layer lossLayer(ILossFunction loss) {
        return new LossLayer.Builder(loss).activation(Activation.IDENTITY).build();
    }

    private static Layer output(ILossFunction loss, Activation activation) {
        return new OutputLayer.Builder(loss)
                .nOut(CLASSES)
                .activation(activation)
                .build();
    }

    private static Layer convolution(int channels, Activation activation, CNN2DFormat format) {
        return new ConvolutionLayer.Builder(3, 2)
                .convolutionMode(ConvolutionMode.Same)
                .nOut(channels)
                .dataFormat(format)
                .activation(activation)
                .build();
    }

    private static Layer convolution(int channels, Activation activation) {
        return convolution(channels, activation, CNN2DFormat.NCHW);
    }

    private static Layer sequenceConvolution(int channels, Activation activation) {
        return new Convolution1DLayer.Builder(3)
                .convolutionMode(ConvolutionMode.Same)
                .nOut(channels)
                .activation(activation)
                .build();
    }

    private static Head vectors(String name, Labels labels, Layer... head) {
        return new Head(
                name,
                type -> {
                    List<Layer> all = new ArrayList<>(List.of(dense(5, Activation.TANH)));
                    all.addAll(List.of(head).stream().map(Layer::clone).toList());
                    return layers(type, VECTORS, all);
                },
                shape(4),
                labels,
                shape(CLASSES),
                Mask.NONE,
                true);
    }

    private static Head images(String name, Labels labels, Layer... head) {
        return new Head(
                name,
                type -> layers(
                        type, IMAGES, List.of(head).stream().map(Layer::clone).toList()),
                shape(2, 5, 4),
                labels,
                shape(CLASSES, 5, 4),
                Mask.NONE,
                true);
    }

    private static Head sequences(String name, Labels labels, Layer... head) {
        return new Head(
                name,
                type -> layers(
                        type,
                        SEQUENCES,
                        List.of(head).stream().map(Layer::clone).toList()),
                shape(2, LENGTH),
                labels,
                shape(CLASSES, LENGTH),
                Mask.NONE,
                true);
    }

    private static Head inGraph(String name, Labels labels, UnaryOperator<GraphBuilder> body) {
        return new Head(
                "graph: " + name,
                type -> graph(type, VECTORS, body),
                shape(4),
                labels,
                shape(CLASSES),
                Mask.NONE,
                true);
    }

    private static INDArray classWeights() {
        return Nd4j.createFromArray(new double[][] {{0.5, 2, 1.25}});
    }

    private static ILossFunction loss(LossFunction function) {
        return function.getILossFunction();
    }

    /** Softmax or sigmoid in one layer, the loss in another: what Keras models become. */
    static Stream<Head> folded() {
        List<Head> heads = new ArrayList<>();
        for (LossFunction function :
                new LossFunction[] {LossFunction.MCXENT, LossFunction.NEGATIVELOGLIKELIHOOD, LossFunction.KL_DIVERGENCE
                }) {
            Head head = vectors(
                    "dense softmax, loss layer " + function,
                    Labels.ONE_HOT,
                    dense(CLASSES, Activation.SOFTMAX),
                    lossLayer(loss(function)));
            // DL4J clips the labels of a divergence in its score
            heads.add(function == LossFunction.KL_DIVERGENCE ? head.unscored() : head);
        }
        Head softmax = vectors(
                "softmax layer, loss layer",
                Labels.ONE_HOT,
                dense(CLASSES, Activation.IDENTITY),
                new ActivationLayer(Activation.SOFTMAX),
                lossLayer(new LossMCXENT()));
        heads.add(softmax);
        heads.add(softmax.with(Labels.ANY_SUM));
        heads.add(softmax.with(Mask.SAMPLES));
        heads.add(vectors(
                "softmax, dropout that retains all, loss layer",
                Labels.ONE_HOT,
                dense(CLASSES, Activation.SOFTMAX),
                new DropoutLayer.Builder().build(),
                new ActivationLayer(Activation.IDENTITY),
                lossLayer(new LossMCXENT())));
        heads.add(vectors(
                "softmax, loss layer with class weights",
                Labels.ONE_HOT,
                dense(CLASSES, Activation.SOFTMAX),
                lossLayer(new LossMCXENT(classWeights()))));
        Head sigmoid = vectors(
                "dense sigmoid, loss layer",
                Labels.BITS,
                dense(CLASSES, Activation.SIGMOID),
                lossLayer(new LossBinaryXENT()));
        heads.add(sigmoid);
        heads.add(sigmoid.with(Mask.OUTPUTS));
        heads.add(vectors(
                "sigmoid layer, loss layer with weights",
                Labels.BITS,
                dense(CLASSES, Activation.IDENTITY),
                new ActivationLayer(Activation.SIGMOID),
                lossLayer(new LossBinaryXENT(classWeights()))));
        heads.add(new Head(
                "global pooling, softmax, loss layer",
                type -> layers(
                        type,
                        IMAGES,
                        List.of(
                                convolution(CLASSES, Activation.TANH),
                                new GlobalPoolingLayer(PoolingType.AVG),
                                new ActivationLayer(Activation.SOFTMAX),
                                lossLayer(loss(LossFunction.NEGATIVELOGLIKELIHOOD)))),
                shape(2, 5, 4),
                Labels.ONE_HOT,
                shape(CLASSES),
                Mask.NONE,
                true));
        heads.add(inGraph("dense softmax, loss layer", Labels.ONE_HOT, body -> body.addLayer(
                        "hidden", dense(5, Activation.TANH), "in")
                .addLayer("softmax", dense(CLASSES, Activation.SOFTMAX), "hidden")
                .addLayer("loss", lossLayer(new LossMCXENT()), "softmax")
                .setOutputs("loss")));
        heads.add(inGraph("sum, sigmoid layer, loss layer", Labels.BITS, body -> body.addLayer(
                        "a", dense(CLASSES, Activation.TANH), "in")
                .addLayer("b", dense(CLASSES, Activation.IDENTITY), "in")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "b")
                .addLayer("sigmoid", new ActivationLayer(Activation.SIGMOID), "sum")
                .addLayer("loss", lossLayer(new LossBinaryXENT()), "sigmoid")
                .setOutputs("loss")));
        return heads.stream();
    }

    /** Probabilities that cannot be taken into the loss, and softmax inside the network. */
    static Stream<Head> unfolded() {
        return Stream.of(
                vectors("MSE of a softmax", Labels.ONE_HOT, output(loss(LossFunction.MSE), Activation.SOFTMAX)),
                vectors(
                        "softmax gate",
                        Labels.REAL,
                        dense(4, Activation.SOFTMAX),
                        output(loss(LossFunction.L2), Activation.IDENTITY)),
                vectors(
                        "softmax twice",
                        Labels.ONE_HOT,
                        dense(CLASSES, Activation.SOFTMAX),
                        new LossLayer.Builder(LossFunction.MCXENT)
                                .activation(Activation.SOFTMAX)
                                .build()),
                vectors("cross-entropy of a sigmoid", Labels.ONE_HOT, output(new LossMCXENT(), Activation.SIGMOID)),
                // DL4J scores a softmax as if its labels were one-hot
                vectors(
                                "binary cross-entropy of a softmax",
                                Labels.BITS,
                                output(new LossBinaryXENT(), Activation.SOFTMAX))
                        .unscored(),
                inGraph("mean of two softmaxes", Labels.ONE_HOT, body -> body.addLayer(
                                "a", dense(CLASSES, Activation.SOFTMAX), "in")
                        .addLayer("b", dense(CLASSES, Activation.SOFTMAX), "in")
                        .addVertex("mean", new ElementWiseVertex(ElementWiseVertex.Op.Average), "a", "b")
                        .addLayer("loss", lossLayer(new LossMCXENT()), "mean")
                        .setOutputs("loss")),
                inGraph("gated units", Labels.REAL, body -> body.addLayer("gate", dense(4, Activation.SOFTMAX), "in")
                        .addLayer("units", dense(4, Activation.TANH), "in")
                        .addVertex("product", new ElementWiseVertex(ElementWiseVertex.Op.Product), "gate", "units")
                        .addLayer("out", output(loss(LossFunction.MSE), Activation.IDENTITY), "product")
                        .setOutputs("out")));
    }

    /** Losses of an output layer. */
    static Stream<Head> losses() {
        Head softmax =
                vectors("class weights", Labels.ONE_HOT, output(new LossMCXENT(classWeights()), Activation.SOFTMAX));
        Head plain = vectors("softmax", Labels.ONE_HOT, output(new LossMCXENT(), Activation.SOFTMAX));
        Head squared = vectors("L2 with weights", Labels.REAL, output(new LossL2(classWeights()), Activation.IDENTITY));
        Head binary = vectors("binary", Labels.BITS, output(new LossBinaryXENT(), Activation.SIGMOID));
        return Stream.of(
                plain.with(Mask.SAMPLES),
                softmax,
                softmax.with(Labels.ANY_SUM),
                softmax.with(Mask.SAMPLES),
                squared,
                squared.with(Mask.SAMPLES),
                squared.with(Mask.OUTPUTS),
                vectors(
                                "loss layer, L2 of tanh",
                                Labels.REAL,
                                dense(CLASSES, Activation.IDENTITY),
                                new LossLayer.Builder(LossFunction.L2)
                                        .activation(Activation.TANH)
                                        .build())
                        .with(Mask.OUTPUTS),
                binary.with(Mask.SAMPLES),
                binary.with(Mask.OUTPUTS),
                vectors("KLD", Labels.ANY_SUM, output(loss(LossFunction.KL_DIVERGENCE), Activation.SOFTMAX))
                        .unscored(),
                vectors("Poisson", Labels.COUNTS, output(loss(LossFunction.POISSON), Activation.SOFTPLUS)),
                vectors("L1", Labels.REAL, output(loss(LossFunction.L1), Activation.IDENTITY)),
                vectors("MAE with weights", Labels.REAL, output(new LossMAE(classWeights()), Activation.TANH)),
                vectors("hinge", Labels.SIGNS, output(loss(LossFunction.HINGE), Activation.IDENTITY)),
                vectors("squared hinge", Labels.SIGNS, output(loss(LossFunction.SQUARED_HINGE), Activation.TANH)),
                vectors(
                        "MSLE",
                        Labels.ANY_SUM,
                        output(loss(LossFunction.MEAN_SQUARED_LOGARITHMIC_ERROR), Activation.SIGMOID)),
                vectors("cosine", Labels.REAL, output(loss(LossFunction.COSINE_PROXIMITY), Activation.TANH)),
                sparse());
    }

    private static Head sparse() {
        Head head = vectors("sparse", Labels.NUMBERS, output(new LossSparseMCXENT(), Activation.SOFTMAX));
        return new Head(head.name, head.build, head.input, head.labels, shape(1), head.mask, true);
    }

    /** Losses at each pixel or time step. */
    static Stream<Head> positions() {
        Head pixels = images(
                "pixels, sigmoid",
                Labels.BITS,
                convolution(CLASSES, Activation.IDENTITY),
                new CnnLossLayer.Builder(LossFunction.XENT)
                        .activation(Activation.SIGMOID)
                        .build());
        Head classes = images(
                "pixels, softmax",
                Labels.ONE_HOT,
                convolution(CLASSES, Activation.IDENTITY),
                new CnnLossLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .build());
        Head steps = sequences(
                "steps, softmax",
                Labels.ONE_HOT,
                sequenceConvolution(CLASSES, Activation.IDENTITY),
                new RnnLossLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .build());
        Head bits = sequences(
                "steps, sigmoid",
                Labels.BITS,
                sequenceConvolution(CLASSES, Activation.SIGMOID),
                new RnnLossLayer.Builder(LossFunction.XENT)
                        .activation(Activation.IDENTITY)
                        .build());
        Head output = sequences(
                "steps, output layer",
                Labels.ONE_HOT,
                sequenceConvolution(4, Activation.TANH),
                new RnnOutputLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .nOut(CLASSES)
                        .build());
        Head regression = sequences(
                "steps, output layer, MSE",
                Labels.REAL,
                sequenceConvolution(4, Activation.TANH),
                new RnnOutputLayer.Builder(LossFunction.MSE)
                        .activation(Activation.IDENTITY)
                        .nOut(CLASSES)
                        .build());
        return Stream.of(
                pixels,
                pixels.with(Mask.SAMPLES),
                pixels.with(Mask.POSITIONS),
                pixels.with(Mask.POSITIONS_AND_OUTPUTS),
                classes,
                classes.with(Mask.POSITIONS),
                images(
                        "pixels, MSE of a softmax",
                        Labels.REAL,
                        convolution(CLASSES, Activation.IDENTITY),
                        new CnnLossLayer.Builder(LossFunction.MSE)
                                .activation(Activation.SOFTMAX)
                                .build()),
                channelsLast(Activation.IDENTITY, Activation.SOFTMAX),
                steps,
                steps.with(Mask.POSITIONS),
                bits,
                bits.with(Mask.POSITIONS_AND_OUTPUTS),
                output,
                output.with(Mask.POSITIONS),
                regression,
                regression.with(Mask.POSITIONS_AND_OUTPUTS));
    }

    /**
     * Images with channels last; DL4J's score there is not the loss that its gradient is of.
     *
     * @param below the convolution's activation
     * @param above the loss layer's
     */
    private static Head channelsLast(Activation below, Activation above) {
        return new Head(
                "pixels, NHWC, " + below + ", " + above,
                type -> layers(
                        type,
                        InputType.convolutional(5, 4, 2, CNN2DFormat.NHWC),
                        List.of(
                                convolution(CLASSES, below, CNN2DFormat.NHWC),
                                new CnnLossLayer.Builder(LossFunction.MCXENT)
                                        .activation(above)
                                        .format(CNN2DFormat.NHWC)
                                        .build())),
                shape(5, 4, 2),
                Labels.ONE_HOT,
                shape(5, 4, CLASSES),
                Mask.NONE,
                false);
    }

    /**
     * DL4J's convolution with a softmax over the channels of NHWC images takes it over the width on its way back; ours
     * is the derivative of the loss.
     */
    @Test
    void softmaxOfImagesWithChannelsLastIsFolded() {
        Head two = channelsLast(Activation.SOFTMAX, Activation.IDENTITY);
        Head one = channelsLast(Activation.IDENTITY, Activation.SOFTMAX);
        INDArray x = one.x(DataType.DOUBLE);
        INDArray y = one.y(DataType.DOUBLE);
        INDArray expected = gradient(one.model(DataType.DOUBLE), x, y);
        Model model = two.model(DataType.DOUBLE);
        Point folded = Point.of(model, x, y);
        assertThat(relativeError(folded.gradient(), expected)).isLessThan(TEST_F64);
        assertThat(folded.network().lossModel().description()).startsWith("softmax");
        assertThat(relativeError(gradient(model, x, y), expected)).isGreaterThan(0.1);
    }

    static Stream<Head> heads() {
        return Stream.of(folded(), unfolded(), losses(), positions()).flatMap(heads -> heads);
    }

    /** DL4J's gradient of the mean loss as a flat vector. */
    private static INDArray gradient(Model model, INDArray x, INDArray y) {
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
        model.paramTable(false).forEach((name, view) -> Nd4j.create(
                        flat.data(), view.shape(), view.stride(), view.offset(), view.ordering())
                .assign(gradient.getGradientFor(name)));
        return flat.divi(x.size(0));
    }

    private static void setMasks(Model model, @Nullable INDArray features, @Nullable INDArray labels) {
        if (model instanceof MultiLayerNetwork network) {
            network.setLayerMaskArrays(features, labels);
        } else {
            ((ComputationGraph) model)
                    .setLayerMaskArrays(
                            features == null ? null : new INDArray[] {features},
                            labels == null ? null : new INDArray[] {labels});
        }
    }

    /** A network at a minibatch, as a step sees it. */
    private record Point(LinearizedNetwork network, Linearization at, Targets targets, OutputMetric metric) {

        static Point of(Model model, INDArray x, INDArray y) {
            LiveModel live = LiveModel.of(model);
            LinearizedNetwork network = live.compile(BatchStatistics.COUPLED).masked(live.layerMasks());
            Linearization at = network.at(x);
            Targets targets = network.targets(List.of(y), live.lossMasks());
            return new Point(network, at, targets, targets.loss().at(at.outputs()));
        }

        INDArray gradient() {
            return at.vjp(metric.residual(targets.labels())).divi(at.samples());
        }

        double loss() {
            return metric.meanLoss(targets.labels());
        }
    }

    @ParameterizedTest
    @MethodSource("heads")
    void gradientIsTheModels(Head head) {
        check(head, DataType.DOUBLE, TEST_F64);
    }

    @ParameterizedTest
    @MethodSource("heads")
    void gradientInFloat32(Head head) {
        check(head, DataType.FLOAT, TEST_F32);
    }

    private static void check(Head head, DataType type, double tolerance) {
        Model model = head.model(type);
        INDArray x = head.x(type);
        INDArray y = head.y(type);
        setMasks(model, null, head.maskArray(type));
        INDArray expected = gradient(model, x, y);
        Point point = Point.of(model, x, y);
        assertThat(relativeError(point.gradient(), expected)).isLessThan(tolerance);
        if (head.scored()) {
            assertThat(point.loss()).isCloseTo(model.score(), offset(tolerance * Math.max(1, Math.abs(model.score()))));
        }
    }

    /** J̃ᵀJ̃/N is (1/N) Σ J_nᵀ H_n J_n, J from one vjp for each output and H from its products with unit vectors. */
    @ParameterizedTest
    @MethodSource("heads")
    void fisherMatrixIsTheExplicitOne(Head head) {
        Model model = head.model(DataType.DOUBLE);
        setMasks(model, null, head.maskArray(DataType.DOUBLE));
        Point point = Point.of(model, head.x(DataType.DOUBLE), head.y(DataType.DOUBLE));
        long outputs = point.at().outputs().size(1);
        INDArray fisher = Nd4j.create(DataType.DOUBLE, model.numParams(), model.numParams());
        for (int n = 0; n < SAMPLES; n++) {
            INDArray jacobian = Nd4j.create(DataType.DOUBLE, outputs, model.numParams());
            INDArray metric = Nd4j.create(DataType.DOUBLE, outputs, outputs);
            for (int k = 0; k < outputs; k++) {
                INDArray one = Nd4j.create(DataType.DOUBLE, SAMPLES, outputs);
                one.putScalar(n, k, 1);
                jacobian.getRow(k).assign(point.at().vjp(one));
                metric.getRow(k).assign(point.metric().times(one).getRow(n));
            }
            fisher.addi(jacobian.transpose().mmul(metric).mmul(jacobian).divi(SAMPLES));
        }
        OutputRoot columns =
                OutputRoot.of(FisherType.TRUE, point.metric(), point.targets().labels(), 1, null);
        FisherRoot root = point.at().fisherRoot(columns, RootOptions.factored(Parameterization.standard()));
        INDArray rows = root.toDense();
        assertThat(relativeError(rows.transpose().mmul(rows).divi(SAMPLES), fisher))
                .isLessThan(TEST_F64);
        assertThat(relativeError(root.gradient(), point.gradient())).isLessThan(1e-7);
    }

    /** Outputs and derivatives are those of the network: jvp by central differences. */
    @ParameterizedTest
    @MethodSource("heads")
    void jvpIsTheDirectionalDerivative(Head head) {
        Point point = Point.of(head.model(DataType.DOUBLE), head.x(DataType.DOUBLE), head.y(DataType.DOUBLE));
        INDArray theta = point.network().parameters();
        INDArray v = normal(new Random(3), 1, DataType.DOUBLE, theta.length());
        double h = 1e-5;
        INDArray up =
                point.network().at(head.x(DataType.DOUBLE), theta.add(v.mul(h))).outputs();
        INDArray down =
                point.network().at(head.x(DataType.DOUBLE), theta.sub(v.mul(h))).outputs();
        assertThat(relativeError(point.at().jvp(v), up.sub(down).div(2 * h))).isLessThan(1e-6);
    }

    /** The two layers that Keras' classifiers end in are the output layer that they stand for. */
    @Test
    void foldedHeadIsAnOutputLayer() {
        for (Activation activation : new Activation[] {Activation.SOFTMAX, Activation.SIGMOID}) {
            ILossFunction loss = activation == Activation.SOFTMAX ? new LossMCXENT() : new LossBinaryXENT();
            Labels labels = activation == Activation.SOFTMAX ? Labels.ONE_HOT : Labels.BITS;
            Head two = vectors("two layers", labels, dense(CLASSES, activation), lossLayer(loss));
            Head one = vectors("one layer", labels, output(loss, activation));
            INDArray x = one.x(DataType.DOUBLE);
            INDArray y = one.y(DataType.DOUBLE);
            Point folded = Point.of(two.model(DataType.DOUBLE), x, y);
            Point plain = Point.of(one.model(DataType.DOUBLE), x, y);
            assertThat(relativeError(folded.at().outputs(), plain.at().outputs()))
                    .isLessThan(TEST_F64);
            INDArray v = normal(
                    new Random(3), 1, DataType.DOUBLE, folded.at().outputs().shape());
            assertThat(relativeError(folded.metric().times(v), plain.metric().times(v)))
                    .isLessThan(TEST_F64);
            assertThat(folded.network().lossModel().description())
                    .isEqualTo(plain.network().lossModel().description());
        }
    }

    /** What another layer takes, too, stays a layer of its own. */
    @Test
    void aSoftmaxThatAnotherVertexTakesIsNotFolded() {
        Head head = inGraph("softmax of two uses", Labels.ONE_HOT, body -> body.addLayer(
                        "softmax", dense(CLASSES, Activation.SOFTMAX), "in")
                .addLayer("gate", dense(CLASSES, Activation.SIGMOID), "in")
                .addVertex("both", new MergeVertex(), "softmax", "gate")
                .addLayer("top", dense(CLASSES, Activation.SOFTMAX), "both")
                .addVertex("mean", new ElementWiseVertex(ElementWiseVertex.Op.Average), "top", "softmax")
                .addLayer("loss", lossLayer(new LossMCXENT()), "mean")
                .setOutputs("loss"));
        check(head, DataType.DOUBLE, TEST_F64);
    }

    /** A feature mask leaves positions out of a global pooling. */
    @ParameterizedTest
    @EnumSource(PoolingType.class)
    void featureMasksInGlobalPooling(PoolingType type) {
        for (boolean image : new boolean[] {false, true}) {
            Model model = layers(
                    DataType.DOUBLE,
                    image ? IMAGES : SEQUENCES,
                    List.of(
                            image ? convolution(4, Activation.TANH) : sequenceConvolution(4, Activation.TANH),
                            new GlobalPoolingLayer.Builder(type).pnorm(3).build(),
                            output(new LossMCXENT(), Activation.SOFTMAX)));
            model.setParams(normal(new Random(7), 0.5, DataType.DOUBLE, 1, model.numParams()));
            INDArray x = normal(
                    new Random(8),
                    1,
                    DataType.DOUBLE,
                    image ? new long[] {SAMPLES, 2, 5, 4} : new long[] {SAMPLES, 2, LENGTH});
            INDArray y = vectors("", Labels.ONE_HOT, output(new LossMCXENT(), Activation.SOFTMAX))
                    .y(DataType.DOUBLE);
            INDArray mask = weights(
                            DataType.DOUBLE, image ? new long[] {SAMPLES, 1, 5, 4} : new long[] {SAMPLES, LENGTH})
                    .gt(0)
                    .castTo(DataType.DOUBLE);
            setMasks(model, mask, null);
            INDArray expected = gradient(model, x, y);
            Point point = Point.of(model, x, y);
            assertThat(relativeError(point.gradient(), expected)).isLessThan(TEST_F64);
            assertThat(point.loss()).isCloseTo(model.score(), offset(TEST_F64));
            setMasks(model, Nd4j.ones(DataType.DOUBLE, mask.shape()), null);
            INDArray unmasked = gradient(model, x, y);
            assertThat(relativeError(Point.of(model, x, y).gradient(), unmasked))
                    .isLessThan(TEST_F64);
            assertThat(relativeError(unmasked, expected)).isGreaterThan(1e-3);
        }
    }

    /** T may differ between minibatches. */
    @Test
    void sequencesOfAnotherLength() {
        Model model = layers(
                DataType.DOUBLE,
                InputType.recurrent(2),
                List.of(
                        sequenceConvolution(4, Activation.TANH),
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .activation(Activation.SOFTMAX)
                                .nOut(CLASSES)
                                .build()));
        LinearizedNetwork network = LinearizedNetwork.of((MultiLayerNetwork) model);
        for (int length : new int[] {1, 4, 9}) {
            INDArray x = normal(new Random(8), 1, DataType.DOUBLE, SAMPLES, 2, length);
            INDArray y = Nd4j.create(DataType.DOUBLE, SAMPLES, CLASSES, length);
            for (int n = 0; n < SAMPLES; n++) {
                for (int t = 0; t < length; t++) {
                    y.putScalar(new int[] {n, (n + t) % CLASSES, t}, 1);
                }
            }
            INDArray expected = gradient(model, x, y);
            Linearization at = network.at(x);
            Targets targets = network.targets(y, null);
            INDArray r = targets.loss().at(at.outputs()).residual(targets.labels());
            assertThat(relativeError(at.vjp(r).divi(SAMPLES), expected)).isLessThan(TEST_F64);
        }
    }

    @Test
    void refusesByName() {
        Head linear = vectors("", Labels.ONE_HOT, dense(CLASSES, Activation.IDENTITY), lossLayer(new LossMCXENT()));
        assertThatThrownBy(() -> LiveModel.of(linear.model(DataType.DOUBLE)).compile(BatchStatistics.COUPLED))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("Layer 2")
                .hasMessageContaining("Give this layer the activation SOFTMAX");
        Head measure = vectors("", Labels.BITS, output(new LossFMeasure(), Activation.SIGMOID));
        assertThatThrownBy(() -> LiveModel.of(measure.model(DataType.DOUBLE)).compile(BatchStatistics.COUPLED))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("no sum over samples")
                .hasMessageContaining("XENT");
        Model constant =
                layers(DataType.DOUBLE, VECTORS, List.of(dense(1, Activation.SOFTMAX), lossLayer(new LossMCXENT())));
        assertThatThrownBy(() -> LiveModel.of(constant).compile(BatchStatistics.COUPLED))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("a softmax over one output is constant");
    }

    @Test
    void labelsAndMasksThatDoNotFit() {
        Head head = sequences(
                "",
                Labels.ONE_HOT,
                sequenceConvolution(CLASSES, Activation.IDENTITY),
                new RnnLossLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .build());
        LinearizedNetwork network = LiveModel.of(head.model(DataType.DOUBLE)).compile(BatchStatistics.COUPLED);
        INDArray y = head.y(DataType.DOUBLE);
        assertThatThrownBy(() -> network.targets(Nd4j.ones(DataType.DOUBLE, SAMPLES, CLASSES), null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("RnnLossLayer");
        assertThatThrownBy(() -> network.targets(y, Nd4j.ones(DataType.DOUBLE, SAMPLES, LENGTH + 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("The mask has shape");
        LinearizedNetwork sparse = LiveModel.of(sparse().model(DataType.DOUBLE)).compile(BatchStatistics.COUPLED);
        assertThatThrownBy(() ->
                        sparse.targets(Nd4j.ones(DataType.DOUBLE, SAMPLES, 1).muli(CLASSES), null))
                .hasMessageContaining("from 0 to 2");
    }

    /** DL4J multiplies what goes into an output layer's activation by the mask. */
    @Test
    void weightsBelowAnActivationAreRefused() {
        Head head = vectors("", Labels.REAL, output(loss(LossFunction.L2), Activation.TANH))
                .with(Mask.SAMPLES);
        LinearizedNetwork network = LiveModel.of(head.model(DataType.DOUBLE)).compile(BatchStatistics.COUPLED);
        INDArray y = head.y(DataType.DOUBLE);
        assertThatThrownBy(() -> network.targets(y, head.maskArray(DataType.DOUBLE)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a loss layer");
        INDArray bits = Nd4j.ones(DataType.DOUBLE, SAMPLES, 1).putScalar(1, 0, 0);
        Model model = head.model(DataType.DOUBLE);
        setMasks(model, null, bits);
        INDArray x = head.x(DataType.DOUBLE);
        INDArray expected = gradient(model, x, y);
        assertThat(relativeError(Point.of(model, x, y).gradient(), expected)).isLessThan(TEST_F64);
    }

    /** A feature mask of samples reaches dense layers, and the loss. */
    @Test
    void featureMasksInDenseLayers() {
        Head head =
                vectors("", Labels.ONE_HOT, dense(4, Activation.SIGMOID), output(new LossMCXENT(), Activation.SOFTMAX));
        INDArray x = head.x(DataType.DOUBLE);
        INDArray y = head.y(DataType.DOUBLE);
        INDArray mask = Nd4j.ones(DataType.DOUBLE, SAMPLES, 1).putScalar(1, 0, 0);
        for (INDArray labelMask : new INDArray[] {null, Nd4j.ones(DataType.DOUBLE, SAMPLES, 1)}) {
            Model model = head.model(DataType.DOUBLE);
            setMasks(model, mask, labelMask);
            INDArray expected = gradient(model, x, y);
            Point point = Point.of(model, x, y);
            assertThat(relativeError(point.gradient(), expected)).isLessThan(TEST_F64);
            assertThat(point.loss()).isCloseTo(model.score(), offset(TEST_F64));
        }
    }

    /** Padded steps have labels of zeros, which say nothing. */
    @Test
    void paddedLabels() {
        Head head = sequences(
                "",
                Labels.ONE_HOT,
                sequenceConvolution(CLASSES, Activation.IDENTITY),
                new RnnLossLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .build());
        Model model = head.model(DataType.DOUBLE);
        INDArray x = head.x(DataType.DOUBLE);
        INDArray y = head.y(DataType.DOUBLE);
        INDArray mask = Nd4j.ones(DataType.DOUBLE, SAMPLES, LENGTH);
        for (int t = 3; t < LENGTH; t++) {
            mask.putScalar(2, t, 0);
            for (int k = 0; k < CLASSES; k++) {
                y.putScalar(new int[] {2, k, t}, 0);
            }
        }
        setMasks(model, null, mask);
        INDArray expected = gradient(model, x, y);
        assertThat(relativeError(Point.of(model, x, y).gradient(), expected)).isLessThan(TEST_F64);
    }
}
