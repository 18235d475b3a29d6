package io.github.dl4jngd.fisher.curvature;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A solution v of (F̂ + ρI) v = g.
 *
 * @param vector v, [P]
 * @param dampingQuadratic Σ_b ρ_b ‖v_b‖², the damping's part of vᵀ(F̂ + ρI)v
 * @param jitter the largest amount that had to be added to a diagonal beyond ρ for a Cholesky factorisation to succeed; 0 if none
 * @param note what a user should know about this solution, or an empty string
 */
public record Direction(INDArray vector, double dampingQuadratic, double jitter, String note) {

    static Direction of(INDArray vector, double dampingQuadratic, double jitter) {
        return new Direction(vector, dampingQuadratic, jitter, "");
    }
}
