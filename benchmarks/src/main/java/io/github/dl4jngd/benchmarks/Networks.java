package io.github.dl4jngd.benchmarks;

import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The networks that are measured, in float32, and random minibatches for them. */
final class Networks {

    static final int PIXELS = 784;
    private static final int WIDTH = 1024;
    private static final int SIDE = 32;
    private static final int CHANNELS = 3;
    private static final int CLASSES = 10;
    private static final int WARM_UP = 1000;

    private Networks() {}

    private static NeuralNetConfiguration.Builder base(IUpdater updater) {
        return new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(DataType.FLOAT)
                .updater(updater)
                .weightInit(WeightInit.RELU);
    }

    private static OutputLayer softmax() {
        return softmax(CLASSES);
    }

    private static OutputLayer softmax(int classes) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(classes)
                .activation(Activation.SOFTMAX)
                .weightInit(WeightInit.XAVIER)
                .build();
    }

    /** 784-1024-1024-10, ReLU, softmax cross-entropy. */
    static MultiLayerNetwork perceptron(IUpdater updater) {
        return perceptron(WIDTH, 3, CLASSES, updater);
    }

    /** 784-width-…-classes, ReLU, softmax cross-entropy. */
    static MultiLayerNetwork perceptron(int width, int depth, int classes, IUpdater updater) {
        NeuralNetConfiguration.ListBuilder layers =
                base(updater).activation(Activation.RELU).list();
        for (int layer = 1; layer < depth; layer++) {
            layers.layer(new DenseLayer.Builder().nOut(width).build());
        }
        return initialized(new MultiLayerNetwork(layers.layer(softmax(classes))
                .setInputType(InputType.feedForward(PIXELS))
                .build()));
    }

    /** 784-1024-1024-1, ReLU, L2. */
    static MultiLayerNetwork regression(IUpdater updater) {
        return initialized(new MultiLayerNetwork(base(updater)
                .activation(Activation.RELU)
                .list()
                .layer(new DenseLayer.Builder().nOut(WIDTH).build())
                .layer(new DenseLayer.Builder().nOut(WIDTH).build())
                .layer(new OutputLayer.Builder(LossFunction.L2)
                        .nOut(1)
                        .activation(Activation.IDENTITY)
                        .build())
                .setInputType(InputType.feedForward(PIXELS))
                .build()));
    }

    /** conv16-conv16-bn-conv32/2-conv32-gap-dense on 32×32×3, 3×3 kernels, ReLU. */
    static MultiLayerNetwork convolutional(IUpdater updater) {
        return initialized(new MultiLayerNetwork(base(updater)
                .activation(Activation.RELU)
                .convolutionMode(ConvolutionMode.Same)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(16).build())
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(16).build())
                .layer(new BatchNormalization())
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(32).stride(2, 2).build())
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(32).build())
                .layer(new GlobalPoolingLayer(PoolingType.AVG))
                .layer(softmax())
                .setInputType(InputType.convolutional(SIDE, SIDE, CHANNELS))
                .build()));
    }

    private static MultiLayerNetwork initialized(MultiLayerNetwork network) {
        network.init();
        return network;
    }

    /** ResNet-8 with batch normalisation on 32×32×3. */
    static ComputationGraph residual(IUpdater updater) {
        GraphBuilder builder = base(updater)
                .activation(Activation.IDENTITY)
                .convolutionMode(ConvolutionMode.Same)
                .graphBuilder()
                .addInputs("image")
                .setInputTypes(InputType.convolutional(SIDE, SIDE, CHANNELS));
        String below = rectified(builder, "stem", convolved(builder, "stem", "image", 16, 3, 1));
        for (int stage = 0; stage < 3; stage++) {
            String name = "stage" + stage;
            int channels = 16 << stage;
            int stride = stage == 0 ? 1 : 2;
            String first = rectified(builder, name + "-1", convolved(builder, name + "-1", below, channels, 3, stride));
            String second = convolved(builder, name + "-2", first, channels, 3, 1);
            String shortcut = stride == 1 ? below : convolved(builder, name + "-shortcut", below, channels, 1, stride);
            builder.addVertex(name + "-sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), second, shortcut);
            below = rectified(builder, name, name + "-sum");
        }
        ComputationGraph graph =
                new ComputationGraph(builder.addLayer("average", new GlobalPoolingLayer(PoolingType.AVG), below)
                        .addLayer("classes", softmax(), "average")
                        .setOutputs("classes")
                        .build());
        graph.init();
        return graph;
    }

    private static String convolved(
            GraphBuilder builder, String name, String below, int channels, int kernel, int stride) {
        builder.addLayer(
                name + "-conv",
                new ConvolutionLayer.Builder(kernel, kernel)
                        .nOut(channels)
                        .stride(stride, stride)
                        .hasBias(false)
                        .build(),
                below);
        builder.addLayer(name + "-norm", new BatchNormalization(), name + "-conv");
        return name + "-norm";
    }

    private static String rectified(GraphBuilder builder, String name, String below) {
        builder.addLayer(name + "-relu", new ActivationLayer(Activation.RELU), below);
        return name + "-relu";
    }

    /** A thousand steps on a few samples, after which K-FAC's intervals are those of its configuration. */
    static void warmUp(Consumer<DataSet> fit, DataSet few) {
        for (int step = 0; step < WARM_UP; step++) {
            fit.accept(few);
        }
    }

    /** Rows of 784 numbers with classes. */
    static DataSet rows(int samples) {
        return rows(samples, CLASSES);
    }

    static DataSet rows(int samples, int classes) {
        return new DataSet(normal(samples, PIXELS), classes(samples, classes));
    }

    /** Rows of 784 numbers with one target. */
    static DataSet targets(int samples) {
        return new DataSet(normal(samples, PIXELS), normal(samples, 1));
    }

    /** Images with classes. */
    static DataSet images(int samples) {
        return new DataSet(normal(samples, CHANNELS, SIDE, SIDE), classes(samples, CLASSES));
    }

    private static INDArray normal(long... shape) {
        SplittableRandom random = new SplittableRandom(7);
        INDArray array = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
        for (long i = 0; i < array.length(); i++) {
            array.putScalar(i, (float) random.nextGaussian());
        }
        return array;
    }

    private static INDArray classes(int samples, int classes) {
        SplittableRandom random = new SplittableRandom(8);
        INDArray labels = Nd4j.zeros(DataType.FLOAT, samples, classes);
        for (int i = 0; i < samples; i++) {
            labels.putScalar(i, random.nextInt(classes), 1);
        }
        return labels;
    }
}
