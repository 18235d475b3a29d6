package io.github.dl4jngd.fisher.loss;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * ℓ = s Σ_k w_k |f_k − y_k|: r = s w sgn(f − y), H = diag(s w/max(|f − y|, ε)), ε a tenth of the minibatch's mean |f −
 * y|.
 *
 * <p>The second derivative is zero, and the Fisher information of the Laplace distribution, s² I, has steps of one
 * length however small the errors are. So H is the quadratic that touches the loss at f and lies above it everywhere
 * (iteratively reweighted least squares): its minimum is at y, as for a squared error, and a step to it never raises
 * the loss.
 */
final class AbsoluteError implements LossModel {

    private final double scale;
    private final @Nullable INDArray weights;
    private final @Nullable INDArray labels;

    AbsoluteError(double scale, @Nullable INDArray weights) {
        this(scale, weights == null ? null : OutputWeights.checked(weights), null);
    }

    private AbsoluteError(double scale, @Nullable INDArray weights, @Nullable INDArray labels) {
        this.scale = scale;
        this.weights = weights;
        this.labels = labels;
    }

    @Override
    public boolean dependsOnLabels() {
        return true;
    }

    @Override
    public LossModel given(INDArray y) {
        return new AbsoluteError(scale, weights, y);
    }

    @Override
    public OutputMetric at(INDArray outputs) {
        INDArray distance = Transforms.abs(outputs.sub(Hinge.required(labels, "an absolute error")), false);
        return new Metric(outputs, OutputWeights.multiplyRoot(reweighted(distance, scale), weights));
    }

    /** √(scale/max(distance, ε)), in place. */
    static INDArray reweighted(INDArray distance, double scale) {
        double floor = Math.max(0.1 * distance.meanNumber().doubleValue(), 1e-12);
        return Transforms.pow(Transforms.max(distance, floor, false), -0.5, false)
                .muli(Math.sqrt(scale));
    }

    @Override
    public void checkLabels(INDArray y) {
        // every finite label is fine
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
        return "absolute error, reweighted least squares H = diag(" + (scale == 1 ? "" : scale + " ")
                + (weights == null ? "1" : "weights") + "/|f − y|)";
    }

    private final class Metric extends DiagonalMetric {

        private final INDArray outputs;

        Metric(INDArray outputs, INDArray root) {
            super(root);
            this.outputs = outputs;
        }

        @Override
        public INDArray losses(INDArray y) {
            return OutputWeights.multiply(Transforms.abs(outputs.sub(y), false).muli(scale), weights);
        }

        @Override
        public INDArray residual(INDArray y) {
            return OutputWeights.multiply(Transforms.sign(outputs.sub(y), false).muli(scale), weights);
        }
    }
}
