package io.github.dl4jngd.cli.train;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** Scores a network on a data set. */
final class Evaluator {

    private Evaluator() {}

    /**
     * Runs the network over a data set in inference mode. Leaves parameters, updater and random generators as they are.
     *
     * @param network the network
     * @param batches the data, read from its beginning to its end
     * @param scoring how outputs are compared with targets
     * @return the means over all examples; NaN where an output is not a number
     */
    static Score evaluate(TrainingModel network, DataSetIterator batches, Scoring scoring) {
        double loss = 0;
        double fit = 0;
        long count = 0;
        batches.reset();
        while (batches.hasNext()) {
            DataSet batch = batches.next();
            double[] logits = doubles(network.logits(batch.getFeatures()));
            double[] targets = doubles(batch.getLabels());
            int examples = (int) batch.getLabels().size(0);
            int outputs = targets.length / examples;
            for (int from = 0; from < targets.length; from += outputs) {
                loss += scoring.loss(logits, targets, from, outputs);
                fit += scoring.fit(logits, targets, from, outputs);
            }
            count += examples;
        }
        return new Score(loss / count, fit / count);
    }

    private static double[] doubles(INDArray matrix) {
        return matrix.dup('c').data().asDouble();
    }
}
