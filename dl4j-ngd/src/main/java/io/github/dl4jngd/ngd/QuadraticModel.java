package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.Direction;
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
     * The model along a direction.
     *
     * @param gradient g as DL4J has it
     * @param v the direction in the standard coordinates
     * @param direction it and what its solution took
     * @param point the minibatch, linearised or not
     * @param fromLogits whether the direction was made from the logits: DL4J clips probabilities in its gradient, so
     *     the slope is then ⟨r, d⟩/N, too
     * @param measured whether d is to be computed, of a linearised network
     */
    static QuadraticModel of(
            INDArray gradient,
            INDArray v,
            Direction direction,
            MinibatchPoint point,
            boolean fromLogits,
            boolean measured) {
        if (!measured) {
            return new QuadraticModel(
                    point.hasWholeGradient() ? Products.dot(gradient, v) : Double.NaN,
                    Double.NaN,
                    direction.dampingQuadratic(),
                    Double.NaN,
                    Double.NaN,
                    Double.NaN);
        }
        OutputMetric metric = point.metric();
        INDArray d = point.linearization().jvp(v);
        INDArray r = point.residual();
        INDArray q = metric.whitenedResidual(point.targets());
        INDArray moved = metric.rootTransposeTimes(d);
        double curvature = Products.squaredNorm(moved) / point.samples();
        double slope = fromLogits ? Products.dot(d, r) / point.samples() : Products.dot(gradient, v);
        double whitened = Products.squaredNorm(q);
        if (!(whitened > 0)) {
            return new QuadraticModel(
                    slope, curvature, direction.dampingQuadratic(), Double.NaN, Double.NaN, Double.NaN);
        }
        double alpha = Products.dot(d, r) / whitened;
        return new QuadraticModel(
                slope,
                curvature,
                direction.dampingQuadratic(),
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
