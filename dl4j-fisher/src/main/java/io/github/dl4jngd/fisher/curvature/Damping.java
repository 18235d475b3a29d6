package io.github.dl4jngd.fisher.curvature;

/**
 * The ρ of (F̂ + ρI)⁻¹.
 *
 * @param value ρ itself, or a fraction
 * @param relative whether the value is a fraction of each block's mean diagonal, so that it means the same at every
 *     width: that of the Gram matrix Θ or Θ_l for the exact, layer-wise and block-tri-diagonal methods, of the smaller
 *     of F_u and its dual for the unit-wise, of A ⊗ G for K-FAC
 */
public record Damping(double value, boolean relative) {

    /**
     * Checks the value.
     *
     * @param value ρ itself
     * @param relative whether the value is a fraction of each block's mean diagonal
     */
    public Damping {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("Damping must be finite and not negative, was " + value);
        }
    }

    /**
     * More or less of the same damping.
     *
     * @param factor what ρ, or the fraction, is multiplied by
     * @return the product
     */
    public Damping times(double factor) {
        return new Damping(value * factor, relative);
    }

    /**
     * The same ρ for every block.
     *
     * @param value ρ
     * @return the damping
     */
    public static Damping absolute(double value) {
        return new Damping(value, false);
    }

    /**
     * A fraction of each block's mean diagonal.
     *
     * @param fraction the fraction
     * @return the damping
     */
    public static Damping relative(double fraction) {
        return new Damping(fraction, true);
    }

    /**
     * The ρ of one block.
     *
     * @param meanDiagonal the mean diagonal of the matrix that is factorised
     * @return ρ
     */
    public double of(double meanDiagonal) {
        return relative ? value * meanDiagonal : value;
    }

    @Override
    public String toString() {
        return relative ? value + " of each block's mean diagonal" : String.valueOf(value);
    }
}
