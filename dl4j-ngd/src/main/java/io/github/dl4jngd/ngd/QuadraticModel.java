package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.Direction;
import io.github.dl4jngd.fisher.curvature.TangentSums;
import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The loss along a direction v as its second-order model has it: −c⟨g, v⟩ + ½c²(⟨d, Hd⟩/N + v's damping) for a step of
 * −c v, d = Jv. Without a linearisation at the minibatch only the slope is known.
 *
 * @param slope ⟨g, v⟩; NaN where neither it nor d was needed
 * @param curvature ⟨d, Hd⟩/N; NaN where it was not measured
 * @param dampingQuadratic ρ‖v‖², in the norm of the parameterisation
 * @param alpha α̂ = ⟨d, r⟩/⟨q, q⟩, the measured isotropy constant
 * @param anisotropy ‖Sᵀd − α̂q‖/‖α̂q‖
 * @param residualAnisotropy ‖Hd − α̂r‖/‖α̂r‖
 */
record QuadraticModel(
        double slope,
        double curvature,
        double dampingQuadratic,
        double alpha,
        double anisotropy,
        double residualAnisotropy) {

    /**
     * What is known of it without d.
     *
     * @param known whether g is known as a vector, and with it the slope
     */
    static QuadraticModel unmeasured(INDArray gradient, INDArray v, Direction direction, boolean known) {
        return new QuadraticModel(
                known ? Products.dot(gradient, v) : Double.NaN,
                Double.NaN,
                direction.dampingQuadratic(),
                Double.NaN,
                Double.NaN,
                Double.NaN);
    }

    /**
     * The model along a direction, of sums over the samples.
     *
     * @param sums along the direction
     * @param samples N
     * @param slope ⟨g, v⟩
     * @param dampingQuadratic ρ‖v‖²
     */
    static QuadraticModel of(TangentSums sums, long samples, double slope, double dampingQuadratic) {
        double curvature = sums.curvature() / samples;
        if (!(sums.whitened() > 0)) {
            return new QuadraticModel(slope, curvature, dampingQuadratic, Double.NaN, Double.NaN, Double.NaN);
        }
        double alpha = sums.slope() / sums.whitened();
        double size = Math.abs(alpha);
        return new QuadraticModel(
                slope,
                curvature,
                dampingQuadratic,
                alpha,
                distance(sums.root(), alpha, sums.rootMixed(), sums.rootResidual())
                        / (size * Math.sqrt(sums.rootResidual())),
                distance(sums.metric(), alpha, sums.metricMixed(), sums.metricResidual())
                        / (size * Math.sqrt(sums.metricResidual())));
    }

    /** ‖x − αy‖ of ‖x‖², ⟨x, y⟩ and ‖y‖²: to half the digits where the two are the same. */
    private static double distance(double x, double alpha, double mixed, double y) {
        return Math.sqrt(Math.max(0, x - 2 * alpha * mixed + alpha * alpha * y));
    }

    /**
     * The model along a direction, of one minibatch's vectors: what the sums give, with both anisotropies to all
     * digits.
     *
     * @param d Jv, [N, C]
     * @param metric H and S at the outputs
     * @param labels y, [N, C]
     * @param samples N
     * @param slope ⟨g, v⟩; NaN for that of the residual, ⟨d, r⟩/N
     * @param dampingQuadratic ρ‖v‖²
     */
    static QuadraticModel of(
            INDArray d, OutputMetric metric, INDArray labels, long samples, double slope, double dampingQuadratic) {
        INDArray r = metric.residual(labels);
        INDArray q = metric.whitenedResidual(labels);
        INDArray moved = metric.rootTransposeTimes(d);
        double along = Products.dot(d, r);
        double own = Double.isNaN(slope) ? along / samples : slope;
        double curvature = Products.squaredNorm(moved) / samples;
        double whitened = Products.squaredNorm(q);
        if (!(whitened > 0)) {
            return new QuadraticModel(own, curvature, dampingQuadratic, Double.NaN, Double.NaN, Double.NaN);
        }
        double alpha = along / whitened;
        return new QuadraticModel(
                own,
                curvature,
                dampingQuadratic,
                alpha,
                Gradients.norm(moved.sub(q.mul(alpha))) / (Math.abs(alpha) * Math.sqrt(whitened)),
                Gradients.norm(metric.times(d).sub(r.mul(alpha))) / (Math.abs(alpha) * Gradients.norm(r)));
    }

    /** Whether d = Jv was computed. */
    boolean isMeasured() {
        return !Double.isNaN(curvature);
    }

    /** The factor at the minimum of the model without damping; NaN where it was not measured. */
    double minimizer() {
        return slope / curvature;
    }

    /** ½ c²⟨d, Hd⟩/N: the divergence of the predictions that a step of c v makes, to second order. */
    double divergence(double c) {
        return 0.5 * c * c * curvature;
    }

    /**
     * A step that is shortened until ½ (rate · step)²⟨d, Hd⟩/N ≤ bound.
     *
     * @param step the step before the learning rate
     * @param rate the learning rate that follows
     * @param bound κ
     */
    double constrained(double step, double rate, double bound) {
        double divergence = 0.5 * rate * rate * step * step * curvature;
        return divergence > bound ? step * Math.sqrt(bound / divergence) : step;
    }
}
