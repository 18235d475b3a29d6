package io.github.dl4jngd.fisher.loss;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
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
        double smallest = labels.minNumber().doubleValue();
        double largest = labels.maxNumber().doubleValue();
        if (!(smallest >= 0) || !(largest <= 1)) {
            throw new IllegalArgumentException(
                    "Sigmoid cross-entropy needs labels in [0, 1]; found values from " + smallest + " to " + largest);
        }
    }

    @Override
    public int rank(int outputs) {
        return outputs;
    }

    @Override
    public String description() {
        return "sigmoid cross-entropy, H = diag(" + (weights == null ? "" : "weights ") + "p (1 − p))";
    }

    private final class Metric implements OutputMetric {

        private final INDArray outputs;
        private final INDArray probabilities;
        private final INDArray root;

        Metric(INDArray outputs) {
            this.outputs = outputs;
            this.probabilities = Transforms.sigmoid(outputs, true);
            // √(p (1 − p)) = exp(½ (log σ(f) + log σ(−f))) = exp(−½ |f| − softplus(−|f|)), exact for large |f| too
            INDArray magnitude = Transforms.abs(outputs, true);
            INDArray logRoot = magnitude.mul(-0.5).subi(log1pExp(magnitude.neg()));
            this.root = OutputWeights.multiplyRoot(RootFloor.exp(logRoot), weights);
        }

        @Override
        public double meanLoss(INDArray labels) {
            // softplus(f) = max(f, 0) + log(1 + e^{−|f|})
            INDArray softplus = Transforms.max(outputs, 0, true)
                    .addi(log1pExp(Transforms.abs(outputs, true).negi()));
            INDArray loss = OutputWeights.multiply(softplus.subi(outputs.mul(labels)), weights);
            return loss.castTo(DataType.DOUBLE).sumNumber().doubleValue() / outputs.size(0);
        }

        /** log(1 + e^x) for x ≤ 0. */
        private INDArray log1pExp(INDArray x) {
            return Transforms.log(Transforms.exp(x, true).addi(1), false);
        }

        @Override
        public INDArray residual(INDArray labels) {
            return OutputWeights.multiply(probabilities.sub(labels), weights);
        }

        @Override
        public INDArray whitenedResidual(INDArray labels) {
            // r/√(p(1 − p)): dividing by the very S that r is made from keeps r = S q where p rounds to 0 or 1
            return residual(labels).divi(root);
        }

        @Override
        public INDArray times(INDArray tangent) {
            return root.mul(root).muli(tangent);
        }

        @Override
        public INDArray rootTransposeTimes(INDArray tangent) {
            return root.mul(tangent);
        }

        @Override
        public INDArray rootColumns() {
            return RootColumns.diagonal(root);
        }

        @Override
        public INDArray sample(RandomGenerator random) {
            return OutputWeights.multiplyRoot(probabilities.sub(Draws.bernoulli(random, probabilities)), weights);
        }
    }
}
