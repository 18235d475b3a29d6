package io.github.dl4jngd.ngd;

/**
 * Gradient regularisation by a backward difference, B-GR: g + (γ/ε)[g − ∇L(θ − εg)].
 *
 * <p>It minimises L + (γ/2)‖∇L‖² up to O(ε), with the opposite error of {@link ForwardDifference}: it is that rule with
 * −ε for ε (Karakida, Takase, Hayase &amp; Osawa, ICML 2023).
 *
 * @param gamma γ ≥ 0, the weight of the penalty; with 0 training is the same as without, bit for bit
 * @param epsilon ε &gt; 0, the descent
 */
public record BackwardDifference(double gamma, double epsilon) implements RegularizationRule {

    /**
     * Checks the numbers.
     *
     * @param gamma γ
     * @param epsilon ε
     * @throws IllegalArgumentException if γ is negative, ε not above zero, or one of them not finite
     */
    public BackwardDifference {
        ForwardDifference.check(gamma, epsilon);
    }

    /**
     * The rule.
     *
     * @param gamma γ ≥ 0, the weight of the penalty
     * @param epsilon ε &gt; 0, the descent
     * @return the rule
     * @throws IllegalArgumentException if γ is negative, ε not above zero, or one of them not finite
     */
    public static BackwardDifference of(double gamma, double epsilon) {
        return new BackwardDifference(gamma, epsilon);
    }

    @Override
    public double ascent(double gradientNorm) {
        return -epsilon;
    }

    @Override
    public double weight() {
        return -gamma / epsilon;
    }

    @Override
    public String toString() {
        return "backward difference, γ " + gamma + ", ε " + epsilon;
    }
}
