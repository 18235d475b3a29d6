package io.github.dl4jngd.ngd;

/**
 * Sharpness-aware minimisation (Foret, Kleiner, Mobahi &amp; Neyshabur, ICLR 2021): the gradient at θ + ρ g/‖g‖ in
 * place of g. Where g is zero it stays.
 *
 * @param radius ρ &gt; 0, how far up the second gradient is taken; 0.05 is the usual choice
 */
public record Sam(double radius) implements RegularizationRule {

    /**
     * Checks the number.
     *
     * @param radius ρ
     * @throws IllegalArgumentException if ρ is not above zero and finite
     */
    public Sam {
        if (!(radius > 0 && radius < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("The radius ρ of SAM must be above 0 and finite, was " + radius);
        }
    }

    /**
     * The rule.
     *
     * @param radius ρ &gt; 0
     * @return the rule
     * @throws IllegalArgumentException if ρ is not above zero and finite
     */
    public static Sam of(double radius) {
        return new Sam(radius);
    }

    @Override
    public double ascent(double gradientNorm) {
        return gradientNorm == 0 ? 0 : radius / gradientNorm;
    }

    @Override
    public double weight() {
        return 1;
    }

    @Override
    public String toString() {
        return "SAM, ρ " + radius;
    }
}
