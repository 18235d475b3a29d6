package io.github.dl4jngd.ngd;

/**
 * Gradient regularisation by a forward difference, F-GR: g + (γ/ε)[∇L(θ + εg) − g].
 *
 * <p>It minimises L + (γ/2)‖∇L‖² up to O(ε). ε is a parameter and no tolerance: of the order of the learning rate and
 * larger it is reported to be better than ε → 0 (Karakida, Takase, Hayase &amp; Osawa, ICML 2023). In float32 the
 * rounding of the difference is about (γ/ε) · 6e-8 · ‖g‖. With γ = ε it is {@linkplain Sam sharpness-aware
 * minimisation} without its normalisation.
 *
 * @param gamma γ ≥ 0, the weight of the penalty; with 0 training is the same as without, bit for bit
 * @param epsilon ε &gt; 0, the ascent
 */
public record ForwardDifference(double gamma, double epsilon) implements RegularizationRule {

    /**
     * Checks the numbers.
     *
     * @param gamma γ
     * @param epsilon ε
     * @throws IllegalArgumentException if γ is negative, ε not above zero, or one of them not finite
     */
    public ForwardDifference {
        check(gamma, epsilon);
    }

    static void check(double gamma, double epsilon) {
        if (!(gamma >= 0 && gamma < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("The penalty's weight γ must be at least 0 and finite, was " + gamma);
        }
        if (!(epsilon > 0 && epsilon < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("The ascent ε must be above 0 and finite, was " + epsilon);
        }
    }

    /**
     * The rule.
     *
     * @param gamma γ ≥ 0, the weight of the penalty
     * @param epsilon ε &gt; 0, the ascent
     * @return the rule
     * @throws IllegalArgumentException if γ is negative, ε not above zero, or one of them not finite
     */
    public static ForwardDifference of(double gamma, double epsilon) {
        return new ForwardDifference(gamma, epsilon);
    }

    @Override
    public double ascent(double gradientNorm) {
        return epsilon;
    }

    @Override
    public double weight() {
        return gamma / epsilon;
    }

    @Override
    public String toString() {
        return "forward difference, γ " + gamma + ", ε " + epsilon;
    }
}
