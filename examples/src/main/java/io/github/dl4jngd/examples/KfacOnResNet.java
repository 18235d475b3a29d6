package io.github.dl4jngd.examples;

import io.github.dl4jngd.datasets.ImageDataSetIterator;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.SyntheticImages;
import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.onednn.OneDnn;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;

/** A residual network with batch normalisation: prints its accuracy on new digits, after Adam and after K-FAC. */
public class KfacOnResNet {

    public static void main(String[] args) {
        OneDnn.enable(); // before networks are built
        ImageDataSetIterator train = ImageDataSetIterator.builder(SyntheticImages.train(ImageDataset.MNIST, 1024, 1))
                .build();
        ImageDataSetIterator test = ImageDataSetIterator.builder(SyntheticImages.test(ImageDataset.MNIST, 256, 1))
                .build();
        ComputationGraph adam = resNet(false);
        ComputationGraph kfac = resNet(true);
        // scalingDecay(0): in so short a run the mean of the steps' scalings, the default, follows too slowly.
        NaturalGradient.attach(kfac, Kfac.builder().scalingDecay(0).build());
        for (int epoch = 1; epoch <= 3; epoch++) {
            adam.fit(train);
            kfac.fit(train);
            double adamAccuracy = adam.evaluate(test).accuracy();
            double kfacAccuracy = kfac.evaluate(test).accuracy();
            System.out.printf("epoch %d: Adam %.3f, K-FAC %.3f%n", epoch, adamAccuracy, kfacAccuracy);
        }
    }

    static ComputationGraph resNet(boolean kfac) {
        GraphBuilder graph = new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(kfac ? new Sgd(1.0) : new Adam(0.03))
                .activation(Activation.IDENTITY)
                .graphBuilder()
                .addInputs("image")
                .setInputTypes(InputType.convolutionalFlat(28, 28, 1));
        convolution(graph, "stem", "image", new ConvolutionLayer.Builder(4, 4).stride(2, 2));
        convolution(graph, "first", "stem", new ConvolutionLayer.Builder(3, 3));
        convolution(graph, "second", "first", new ConvolutionLayer.Builder(3, 3));
        graph.addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "stem", "second");
        graph.addLayer("average", new GlobalPoolingLayer(), "sum");
        graph.addLayer("digit", new OutputLayer.Builder().nOut(10).build(), "average");
        ComputationGraph net = new ComputationGraph(graph.setOutputs("digit").build());
        net.init();
        return net;
    }

    static void convolution(GraphBuilder graph, String name, String below, ConvolutionLayer.Builder layer) {
        graph.addLayer(name + "-conv", layer.nOut(8).padding(1, 1).build(), below);
        var normalization = new BatchNormalization.Builder().decay(0.8).build();
        graph.addLayer(name + "-norm", normalization, name + "-conv");
        graph.addLayer(name, new ActivationLayer(Activation.RELU), name + "-norm");
    }
}
