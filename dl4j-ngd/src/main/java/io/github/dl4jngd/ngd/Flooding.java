package io.github.dl4jngd.ngd;

/**
 * Flooding (Ishida, Yamane, Sakai, Niu &amp; Sugiyama, ICML 2020): steps go up where the minibatch's loss is below a
 * level b, and down elsewhere, as if the loss were |L − b| + b.
 *
 * <p>Around b, with plain gradient descent, a step up and one down together are η² times a gradient regularisation by a
 * finite difference with ε = η, the learning rate (Karakida, Takase, Hayase &amp; Osawa, ICML 2023). It costs no second
 * gradient.
 *
 * @param level b, in the units of the mean data loss as Deeplearning4j scores it, without L1 and L2
 */
public record Flooding(double level) implements RegularizationRule {

    /**
     * Checks the number.
     *
     * @param level b
     * @throws IllegalArgumentException if b is not finite
     */
    public Flooding {
        if (!Double.isFinite(level)) {
            throw new IllegalArgumentException("The flooding level must be finite, was " + level);
        }
    }

    /**
     * The rule.
     *
     * @param level b
     * @return the rule
     * @throws IllegalArgumentException if b is not finite
     */
    public static Flooding of(double level) {
        return new Flooding(level);
    }

    @Override
    public double ascent(double gradientNorm) {
        return 0;
    }

    @Override
    public double weight() {
        return 0;
    }

    @Override
    public double sign(double loss) {
        return loss < level ? -1 : 1;
    }

    @Override
    public String toString() {
        return "flooding at " + level;
    }
}
