package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.loss.FisherType;

/**
 * The block-tri-diagonal natural gradient: F masked to neighbouring layers.
 *
 * <p>One LU factorisation of [L NC, L NC] a step. The masked matrix is indefinite from three layers on, so damping is
 * no regulariser: each solution is checked, and where it is no descent direction or too ill-conditioned the step is the
 * layer-wise one and the diagnostics say so. Isotropy constant ⌈L/3⌉.
 */
public final class BlockTriDiagonalNaturalGradient extends NaturalGradientConfiguration {

    private BlockTriDiagonalNaturalGradient(Builder builder) {
        super(builder);
    }

    /**
     * The configuration with default options.
     *
     * @return a configuration with default options
     */
    public static BlockTriDiagonalNaturalGradient defaults() {
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
        return Method.BLOCK_TRI_DIAGONAL;
    }

    /** Builds a {@link BlockTriDiagonalNaturalGradient}. */
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
        public BlockTriDiagonalNaturalGradient build() {
            checkDamping();
            return new BlockTriDiagonalNaturalGradient(this);
        }
    }
}
