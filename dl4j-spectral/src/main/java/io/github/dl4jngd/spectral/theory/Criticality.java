package io.github.dl4jngd.spectral.theory;

/**
 * Whether signals die or explode in a deep random network: χ = σ_w² ∫Dz φ′²(√q* z) at the fixed point q* of the
 * variance of pre-activations.
 *
 * @param fixedPoint q*, of q ↦ σ_w² ∫Dz φ²(√q z) + σ_b²
 * @param slope χ: below 1 ordered, above 1 chaotic
 */
public record Criticality(double fixedPoint, double slope) {

    private static final int ITERATIONS = 10_000;
    private static final double TOLERANCE = 1e-12;
    private static final int BISECTIONS = 60;

    /**
     * Iterates the map to its fixed point. Without one (an unbounded activation above its critical point) q* is
     * infinite; then χ is that of the largest finite variance reached.
     *
     * @param activation φ's Gaussian moments
     * @param weightVariance σ_w²
     * @param biasVariance σ_b²
     * @return q* and χ
     */
    public static Criticality of(GaussianMoments activation, double weightVariance, double biasVariance) {
        double q = 1;
        for (int i = 0; i < ITERATIONS; i++) {
            double next = weightVariance * activation.square(q) + biasVariance;
            if (next > 1e12) {
                return new Criticality(Double.POSITIVE_INFINITY, weightVariance * activation.slopeSquare(q));
            }
            if (Math.abs(next - q) <= TOLERANCE * Math.max(next, TOLERANCE)) {
                q = next;
                break;
            }
            q = next;
        }
        return new Criticality(q, weightVariance * activation.slopeSquare(q));
    }

    /**
     * The order–chaos boundary: σ_w² with χ = 1.
     *
     * @param activation φ's Gaussian moments
     * @param biasVariance σ_b²
     * @return the weight variance between 0 and 100 at which χ = 1, by bisection
     */
    public static double criticalWeightVariance(GaussianMoments activation, double biasVariance) {
        double low = 0;
        double high = 100;
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (low + high) / 2;
            if (of(activation, middle, biasVariance).slope() < 1) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }
}
