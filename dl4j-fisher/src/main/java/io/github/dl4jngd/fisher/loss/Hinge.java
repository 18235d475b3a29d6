package io.github.dl4jngd.fisher.loss;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Losses of the margin e = 1 − y f with labels −1 and 1.
 *
 * <p>ℓ = Σ_k max(0, e_k)²: r = −2 y max(0, e), H = diag(2 y² [e &gt; 0]), the Gauss–Newton matrix. ℓ = Σ_k max(0, e_k):
 * r = −y [e &gt; 0] and, since the second derivative is zero, H = diag(y²/(2 max(|e|, ε))), the quadratic that touches
 * the loss and lies above it, ε a tenth of the minibatch's mean |e|. Neither is a Fisher information.
 */
final class Hinge implements LossModel {

    private final boolean squared;
    private final @Nullable INDArray labels;

    Hinge(boolean squared) {
        this(squared, null);
    }

    private Hinge(boolean squared, @Nullable INDArray labels) {
        this.squared = squared;
        this.labels = labels;
    }

    static INDArray required(@Nullable INDArray labels, String loss) {
        if (labels == null) {
            throw new IllegalArgumentException("The metric of " + loss + " depends on the labels; give the labels");
        }
        return labels;
    }

    @Override
    public boolean dependsOnLabels() {
        return true;
    }

    @Override
    public LossModel given(INDArray y) {
        return new Hinge(squared, y);
    }

    @Override
    public OutputMetric at(INDArray outputs) {
        INDArray y = required(labels, "a hinge loss");
        INDArray margin = margin(outputs, y);
        INDArray root = squared
                ? active(margin).muli(Math.sqrt(2))
                : AbsoluteError.reweighted(Transforms.abs(margin, false), 0.5);
        return new Metric(outputs, root.muli(Transforms.abs(y, true)));
    }

    private static INDArray margin(INDArray outputs, INDArray y) {
        return outputs.mul(y).rsubi(1);
    }

    private static INDArray active(INDArray margin) {
        return margin.gt(0).castTo(margin.dataType());
    }

    @Override
    public void checkLabels(INDArray y) {
        // DL4J takes any number; −1 and 1 are meant
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
        return squared
                ? "squared hinge, Gauss–Newton matrix H = diag(2 [1 − y f > 0])"
                : "hinge, reweighted least squares H = diag(1/(2 |1 − y f|))";
    }

    private final class Metric extends DiagonalMetric {

        private final INDArray outputs;

        Metric(INDArray outputs, INDArray root) {
            super(root);
            this.outputs = outputs;
        }

        @Override
        public INDArray losses(INDArray y) {
            INDArray positive = Transforms.max(margin(outputs, y), 0, false);
            return squared ? positive.muli(positive) : positive;
        }

        @Override
        public INDArray residual(INDArray y) {
            INDArray margin = margin(outputs, y);
            INDArray slope = squared ? Transforms.max(margin, 0, false).muli(2) : active(margin);
            return slope.muli(y).negi();
        }
    }
}
