package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.jacobian.WeightSharing;
import io.github.dl4jngd.fisher.loss.FisherType;
import java.util.Objects;

/**
 * What methods with Kronecker factors have in common: factors A and G of every layer, averaged over steps and inverted
 * now and then.
 *
 * <p>Factors are updated every {@link Builder#factorInterval(int)} steps and inverted every
 * {@link Builder#inverseInterval(int)}. In the first steps both happen more often (an interval never exceeds a tenth of
 * the steps taken so far), because the first minibatches alone are a poor estimate.
 */
public abstract sealed class KroneckerConfiguration extends NaturalGradientConfiguration permits Kfac, Ekfac {

    /** As in Martens &amp; Grosse 2015 and kfac-jax. */
    public static final double DEFAULT_FACTOR_DECAY = 0.95;

    /** Steps between factor updates. */
    public static final int DEFAULT_FACTOR_INTERVAL = 10;

    /** Steps between inversions. */
    public static final int DEFAULT_INVERSE_INTERVAL = 100;

    /** Steps between measurements of the scaling. */
    public static final int DEFAULT_SCALING_INTERVAL = 5;

    /** The decay of the means that the measured scaling is the ratio of. */
    public static final double DEFAULT_SCALING_DECAY = 0.9;

    private final double factorDecay;
    private final int factorInterval;
    private final int inverseInterval;
    private final WeightSharing weightSharing;
    private final long maxInputFactor;
    private final long factorSamples;
    private final boolean asynchronousInverses;
    private final boolean gradualStart;

    KroneckerConfiguration(Builder<?> builder) {
        super(builder);
        this.factorDecay = builder.factorDecay;
        this.factorInterval = builder.factorInterval;
        this.inverseInterval = builder.inverseInterval;
        this.weightSharing = builder.weightSharing;
        this.maxInputFactor = builder.maxInputFactor;
        this.factorSamples = builder.factorSamples;
        this.asynchronousInverses = builder.asynchronousInverses;
        this.gradualStart = builder.gradualStart;
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
     * @return the number, {@link KroneckerFisher.Options#UNLIMITED} where it is never split
     */
    public long maxInputFactor() {
        return maxInputFactor;
    }

    /**
     * Of how many samples of a minibatch factors are made at most.
     *
     * @return the number, {@link KroneckerFisher.Options#UNLIMITED} where they are made of all
     */
    public long factorSamples() {
        return factorSamples;
    }

    /** Whether every step uses its own minibatch's factors and nothing else. */
    boolean isDefinition() {
        return factorDecay == 0 && factorInterval == 1 && inverseInterval == 1;
    }

    /** What the approximation of the factors is made with. */
    abstract KroneckerFisher.Options factorOptions();

    /**
     * The options of methods with Kronecker factors.
     *
     * @param <B> the method's own builder
     */
    public abstract static sealed class Builder<B extends Builder<B>> extends NaturalGradientConfiguration.Builder<B>
            permits Kfac.Builder, Ekfac.Builder {

        private double factorDecay = DEFAULT_FACTOR_DECAY;
        private int factorInterval = DEFAULT_FACTOR_INTERVAL;
        private int inverseInterval = DEFAULT_INVERSE_INTERVAL;
        private WeightSharing weightSharing = WeightSharing.EXPAND;
        private long maxInputFactor = KroneckerFisher.Options.UNLIMITED;
        private long factorSamples = KroneckerFisher.Options.UNLIMITED;
        private boolean asynchronousInverses;
        private boolean gradualStart = true;

        Builder(double damping) {
            super(FisherType.MONTE_CARLO, damping, DEFAULT_SCALING_INTERVAL, DEFAULT_SCALING_DECAY);
        }

        /**
         * The decay of the factors' bias-corrected exponential mean.
         *
         * @param decay β in [0, 1); 0 for the last minibatch alone
         * @return this builder
         */
        public B factorDecay(double decay) {
            if (!(decay >= 0 && decay < 1)) {
                throw new IllegalArgumentException("The factor decay must be in [0, 1), was " + decay);
            }
            this.factorDecay = decay;
            return self();
        }

        /**
         * Steps between factor updates.
         *
         * @param steps at least 1
         * @return this builder
         */
        public B factorInterval(int steps) {
            this.factorInterval = atLeastOne("factor interval", steps);
            return self();
        }

        /**
         * Steps between inversions.
         *
         * @param steps at least 1
         * @return this builder
         */
        public B inverseInterval(int steps) {
            this.inverseInterval = atLeastOne("inverse interval", steps);
            return self();
        }

        /**
         * How the positions of a convolution enter its factors; expanded by default.
         *
         * @param sharing the setting
         * @return this builder
         */
        public B weightSharing(WeightSharing sharing) {
            this.weightSharing = Objects.requireNonNull(sharing, "weightSharing");
            return self();
        }

        /**
         * Splits the input side of large layers: above this many inputs A becomes block-diagonal with blocks of at most
         * that size, an approximation that saves their square in memory and their cube in time, and that the
         * registration names. Not split by default.
         *
         * @param inputs the largest block, at least 1
         * @return this builder
         */
        public B maxInputFactor(int inputs) {
            this.maxInputFactor = atLeastOne("largest input factor", inputs);
            return self();
        }

        /**
         * Makes the factors of the first samples of a minibatch alone, where it has more: cheaper and noisier, which
         * averaging evens out. The backward pass of the Monte-Carlo labels stays that of the whole minibatch. All
         * samples by default.
         *
         * @param samples at least 1
         * @return this builder
         */
        public B factorSamples(int samples) {
            this.factorSamples = atLeastOne("number of samples for the factors", samples);
            return self();
        }

        /**
         * Inverts the factors on another thread while training goes on, for machines with an idle core. New inverses
         * are used from one factor interval after they were begun on, never earlier or later, so that results do not
         * depend on timing: training waits for them where it must. Off by default; needs an inverse interval above 1.
         *
         * @param asynchronous whether to
         * @return this builder
         */
        public B asynchronousInverses(boolean asynchronous) {
            this.asynchronousInverses = asynchronous;
            return self();
        }

        /**
         * Whether the first steps update factors and inverses more often: no interval is longer than a tenth of the
         * steps taken so far. True by default; without, training starts on the first minibatch's factors for a whole
         * interval.
         *
         * @param gradual whether to
         * @return this builder
         */
        public B gradualStart(boolean gradual) {
            this.gradualStart = gradual;
            return self();
        }

        private static int atLeastOne(String name, int steps) {
            if (steps < 1) {
                throw new IllegalArgumentException("The " + name + " must be at least 1, was " + steps);
            }
            return steps;
        }

        /** That the options of the factors agree with each other. */
        void checkFactors() {
            if (asynchronousInverses && inverseInterval == 1) {
                throw new IllegalArgumentException(
                        "Asynchronous inverses are used some steps after they were begun, and an inverse interval of 1 wants them in "
                                + "every step; raise the interval or invert synchronously");
            }
        }
    }
}
