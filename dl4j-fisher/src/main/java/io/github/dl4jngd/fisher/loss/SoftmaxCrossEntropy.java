package io.github.dl4jngd.fisher.loss;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * ℓ = −Σ_k w_k y_k log p_k, p = softmax(f): with s = Σ_k w_k y_k, r = s p − w y, H = s (diag(p) − p pᵀ), S = √s
 * (diag(√p) − p √pᵀ), q = r/√(s p).
 *
 * <p>Without class weights w, and with labels that sum to 1, s = 1 and H is the Fisher information of a categorical
 * distribution. Else ℓ is s times the cross-entropy with labels w y/s, and H, which then depends on the labels, is the
 * loss's own second derivative.
 */
final class SoftmaxCrossEntropy implements LossModel {

    /** How far the labels of one sample may sum away from 1. */
    private static final double LABEL_SUM_TOLERANCE = 1e-4;

    private final @Nullable INDArray weights;
    private final boolean anySum;
    private final boolean divergence;
    /** s, [N, 1]; null for ones. */
    private final @Nullable INDArray sampleWeights;

    /**
     * A cross-entropy.
     *
     * @param weights w, [C]; null for ones
     * @param anySum whether labels need not sum to 1
     * @param divergence whether the entropy of the labels is subtracted, which no derivative knows
     */
    SoftmaxCrossEntropy(@Nullable INDArray weights, boolean anySum, boolean divergence) {
        this(weights == null ? null : OutputWeights.checked(weights), anySum, divergence, null);
    }

    private SoftmaxCrossEntropy(
            @Nullable INDArray weights, boolean anySum, boolean divergence, @Nullable INDArray sampleWeights) {
        this.weights = weights;
        this.anySum = anySum;
        this.divergence = divergence;
        this.sampleWeights = sampleWeights;
    }

    @Override
    public boolean dependsOnLabels() {
        return anySum || weights != null;
    }

    @Override
    public LossModel given(INDArray labels) {
        return anySum || weights != null
                ? new SoftmaxCrossEntropy(
                        weights,
                        anySum,
                        divergence,
                        OutputWeights.multiply(labels.dup(), weights).sum(true, 1))
                : this;
    }

    @Override
    public OutputMetric at(INDArray outputs) {
        if (weights != null && sampleWeights == null) {
            throw new IllegalArgumentException(
                    "Class weights make the metric of a softmax cross-entropy depend on the labels; give the labels");
        }
        return new Metric(outputs);
    }

    @Override
    public void checkLabels(INDArray labels) {
        if (anySum || weights != null) {
            double smallest = labels.minNumber().doubleValue();
            if (!(smallest >= 0)) {
                throw new IllegalArgumentException(
                        "Softmax cross-entropy needs labels that are not negative; found " + smallest);
            }
            return;
        }
        INDArray deviation = labels.sum(1).subi(1);
        INDArray absolute = Transforms.abs(deviation, true);
        double worst = absolute.maxNumber().doubleValue();
        if (!(worst <= LABEL_SUM_TOLERANCE)) {
            int sample = absolute.argMax().getInt(0);
            throw new IllegalArgumentException(
                    "Softmax cross-entropy needs labels that sum to 1 for each sample; those of sample " + sample
                            + " sum to " + (1 + deviation.getDouble(sample))
                            + ". With other sums Deeplearning4j's gradient p − y is not the derivative of its score; with "
                            + "class weights of ones, new LossMCXENT(Nd4j.ones(1, C)), it is, and any sum is supported");
        }
    }

    @Override
    public int rank(int outputs) {
        return outputs - 1;
    }

    @Override
    public String description() {
        return weights == null
                ? "softmax cross-entropy, H = diag(p) − p pᵀ"
                : "softmax cross-entropy with class weights w, Gauss–Newton matrix H = (Σ w y) (diag(p) − p pᵀ)";
    }

    private final class Metric implements OutputMetric {

        private final INDArray logProbabilities;
        private final INDArray probabilities;
        private final INDArray rootProbabilities;
        /** √s, [N, 1]; null for ones. */
        private final @Nullable INDArray rootWeights;

        Metric(INDArray outputs) {
            INDArray shifted = outputs.subColumnVector(outputs.max(true, 1));
            INDArray logNormalizer =
                    Transforms.log(Transforms.exp(shifted, true).sum(true, 1), false);
            this.logProbabilities = shifted.subiColumnVector(logNormalizer);
            this.probabilities = Transforms.exp(logProbabilities, true);
            this.rootProbabilities = RootFloor.exp(logProbabilities.mul(0.5));
            this.rootWeights = sampleWeights == null ? null : Transforms.sqrt(sampleWeights, true);
        }

        @Override
        public INDArray losses(INDArray labels) {
            INDArray weighted = weighted(labels);
            INDArray losses = logProbabilities.mul(weighted).negi();
            if (divergence) {
                // y log y, 0 for y = 0
                INDArray none = labels.lte(0).castTo(labels.dataType());
                losses.addi(Transforms.log(labels.add(none), false).muli(weighted));
            }
            return losses;
        }

        private INDArray weighted(INDArray labels) {
            return OutputWeights.multiply(weights == null ? labels : labels.dup(), weights);
        }

        @Override
        public INDArray residual(INDArray labels) {
            if (!anySum && weights == null) {
                return probabilities.sub(labels);
            }
            INDArray weighted = weighted(labels);
            return probabilities.mulColumnVector(weighted.sum(true, 1)).subi(weighted);
        }

        @Override
        public INDArray whitenedResidual(INDArray labels) {
            // r/√p, dividing by the very √p that S is made from, so that r = S q where p rounds to zero
            INDArray q = residual(labels).divi(rootProbabilities);
            if (rootWeights != null) {
                INDArray none = rootWeights.eq(0).castTo(rootWeights.dataType());
                q.diviColumnVector(rootWeights.add(none));
            }
            return q;
        }

        /** Multiplies by √s in place. */
        private INDArray root(INDArray values) {
            return rootWeights == null ? values : values.muliColumnVector(rootWeights);
        }

        @Override
        public INDArray times(INDArray tangent) {
            INDArray weighted = probabilities.mul(tangent);
            INDArray mean = weighted.sum(true, 1);
            return root(root(weighted.subi(probabilities.mulColumnVector(mean))));
        }

        @Override
        public INDArray rootTransposeTimes(INDArray tangent) {
            // Sᵀ d = √p ∘ d − √p (pᵀ d)
            INDArray mean = probabilities.mul(tangent).sum(true, 1);
            return root(rootProbabilities.mul(tangent.subColumnVector(mean)));
        }

        @Override
        public INDArray rootColumns() {
            // column j of S is √p_j (e_j − p)
            long samples = probabilities.size(0);
            long classes = probabilities.size(1);
            INDArray rootJ = root(rootProbabilities.dup());
            INDArray columns = RootColumns.diagonal(rootJ);
            for (long j = 0; j < classes; j++) {
                INDArray column = columns.get(NDArrayIndex.point(j), NDArrayIndex.all(), NDArrayIndex.all());
                INDArray root =
                        rootJ.get(NDArrayIndex.all(), NDArrayIndex.point(j)).reshape(samples, 1);
                column.subi(probabilities.mulColumnVector(root));
            }
            return columns;
        }

        @Override
        public INDArray sample(RandomGenerator random) {
            return root(probabilities.sub(Draws.categorical(random, probabilities)));
        }
    }
}
