package io.github.dl4jngd.fisher.loss;

import org.jspecify.annotations.Nullable;
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
    public boolean separatesOutputs() {
        return true;
    }

    @Override
    public int rank(int outputs) {
        return outputs;
    }

    @Override
    public String description() {
        return "squared error, H = " + (scale == 1 ? "" : scale + " ") + (weights == null ? "I" : "diag(weights)");
    }

    private final class Metric extends DiagonalMetric {

        private final INDArray outputs;

        Metric(INDArray outputs) {
            super(OutputWeights.multiplyRoot(
                    Nd4j.valueArrayOf(outputs.shape(), Math.sqrt(scale), outputs.dataType()), weights));
            this.outputs = outputs;
        }

        @Override
        public INDArray losses(INDArray labels) {
            INDArray difference = whitenedResidual(labels);
            return difference.mul(difference).muli(0.5);
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
    }
}
