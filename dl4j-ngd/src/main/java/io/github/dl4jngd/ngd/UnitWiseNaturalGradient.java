package io.github.dl4jngd.ngd;

/**
 * The unit-wise natural gradient: one block for each unit's incoming weights and bias.
 *
 * <p>One Cholesky factorisation of min(N, in+1) per unit and step, as batches over all cores. Isotropy constant
 * Σ_{hidden units} (active fraction)/C + 1, with the active fraction measured on the minibatch.
 */
public final class UnitWiseNaturalGradient extends NaturalGradientConfiguration {

    /** Suits minibatches of a classifier; a unit's block has far smaller eigenvalues than a layer's. */
    public static final double DEFAULT_DAMPING = 1e-2;

    static final String NAME = "unit-wise";

    private UnitWiseNaturalGradient(MinibatchBuilder<UnitWiseNaturalGradient> builder) {
        super(builder);
    }

    /**
     * The configuration with default options.
     *
     * @return true Fisher, damping {@value #DEFAULT_DAMPING}, measured step
     */
    public static UnitWiseNaturalGradient defaults() {
        return builder().build();
    }

    /**
     * A builder with the defaults: true Fisher, damping {@value #DEFAULT_DAMPING}, measured step.
     *
     * @return the builder
     */
    public static MinibatchBuilder<UnitWiseNaturalGradient> builder() {
        return new MinibatchBuilder<>(UnitWiseNaturalGradient::new, DEFAULT_DAMPING);
    }

    @Override
    public String methodName() {
        return NAME;
    }
}
