package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.loss.FisherType;

/**
 * The unit-wise natural gradient: one block for each unit's incoming weights and bias.
 *
 * <p>One Cholesky factorisation of min(N, in+1) per unit and step, as batches over all cores. Isotropy constant
 * Σ_{hidden units} (active fraction)/C + 1, with the active fraction measured on the minibatch.
 */
public final class UnitWiseNaturalGradient extends NaturalGradientConfiguration {

    private UnitWiseNaturalGradient(Builder builder) {
        super(builder);
    }

    /**
     * The configuration with default options.
     *
     * @return a configuration with default options
     */
    public static UnitWiseNaturalGradient defaults() {
        return builder().build();
    }

    /**
     * A builder with the defaults: true Fisher, damping {@value Builder#DEFAULT_DAMPING}, measured
     * step.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public Method method() {
        return Method.UNIT_WISE;
    }

    /** Builds a {@link UnitWiseNaturalGradient}. */
    public static final class Builder extends NaturalGradientConfiguration.Builder<Builder> {

        /** Suits minibatches of a classifier; a unit's block has far smaller eigenvalues than a layer's. */
        public static final double DEFAULT_DAMPING = 1e-2;

        private Builder() {
            super(FisherType.TRUE, DEFAULT_DAMPING);
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * Builds the configuration.
         *
         * @return the configuration
         * @throws IllegalArgumentException if options contradict each other
         */
        @Override
        public UnitWiseNaturalGradient build() {
            checkDamping();
            return new UnitWiseNaturalGradient(this);
        }
    }
}
