package io.github.dl4jngd.testing;

import static io.github.dl4jngd.testing.TestNetworks.normal;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Graphs with several outputs, each with a loss of its own. */
public final class GraphsWithSeveralOutputs {

    private static final InputType VECTORS = InputType.feedForward(4);
    private static final int LENGTH = 4;

    private GraphsWithSeveralOutputs() {}

    /** A loss and what it makes of outputs. */
    public enum Loss {
        SOFTMAX(LossFunction.MCXENT, Activation.SOFTMAX),
        SIGMOID(LossFunction.XENT, Activation.SIGMOID),
        SQUARED(LossFunction.L2, Activation.IDENTITY),
        MEAN_SQUARED(LossFunction.MSE, Activation.IDENTITY),
        POISSON(LossFunction.POISSON, Activation.SOFTPLUS);

        private final LossFunction function;
        private final Activation activation;

        Loss(LossFunction function, Activation activation) {
            this.function = function;
            this.activation = activation;
        }

        /** The metric of one sample at one position. */
        private INDArray metric(INDArray f) {
            long classes = f.length();
            INDArray identity = Nd4j.eye(classes).castTo(DataType.DOUBLE);
            return switch (this) {
                case SOFTMAX -> {
                    INDArray e = Transforms.exp(f, true);
                    INDArray p = e.div(e.sumNumber().doubleValue());
                    INDArray column = p.reshape(classes, 1);
                    yield identity.mulColumnVector(column).sub(column.mmul(column.transpose()));
                }
                case SIGMOID -> {
                    INDArray p = Transforms.sigmoid(f, true);
                    yield identity.mulColumnVector(p.mul(p.rsub(1)).reshape(classes, 1));
                }
                case SQUARED -> identity.mul(2);
                case MEAN_SQUARED -> identity.mul(2.0 / classes);
                case POISSON -> identity.divColumnVector(f.reshape(classes, 1));
            };
        }

        private INDArray labels(Random random, DataType type, long samples, long classes, long positions) {
            INDArray drawn = normal(random, 1, DataType.DOUBLE, samples, classes, positions);
            INDArray labels =
                    switch (this) {
                        case SOFTMAX -> {
                            INDArray largest = drawn.max(true, 1);
                            yield drawn.eq(Nd4j.ones(DataType.DOUBLE, drawn.shape())
                                            .mul(largest))
                                    .castTo(DataType.DOUBLE);
                        }
                        case SIGMOID -> drawn.gt(0).castTo(DataType.DOUBLE);
                        case SQUARED, MEAN_SQUARED -> drawn;
                        case POISSON -> Transforms.floor(Transforms.abs(drawn.mul(3), false), false);
                    };
            return labels.castTo(type);
        }
    }

    /**
     * One output.
     *
     * @param name its layer
     * @param loss its loss
     * @param classes C
     * @param shape the positions' shape; empty for one loss a sample
     * @param masked whether its label mask weights samples or, where there are any, positions
     * @param lossLayer whether its layer is a loss layer; DL4J's others multiply what they take by the mask
     */
    public record Output(String name, Loss loss, long classes, List<Long> shape, boolean masked, boolean lossLayer) {

        public Output {
            shape = List.copyOf(shape);
        }

        public long positions() {
            return shape.stream().reduce(1L, (a, b) -> a * b);
        }

        Output withMask() {
            return new Output(name, loss, classes, shape, true, lossLayer);
        }
    }

    /**
     * A graph and its minibatch.
     *
     * @param name what it shows
     * @param samples N
     * @param input the type of its input
     * @param body adds layers and outputs
     * @param outputs its outputs, in the graph's order
     */
    public record Case(String name, int samples, InputType input, Consumer<GraphBuilder> body, List<Output> outputs) {

        public Case {
            outputs = List.copyOf(outputs);
        }

        public ComputationGraph graph(DataType type) {
            return graph(type, new Sgd(1));
        }

        /** The graph with random parameters and, where outputs are masked, with its masks set. */
        public ComputationGraph graph(DataType type, IUpdater updater) {
            GraphBuilder builder = new NeuralNetConfiguration.Builder()
                    .seed(1)
                    .dataType(type)
                    .updater(updater)
                    .graphBuilder()
                    .addInputs("in")
                    .setInputTypes(input);
            body.accept(builder);
            builder.validateOutputLayerConfig(false);
            builder.setOutputs(outputs.stream().map(Output::name).toArray(String[]::new));
            ComputationGraph graph = new ComputationGraph(builder.build());
            graph.init();
            INDArray parameters = normal(new Random(7), 0.5, type, 1, graph.numParams());
            graph.setParams(parameters);
            graph.paramTable(false).forEach((key, own) -> {
                if (isStatistic(key)) {
                    own.assign(0);
                }
            });
            graph.setLayerMaskArrays(null, masks(type));
            return graph;
        }

        public INDArray input(DataType type) {
            return normal(new Random(8), 1, type, shape());
        }

        private long[] shape() {
            long[] own = input.getShape(false);
            long[] shape = new long[own.length + 1];
            shape[0] = samples;
            System.arraycopy(own, 0, shape, 1, own.length);
            return shape;
        }

        public List<INDArray> labels(DataType type) {
            Random random = new Random(9);
            List<INDArray> labels = new ArrayList<>();
            for (Output output : outputs) {
                List<Long> shape = new ArrayList<>(List.of((long) samples, output.classes()));
                shape.addAll(output.shape());
                labels.add(output.loss()
                        .labels(random, type, samples, output.classes(), output.positions())
                        .dup('c')
                        .reshape('c', shape.stream().mapToLong(size -> size).toArray()));
            }
            return labels;
        }

        /** Weights 0, 1 and another, a column of samples or one number a position; null where none is masked. */
        public INDArray[] masks(DataType type) {
            if (outputs.stream().noneMatch(Output::masked)) {
                return null;
            }
            return outputs.stream()
                    .map(output -> output.masked() ? mask(type, output) : null)
                    .toArray(INDArray[]::new);
        }

        private INDArray mask(DataType type, Output output) {
            INDArray mask = Nd4j.ones(type, samples, output.positions());
            for (long i = 0; i < mask.length(); i++) {
                mask.putScalar(i, new double[] {0, 1.5, 1}[(int) (i % 3)]);
            }
            return mask;
        }

        public MultiDataSet data(DataType type) {
            return new MultiDataSet(
                    new INDArray[] {input(type)}, labels(type).toArray(INDArray[]::new), null, masks(type));
        }

        /** DL4J's gradient of the mean loss as a flat vector. */
        public INDArray gradient(ComputationGraph graph) {
            DataType type = graph.params().dataType();
            graph.setInputs(input(type));
            graph.setLabels(labels(type).toArray(INDArray[]::new));
            graph.setLayerMaskArrays(null, masks(type));
            graph.computeGradientAndScore();
            Gradient gradient = graph.gradient();
            INDArray flat = Nd4j.create(type, graph.numParams());
            graph.paramTable(false).forEach((key, view) -> {
                // what batch normalisation has for its statistics is no gradient
                if (!isStatistic(key)) {
                    Nd4j.create(flat.data(), view.shape(), view.stride(), view.offset(), view.ordering())
                            .assign(gradient.getGradientFor(key));
                }
            });
            return flat.divi(samples);
        }

        private static boolean isStatistic(String key) {
            return key.endsWith("_mean") || key.endsWith("_var") || key.endsWith("_log10stdev");
        }

        /** H_n of the sum of the losses for each sample, from formulas, at outputs that stand side by side. */
        public List<INDArray> metrics(INDArray f) {
            INDArray[] masks = masks(DataType.DOUBLE);
            List<INDArray> metrics = new ArrayList<>();
            for (int n = 0; n < samples; n++) {
                INDArray metric = Nd4j.create(DataType.DOUBLE, f.size(1), f.size(1));
                long from = 0;
                for (int i = 0; i < outputs.size(); i++) {
                    Output output = outputs.get(i);
                    INDArray mask = masks == null ? null : masks[i];
                    long positions = output.positions();
                    for (long p = 0; p < positions; p++) {
                        double weight = mask == null ? 1 : mask.getDouble(n, p);
                        double scale = output.lossLayer() ? 1 : weight;
                        INDArray own = Nd4j.create(DataType.DOUBLE, output.classes());
                        for (long k = 0; k < output.classes(); k++) {
                            own.putScalar(k, scale * f.getDouble(n, from + k * positions + p));
                        }
                        put(output.loss().metric(own).mul(weight), metric, from + p, positions);
                    }
                    from += output.classes() * positions;
                }
                metrics.add(metric);
            }
            return metrics;
        }

        private static void put(INDArray block, INDArray into, long from, long step) {
            for (long i = 0; i < block.size(0); i++) {
                for (long j = 0; j < block.size(1); j++) {
                    into.putScalar(from + i * step, from + j * step, block.getDouble(i, j));
                }
            }
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Layer dense(int units, Activation activation) {
        return new DenseLayer.Builder().nOut(units).activation(activation).build();
    }

    private static Layer output(Loss loss, int units) {
        return new OutputLayer.Builder(loss.function)
                .nOut(units)
                .activation(loss.activation)
                .build();
    }

    private static Layer sequenceConvolution(int channels, int stride, Activation activation) {
        return new Convolution1DLayer.Builder(3)
                .convolutionMode(ConvolutionMode.Same)
                .stride(stride)
                .nOut(channels)
                .activation(activation)
                .build();
    }

    private static Output of(String name, Loss loss, long classes) {
        return new Output(name, loss, classes, List.of(), false, false);
    }

    private static Case vectors(String name, Consumer<GraphBuilder> body, Output... outputs) {
        return new Case(name, 5, VECTORS, body, List.of(outputs));
    }

    private static void classAndValue(GraphBuilder body) {
        body.addLayer("trunk", dense(5, Activation.TANH), "in")
                .addLayer("class", output(Loss.SOFTMAX, 3), "trunk")
                .addLayer("value", output(Loss.MEAN_SQUARED, 2), "trunk");
    }

    /**
     * The cases: kinds of losses, with and without a trunk, with hidden layers in heads, losses at positions, masks.
     *
     * @return the cases
     */
    public static Stream<Case> grid() {
        Case classAndValue = vectors(
                "softmax and MSE",
                GraphsWithSeveralOutputs::classAndValue,
                of("class", Loss.SOFTMAX, 3),
                of("value", Loss.MEAN_SQUARED, 2));
        Case sequences = new Case(
                "steps, steps of another length, and a class",
                3,
                InputType.recurrent(2, LENGTH),
                body -> body.addLayer("trunk", sequenceConvolution(3, 1, Activation.TANH), "in")
                        .addLayer(
                                "steps",
                                new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                        .nOut(2)
                                        .activation(Activation.SOFTMAX)
                                        .build(),
                                "trunk")
                        .addLayer("half", sequenceConvolution(2, 2, Activation.IDENTITY), "trunk")
                        .addLayer(
                                "bits",
                                new RnnLossLayer.Builder(LossFunction.XENT)
                                        .activation(Activation.SIGMOID)
                                        .build(),
                                "half")
                        .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "trunk")
                        .addLayer("class", output(Loss.SOFTMAX, 2), "pool"),
                List.of(
                        new Output("steps", Loss.SOFTMAX, 2, List.of((long) LENGTH), false, false),
                        new Output("bits", Loss.SIGMOID, 2, List.of(LENGTH / 2L), false, true),
                        of("class", Loss.SOFTMAX, 2)));
        return Stream.of(
                classAndValue,
                masked(classAndValue, 0),
                masked(masked(classAndValue, 0), 1),
                vectors(
                        "in another order than the layers",
                        GraphsWithSeveralOutputs::classAndValue,
                        of("value", Loss.MEAN_SQUARED, 2),
                        of("class", Loss.SOFTMAX, 3)),
                vectors(
                        "hidden layers in the heads",
                        body -> body.addLayer("trunk", dense(4, Activation.TANH), "in")
                                .addLayer("left", dense(3, Activation.SIGMOID), "trunk")
                                .addLayer("bits", output(Loss.SIGMOID, 2), "left")
                                .addLayer("right", dense(3, Activation.TANH), "trunk")
                                .addLayer("counts", output(Loss.POISSON, 2), "right"),
                        of("bits", Loss.SIGMOID, 2),
                        of("counts", Loss.POISSON, 2)),
                vectors(
                        "three losses of the input",
                        body -> body.addLayer("a", output(Loss.SOFTMAX, 2), "in")
                                .addLayer("b", output(Loss.SQUARED, 3), "in")
                                .addLayer("c", output(Loss.SIGMOID, 1), "in"),
                        of("a", Loss.SOFTMAX, 2),
                        of("b", Loss.SQUARED, 3),
                        of("c", Loss.SIGMOID, 1)),
                vectors(
                        "a folded softmax, and a loss of a layer that another head takes",
                        body -> body.addLayer("trunk", dense(3, Activation.TANH), "in")
                                .addLayer("logits", dense(3, Activation.IDENTITY), "trunk")
                                .addLayer("softmax", new ActivationLayer(Activation.SOFTMAX), "logits")
                                .addLayer("class", loss(LossFunction.MCXENT), "softmax")
                                .addLayer("same", loss(LossFunction.L2), "logits"),
                        of("class", Loss.SOFTMAX, 3),
                        of("same", Loss.SQUARED, 3)),
                vectors(
                        "batch normalisation in the trunk",
                        body -> body.addLayer("trunk", dense(4, Activation.IDENTITY), "in")
                                .addLayer("norm", new BatchNormalization.Builder().build(), "trunk")
                                .addLayer("tanh", new ActivationLayer(Activation.TANH), "norm")
                                .addLayer("class", output(Loss.SOFTMAX, 3), "tanh")
                                .addLayer("value", output(Loss.SQUARED, 1), "tanh"),
                        of("class", Loss.SOFTMAX, 3),
                        of("value", Loss.SQUARED, 1)),
                sequences,
                masked(masked(sequences, 0), 1),
                new Case(
                        "pixels and a class",
                        3,
                        InputType.convolutional(4, 3, 2),
                        body -> body.addLayer("trunk", convolution(2, Activation.TANH), "in")
                                .addLayer("mask", convolution(1, Activation.IDENTITY), "trunk")
                                .addLayer(
                                        "pixels",
                                        new CnnLossLayer.Builder(LossFunction.XENT)
                                                .activation(Activation.SIGMOID)
                                                .build(),
                                        "mask")
                                .addLayer("class", output(Loss.SOFTMAX, 3), "trunk"),
                        List.of(
                                new Output("pixels", Loss.SIGMOID, 1, List.of(4L, 3L), false, true),
                                of("class", Loss.SOFTMAX, 3))));
    }

    private static Layer loss(LossFunction function) {
        return new LossLayer.Builder(function).activation(Activation.IDENTITY).build();
    }

    private static Layer convolution(int channels, Activation activation) {
        return new ConvolutionLayer.Builder(3, 2)
                .convolutionMode(ConvolutionMode.Same)
                .nOut(channels)
                .activation(activation)
                .build();
    }

    private static Case masked(Case c, int output) {
        List<Output> outputs = new ArrayList<>(c.outputs());
        outputs.set(output, outputs.get(output).withMask());
        return new Case(
                c.name() + ", " + outputs.get(output).name() + " masked", c.samples(), c.input(), c.body(), outputs);
    }

    /**
     * Classes and values that can be learnt from the input, for "softmax and MSE".
     *
     * @param samples N
     * @return the minibatch, float32
     */
    public static MultiDataSet learnable(int samples) {
        INDArray x = normal(new Random(1), 1, DataType.FLOAT, samples, 4);
        INDArray classes = Nd4j.create(DataType.FLOAT, samples, 3);
        for (int n = 0; n < samples; n++) {
            classes.putScalar(n, x.getDouble(n, 0) > 0.4 ? 0 : x.getDouble(n, 1) > 0 ? 1 : 2, 1);
        }
        INDArray values = Transforms.sin(x, true)
                .get(NDArrayIndex.all(), NDArrayIndex.interval(1, 3))
                .dup();
        return new MultiDataSet(new INDArray[] {x}, new INDArray[] {classes, values});
    }
}
