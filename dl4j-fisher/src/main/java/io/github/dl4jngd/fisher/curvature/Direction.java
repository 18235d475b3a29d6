package io.github.dl4jngd.fisher.curvature;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A solution v of (F̂ + ρI) v = g.
 *
 * @param vector v, [P]
 * @param dampingQuadratic Σ_b ρ_b ‖v_b‖², the damping's part of vᵀ(F̂ + ρI)v
 * @param jitter the largest amount that had to be added to a diagonal beyond ρ for a Cholesky factorisation to succeed;
 *     0 if none
 * @param substitute whether the method could not be used and the layer-wise direction stands in its place
 * @param note what a user should know about this solution, or an empty string
 */
public record Direction(INDArray vector, double dampingQuadratic, double jitter, boolean substitute, String note) {

    static Direction of(INDArray vector, double dampingQuadratic, double jitter) {
        return new Direction(vector, dampingQuadratic, jitter, false, "");
    }

    /**
     * With another remark.
     *
     * @param remark added to the note
     * @return this direction with the longer note
     */
    public Direction noted(String remark) {
        return new Direction(
                vector, dampingQuadratic, jitter, substitute, note.isEmpty() ? remark : note + "; " + remark);
    }
}
