package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.Direction;
import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;

/** What a direction is multiplied by: the {@link StepScaling}, shortened to the norm constraint. */
final class StepLength {

    private final NaturalGradientConfiguration configuration;
    private final LinearizedNetwork network;
    private final LiveModel model;

    StepLength(NaturalGradientConfiguration configuration, LinearizedNetwork network, LiveModel model) {
        this.configuration = configuration;
        this.network = network;
        this.model = model;
    }

    /** Whether it can only be told from the network linearised at the step's minibatch. */
    boolean needsLinearization() {
        return configuration.stepScaling() == StepScaling.MEASURED || isConstrained();
    }

    private boolean isConstrained() {
        return configuration.normConstraint() < Double.POSITIVE_INFINITY;
    }

    /** The step before the norm constraint. */
    double scaled(QuadraticModel quadratic, Curvature curvature, Direction direction) {
        return switch (configuration.stepScaling()) {
            case NONE -> 1;
            case ANALYTIC -> 1 / curvature.isotropyConstant(direction);
            case MEASURED -> quadratic.minimizer();
        };
    }

    /** That step, or a shorter one at which the predictions move no further than the norm constraint allows. */
    double constrained(double step, QuadraticModel quadratic, int iteration, int epoch) {
        if (!isConstrained()) {
            return step;
        }
        double rate = model.learningRates(network, iteration, epoch).findFirst().orElse(1);
        return quadratic.constrained(step, rate, configuration.normConstraint());
    }
}
