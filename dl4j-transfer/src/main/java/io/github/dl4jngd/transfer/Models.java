package io.github.dl4jngd.transfer;

import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** What is asked of a model of either of DL4J's classes. */
final class Models {

    private Models() {}

    static void require(Model model) {
        if (!(model instanceof MultiLayerNetwork) && !(model instanceof ComputationGraph)) {
            throw new IllegalArgumentException("The model is a "
                    + model.getClass().getName() + "; a MultiLayerNetwork or a ComputationGraph is needed");
        }
    }

    static void fit(Model model, DataSet batch) {
        if (model instanceof MultiLayerNetwork network) {
            network.fit(batch);
        } else {
            ((ComputationGraph) model).fit(batch);
        }
    }

    static void endEpoch(Model model) {
        if (model instanceof MultiLayerNetwork network) {
            network.incrementEpochCount();
        } else {
            ((ComputationGraph) model).incrementEpochCount();
        }
    }

    /** In inference mode. */
    static INDArray output(Model model, INDArray features) {
        return model instanceof MultiLayerNetwork network
                ? network.output(features, false)
                : ((ComputationGraph) model).outputSingle(false, features);
    }

    /** The mean data loss in inference mode, without penalties. */
    static double loss(Model model, DataSetIterator data) {
        double sum = 0;
        long samples = 0;
        data.reset();
        while (data.hasNext()) {
            DataSet batch = data.next();
            int count = batch.numExamples();
            sum += count
                    * (model instanceof MultiLayerNetwork network
                            ? network.score(batch, false) - network.calcRegularizationScore(true)
                            : ((ComputationGraph) model).score(batch, false)
                                    - ((ComputationGraph) model).calcRegularizationScore(true));
            samples += count;
        }
        return sum / samples;
    }

    static long samples(DataSetIterator data) {
        long samples = 0;
        data.reset();
        while (data.hasNext()) {
            samples += data.next().numExamples();
        }
        return samples;
    }
}
