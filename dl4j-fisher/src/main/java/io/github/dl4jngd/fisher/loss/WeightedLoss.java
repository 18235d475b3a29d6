package io.github.dl4jngd.fisher.loss;

import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * A loss with a weight for each sample and output, w_nk ≥ 0: ℓ, r and H times w, S and q times √w. DL4J's label masks.
 *
 * <p>Where H_n is not diagonal the weights of one sample have to be equal, so that they commute with it.
 */
final class WeightedLoss implements LossModel {

    private final LossModel inner;
    private final INDArray weights;
    private final @Nullable INDArray scale;

    private WeightedLoss(LossModel inner, INDArray weights, @Nullable INDArray scale) {
        this.inner = inner;
        this.weights = weights;
        this.scale = scale;
    }

    /** Weights of one are none. */
    static LossModel of(LossModel inner, INDArray weights, @Nullable INDArray scale) {
        double smallest = weights.minNumber().doubleValue();
        double largest = weights.maxNumber().doubleValue();
        if (!(smallest >= 0) || Double.isInfinite(largest)) {
            throw new IllegalArgumentException("A mask needs finite weights that are not negative; found values from "
                    + smallest + " to " + largest);
        }
        if (smallest == 1 && largest == 1) {
            return inner;
        }
        if (!inner.separatesOutputs()
                && weights.max(1).subi(weights.min(1)).maxNumber().doubleValue() > 0) {
            throw new IllegalArgumentException(
                    "A mask with different weights for the outputs of one sample needs a loss that treats outputs one by "
                            + "one, such as MSE or XENT; the loss is " + inner.description());
        }
        return new WeightedLoss(inner, weights, scale);
    }

    @Override
    public boolean dependsOnLabels() {
        return inner.dependsOnLabels();
    }

    @Override
    public LossModel given(INDArray labels) {
        return new WeightedLoss(inner.given(labels), weights, scale);
    }

    @Override
    public OutputMetric at(INDArray outputs) {
        INDArray typed = weights.castTo(outputs.dataType());
        return new Metric(inner.at(scale == null ? outputs : outputs.mul(scale.castTo(outputs.dataType()))), typed);
    }

    /** Labels without weight may be anything, but for L1, MAE and hinge losses, whose metric averages over all. */
    @Override
    public void checkLabels(INDArray labels) {
        INDArray largest = weights.max(1);
        int[] rows = IntStream.range(0, Math.toIntExact(weights.size(0)))
                .filter(n -> largest.getDouble(n) > 0)
                .toArray();
        if (rows.length > 0) {
            inner.checkLabels(rows.length == weights.size(0) ? labels : labels.getRows(rows));
        }
    }

    @Override
    public boolean separatesOutputs() {
        return inner.separatesOutputs();
    }

    @Override
    public int rank(int outputs) {
        return inner.rank(outputs);
    }

    @Override
    public String description() {
        return inner.description() + ", weighted by a mask";
    }

    private static final class Metric implements OutputMetric {

        private final OutputMetric inner;
        private final INDArray weights;
        private final INDArray root;

        Metric(OutputMetric inner, INDArray weights) {
            this.inner = inner;
            this.weights = weights;
            this.root = Transforms.sqrt(weights, true);
        }

        @Override
        public INDArray losses(INDArray labels) {
            return inner.losses(labels).mul(weights);
        }

        @Override
        public INDArray residual(INDArray labels) {
            return inner.residual(labels).mul(weights);
        }

        @Override
        public INDArray whitenedResidual(INDArray labels) {
            INDArray q = inner.whitenedResidual(labels);
            return q.size(1) == root.size(1) ? q.mul(root) : q.mulColumnVector(root.getColumn(0, true));
        }

        @Override
        public INDArray times(INDArray tangent) {
            return inner.times(root.mul(tangent)).muli(root);
        }

        @Override
        public INDArray rootTransposeTimes(INDArray tangent) {
            return inner.rootTransposeTimes(root.mul(tangent));
        }

        @Override
        public INDArray rootColumns() {
            return inner.rootColumns().mul(root.reshape(1, root.size(0), root.size(1)));
        }

        @Override
        public INDArray sample(RandomGenerator random) {
            return inner.sample(random).mul(root);
        }
    }
}
