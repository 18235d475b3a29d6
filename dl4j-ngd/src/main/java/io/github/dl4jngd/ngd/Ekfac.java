package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.curvature.KroneckerInverse;

/**
 * E-KFAC, K-FAC with corrected eigenvalues: per layer F̂_l = (U_A ⊗ U_G) diag(S) (U_A ⊗ U_G)ᵀ, with the eigenvectors of
 * K-FAC's factors A and G, and S = (1/N) Σ_n (U_Aᵀ ∇_n U_G)∘² over the gradients ∇_n of single samples (George et al.,
 * NeurIPS 2018). At one minibatch no other matrix with its eigenvectors is nearer to the exact block in Frobenius norm.
 *
 * <p>V = U_A [(U_Aᵀ ∇ U_G) / (S + ρ)] U_Gᵀ: damping is added to the eigenvalues of the whole block, and not to the
 * factors' as in {@link Kfac}. S is averaged as the factors are, at the factor interval; the eigenvectors are made at
 * the inverse interval, and S is turned with them. Over K-FAC's costs come, for each sample of a factor update, the
 * rotation of its gradient ({@link Builder#factorSamples(int)} takes fewer), and with every step four products with the
 * eigenvectors in place of two with the inverses.
 *
 * <p>No analytic isotropy constant is known: steps are scaled by {@link StepScaling#MEASURED}, or not at all.
 */
public final class Ekfac extends KroneckerConfiguration {

    /**
     * Ten times that of {@link Kfac}, whose damping of both factors adds more than ρ to all but the smallest
     * eigenvalues. With 1e-2 one of four seeds of a perceptron on MNIST diverged in its first steps, in float64, too.
     */
    public static final double DEFAULT_DAMPING = 1e-1;

    static final String NAME = "ekfac";

    private Ekfac(Builder builder) {
        super(builder);
    }

    /**
     * The configuration with default options.
     *
     * @return a configuration with default options
     */
    public static Ekfac defaults() {
        return builder().build();
    }

    /**
     * A builder with the defaults: Monte-Carlo Fisher with one draw, damping {@value #DEFAULT_DAMPING}, averages with
     * decay {@value #DEFAULT_FACTOR_DECAY}, factors and S every {@value #DEFAULT_FACTOR_INTERVAL} and eigenvectors
     * every
     * {@value #DEFAULT_INVERSE_INTERVAL} steps.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String methodName() {
        return NAME;
    }

    @Override
    KroneckerFisher.Options factorOptions() {
        return new KroneckerFisher.Options(
                factorDecay(),
                KroneckerInverse.EIGEN,
                isDefinition(),
                weightSharing(),
                maxInputFactor(),
                factorSamples());
    }

    /** Builds an {@link Ekfac}. */
    public static final class Builder extends KroneckerConfiguration.Builder<Builder> {

        private Builder() {
            super(DEFAULT_DAMPING);
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
        public Ekfac build() {
            checkDamping();
            checkFactors();
            Ekfac built = new Ekfac(this);
            if (built.stepScaling() == StepScaling.ANALYTIC) {
                throw new IllegalArgumentException(
                        "No analytic isotropy constant is known of E-KFAC; use stepScaling(MEASURED)");
            }
            return built;
        }
    }
}
