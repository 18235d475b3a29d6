package io.github.dl4jngd.ngd;

/**
 * The exact natural gradient, v = (F + ρI)⁻¹ g.
 *
 * <p>Solved in the dual: one Cholesky factorisation of [NC, NC] a step. Isotropy constant 1.
 */
public final class ExactNaturalGradient extends NaturalGradientConfiguration {

    /**
     * Suits minibatches of a classifier: with little damping one step fits its own minibatch completely, far outside
     * the range in which the linearisation holds. On a whole small data set much less is right.
     */
    public static final double DEFAULT_DAMPING = 1;

    static final String NAME = "exact";

    private ExactNaturalGradient(MinibatchBuilder<ExactNaturalGradient> builder) {
        super(builder);
    }

    /**
     * The configuration with default options.
     *
     * @return true Fisher, damping {@value #DEFAULT_DAMPING}, measured step
     */
    public static ExactNaturalGradient defaults() {
        return builder().build();
    }

    /**
     * A builder with the defaults: true Fisher, damping {@value #DEFAULT_DAMPING}, measured step.
     *
     * @return the builder
     */
    public static MinibatchBuilder<ExactNaturalGradient> builder() {
        return new MinibatchBuilder<>(ExactNaturalGradient::new, DEFAULT_DAMPING);
    }

    @Override
    public String methodName() {
        return NAME;
    }
}
