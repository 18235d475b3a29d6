package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.loss.FisherType;

/**
 * The layer-wise (block-diagonal) natural gradient, v_l = (F_l + ρI)⁻¹ g_l for each layer.
 *
 * <p>One Cholesky factorisation of [NC, NC] per layer and step. Isotropy constant L while NC does not exceed a layer's
 * parameters.
 */
public final class LayerWiseNaturalGradient extends NaturalGradientConfiguration {

    private LayerWiseNaturalGradient(Builder builder) {
        super(builder);
    }

    /**
     * The configuration with default options.
     *
     * @return a configuration with default options
     */
    public static LayerWiseNaturalGradient defaults() {
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
        return Method.LAYER_WISE;
    }

    /** Builds a {@link LayerWiseNaturalGradient}. */
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
        public LayerWiseNaturalGradient build() {
            checkDamping();
            return new LayerWiseNaturalGradient(this);
        }
    }
}
