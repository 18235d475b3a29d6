package io.github.dl4jngd.fisher.loss;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Losses with −y log f of positive outputs f, whose labels have the mean f: H = diag(w/f), S its root, q = r/S.
 *
 * <p>With ℓ = Σ_k (f_k − y_k log f_k), r = 1 − y/f, labels are Poisson counts and H is their Fisher information. With ℓ
 * = −Σ_k w_k y_k log f_k, r = −w y/f, f are the probabilities of a categorical distribution that some layer has made: H
 * is the second derivative at E y = f. Where f sums to 1 whatever the parameters are and w = 1, Jᵀ H J is then the
 * Fisher information of the categorical distribution; behind a softmax it is that of its logits, diag(p) − p pᵀ.
 */
final class PositiveOutputs implements LossModel {

    private final boolean counts;
    private final boolean divergence;
    private final @Nullable INDArray weights;

    private PositiveOutputs(boolean counts, boolean divergence, @Nullable INDArray weights) {
        this.counts = counts;
        this.divergence = divergence;
        this.weights = weights == null ? null : OutputWeights.checked(weights);
    }

    static PositiveOutputs poisson() {
        return new PositiveOutputs(true, false, null);
    }

    static PositiveOutputs crossEntropy(@Nullable INDArray weights, boolean divergence) {
        return new PositiveOutputs(false, divergence, weights);
    }

    @Override
    public OutputMetric at(INDArray outputs) {
        double smallest = outputs.minNumber().doubleValue();
        if (smallest < 0) {
            throw new IllegalArgumentException((counts ? "A Poisson loss" : "A cross-entropy")
                    + " needs outputs that are not negative, found " + smallest
                    + (counts
                            ? "; use an output activation such as SOFTPLUS"
                            : "; use MCXENT with the output activation SOFTMAX"));
        }
        // floors that keep 1/f and its square finite
        double floor = outputs.dataType() == DataType.DOUBLE ? 1e-150 : 1e-18;
        return new Metric(Transforms.max(outputs, floor, true));
    }

    @Override
    public void checkLabels(INDArray labels) {
        double smallest = labels.minNumber().doubleValue();
        if (!(smallest >= 0)) {
            throw new IllegalArgumentException((counts ? "A Poisson loss" : "A cross-entropy")
                    + " needs labels that are not negative; found " + smallest);
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
        return counts
                ? "Poisson loss, H = diag(1/f)"
                : "cross-entropy of probabilities f, H = diag(" + (weights == null ? "1" : "weights") + "/f)";
    }

    private static INDArray reciprocalRoot(INDArray outputs) {
        return Transforms.pow(outputs, -0.5, true);
    }

    private final class Metric extends DiagonalMetric {

        private final INDArray outputs;

        Metric(INDArray outputs) {
            super(OutputWeights.multiplyRoot(reciprocalRoot(outputs), weights));
            this.outputs = outputs;
        }

        @Override
        public INDArray losses(INDArray labels) {
            INDArray logarithm = Transforms.log(outputs, true);
            if (divergence) {
                INDArray none = labels.lte(0).castTo(labels.dataType());
                logarithm.subi(Transforms.log(labels.add(none), false));
            }
            INDArray losses = logarithm.muli(labels).negi();
            return OutputWeights.multiply(counts ? losses.addi(outputs) : losses, weights);
        }

        @Override
        public INDArray residual(INDArray labels) {
            INDArray ratio = labels.div(outputs);
            return OutputWeights.multiply(counts ? ratio.rsubi(1) : ratio.negi(), weights);
        }

        /** 1 − y/f of a drawn count; else H^{1/2} z, for one draw of a class says nothing of w. */
        @Override
        public INDArray sample(RandomGenerator random) {
            return counts ? Draws.poisson(random, outputs).divi(outputs).rsubi(1) : super.sample(random);
        }
    }
}
