package io.github.dl4jngd.transfer;

import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** How well a model does a task: the higher, the better. */
@FunctionalInterface
public interface TaskScore {

    /**
     * Tests a model.
     *
     * @param model a {@code MultiLayerNetwork} or {@code ComputationGraph}; not modified
     * @param data the task's test data
     * @return the score
     */
    double of(Model model, DataSetIterator data);

    /**
     * The share of samples whose largest output is that of their label.
     *
     * @return the score
     */
    static TaskScore accuracy() {
        return (model, data) -> {
            long right = 0;
            long all = 0;
            data.reset();
            while (data.hasNext()) {
                DataSet batch = data.next();
                INDArray predicted = Models.output(model, batch.getFeatures()).argMax(1);
                INDArray truth = batch.getLabels().argMax(1);
                for (long n = 0; n < truth.length(); n++) {
                    right += predicted.getLong(n) == truth.getLong(n) ? 1 : 0;
                }
                all += truth.length();
            }
            return (double) right / all;
        };
    }

    /**
     * The mean data loss with its sign changed, without penalties.
     *
     * @return the score
     */
    static TaskScore negativeLoss() {
        return (model, data) -> -Models.loss(model, data);
    }
}
