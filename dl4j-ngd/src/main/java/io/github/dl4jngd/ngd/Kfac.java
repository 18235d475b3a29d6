package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.curvature.KroneckerInverse;
import java.util.Objects;

/**
 * K-FAC: per layer F̂_l = A ⊗ G (Martens &amp; Grosse 2015), averaged over steps and inverted now and then.
 *
 * <p>With {@link Builder#factorDecay(double)} 0 and both intervals 1 it is the definition, with the isotropy constant
 * Σ_{hidden layers} min(N, M_l/R) + 1: N samples in the minibatch, M_l units of layer l, R the rank of the output
 * metric
 * (C for C outputs, C − 1 with softmax).
 */
public final class Kfac extends KroneckerConfiguration {

    /** Within the usual range 1e-3 … 3e-2 of published settings. */
    public static final double DEFAULT_DAMPING = 1e-2;

    static final String NAME = "kfac";

    private final KroneckerInverse inverse;

    private Kfac(Builder builder) {
        super(builder);
        this.inverse = builder.inverse;
    }

    /**
     * The configuration with default options.
     *
     * @return a configuration with default options
     */
    public static Kfac defaults() {
        return builder().build();
    }

    /**
     * A builder with the defaults: Monte-Carlo Fisher with one draw, damping {@value #DEFAULT_DAMPING}, averages with
     * decay {@value #DEFAULT_FACTOR_DECAY}, factors every {@value #DEFAULT_FACTOR_INTERVAL} and inverses every
     * {@value #DEFAULT_INVERSE_INTERVAL} steps.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * How factors are inverted.
     *
     * @return the method
     */
    public KroneckerInverse inverse() {
        return inverse;
    }

    @Override
    public String methodName() {
        return NAME;
    }

    @Override
    KroneckerFisher.Options factorOptions() {
        return new KroneckerFisher.Options(
                factorDecay(), inverse, isDefinition(), weightSharing(), maxInputFactor(), factorSamples());
    }

    /** Builds a {@link Kfac}. */
    public static final class Builder extends KroneckerConfiguration.Builder<Builder> {

        private KroneckerInverse inverse = KroneckerInverse.CHOLESKY;

        private Builder() {
            super(DEFAULT_DAMPING);
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * How factors are inverted; by Cholesky by default.
         *
         * @param method the method
         * @return this builder
         */
        public Builder inverse(KroneckerInverse method) {
            this.inverse = Objects.requireNonNull(method, "inverse");
            return this;
        }

        /**
         * Builds the configuration.
         *
         * @return the configuration
         * @throws IllegalArgumentException if options contradict each other
         */
        @Override
        public Kfac build() {
            checkDamping();
            checkFactors();
            Kfac built = new Kfac(this);
            if (built.stepScaling() == StepScaling.ANALYTIC && !built.isDefinition()) {
                throw new IllegalArgumentException(
                        "The analytic isotropy constant is that of each minibatch's own factors; set "
                                + "factorDecay(0), factorInterval(1) and inverseInterval(1), or use stepScaling(MEASURED)");
            }
            return built;
        }
    }
}
