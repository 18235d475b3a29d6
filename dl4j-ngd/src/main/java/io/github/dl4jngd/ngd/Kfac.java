package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.curvature.KroneckerInverse;
import io.github.dl4jngd.fisher.jacobian.WeightSharing;
import io.github.dl4jngd.fisher.loss.FisherType;

/**
 * K-FAC: per layer F̂_l = A ⊗ G (Martens &amp; Grosse 2015), averaged over steps and inverted now and then.
 *
 * <p>Factors are updated every {@link Builder#factorInterval(int)} steps and inverted every
 * {@link Builder#inverseInterval(int)}; in the first steps both happen more often (an interval never exceeds a tenth of
 * the steps taken so far), because the first minibatches alone are a poor estimate. With
 * {@link Builder#factorDecay(double)} 0 and both intervals 1 it is the definition, with the isotropy constant Σ_{hidden
 * layers} min(N, M_l/R) + 1: N samples in the minibatch, M_l units of layer l, R the rank of the output metric (C for C
 * outputs, C − 1 with softmax).
 */
public final class Kfac extends NaturalGradientConfiguration {

    private final double factorDecay;
    private final int factorInterval;
    private final int inverseInterval;
    private final KroneckerInverse inverse;
    private final WeightSharing weightSharing;
    private final long maxInputs;
    private final long factorSamples;
    private final boolean asynchronousInverses;
    private final boolean gradualStart;

    private Kfac(Builder builder) {
        super(builder);
        this.factorDecay = builder.factorDecay;
        this.factorInterval = builder.factorInterval;
        this.inverseInterval = builder.inverseInterval;
        this.inverse = builder.inverse;
        this.weightSharing = builder.weightSharing;
        this.maxInputs = builder.maxInputs;
        this.factorSamples = builder.factorSamples;
        this.asynchronousInverses = builder.asynchronousInverses;
        this.gradualStart = builder.gradualStart;
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
     * A builder with the defaults: Monte-Carlo Fisher with one draw, damping {@value Builder#DEFAULT_DAMPING}, averages
     * with decay {@value Builder#DEFAULT_FACTOR_DECAY}, factors every {@value Builder#DEFAULT_FACTOR_INTERVAL} and
     * inverses every {@value Builder#DEFAULT_INVERSE_INTERVAL} steps.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The decay β of the factors' exponential mean.
     *
     * @return β
     */
    public double factorDecay() {
        return factorDecay;
    }

    /**
     * Steps between factor updates.
     *
     * @return the interval
     */
    public int factorInterval() {
        return factorInterval;
    }

    /**
     * Steps between inversions.
     *
     * @return the interval
     */
    public int inverseInterval() {
        return inverseInterval;
    }

    /**
     * How factors are inverted.
     *
     * @return the method
     */
    public KroneckerInverse inverse() {
        return inverse;
    }

    /**
     * How the positions of a convolution enter its factors.
     *
     * @return the setting
     */
    public WeightSharing weightSharing() {
        return weightSharing;
    }

    /**
     * Whether factors are inverted on another thread.
     *
     * @return true if so
     */
    public boolean asynchronousInverses() {
        return asynchronousInverses;
    }

    /**
     * Whether the first steps update factors and inverses more often than their intervals say.
     *
     * @return true if so
     */
    public boolean gradualStart() {
        return gradualStart;
    }

    /**
     * Above how many inputs A is split into blocks.
     *
     * @return the number
     */
    public long maxInputs() {
        return maxInputs;
    }

    /**
     * Of how many samples of a minibatch factors are made at most.
     *
     * @return the number
     */
    public long factorSamples() {
        return factorSamples;
    }

    /** Whether every step uses its own minibatch's factors and nothing else. */
    boolean isDefinition() {
        return factorDecay == 0 && factorInterval == 1 && inverseInterval == 1;
    }

    @Override
    public Method method() {
        return Method.KFAC;
    }

    /** For the approximation. */
    KroneckerFisher.Options factorOptions() {
        return new KroneckerFisher.Options(
                factorDecay, inverse, isDefinition(), weightSharing, maxInputs, factorSamples);
    }

    /** Builds a {@link Kfac}. */
    public static final class Builder extends NaturalGradientConfiguration.Builder<Builder> {

        /** Within the usual range 1e-3 … 3e-2 of published settings. */
        public static final double DEFAULT_DAMPING = 1e-2;

        /** As in Martens &amp; Grosse 2015 and kfac-jax. */
        public static final double DEFAULT_FACTOR_DECAY = 0.95;

        /** Steps between factor updates. */
        public static final int DEFAULT_FACTOR_INTERVAL = 10;

        /** Steps between inversions. */
        public static final int DEFAULT_INVERSE_INTERVAL = 100;

        private double factorDecay = DEFAULT_FACTOR_DECAY;
        private int factorInterval = DEFAULT_FACTOR_INTERVAL;
        private int inverseInterval = DEFAULT_INVERSE_INTERVAL;
        private KroneckerInverse inverse = KroneckerInverse.CHOLESKY;
        private WeightSharing weightSharing = WeightSharing.EXPAND;
        private long maxInputs = KroneckerFisher.Options.UNLIMITED;
        private long factorSamples = KroneckerFisher.Options.UNLIMITED;
        private boolean asynchronousInverses;
        private boolean gradualStart = true;

        private Builder() {
            super(FisherType.MONTE_CARLO, DEFAULT_DAMPING);
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * The decay of the factors' bias-corrected exponential mean.
         *
         * @param decay β in [0, 1); 0 for the last minibatch alone
         * @return this builder
         */
        public Builder factorDecay(double decay) {
            if (!(decay >= 0 && decay < 1)) {
                throw new IllegalArgumentException("The factor decay must be in [0, 1), was " + decay);
            }
            this.factorDecay = decay;
            return this;
        }

        /**
         * Steps between factor updates.
         *
         * @param steps at least 1
         * @return this builder
         */
        public Builder factorInterval(int steps) {
            this.factorInterval = atLeastOne("factor interval", steps);
            return this;
        }

        /**
         * Steps between inversions.
         *
         * @param steps at least 1
         * @return this builder
         */
        public Builder inverseInterval(int steps) {
            this.inverseInterval = atLeastOne("inverse interval", steps);
            return this;
        }

        /**
         * How factors are inverted; by Cholesky by default.
         *
         * @param method the method
         * @return this builder
         */
        public Builder inverse(KroneckerInverse method) {
            this.inverse = java.util.Objects.requireNonNull(method, "inverse");
            return this;
        }

        /**
         * How the positions of a convolution enter its factors; expanded by default.
         *
         * @param sharing the setting
         * @return this builder
         */
        public Builder weightSharing(WeightSharing sharing) {
            this.weightSharing = java.util.Objects.requireNonNull(sharing, "weightSharing");
            return this;
        }

        /**
         * Splits the input side of large layers: above this many inputs A becomes block-diagonal with blocks of at most
         * that size, an approximation that saves their square in memory and their cube in time, and that the
         * registration names. Not split by default.
         *
         * @param inputs the largest block, at least 1
         * @return this builder
         */
        public Builder maxInputFactor(int inputs) {
            this.maxInputs = atLeastOne("largest input factor", inputs);
            return this;
        }

        /**
         * Makes the factors of the first samples of a minibatch alone, where it has more: cheaper and noisier, which
         * averaging evens out. The backward pass of the Monte-Carlo labels stays that of the whole minibatch. All
         * samples by default.
         *
         * @param samples at least 1
         * @return this builder
         */
        public Builder factorSamples(int samples) {
            this.factorSamples = atLeastOne("number of samples for the factors", samples);
            return this;
        }

        /**
         * Inverts the factors on another thread while training goes on, for machines with an idle core. New inverses
         * are used from one factor interval after they were begun on, never earlier or later, so that results do not
         * depend on timing: training waits for them where it must. Off by default; needs an inverse interval above 1.
         *
         * @param asynchronous whether to
         * @return this builder
         */
        public Builder asynchronousInverses(boolean asynchronous) {
            this.asynchronousInverses = asynchronous;
            return this;
        }

        /**
         * Whether the first steps update factors and inverses more often: no interval is longer than a tenth of the
         * steps taken so far. True by default; without, training starts on the first minibatch's factors for a whole
         * interval.
         *
         * @param gradual whether to
         * @return this builder
         */
        public Builder gradualStart(boolean gradual) {
            this.gradualStart = gradual;
            return this;
        }

        private static int atLeastOne(String name, int steps) {
            if (steps < 1) {
                throw new IllegalArgumentException("The " + name + " must be at least 1, was " + steps);
            }
            return steps;
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
            Kfac built = new Kfac(this);
            if (asynchronousInverses && inverseInterval == 1) {
                throw new IllegalArgumentException(
                        "Asynchronous inverses are used some steps after they were begun, and an inverse interval of 1 wants them in "
                                + "every step; raise the interval or invert synchronously");
            }
            if (built.stepScaling() == StepScaling.ANALYTIC && !built.isDefinition()) {
                throw new IllegalArgumentException(
                        "The analytic isotropy constant is that of each minibatch's own factors; set "
                                + "factorDecay(0), factorInterval(1) and inverseInterval(1), or use stepScaling(MEASURED)");
            }
            return built;
        }
    }
}
