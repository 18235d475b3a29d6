package io.github.dl4jngd.fisher.loss;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** ℓ = (s/2) Σ_k w_k (f_k − y_k)²: r = s w (f − y), H = s diag(w), S = √(s w), q = √(s w) (f − y). */
final class SquaredError implements LossModel {

    private final double scale;
    private final @Nullable INDArray weights;

    SquaredError(double scale, @Nullable INDArray weights) {
        if (!(scale > 0) || Double.isInfinite(scale)) {
            throw new IllegalArgumentException(
                    "The scale of a squared error must be positive and finite, was " + scale);
        }
        this.scale = scale;
        this.weights = weights == null ? null : OutputWeights.checked(weights);
    }

    @Override
    public OutputMetric at(INDArray outputs) {
        return new Metric(outputs);
    }

    @Override
    public void checkLabels(INDArray labels) {
        // every finite label is fine; shapes are checked where the labels meet the outputs
    }

    @Override
    public int rank(int outputs) {
        return outputs;
    }

    @Override
    public String description() {
        return "squared error, H = " + (scale == 1 ? "" : scale + " ") + (weights == null ? "I" : "diag(weights)");
    }

    private final class Metric implements OutputMetric {

        private final INDArray outputs;

        Metric(INDArray outputs) {
            this.outputs = outputs;
        }

        @Override
        public double meanLoss(INDArray labels) {
            INDArray difference = rootTransposeTimes(outputs.sub(labels)).castTo(DataType.DOUBLE);
            return 0.5 * difference.muli(difference).sumNumber().doubleValue() / outputs.size(0);
        }

        @Override
        public INDArray residual(INDArray labels) {
            return times(outputs.sub(labels));
        }

        @Override
        public INDArray whitenedResidual(INDArray labels) {
            return rootTransposeTimes(outputs.sub(labels));
        }

        @Override
        public INDArray times(INDArray tangent) {
            return OutputWeights.multiply(tangent.mul(scale), weights);
        }

        @Override
        public INDArray rootTransposeTimes(INDArray tangent) {
            return OutputWeights.multiplyRoot(tangent.mul(Math.sqrt(scale)), weights);
        }

        @Override
        public INDArray rootColumns() {
            INDArray root = rootTransposeTimes(Nd4j.onesLike(outputs));
            return RootColumns.diagonal(root);
        }

        @Override
        public INDArray sample(RandomGenerator random) {
            return rootTransposeTimes(Draws.normal(random, outputs));
        }
    }
}
