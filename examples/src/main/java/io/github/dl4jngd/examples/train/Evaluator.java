package io.github.dl4jngd.examples.train;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * Scores a classifier that ends in a dense softmax layer.
 *
 * <p>The loss is −log softmax of the <em>logits</em>, by log-sum-exp, summed in double precision. Probabilities would not do: in
 * single precision they round to 1 near a minimum and to 0 for a badly wrong example, and DL4J's own score clips them.
 */
final class Evaluator {

    private Evaluator() {}

    /**
     * Runs the network over a data set in inference mode. Leaves parameters, updater and random generators as they are.
     *
     * @param network a network whose last layer is a dense output layer with a bias
     * @param batches the data, read from its beginning to its end
     * @return the means over all examples; NaN where an output is not a number
     */
    static Score evaluate(TrainingModel network, DataSetIterator batches) {
        double loss = 0;
        long correct = 0;
        long count = 0;
        batches.reset();
        while (batches.hasNext()) {
            DataSet batch = batches.next();
            double[] logits = doubles(network.logits(batch.getFeatures()));
            double[] targets = doubles(batch.getLabels());
            int examples = (int) batch.getLabels().size(0);
            int classes = targets.length / examples;
            for (int offset = 0; offset < targets.length; offset += classes) {
                int label = largest(targets, offset, classes);
                loss += logSumExp(logits, offset, classes) - logits[offset + label];
                correct += largest(logits, offset, classes) == label ? 1 : 0;
            }
            count += examples;
        }
        return new Score(loss / count, (double) correct / count);
    }

    private static double[] doubles(INDArray matrix) {
        return matrix.dup('c').data().asDouble();
    }

    private static int largest(double[] values, int offset, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            if (values[offset + i] > values[offset + best]) {
                best = i;
            }
        }
        return best;
    }

    private static double logSumExp(double[] values, int offset, int count) {
        double largest = values[offset + largest(values, offset, count)];
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.exp(values[offset + i] - largest);
        }
        return largest + Math.log(sum);
    }
}
