package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * What every natural-gradient method has in common; immutable. The methods are {@link ExactNaturalGradient},
 * {@link LayerWiseNaturalGradient}, {@link BlockTriDiagonalNaturalGradient}, {@link UnitWiseNaturalGradient},
 * {@link Kfac} and {@link Ekfac}.
 */
public abstract sealed class NaturalGradientConfiguration
        permits ExactNaturalGradient,
                LayerWiseNaturalGradient,
                BlockTriDiagonalNaturalGradient,
                UnitWiseNaturalGradient,
                KroneckerConfiguration,
                PlainGradient {

    /** Failures in a row after which training stops. */
    public static final int DEFAULT_MAX_FAILURES = 5;

    private final Damping damping;
    private final ISchedule dampingSchedule;
    private final LevenbergMarquardt adaptiveDamping;
    private final StepScaling stepScaling;
    private final int scalingInterval;
    private final double scalingDecay;
    private final double normConstraint;
    private final boolean limitsFewSamples;
    private final FisherType fisherType;
    private final int monteCarloDraws;
    private final Parameterization parameterization;
    private final long seed;
    private final int logEvery;
    private final BatchStatistics batchStatistics;
    private final long memoryLimit;
    private final ReplacementPolicy onReplacement;
    private final boolean marksModel;
    private final boolean fusedStep;
    private final FailurePolicy onFailure;
    private final int maxFailures;
    private final DivergenceGuard divergenceGuard;
    private final RegularizationRule gradientRegularization;

    NaturalGradientConfiguration(Builder<?> builder) {
        this.damping = builder.damping;
        this.dampingSchedule = builder.dampingSchedule == null ? null : builder.dampingSchedule.clone();
        this.adaptiveDamping = builder.adaptiveDamping;
        this.stepScaling = builder.stepScaling;
        this.scalingInterval = builder.scalingInterval;
        this.scalingDecay = builder.scalingDecay;
        this.normConstraint = builder.normConstraint;
        this.limitsFewSamples = builder.limitsFewSamples;
        this.fisherType = builder.fisherType;
        this.monteCarloDraws = builder.monteCarloDraws;
        this.parameterization = builder.parameterization;
        this.seed = builder.seed;
        this.logEvery = builder.logEvery;
        this.batchStatistics = builder.batchStatistics;
        this.onReplacement = builder.onReplacement;
        this.marksModel = builder.marksModel;
        this.fusedStep = builder.fusedStep;
        this.onFailure = builder.onFailure;
        this.maxFailures = builder.maxFailures;
        this.divergenceGuard = builder.divergenceGuard;
        this.gradientRegularization = builder.gradientRegularization;
        this.memoryLimit = builder.memoryLimit > 0 ? builder.memoryLimit : defaultMemoryLimit();
    }

    /**
     * The method's name in logs, in checkpoints and on the command line; {@link Method#of(String)} has the method.
     *
     * @return for example "layer-wise"
     */
    public abstract String methodName();

    /** Whether it is a natural gradient at all. */
    boolean preconditions() {
        return true;
    }

    /** What messages call it. */
    final String title() {
        return title(methodName());
    }

    /** What messages call a method by its name. */
    static String title(String methodName) {
        return methodName.equals(PlainGradient.NAME) ? methodName : "natural gradient (" + methodName + ")";
    }

    /** A gradient in the coordinates of the parameterisation; a copy where they are not the standard ones. */
    INDArray scaled(LinearizedNetwork network, INDArray gradient) {
        return parameterization.isStandard() ? gradient : network.scale(gradient.dup(), parameterization);
    }

    /**
     * The initial or constant damping.
     *
     * @return ρ, or a fraction of each block's mean diagonal
     */
    public Damping damping() {
        return damping;
    }

    /**
     * The schedule that replaces the constant damping.
     *
     * @return the schedule, or empty
     */
    public Optional<ISchedule> dampingSchedule() {
        return Optional.ofNullable(dampingSchedule);
    }

    /**
     * The adaptation of the damping.
     *
     * @return the adaptation, or empty
     */
    public Optional<LevenbergMarquardt> adaptiveDamping() {
        return Optional.ofNullable(adaptiveDamping);
    }

    /**
     * The scaling of the step.
     *
     * @return the scaling
     */
    public StepScaling stepScaling() {
        return stepScaling;
    }

    /**
     * Every how many steps a measured scaling is measured.
     *
     * @return k, at least 1
     */
    public int scalingInterval() {
        return scalingInterval;
    }

    /**
     * The decay β of the exponential means that a measured scaling is the ratio of.
     *
     * @return β, at least 0 and below 1
     */
    public double scalingDecay() {
        return scalingDecay;
    }

    /**
     * The bound κ on ½ c² dᵀHd/N, the second-order Kullback–Leibler divergence between the predictions before and after
     * a step at learning rate c.
     *
     * @return κ, or infinity for none
     */
    public double normConstraint() {
        return normConstraint;
    }

    /**
     * Whether steps of minibatches of fewer than 32 samples are shortened, to a change of the predictions of N/32 of
     * the minibatch's loss. They are where damping, step scaling and norm constraint are left at their defaults: with
     * few samples the minimum of a minibatch's own quadratic model, to which a measured step goes, is far off for all
     * other samples.
     *
     * @return true if so
     */
    public boolean limitsFewSamples() {
        return limitsFewSamples;
    }

    /**
     * Which Fisher matrix the method takes.
     *
     * @return the type
     */
    public FisherType fisherType() {
        return fisherType;
    }

    /**
     * The draws of a Monte-Carlo Fisher.
     *
     * @return D
     */
    public int monteCarloDraws() {
        return monteCarloDraws;
    }

    /**
     * The coordinates of the natural gradient.
     *
     * @return the parameterisation
     */
    public Parameterization parameterization() {
        return parameterization;
    }

    /**
     * The seed of the Monte-Carlo draws.
     *
     * @return the seed
     */
    public long seed() {
        return seed;
    }

    /**
     * Every how many steps the diagnostics are logged.
     *
     * @return n, or 0 for never
     */
    public int logEvery() {
        return logEvery;
    }

    /**
     * What batch normalisations are in the curvature.
     *
     * @return the mode
     */
    public BatchStatistics batchStatistics() {
        return batchStatistics;
    }

    /**
     * How many bytes formed rows of the Jacobian may take.
     *
     * @return bytes
     */
    public long memoryLimit() {
        return memoryLimit;
    }

    /**
     * What happens where the model's updater has been replaced.
     *
     * @return the policy
     */
    public ReplacementPolicy onReplacement() {
        return onReplacement;
    }

    /**
     * Whether copies of the model in memory refuse ordinary steps.
     *
     * @return true if so
     */
    public boolean marksModel() {
        return marksModel;
    }

    /**
     * Whether steps share one forward and backward pass with Deeplearning4j, where they can.
     *
     * @return true if so
     */
    public boolean fusedStep() {
        return fusedStep;
    }

    /**
     * What happens to a step that cannot be taken.
     *
     * @return the policy
     */
    public FailurePolicy onFailure() {
        return onFailure;
    }

    /**
     * After how many skipped or rejected steps in a row training stops.
     *
     * @return the number, at least 1
     */
    public int maxFailures() {
        return maxFailures;
    }

    /**
     * What takes steps back that made things much worse.
     *
     * @return the guard, or empty
     */
    public Optional<DivergenceGuard> divergenceGuard() {
        return Optional.ofNullable(divergenceGuard);
    }

    /**
     * How a step's gradient is regularised before it is preconditioned.
     *
     * @return the rule, or empty
     */
    public Optional<RegularizationRule> gradientRegularization() {
        return Optional.ofNullable(gradientRegularization);
    }

    private static long defaultMemoryLimit() {
        return (Runtime.getRuntime().maxMemory() + Pointer.maxBytes()) / 4;
    }

    @Override
    public String toString() {
        return methodName() + " natural gradient (damping "
                + (dampingSchedule == null ? String.valueOf(damping.value()) : dampingSchedule)
                + (damping.relative() ? " of each block's mean diagonal" : "")
                + (adaptiveDamping == null ? "" : ", adaptive") + ", step scaling "
                + stepScaling.name().toLowerCase(Locale.ROOT) + ", " + fisherType + ", " + parameterization
                + " parameterisation" + (batchStatistics == BatchStatistics.COUPLED ? "" : ", " + batchStatistics)
                + (gradientRegularization == null ? "" : ", of the gradient regularised by " + gradientRegularization)
                + ")";
    }

    /**
     * The options that every method has.
     *
     * @param <B> the method's own builder
     */
    public abstract static sealed class Builder<B extends Builder<B>>
            permits MinibatchBuilder, KroneckerConfiguration.Builder {

        private Damping damping;
        private ISchedule dampingSchedule;
        private LevenbergMarquardt adaptiveDamping;
        private StepScaling stepScaling = StepScaling.MEASURED;
        private int scalingInterval = 1;
        private double scalingDecay;
        private double normConstraint = Double.POSITIVE_INFINITY;
        /** Until an option is set that says how long steps are to be. */
        private boolean limitsFewSamples = true;

        private FisherType fisherType;
        private int monteCarloDraws = 1;
        private Parameterization parameterization = Parameterization.standard();
        private long seed = 1;
        private int logEvery;
        private BatchStatistics batchStatistics = BatchStatistics.COUPLED;
        private long memoryLimit;
        private ReplacementPolicy onReplacement = ReplacementPolicy.REATTACH;
        private boolean marksModel = true;
        private boolean fusedStep = true;
        private FailurePolicy onFailure = FailurePolicy.STOP;
        private int maxFailures = DEFAULT_MAX_FAILURES;
        private DivergenceGuard divergenceGuard;
        private RegularizationRule gradientRegularization;

        Builder(FisherType fisherType, double damping) {
            this.fisherType = fisherType;
            this.damping = Damping.absolute(damping);
        }

        /** With defaults of the measured scaling that are the method's own. */
        Builder(FisherType fisherType, double damping, int scalingInterval, double scalingDecay) {
            this(fisherType, damping);
            this.scalingInterval = scalingInterval;
            this.scalingDecay = scalingDecay;
        }

        abstract B self();

        /**
         * Builds the configuration.
         *
         * @return the configuration
         * @throws IllegalArgumentException if options contradict each other
         */
        public abstract NaturalGradientConfiguration build();

        /**
         * A constant damping ρ. Steps of few samples are then no longer shortened by themselves
         * ({@link NaturalGradientConfiguration#limitsFewSamples()}), as after every option of damping, step scaling and
         * norm constraint.
         *
         * @param rho ρ ≥ 0
         * @return this builder
         */
        public B damping(double rho) {
            this.damping = Damping.absolute(rho);
            this.limitsFewSamples = false;
            return self();
        }

        /**
         * A damping that is a fraction of each block's mean diagonal, so that it means the same at every width and for
         * every loss.
         *
         * @param fraction the fraction, ≥ 0
         * @return this builder
         */
        public B relativeDamping(double fraction) {
            this.damping = Damping.relative(fraction);
            this.limitsFewSamples = false;
            return self();
        }

        /**
         * What batch normalisations are in the curvature: with the derivative of their batch statistics, as in
         * training, by default.
         *
         * @param statistics the mode; with {@link BatchStatistics#CONSTANT} samples stay independent in the curvature,
         *     an approximation that every report names
         * @return this builder
         */
        public B batchStatistics(BatchStatistics statistics) {
            this.batchStatistics = Objects.requireNonNull(statistics, "batchStatistics");
            return self();
        }

        /**
         * How many bytes formed rows of the Jacobian may take, and with them what goes back through the network at a
         * time; by default a quarter of what Java and ND4J may use together.
         *
         * @param bytes more than zero
         * @return this builder
         */
        public B memoryLimit(long bytes) {
            if (bytes <= 0) {
                throw new IllegalArgumentException("The memory limit must be above zero, was " + bytes);
            }
            this.memoryLimit = bytes;
            return self();
        }

        /**
         * A damping that changes with iteration or epoch; replaces the constant one.
         *
         * @param schedule any of DL4J's schedules
         * @return this builder
         */
        public B dampingSchedule(ISchedule schedule) {
            this.dampingSchedule = schedule;
            this.limitsFewSamples = false;
            return self();
        }

        /**
         * Adapts the damping to how well the quadratic model predicts; starts from {@link #damping(double)}.
         *
         * @param adaptation the adaptation, usually {@link LevenbergMarquardt#DEFAULT}
         * @return this builder
         */
        public B adaptiveDamping(LevenbergMarquardt adaptation) {
            this.adaptiveDamping = adaptation;
            this.limitsFewSamples = false;
            return self();
        }

        /**
         * How the step is scaled; measured by default.
         *
         * @param scaling the scaling
         * @return this builder
         */
        public B stepScaling(StepScaling scaling) {
            this.stepScaling = Objects.requireNonNull(scaling, "stepScaling");
            this.limitsFewSamples = false;
            return self();
        }

        /**
         * Every how many steps {@link StepScaling#MEASURED} is measured, which takes a forward pass of tangents; steps
         * between take what was measured last. Without a {@link #scalingDecay} one minibatch out of the ordinary then
         * decides k steps, which can end training. Never more than a tenth of the steps so far. A step is measured,
         * too, where the inverses are new, with a norm constraint, and where few samples shorten steps.
         *
         * @param steps k ≥ 1
         * @return this builder
         */
        public B scalingInterval(int steps) {
            if (steps < 1) {
                throw new IllegalArgumentException("The interval of the scaling must be at least 1, got " + steps);
            }
            this.scalingInterval = steps;
            return self();
        }

        /**
         * The decay β of what {@link StepScaling#MEASURED} is the ratio of: exponential means of ⟨g, v⟩ and of ⟨d,
         * Hd⟩/N + ρ‖v‖² over the measurements so far. Such a step goes to the minimum of the mean of recent
         * minibatches' quadratic models along their directions; with β = 0 to that of its own minibatch, which fits
         * that minibatch and little else. The first 1/(1 − β) measurements weigh the same.
         *
         * @param decay β, at least 0 and below 1
         * @return this builder
         */
        public B scalingDecay(double decay) {
            if (!(decay >= 0 && decay < 1)) {
                throw new IllegalArgumentException(
                        "The decay of the scaling must be at least 0 and below 1, got " + decay);
            }
            this.scalingDecay = decay;
            return self();
        }

        /**
         * Bounds the change of the predictions in one step: the direction is shortened until ½ c² dᵀHd/N ≤ κ, d = Jv, c
         * the learning rate in force. Exact for {@code Sgd} with one rate for all layers; momentum and Adam change the
         * step afterwards. It takes the place of the default for few samples, infinity too.
         *
         * @param kappa κ &gt; 0
         * @return this builder
         */
        public B normConstraint(double kappa) {
            if (!(kappa > 0)) {
                throw new IllegalArgumentException("The norm constraint must be positive, was " + kappa);
            }
            this.normConstraint = kappa;
            this.limitsFewSamples = false;
            return self();
        }

        /**
         * Chooses the Fisher matrix that the method takes.
         *
         * @param type the type
         * @return this builder
         */
        public B fisherType(FisherType type) {
            this.fisherType = Objects.requireNonNull(type, "fisherType");
            return self();
        }

        /**
         * The number of label draws of a Monte-Carlo Fisher; 1 by default.
         *
         * @param draws D ≥ 1
         * @return this builder
         */
        public B monteCarloDraws(int draws) {
            if (draws < 1) {
                throw new IllegalArgumentException("A Monte-Carlo Fisher needs at least one draw, got " + draws);
            }
            this.monteCarloDraws = draws;
            return self();
        }

        /**
         * The coordinates in which the natural gradient is taken; the parameters themselves by default.
         *
         * @param coordinates the parameterisation
         * @return this builder
         */
        public B parameterization(Parameterization coordinates) {
            this.parameterization = Objects.requireNonNull(coordinates, "parameterization");
            return self();
        }

        /**
         * The seed of Monte-Carlo draws; they come from a generator of our own, never from ND4J's.
         *
         * @param value the seed
         * @return this builder
         */
        public B seed(long value) {
            this.seed = value;
            return self();
        }

        /**
         * Logs the diagnostics every n steps.
         *
         * @param steps n, or 0 for never
         * @return this builder
         */
        public B logEvery(int steps) {
            if (steps < 0) {
                throw new IllegalArgumentException("logEvery must not be negative, was " + steps);
            }
            this.logEvery = steps;
            return self();
        }

        /**
         * What happens where the model's updater has been replaced; {@link ReplacementPolicy#REATTACH} by default.
         *
         * @param policy the policy
         * @return this builder
         */
        public B onReplacement(ReplacementPolicy policy) {
            this.onReplacement = Objects.requireNonNull(policy, "onReplacement");
            return self();
        }

        /**
         * Whether copies that DL4J makes of the model in memory while the natural gradient is attached (clones, early
         * stopping's best model, transfer learning) refuse ordinary steps, so that none trains on without a natural
         * gradient unnoticed; true by default. The model itself is watched in any case, and files and JSON have nothing
         * of it in any case: see {@link NaturalGradientMark}.
         *
         * @param marks whether they do
         * @return this builder
         */
        public B markModel(boolean marks) {
            this.marksModel = marks;
            return self();
        }

        /**
         * Whether a step's forward and backward pass is made once, by the natural gradient, and Deeplearning4j's score
         * and gradient are taken from it; by default so, where both compute the same but for rounding. Listeners are
         * called as ever. Deeplearning4j makes a pass of its own beside, whatever is set here, with dropout or weight
         * noise, with batch statistics other than COUPLED, with several output layers or a centre loss, where the loss
         * is taken at each position or of a softmax or sigmoid in a layer below, with {@code miniBatch(false)}, with a
         * {@code FrozenLayerWithBackprop} or a {@code LocalResponseNormalization}, for minibatches with masks, and
         * while a listener looks at activations ({@code onForwardPass}).
         *
         * @param fused false for Deeplearning4j's own pass in every step
         * @return this builder
         */
        public B fusedStep(boolean fused) {
            this.fusedStep = fused;
            return self();
        }

        /**
         * What happens to a step that cannot be taken; {@link FailurePolicy#STOP} by default.
         *
         * @param policy the policy
         * @return this builder
         */
        public B onFailure(FailurePolicy policy) {
            this.onFailure = Objects.requireNonNull(policy, "onFailure");
            return self();
        }

        /**
         * After how many skipped or rejected steps in a row training stops; {@value #DEFAULT_MAX_FAILURES} by default.
         *
         * @param failures at least 1
         * @return this builder
         */
        public B maxFailures(int failures) {
            if (failures < 1) {
                throw new IllegalArgumentException("maxFailures must be at least 1, was " + failures);
            }
            this.maxFailures = failures;
            return self();
        }

        /**
         * Takes steps back that made things much worse, and raises the damping; off by default.
         *
         * @param guard the guard, usually {@link DivergenceGuard#DEFAULT}, or null for none
         * @return this builder
         */
        public B divergenceGuard(DivergenceGuard guard) {
            this.divergenceGuard = guard;
            return self();
        }

        /**
         * Regularises a step's gradient before it is preconditioned, so that the natural gradient is that of the
         * regularised loss; off by default. The direction is then made from the gradient and not from the outputs: it
         * needs a damping above zero, and Deeplearning4j makes its own pass beside ({@link #fusedStep}).
         *
         * @param rule the rule, or null for none; {@link GradientRegularization} attaches one without a natural
         *     gradient
         * @return this builder
         */
        public B gradientRegularization(RegularizationRule rule) {
            this.gradientRegularization = rule;
            return self();
        }

        /** As a checkpoint has it. */
        void limitsFewSamples(boolean limits) {
            this.limitsFewSamples = limits;
        }

        void checkDamping() {
            if (dampingSchedule != null && adaptiveDamping != null) {
                throw new IllegalArgumentException(
                        "A damping schedule and adaptive damping exclude each other; set one of them");
            }
            if (fisherType == FisherType.MONTE_CARLO && damping.value() == 0 && dampingSchedule == null) {
                throw new IllegalArgumentException(
                        "A Monte-Carlo Fisher needs a damping above zero: the gradient is not in its range");
            }
            if (stepScaling == StepScaling.ANALYTIC && fisherType != FisherType.TRUE) {
                throw new IllegalArgumentException(
                        "The analytic isotropy constants are those of the true Fisher; use fisherType(TRUE) or "
                                + "stepScaling(MEASURED) with the " + fisherType);
            }
            if (adaptiveDamping != null && damping.value() == 0) {
                throw new IllegalArgumentException("Adaptive damping needs a positive damping to start from");
            }
        }
    }
}
