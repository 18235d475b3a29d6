package io.github.dl4jngd.fisher.loss;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * Any loss that is a sum over samples, of which only value and gradient are known: H_n = r_n r_nᵀ, S_n = r_n, q = 1.
 *
 * <p>F is then the empirical Fisher matrix (1/N) Σ g_n g_nᵀ, whichever {@link FisherType} is asked for; with a loss at
 * each position or with weights w the true one is Σ_p w g_p g_pᵀ over positions, the empirical one the square of the
 * weighted sum. Outputs are those before the output activation, which belongs to the loss.
 */
final class EmpiricalLoss implements LossModel {

    /** How far the gradient of a sample may differ when it is taken alone. */
    private static final double TOLERANCE = 1e-3;

    private final ILossFunction loss;
    private final IActivation activation;
    private final @Nullable INDArray labels;

    EmpiricalLoss(ILossFunction loss, IActivation activation) {
        this(loss, activation, null);
    }

    private EmpiricalLoss(ILossFunction loss, IActivation activation, @Nullable INDArray labels) {
        this.loss = loss;
        this.activation = activation;
        this.labels = labels;
    }

    @Override
    public boolean dependsOnLabels() {
        return true;
    }

    @Override
    public LossModel given(INDArray y) {
        return new EmpiricalLoss(loss, activation, y);
    }

    @Override
    public OutputMetric at(INDArray outputs) {
        INDArray y = Hinge.required(labels, loss.getClass().getSimpleName());
        INDArray residual = gradient(outputs, y);
        requireSumOverSamples(outputs, y, residual);
        return new Metric(outputs, residual);
    }

    private INDArray gradient(INDArray outputs, INDArray y) {
        // losses may write to what they are given
        INDArray gradient = loss.computeGradient(y.dup('c'), outputs.dup('c'), activation, null);
        return gradient.castTo(outputs.dataType()).dup('c').reshape('c', outputs.shape());
    }

    private void requireSumOverSamples(INDArray outputs, INDArray y, INDArray residual) {
        if (outputs.size(0) < 2) {
            return;
        }
        INDArray first = residual.get(NDArrayIndex.interval(0, 1), NDArrayIndex.all());
        INDArray alone = gradient(
                outputs.get(NDArrayIndex.interval(0, 1), NDArrayIndex.all()),
                y.get(NDArrayIndex.interval(0, 1), NDArrayIndex.all()));
        double difference = first.distance2(alone);
        if (!(difference <= TOLERANCE * (1e-6 + alone.norm2Number().doubleValue()))) {
            throw new IllegalArgumentException("The loss " + loss.getClass().getSimpleName()
                    + " is not a sum over samples: the gradient of the first sample depends on the others. A natural "
                    + "gradient is defined for sums, such as MCXENT, XENT and MSE");
        }
    }

    @Override
    public void checkLabels(INDArray y) {
        // the loss itself says what it takes
    }

    @Override
    public int rank(int outputs) {
        return 1;
    }

    @Override
    public String description() {
        return loss.getClass().getSimpleName() + ", empirical metric H = r rᵀ";
    }

    private final class Metric implements OutputMetric {

        private final INDArray outputs;
        private final INDArray residual;

        Metric(INDArray outputs, INDArray residual) {
            this.outputs = outputs;
            this.residual = residual;
        }

        @Override
        public INDArray losses(INDArray y) {
            INDArray scores = loss.computeScoreArray(y.dup('c'), outputs.dup('c'), activation, null);
            INDArray losses = Nd4j.create(outputs.dataType(), outputs.shape());
            losses.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 1))
                    .assign(scores.castTo(outputs.dataType()).reshape(outputs.size(0), 1));
            return losses;
        }

        @Override
        public INDArray residual(INDArray y) {
            return gradient(outputs, y);
        }

        @Override
        public INDArray whitenedResidual(INDArray y) {
            return Nd4j.ones(residual.dataType(), residual.size(0), 1);
        }

        @Override
        public INDArray times(INDArray tangent) {
            return residual.mulColumnVector(rootTransposeTimes(tangent));
        }

        @Override
        public INDArray rootTransposeTimes(INDArray tangent) {
            return residual.mul(tangent).sum(true, 1);
        }

        @Override
        public INDArray rootColumns() {
            return residual.dup('c').reshape('c', 1, residual.size(0), residual.size(1));
        }

        /** ± r, so that cross terms between samples vanish in the mean. */
        @Override
        public INDArray sample(RandomGenerator random) {
            INDArray signs = Nd4j.create(residual.dataType(), residual.size(0), 1);
            for (long n = 0; n < residual.size(0); n++) {
                signs.putScalar(n, 0, random.nextBoolean() ? 1 : -1);
            }
            return residual.mulColumnVector(signs);
        }
    }
}
