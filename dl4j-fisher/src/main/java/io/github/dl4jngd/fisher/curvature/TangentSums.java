package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The numbers that a quadratic model along a direction v is made of, d = Jv: sums over samples, which nothing but
 * their sums is needed of.
 *
 * <p>The first three are in the arrays' own precision, as a step on one machine always had them. The rest is in
 * float64:
 * distances come from them by a difference.
 *
 * @param slope ⟨d, r⟩
 * @param curvature ‖Sᵀd‖² = ⟨d, Hd⟩
 * @param whitened ‖q‖²
 * @param root ‖Sᵀd‖²
 * @param rootMixed ⟨Sᵀd, q⟩
 * @param rootResidual ‖q‖²
 * @param metric ‖Hd‖²
 * @param metricMixed ⟨Hd, r⟩
 * @param metricResidual ‖r‖²
 */
public record TangentSums(
        double slope,
        double curvature,
        double whitened,
        double root,
        double rootMixed,
        double rootResidual,
        double metric,
        double metricMixed,
        double metricResidual) {

    /**
     * The sums over one minibatch.
     *
     * @param d Jv, [N, C]; not modified
     * @param metric H and S at the outputs
     * @param labels y, [N, C]
     * @return the sums
     */
    public static TangentSums of(INDArray d, OutputMetric metric, INDArray labels) {
        INDArray r = metric.residual(labels);
        INDArray q = metric.whitenedResidual(labels);
        INDArray moved = metric.rootTransposeTimes(d);
        INDArray wideMoved = moved.castTo(DataType.DOUBLE);
        INDArray wideQ = q.castTo(DataType.DOUBLE);
        INDArray wideHd = metric.times(d).castTo(DataType.DOUBLE);
        INDArray wideR = r.castTo(DataType.DOUBLE);
        return new TangentSums(
                Products.dot(d, r),
                Products.squaredNorm(moved),
                Products.squaredNorm(q),
                Products.squaredNorm(wideMoved),
                wideMoved.mul(wideQ).sumNumber().doubleValue(),
                Products.squaredNorm(wideQ),
                Products.squaredNorm(wideHd),
                wideHd.mul(wideR).sumNumber().doubleValue(),
                Products.squaredNorm(wideR));
    }

    /**
     * Those that were added up.
     *
     * @param sums of a name that they were put under
     * @return the numbers
     */
    public static TangentSums of(SampleSums sums) {
        double[] n = sums.numbers(SampleSums.TANGENT);
        return new TangentSums(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8]);
    }

    /**
     * Puts them among other sums.
     *
     * @param into where to
     */
    public void addTo(SampleSums.Builder into) {
        into.with(
                SampleSums.TANGENT,
                slope,
                curvature,
                whitened,
                root,
                rootMixed,
                rootResidual,
                metric,
                metricMixed,
                metricResidual);
    }
}
