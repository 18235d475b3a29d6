package io.github.dl4jngd.examples;

import io.github.dl4jngd.datasets.ImageDataSetIterator;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.LabelledImages;
import io.github.dl4jngd.datasets.Layout;
import io.github.dl4jngd.datasets.SyntheticImages;
import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.onednn.OneDnn;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
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
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** A residual network with batch normalisation: prints its accuracy on new digits, after Adam and after K-FAC. */
public class KfacOnResNet {

    public static void main(String[] args) {
        OneDnn.enable(); // before networks are built
        ImageDataSetIterator train = images(SyntheticImages.train(ImageDataset.MNIST, 512, 1));
        ImageDataSetIterator test = images(SyntheticImages.test(ImageDataset.MNIST, 256, 1));
        ComputationGraph adam = resNet(new Adam(0.03));
        ComputationGraph kfac = resNet(new Sgd(1.0));
        NaturalGradient.attach(kfac, Kfac.defaults());
        for (int epoch = 1; epoch <= 3; epoch++) {
            adam.fit(train);
            kfac.fit(train);
            double adamAccuracy = adam.evaluate(test).accuracy();
            double kfacAccuracy = kfac.evaluate(test).accuracy();
            System.out.printf("epoch %d: Adam %.3f, K-FAC %.3f%n", epoch, adamAccuracy, kfacAccuracy);
        }
    }

    static ImageDataSetIterator images(LabelledImages images) {
        return ImageDataSetIterator.builder(images)
                .batchSize(64)
                .layout(Layout.CHANNELS_FIRST)
                .build();
    }

    static ComputationGraph resNet(IUpdater updater) {
        GraphBuilder graph = new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(updater)
                .convolutionMode(ConvolutionMode.Same)
                .graphBuilder()
                .addInputs("image")
                .setInputTypes(InputType.convolutional(28, 28, 1));
        convolution(graph, "stem", "image", 2);
        convolution(graph, "first", "stem", 1);
        convolution(graph, "second", "first", 1);
        graph.addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "stem", "second");
        graph.addLayer("average", new GlobalPoolingLayer(), "sum");
        graph.addLayer("digit", new OutputLayer.Builder().nOut(10).build(), "average");
        ComputationGraph net = new ComputationGraph(graph.setOutputs("digit").build());
        net.init();
        return net;
    }

    static void convolution(GraphBuilder graph, String name, String below, int stride) {
        graph.addLayer(
                name + "-conv",
                new ConvolutionLayer.Builder(3, 3)
                        .nOut(8)
                        .stride(stride, stride)
                        .hasBias(false)
                        .activation(Activation.IDENTITY)
                        .build(),
                below);
        graph.addLayer(
                name + "-norm", new BatchNormalization.Builder().decay(0.8).build(), name + "-conv");
        graph.addLayer(name, new ActivationLayer(Activation.RELU), name + "-norm");
    }
}
