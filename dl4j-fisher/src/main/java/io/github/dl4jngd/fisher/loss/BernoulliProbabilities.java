package io.github.dl4jngd.fisher.loss;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * ℓ = −Σ_k w_k (y_k log p_k + (1 − y_k) log(1 − p_k)) of probabilities p that the network gives, not of logits: r = w
 * (p − y)/(p (1 − p)), H = diag(w/(p (1 − p))), the Fisher information of independent Bernoulli labels in their means.
 *
 * <p>Probabilities are clipped as DL4J clips them.
 */
final class BernoulliProbabilities implements LossModel {

    private final @Nullable INDArray weights;
    private final double clip;

    BernoulliProbabilities(@Nullable INDArray weights, double clip) {
        this.weights = weights == null ? null : OutputWeights.checked(weights);
        this.clip = Math.max(clip, 1e-7);
    }

    @Override
    public OutputMetric at(INDArray outputs) {
        return new Metric(Transforms.min(Transforms.max(outputs, clip, true), 1 - clip, false));
    }

    @Override
    public void checkLabels(INDArray labels) {
        SigmoidCrossEntropy.requireProbabilities("Binary cross-entropy", labels);
    }

    @Override
    public boolean separatesOutputs() {
        return true;
    }

    @Override
    public int rank(int outputs) {
        return outputs;
    }

    @Override
    public String description() {
        return "binary cross-entropy of probabilities p, H = diag(" + (weights == null ? "1" : "weights")
                + "/(p (1 − p)))";
    }

    private static INDArray variance(INDArray probabilities) {
        return probabilities.rsub(1).muli(probabilities);
    }

    private final class Metric extends DiagonalMetric {

        private final INDArray probabilities;

        Metric(INDArray probabilities) {
            super(OutputWeights.multiplyRoot(Transforms.pow(variance(probabilities), -0.5, false), weights));
            this.probabilities = probabilities;
        }

        @Override
        public INDArray losses(INDArray labels) {
            INDArray ones = Transforms.log(probabilities, true).muli(labels);
            INDArray zeros = Transforms.log(probabilities.rsub(1), false).muli(labels.rsub(1));
            return OutputWeights.multiply(ones.addi(zeros).negi(), weights);
        }

        @Override
        public INDArray residual(INDArray labels) {
            return OutputWeights.multiply(probabilities.sub(labels).divi(variance(probabilities)), weights);
        }

        @Override
        public INDArray sample(RandomGenerator random) {
            INDArray drawn = probabilities.sub(Draws.bernoulli(random, probabilities));
            return OutputWeights.multiplyRoot(drawn.divi(variance(probabilities)), weights);
        }
    }
}
