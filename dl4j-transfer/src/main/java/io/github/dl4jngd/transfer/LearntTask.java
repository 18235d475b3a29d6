package io.github.dl4jngd.transfer;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.jacobian.KroneckerFactored;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.jacobian.WeightSharing;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.RootOptions;
import io.github.dl4jngd.fisher.network.Targets;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is kept of a task: the number of its samples and K-FAC's factors of its Fisher matrix, A and G of each block.
 *
 * @param samples N
 * @param factors A, [inputs, inputs], and G, [units, units], by block
 */
record LearntTask(long samples, Map<String, Factors> factors) {

    private static final Logger log = LoggerFactory.getLogger(AnchoredPenalty.class);

    /** A block of the Fisher matrix, A ⊗ G. */
    record Factors(INDArray inputs, INDArray outputs) {

        Factors plus(INDArray otherInputs, INDArray otherOutputs) {
            return new Factors(inputs.add(otherInputs), outputs.add(otherOutputs));
        }

        Factors times(double factor) {
            return new Factors(inputs.mul(factor), outputs.mul(factor));
        }
    }

    /** The true Fisher matrix's factors at the model's parameters, means over all of the task's minibatches. */
    static LearntTask of(Model model, DataSetIterator data) {
        // a sample's own derivative: with batch statistics it would depend on its minibatch
        LinearizedNetwork network = LiveModel.of(model).compile(BatchStatistics.RUNNING);
        DataType type = network.parameters().dataType();
        Map<String, Factors> sums = new LinkedHashMap<>();
        long samples = 0;
        data.reset();
        while (data.hasNext()) {
            DataSet batch = data.next();
            Linearization at = network.at(batch.getFeatures().castTo(type));
            Targets targets = network.targets(
                    List.of(batch.getLabels().castTo(type)), Collections.singletonList(batch.getLabelsMaskArray()));
            OutputRoot root =
                    OutputRoot.of(FisherType.TRUE, targets.loss().at(at.outputs()), targets.labels(), 1, null);
            int count = batch.numExamples();
            for (LayerJacobian layer : at.fisherRoot(root, RootOptions.factored(Parameterization.standard()))
                    .layers()) {
                if (layer instanceof KroneckerFactored factored) {
                    INDArray inputs = factored.inputFactor(WeightSharing.EXPAND).mul(count);
                    INDArray outputs =
                            factored.outputFactor(WeightSharing.EXPAND).mul(count);
                    sums.merge(
                            layer.name(),
                            new Factors(inputs, outputs),
                            (sum, one) -> sum.plus(one.inputs(), one.outputs()));
                } else if (samples == 0) {
                    log.info("Block {} has no Kronecker factors; the anchor's damping alone holds it", layer.name());
                }
            }
            samples += count;
        }
        if (samples == 0) {
            throw new IllegalArgumentException("The task has no samples");
        }
        double mean = 1.0 / samples;
        sums.replaceAll((block, sum) -> sum.times(mean));
        return new LearntTask(samples, Map.copyOf(sums));
    }
}
