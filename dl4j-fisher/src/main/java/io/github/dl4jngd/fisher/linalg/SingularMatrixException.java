package io.github.dl4jngd.fisher.linalg;

/** A matrix given to a general solve is singular to working precision. */
public class SingularMatrixException extends LinearAlgebraException {

    private static final long serialVersionUID = 1L;

    /** The estimate that condemned the matrix. */
    private final double reciprocalCondition;

    /**
     * Creates an exception for a matrix that has no inverse.
     *
     * @param message what was wrong, what was expected, what to do
     * @param reciprocalCondition an estimate of 1 / (‖A‖₁ ‖A⁻¹‖₁)
     */
    public SingularMatrixException(String message, double reciprocalCondition) {
        super(message);
        this.reciprocalCondition = reciprocalCondition;
    }

    /**
     * The estimated reciprocal condition number.
     *
     * @return below the data type's unit roundoff; 0 if a pivot is exactly zero
     */
    public double reciprocalCondition() {
        return reciprocalCondition;
    }
}
