package io.github.dl4jngd.testing;

import io.github.dl4jngd.testing.ImageNetworks.Build;
import io.github.dl4jngd.testing.ImageNetworks.Case;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;

/** Small seeded networks over sequences without recurrence: layers on every time step, and what is special about 1D. */
final class SequenceNetworks {

    private static final int CHANNELS = 3;
    private static final int LENGTH = 9;

    private SequenceNetworks() {}

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        onTimeSteps(cases);
        convolutions(cases);
        return cases;
    }

    private static void onTimeSteps(List<Case> cases) {
        cases.add(ofAnyLength(
                "dense on time steps", () -> List.of(dense(4).build(), new ActivationLayer(Activation.TANH))));
        cases.add(betweenConvolutions());
        cases.add(ofAnyLength(
                "layer normalisation on time steps",
                () -> List.of(dense(4).hasLayerNorm(true).build(), dense(3).build())));
        cases.add(ofAnyLength(
                "batch normalisation on time steps",
                () -> List.of(
                        dense(4).activation(Activation.IDENTITY).build(),
                        new BatchNormalization.Builder().build(),
                        dense(3).build())));
        cases.add(ofAnyLength(
                "PReLU on time steps",
                () -> List.of(
                        dense(4).activation(Activation.IDENTITY).build(),
                        new PReLULayer.Builder().inputShape(4).build())));
        cases.add(ofAnyLength(
                "TimeDistributed dense",
                () -> List.of(
                        new TimeDistributed(dense(4).build()),
                        conv(3, 2, 1, ConvolutionMode.Truncate).build())));
        cases.add(ofAnyLength(
                "repeated vectors",
                () -> List.of(
                        conv(4, 3, 2, ConvolutionMode.Truncate).build(),
                        new GlobalPoolingLayer.Builder(PoolingType.AVG).build(),
                        new RepeatVector.Builder<>(5).build(),
                        conv(3, 2, 1, ConvolutionMode.Same).build())));
        cases.add(imagesOfTimeSteps("convolution of the image of each time step"));
        cases.add(graphOnTimeSteps());
    }

    private static void convolutions(List<Case> cases) {
        for (int dilation = 1; dilation < 3; dilation++) {
            for (int stride = 1; stride < 3; stride++) {
                int spread = dilation;
                int step = stride;
                cases.add(ImageNetworks.sequences(
                        "conv1d Causal, stride " + stride + ", dilation " + dilation,
                        () -> List.of(
                                conv(4, 3, step, ConvolutionMode.Causal)
                                        .dilation(spread)
                                        .build(),
                                conv(3, 2, 1, ConvolutionMode.Causal)
                                        .hasBias(false)
                                        .build())));
            }
        }
        cases.add(withoutInputType(
                "conv1d with a kernel larger than what is left",
                () -> List.of(
                        conv(4, 3, 4, ConvolutionMode.Truncate).nIn(CHANNELS).build(),
                        conv(3, 3, 2, ConvolutionMode.Truncate).nIn(4).build())));
        for (SubsamplingLayer.PoolingType type :
                new SubsamplingLayer.PoolingType[] {SubsamplingLayer.PoolingType.MAX, SubsamplingLayer.PoolingType.AVG
                }) {
            cases.add(withoutInputType(
                    "pool1d " + type + " with a kernel larger than what is left",
                    () -> List.of(
                            conv(3, 3, 4, ConvolutionMode.Truncate)
                                    .nIn(CHANNELS)
                                    .build(),
                            new Subsampling1DLayer.Builder(type, 3, 2).build())));
        }
    }

    private static DenseLayer.Builder dense(int units) {
        return new DenseLayer.Builder().nOut(units).activation(Activation.TANH);
    }

    private static Convolution1DLayer.Builder conv(int units, int kernel, int stride, ConvolutionMode mode) {
        return new Convolution1DLayer.Builder(kernel, stride)
                .nOut(units)
                .convolutionMode(mode)
                .activation(Activation.TANH);
    }

    /** Behind a sequence of known length Deeplearning4j takes the length for the number of inputs of a dense layer. */
    private static Case ofAnyLength(String name, Supplier<List<Layer>> layers) {
        Build build = dataType -> {
            NeuralNetConfiguration.ListBuilder list = list(dataType);
            layers.get().forEach(list::layer);
            return new MultiLayerNetwork(list.layer(new GlobalPoolingLayer.Builder(PoolingType.AVG).build())
                    .layer(ImageNetworks.softmax().build())
                    .setInputType(InputType.recurrent(CHANNELS))
                    .build());
        };
        return new Case(name, build, List.of((long) CHANNELS, (long) LENGTH), 5, 3, true, DataType.DOUBLE);
    }

    /** Deeplearning4j checks kernels against lengths where it knows these, and only there. */
    private static Case withoutInputType(String name, Supplier<List<Layer>> layers) {
        Build build = dataType -> {
            NeuralNetConfiguration.ListBuilder list = list(dataType);
            layers.get().forEach(list::layer);
            return new MultiLayerNetwork(list.layer(new GlobalPoolingLayer.Builder(PoolingType.AVG).build())
                    .layer(ImageNetworks.softmax().nIn(3).build())
                    .build());
        };
        return new Case(name, build, List.of((long) CHANNELS, (long) LENGTH), 5, 3, true, DataType.DOUBLE);
    }

    private static NeuralNetConfiguration.ListBuilder list(DataType dataType) {
        return new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(dataType)
                .updater(new Sgd(0.1))
                .list();
    }

    private static Case betweenConvolutions() {
        Build build = dataType -> new MultiLayerNetwork(list(dataType)
                .layer(conv(4, 3, 1, ConvolutionMode.Truncate).nIn(CHANNELS).build())
                .layer(dense(3).nIn(4).hasBias(false).build())
                .layer(dense(4).nIn(3).build())
                .layer(conv(3, 2, 2, ConvolutionMode.Same).nIn(4).build())
                .layer(new GlobalPoolingLayer.Builder(PoolingType.AVG).build())
                .layer(ImageNetworks.softmax().nIn(3).build())
                .inputPreProcessor(1, new RnnToFeedForwardPreProcessor())
                .inputPreProcessor(3, new FeedForwardToRnnPreProcessor())
                .build());
        return new Case(
                "dense on time steps without bias, between convolutions",
                build,
                List.of((long) CHANNELS, (long) LENGTH),
                5,
                3,
                true,
                DataType.DOUBLE);
    }

    private static Case imagesOfTimeSteps(String name) {
        Build build = dataType -> new MultiLayerNetwork(list(dataType)
                .layer(new ConvolutionLayer.Builder(2, 2)
                        .nIn(2)
                        .nOut(3)
                        .activation(Activation.TANH)
                        .build())
                .layer(new DenseLayer.Builder()
                        .nIn(12)
                        .nOut(4)
                        .activation(Activation.TANH)
                        .build())
                .layer(new Convolution1DLayer.Builder(2)
                        .nIn(4)
                        .nOut(3)
                        .activation(Activation.TANH)
                        .build())
                .layer(new ConvolutionLayer.Builder(1, 2)
                        .nIn(1)
                        .nOut(2)
                        .activation(Activation.TANH)
                        .build())
                .layer(new GlobalPoolingLayer.Builder(PoolingType.AVG).build())
                .layer(ImageNetworks.softmax().nIn(4).build())
                .inputPreProcessor(0, new RnnToCnnPreProcessor(3, 3, 2))
                .inputPreProcessor(1, new CnnToFeedForwardPreProcessor(2, 2, 3))
                .inputPreProcessor(2, new FeedForwardToRnnPreProcessor())
                .inputPreProcessor(3, new RnnToCnnPreProcessor(1, 3, 1))
                .inputPreProcessor(4, new CnnToRnnPreProcessor(1, 2, 2))
                .build());
        return new Case(name, build, List.of(18L, 4L), 5, 3, true, DataType.DOUBLE);
    }

    private static Case graphOnTimeSteps() {
        Build build = dataType -> new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(dataType)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.recurrent(CHANNELS, LENGTH))
                .addLayer("a", dense(4).build(), "in")
                .addLayer("b", dense(4).build(), "in")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "b")
                .addVertex("largest", new ElementWiseVertex(ElementWiseVertex.Op.Max), "sum", "b")
                .addVertex("both", new MergeVertex(), "largest", "a")
                .addVertex("reshaped", new ReshapeVertex(-1, 8), "both")
                .addVertex("scaled", new ScaleVertex(0.7), "reshaped")
                .addVertex("sequence", new PreprocessorVertex(new FeedForwardToRnnPreProcessor()), "scaled")
                .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.MAX).build(), "sequence")
                .addVertex("rows", new PreprocessorVertex(new RnnToFeedForwardPreProcessor()), "pool")
                .addLayer("out", ImageNetworks.softmax().nIn(8).build(), "rows")
                .setOutputs("out")
                .build());
        return new Case(
                "a graph on time steps", build, List.of((long) CHANNELS, (long) LENGTH), 5, 3, true, DataType.DOUBLE);
    }
}
