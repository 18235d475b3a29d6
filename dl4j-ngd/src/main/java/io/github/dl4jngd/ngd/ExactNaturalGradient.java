package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.loss.FisherType;

/**
 * The exact natural gradient, v = (F + ρI)⁻¹ g.
 *
 * <p>Solved in the dual: one Cholesky factorisation of [NC, NC] a step. Isotropy constant 1.
 */
public final class ExactNaturalGradient extends NaturalGradientConfiguration {

    private ExactNaturalGradient(Builder builder) {
        super(builder);
    }

    /**
     * The configuration with default options.
     *
     * @return a configuration with default options
     */
    public static ExactNaturalGradient defaults() {
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
        return Method.EXACT;
    }

    /** Builds a {@link ExactNaturalGradient}. */
    public static final class Builder extends NaturalGradientConfiguration.Builder<Builder> {

        /**
         * Suits minibatches of a classifier: with little damping one step fits its own minibatch completely, far
         * outside the range in which the linearisation holds. On a whole small data set much less is right.
         */
        public static final double DEFAULT_DAMPING = 1;

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
        public ExactNaturalGradient build() {
            checkDamping();
            return new ExactNaturalGradient(this);
        }
    }
}
