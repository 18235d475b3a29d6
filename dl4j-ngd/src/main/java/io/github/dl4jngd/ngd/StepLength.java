package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.Direction;
import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a direction is multiplied by: the {@link StepScaling}, shortened to the norm constraint.
 *
 * <p>A measured step goes to the minimum of the mean of recent quadratic models, its own minibatch's the latest. With a
 * few samples their minimum fits them and nothing else, and throws the predictions of others far off. Where the options
 * leave it to the library, a step of fewer than 32 samples N therefore changes the predictions by no more than N/32 of
 * the minibatch's loss, to second order: ½⟨d, Hd⟩/N, the divergence that a norm constraint bounds, but relative, so
 * that the scale of labels does not matter.
 */
final class StepLength implements StepPart {

    /** From so many samples on a step is what it would be without this. */
    static final int ENOUGH_SAMPLES = 32;

    /** Up to so many samples a step that nothing shortens is worth a warning. */
    private static final int FEW_SAMPLES = 8;

    private static final Logger log = LoggerFactory.getLogger(StepLog.NAME);

    private final NaturalGradientConfiguration configuration;
    private final LinearizedNetwork network;
    private final LiveModel model;
    private boolean warned;
    private long steps;
    private long nextMeasurement;
    private MeanModel measured = MeanModel.NONE;

    StepLength(NaturalGradientConfiguration configuration, LinearizedNetwork network, LiveModel model) {
        this.configuration = configuration;
        this.network = network;
        this.model = model;
    }

    /**
     * Whether d = Jv is computed at the step's minibatch: where a measurement is due, where the length of the step is
     * bounded by it, and, for the diagnostics, where nothing is measured but the step has the minibatch linearised.
     *
     * @param samples N
     * @param linearized whether something else of the step needs the network linearised
     * @param renewed whether the direction comes from other inverses than the last one's, and so has another length
     */
    boolean needsTangent(long samples, boolean linearized, boolean renewed) {
        boolean due =
                configuration.stepScaling() == StepScaling.MEASURED ? renewed || steps >= nextMeasurement : linearized;
        return due || isConstrained() || (configuration.limitsFewSamples() && samples < ENOUGH_SAMPLES);
    }

    private boolean isConstrained() {
        return configuration.normConstraint() < Double.POSITIVE_INFINITY;
    }

    /** The step before the norm constraint. */
    double scaled(QuadraticModel quadratic, Curvature curvature, Direction direction) {
        return switch (configuration.stepScaling()) {
            case NONE -> 1;
            case ANALYTIC -> 1 / curvature.isotropyConstant(direction);
            case MEASURED -> measured(quadratic).minimizer();
        };
    }

    private MeanModel measured(QuadraticModel quadratic) {
        return quadratic.isMeasured() ? measured.and(quadratic, configuration.scalingDecay()) : measured;
    }

    /** The step was made. */
    void stepMade(QuadraticModel quadratic) {
        if (quadratic.isMeasured()) {
            measured = measured(quadratic);
            nextMeasurement = steps + KroneckerSchedule.gradual(configuration.scalingInterval(), steps);
        }
        steps++;
    }

    @Override
    public Undo begin() {
        long stepsBefore = steps;
        long nextBefore = nextMeasurement;
        MeanModel measuredBefore = measured;
        return () -> {
            steps = stepsBefore;
            nextMeasurement = nextBefore;
            measured = measuredBefore;
        };
    }

    @Override
    public void save(CheckpointState into) {
        CheckpointState own = into.part("stepLength");
        own.put("steps", steps);
        own.put("nextMeasurement", nextMeasurement);
        measured.save(own);
    }

    /** Checkpoints of builds that measured in every step have nothing of it, and go on by measuring. */
    @Override
    public void restore(CheckpointState from) {
        CheckpointState own = from.part("stepLength");
        boolean known = own.has("measurements");
        steps = known ? own.integer("steps") : 0;
        nextMeasurement = known ? own.integer("nextMeasurement") : 0;
        measured = known ? MeanModel.restore(own) : MeanModel.NONE;
    }

    /** That step, or a shorter one at which the predictions move no further than they should. */
    double constrained(double step, QuadraticModel quadratic, StepPoint point, int iteration, int epoch) {
        if (configuration.limitsFewSamples() && point.isLinearized() && point.samples() < ENOUGH_SAMPLES) {
            double share = (double) point.samples() / ENOUGH_SAMPLES;
            return quadratic.constrained(step, 1, share * Math.abs(point.loss()));
        }
        if (!isConstrained()) {
            warnOfFewSamples(point);
            return step;
        }
        double rate = model.learningRates(network, iteration, epoch).findFirst().orElse(1);
        return quadratic.constrained(step, rate, configuration.normConstraint());
    }

    private void warnOfFewSamples(StepPoint point) {
        boolean few = point.isLinearized() && point.samples() <= FEW_SAMPLES;
        if (few && !warned && configuration.stepScaling() == StepScaling.MEASURED) {
            warned = true;
            log.warn(
                    "Minibatches of {} samples with a damping that you set: a step goes to the minimum of so few, which may be far off"
                            + " for the others. normConstraint(0.01) shortens it, a lower rate or more damping do, or the method's"
                            + " default options",
                    point.samples());
        }
    }
}
