package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The numbers that a quadratic model along a direction v is made of, d = Jv: sums over samples, which nothing but
 * their sums is needed of.
 *
 * @param slope ⟨d, r⟩
 * @param curvature ‖Sᵀd‖² = ⟨d, Hd⟩
 * @param whitened ‖q‖²
 * @param metric ‖Hd‖²
 * @param mixed ⟨Hd, r⟩
 * @param residual ‖r‖²
 */
public record TangentSums(
        double slope, double curvature, double whitened, double metric, double mixed, double residual) {

    /**
     * The sums over one minibatch.
     *
     * @param d Jv, [N, C]; not modified
     * @param metric H and S at the outputs
     * @param labels y, [N, C]
     * @return the sums; the first three in the arrays' own precision, as a step on one machine has them
     */
    public static TangentSums of(INDArray d, OutputMetric metric, INDArray labels) {
        INDArray r = metric.residual(labels);
        INDArray hd = metric.times(d).castTo(DataType.DOUBLE);
        INDArray wide = r.castTo(DataType.DOUBLE);
        return new TangentSums(
                Products.dot(d, r),
                Products.squaredNorm(metric.rootTransposeTimes(d)),
                Products.squaredNorm(metric.whitenedResidual(labels)),
                Products.squaredNorm(hd),
                hd.mul(wide).sumNumber().doubleValue(),
                Products.squaredNorm(wide));
    }

    /**
     * Those that were added up.
     *
     * @param sums of a name that they were put under
     * @return the numbers
     */
    public static TangentSums of(SampleSums sums) {
        double[] n = sums.numbers(SampleSums.TANGENT);
        return new TangentSums(n[0], n[1], n[2], n[3], n[4], n[5]);
    }

    /**
     * Puts them among other sums.
     *
     * @param into where to
     */
    public void addTo(SampleSums.Builder into) {
        into.with(SampleSums.TANGENT, slope, curvature, whitened, metric, mixed, residual);
    }
}
