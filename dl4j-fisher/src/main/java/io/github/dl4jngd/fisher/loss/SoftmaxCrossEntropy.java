package io.github.dl4jngd.fisher.loss;

import java.util.random.RandomGenerator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/** ℓ = −Σ_k y_k log p_k, p = softmax(f): r = p − y, H = diag(p) − p pᵀ, S = diag(√p) − p √pᵀ, q = r/√p. */
final class SoftmaxCrossEntropy implements LossModel {

    /** How far the labels of one sample may sum away from 1. */
    private static final double LABEL_SUM_TOLERANCE = 1e-4;

    @Override
    public OutputMetric at(INDArray outputs) {
        return new Metric(outputs);
    }

    @Override
    public void checkLabels(INDArray labels) {
        INDArray deviation = labels.sum(1).subi(1);
        INDArray absolute = Transforms.abs(deviation, true);
        double worst = absolute.maxNumber().doubleValue();
        if (!(worst <= LABEL_SUM_TOLERANCE)) {
            int sample = absolute.argMax().getInt(0);
            throw new IllegalArgumentException(
                    "Softmax cross-entropy needs labels that sum to 1 for each sample; those of sample " + sample
                            + " sum to " + (1 + deviation.getDouble(sample)));
        }
    }

    @Override
    public int rank(int outputs) {
        return outputs - 1;
    }

    @Override
    public String description() {
        return "softmax cross-entropy, H = diag(p) − p pᵀ";
    }

    private static final class Metric implements OutputMetric {

        private final INDArray outputs;
        private final INDArray logProbabilities;
        private final INDArray probabilities;
        private final INDArray rootProbabilities;

        Metric(INDArray outputs) {
            this.outputs = outputs;
            INDArray shifted = outputs.subColumnVector(outputs.max(true, 1));
            INDArray logNormalizer =
                    Transforms.log(Transforms.exp(shifted, true).sum(true, 1), false);
            this.logProbabilities = shifted.subiColumnVector(logNormalizer);
            this.probabilities = Transforms.exp(logProbabilities, true);
            this.rootProbabilities = RootFloor.exp(logProbabilities.mul(0.5));
        }

        @Override
        public double meanLoss(INDArray labels) {
            return -logProbabilities
                            .mul(labels)
                            .castTo(DataType.DOUBLE)
                            .sumNumber()
                            .doubleValue()
                    / outputs.size(0);
        }

        @Override
        public INDArray residual(INDArray labels) {
            return probabilities.sub(labels);
        }

        @Override
        public INDArray whitenedResidual(INDArray labels) {
            // r/√p, dividing by the very √p that S is made from, so that r = S q where p rounds to zero
            return residual(labels).divi(rootProbabilities);
        }

        @Override
        public INDArray times(INDArray tangent) {
            INDArray weighted = probabilities.mul(tangent);
            INDArray mean = weighted.sum(true, 1);
            return weighted.subi(probabilities.mulColumnVector(mean));
        }

        @Override
        public INDArray rootTransposeTimes(INDArray tangent) {
            // Sᵀ d = √p ∘ d − √p (pᵀ d)
            INDArray mean = probabilities.mul(tangent).sum(true, 1);
            return rootProbabilities.mul(tangent.subColumnVector(mean));
        }

        @Override
        public INDArray rootColumns() {
            // column j of S is √p_j (e_j − p)
            long samples = outputs.size(0);
            long classes = outputs.size(1);
            INDArray columns = RootColumns.diagonal(rootProbabilities);
            for (long j = 0; j < classes; j++) {
                INDArray column = columns.get(NDArrayIndex.point(j), NDArrayIndex.all(), NDArrayIndex.all());
                INDArray root = rootProbabilities
                        .get(NDArrayIndex.all(), NDArrayIndex.point(j))
                        .reshape(samples, 1);
                column.subi(probabilities.mulColumnVector(root));
            }
            return columns;
        }

        @Override
        public INDArray sample(RandomGenerator random) {
            return probabilities.sub(Draws.categorical(random, probabilities));
        }
    }
}
