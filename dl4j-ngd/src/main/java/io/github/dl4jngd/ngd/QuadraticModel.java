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
                distance(sums.curvature(), alpha, sums.slope(), sums.whitened()) / (size * Math.sqrt(sums.whitened())),
                distance(sums.metric(), alpha, sums.mixed(), sums.residual()) / (size * Math.sqrt(sums.residual())));
    }

    /** ‖x − αy‖ of ‖x‖², ⟨x, y⟩ and ‖y‖²: to half the digits where the two are the same. */
    private static double distance(double x, double alpha, double mixed, double y) {
        return Math.sqrt(Math.max(0, x - 2 * alpha * mixed + alpha * alpha * y));
    }

    /** With both anisotropies to all digits, from the vectors themselves. */
    QuadraticModel withAnisotropies(INDArray d, OutputMetric metric, INDArray labels) {
        INDArray q = metric.whitenedResidual(labels);
        INDArray r = metric.residual(labels);
        return new QuadraticModel(
                slope,
                curvature,
                dampingQuadratic,
                alpha,
                Gradients.norm(metric.rootTransposeTimes(d).sub(q.mul(alpha))) / (Math.abs(alpha) * Gradients.norm(q)),
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
