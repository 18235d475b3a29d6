package io.github.dl4jngd.fisher.loss;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * ℓ = Σ_k w_k (softplus(f_k) − y_k f_k): r = w (p − y), H = w p (1 − p), S its square root, q = r/S.
 */
final class SigmoidCrossEntropy implements LossModel {

    private final @Nullable INDArray weights;

    SigmoidCrossEntropy(@Nullable INDArray weights) {
        this.weights = weights == null ? null : OutputWeights.checked(weights);
    }

    @Override
    public OutputMetric at(INDArray outputs) {
        return new Metric(outputs);
    }

    @Override
    public void checkLabels(INDArray labels) {
        requireProbabilities("Sigmoid cross-entropy", labels);
    }

    static void requireProbabilities(String loss, INDArray labels) {
        double smallest = labels.minNumber().doubleValue();
        double largest = labels.maxNumber().doubleValue();
        if (!(smallest >= 0) || !(largest <= 1)) {
            throw new IllegalArgumentException(
                    loss + " needs labels in [0, 1]; found values from " + smallest + " to " + largest);
        }
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
        return "sigmoid cross-entropy, H = diag(" + (weights == null ? "" : "weights ") + "p (1 − p))";
    }

    /** √(p (1 − p)) = exp(½ (log σ(f) + log σ(−f))) = exp(−½ |f| − softplus(−|f|)), exact for large |f| too. */
    private INDArray rootVariance(INDArray outputs) {
        INDArray magnitude = Transforms.abs(outputs, true);
        INDArray logRoot = magnitude.mul(-0.5).subi(log1pExp(magnitude.neg()));
        return OutputWeights.multiplyRoot(RootFloor.exp(logRoot), weights);
    }

    /** log(1 + e^x) for x ≤ 0. */
    private static INDArray log1pExp(INDArray x) {
        return Transforms.log(Transforms.exp(x, true).addi(1), false);
    }

    private final class Metric extends DiagonalMetric {

        private final INDArray outputs;
        private final INDArray probabilities;

        Metric(INDArray outputs) {
            super(rootVariance(outputs));
            this.outputs = outputs;
            this.probabilities = Transforms.sigmoid(outputs, true);
        }

        @Override
        public INDArray losses(INDArray labels) {
            // softplus(f) = max(f, 0) + log(1 + e^{−|f|})
            INDArray softplus = Transforms.max(outputs, 0, true)
                    .addi(log1pExp(Transforms.abs(outputs, true).negi()));
            return OutputWeights.multiply(softplus.subi(outputs.mul(labels)), weights);
        }

        @Override
        public INDArray residual(INDArray labels) {
            return OutputWeights.multiply(probabilities.sub(labels), weights);
        }

        @Override
        public INDArray sample(RandomGenerator random) {
            return OutputWeights.multiplyRoot(probabilities.sub(Draws.bernoulli(random, probabilities)), weights);
        }
    }
}
