package io.github.dl4jngd.spark;

import java.util.Random;
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
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks and synthetic samples for them, which any process makes by their number. */
final class Networks {

    static final int INPUTS = 20;
    static final int CLASSES = 4;

    private Networks() {}

    static MultiLayerNetwork perceptron(DataType type, int inputs, int... hidden) {
        NeuralNetConfiguration.ListBuilder layers = new NeuralNetConfiguration.Builder()
                .seed(7)
                .dataType(type)
                .updater(new Sgd(1))
                .list();
        int in = inputs;
        for (int width : hidden) {
            layers.layer(new DenseLayer.Builder()
                    .nIn(in)
                    .nOut(width)
                    .activation(Activation.TANH)
                    .build());
            in = width;
        }
        layers.layer(output(in, CLASSES));
        MultiLayerNetwork network = new MultiLayerNetwork(layers.build());
        network.init();
        return network;
    }

    static OutputLayer output(int in, int classes) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nIn(in)
                .nOut(classes)
                .activation(Activation.SOFTMAX)
                .build();
    }

    /** ResNet-8 of three stages of one block, two convolutions each, on 8 × 8 images of 3 channels. */
    static ComputationGraph resNet8(DataType type) {
        var graph = new NeuralNetConfiguration.Builder()
                .seed(9)
                .dataType(type)
                .updater(new Sgd(1))
                .convolutionMode(ConvolutionMode.Same)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(8, 8, 3));
        String from = convolution(graph, "stem", "in", 4, 1, true);
        for (int stage = 0; stage < 3; stage++) {
            int channels = 4 << stage;
            int stride = stage == 0 ? 1 : 2;
            String name = "stage" + stage;
            String inner = convolution(graph, name + "a", from, channels, stride, true);
            String outer = convolution(graph, name + "b", inner, channels, 1, false);
            String shortcut = stage == 0 ? from : convolution(graph, name + "s", from, channels, stride, false);
            graph.addVertex(name + "sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), outer, shortcut);
            graph.addLayer(name + "relu", new ActivationLayer(Activation.RELU), name + "sum");
            from = name + "relu";
        }
        graph.addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), from);
        graph.addLayer("out", output(16, CLASSES), "pool");
        graph.setOutputs("out");
        ComputationGraph network = new ComputationGraph(graph.build());
        network.init();
        return network;
    }

    private static String convolution(
            org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder graph,
            String name,
            String from,
            int channels,
            int stride,
            boolean active) {
        graph.addLayer(
                name,
                new ConvolutionLayer.Builder(3, 3)
                        .stride(stride, stride)
                        .nOut(channels)
                        .hasBias(false)
                        .build(),
                from);
        graph.addLayer(name + "bn", new BatchNormalization(), name);
        if (!active) {
            return name + "bn";
        }
        graph.addLayer(name + "act", new ActivationLayer(Activation.RELU), name + "bn");
        return name + "act";
    }

    /** The samples of a shard, the same in every process. */
    static DataSet samples(int index, int count, DataType type, long... shape) {
        Random random = new Random(1000 + index);
        long[] whole = new long[shape.length + 1];
        whole[0] = count;
        System.arraycopy(shape, 0, whole, 1, shape.length);
        int numbers = 1;
        for (long size : whole) {
            numbers = (int) (numbers * size);
        }
        double[] x = new double[numbers];
        for (int i = 0; i < numbers; i++) {
            x[i] = random.nextGaussian();
        }
        double[] y = new double[count * CLASSES];
        for (int n = 0; n < count; n++) {
            int first = n * (numbers / count);
            y[n * CLASSES + (x[first] > 0 ? 1 : 0) + (x[first + 1] > 0 ? 2 : 0)] = 1;
        }
        INDArray inputs = Nd4j.createFromArray(x).castTo(type).reshape('c', whole);
        return new DataSet(inputs, Nd4j.createFromArray(y).castTo(type).reshape('c', count, CLASSES));
    }
}
