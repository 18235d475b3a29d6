package io.github.dl4jngd.examples;

import io.github.dl4jngd.datasets.ImageDataSetIterator;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.SyntheticImages;
import io.github.dl4jngd.ngd.CheckpointListener;
import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.NaturalGradient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Training that is stopped after 27 of 40 steps and goes on from its last checkpoint. Prints how far the parameters end
 * from those of training without a stop: not at all; and how far where only the model was saved.
 */
public class ResumeFromCheckpoint {

    public static void main(String[] args) throws IOException {
        List<DataSet> batches = ImageDataSetIterator.builder(SyntheticImages.train(ImageDataset.MNIST, 320, 1))
                .build()
                .all()
                .batchBy(8);
        MultiLayerNetwork uninterrupted = network();
        batches.forEach(uninterrupted::fit);

        Path folder = Path.of("target", "checkpoints");
        MultiLayerNetwork stopped = network();
        stopped.addListeners(CheckpointListener.builder(folder).every(10).build());
        batches.subList(0, 27).forEach(stopped::fit);

        Path checkpoint = CheckpointListener.latest(folder).orElseThrow();
        MultiLayerNetwork resumed =
                (MultiLayerNetwork) NaturalGradient.restore(checkpoint).model();
        int done = resumed.getIterationCount();
        batches.subList(done, batches.size()).forEach(resumed::fit);
        System.out.println("went on from " + checkpoint.getFileName() + " at step " + done);
        System.out.println("from the checkpoint:  distance " + resumed.params().distance2(uninterrupted.params()));

        // the same file is a model file of Deeplearning4j's, which knows nothing of K-FAC's factors
        MultiLayerNetwork model = ModelSerializer.restoreMultiLayerNetwork(checkpoint.toFile());
        NaturalGradient.attach(model, Kfac.defaults());
        batches.subList(done, batches.size()).forEach(model::fit);
        System.out.println("from the model alone: distance " + model.params().distance2(uninterrupted.params()));
    }

    static MultiLayerNetwork network() {
        MultiLayerNetwork net = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(1.0))
                .activation(Activation.TANH)
                .list(
                        new DenseLayer.Builder().nIn(784).nOut(32).build(),
                        new DenseLayer.Builder().nIn(32).nOut(32).build(),
                        new OutputLayer.Builder().nIn(32).nOut(10).build())
                .build());
        net.init();
        NaturalGradient.attach(net, Kfac.defaults());
        return net;
    }
}
