package io.github.dl4jngd.fisher.loss;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The columns of S as K cotangents for one backward pass, and the q that belongs to them.
 *
 * @param columns [K, N, C]: entry (k, n, ·) is the k-th column of S_n
 * @param whitenedResidual q, [K, N], with r_n = S_n q_n; null where none exists (Monte-Carlo) or is needed
 * @param rows what one row of J̃ = SᵀJ is
 */
public record OutputRoot(INDArray columns, @Nullable INDArray whitenedResidual, Rows rows) {

    /** What one row of J̃ is. It makes a difference only where batch statistics couple the samples. */
    public enum Rows {
        /** Every column of every S_n goes back on its own: K N rows. */
        EACH_SAMPLE,
        /**
         * A cotangent for the whole coupled minibatch is one row: K rows. For Monte-Carlo draws, whose cross terms
         * between samples vanish in the mean.
         */
        WHOLE_MINIBATCH
    }

    /**
     * The columns for one of the three Fisher matrices.
     *
     * @param type which Fisher
     * @param metric the metric at the outputs
     * @param labels y, [N, C]; used for q and by the empirical Fisher
     * @param draws D, the number of Monte-Carlo draws; ignored by the other types
     * @param random the generator of the draws; ignored by the other types
     * @return the columns and q
     */
    public static OutputRoot of(
            FisherType type, OutputMetric metric, INDArray labels, int draws, @Nullable RandomGenerator random) {
        return switch (type) {
            case TRUE ->
                new OutputRoot(
                        metric.rootColumns(), metric.whitenedResidual(labels).transpose(), Rows.EACH_SAMPLE);
            case EMPIRICAL -> {
                INDArray residual = metric.residual(labels);
                yield new OutputRoot(
                        residual.reshape(1, residual.size(0), residual.size(1)),
                        Nd4j.ones(residual.dataType(), 1, residual.size(0)),
                        Rows.EACH_SAMPLE);
            }
            case MONTE_CARLO -> new OutputRoot(draw(metric, draws, random), null, Rows.WHOLE_MINIBATCH);
        };
    }

    private static INDArray draw(OutputMetric metric, int draws, @Nullable RandomGenerator random) {
        if (draws < 1) {
            throw new IllegalArgumentException("A Monte-Carlo Fisher needs at least one draw, got " + draws);
        }
        if (random == null) {
            throw new IllegalArgumentException("A Monte-Carlo Fisher needs a random generator to draw with, got none");
        }
        INDArray first = metric.sample(random).divi(Math.sqrt(draws));
        INDArray columns =
                Nd4j.createUninitialized(first.dataType(), new long[] {draws, first.size(0), first.size(1)}, 'c');
        for (int d = 0; d < draws; d++) {
            INDArray draw = d == 0 ? first : metric.sample(random).divi(Math.sqrt(draws));
            columns.get(NDArrayIndex.point(d), NDArrayIndex.all(), NDArrayIndex.all())
                    .assign(draw);
        }
        return columns;
    }
}
