package io.github.dl4jngd.ngd;

/**
 * The mean of recent minibatches' quadratic models along their directions, −c S + ½c² C with exponential means S of ⟨g,
 * v⟩ and C of ⟨d, Hd⟩/N + ρ‖v‖². One minibatch's C depends much on a few samples of it; that of several says what a
 * step does to others.
 *
 * @param slope S
 * @param quadratic C
 * @param measurements how many models are in the means
 */
record MeanModel(double slope, double quadratic, long measurements) {

    /** The mean of none. */
    static final MeanModel NONE = new MeanModel(0, 0, 0);

    /**
     * The mean with one model more.
     *
     * @param decay β, the weight of those before; less while they are few, so that all weigh the same at first
     */
    MeanModel and(QuadraticModel model, double decay) {
        double keep = Math.min(decay, measurements / (measurements + 1.0));
        return new MeanModel(
                keep * slope + (1 - keep) * model.slope(),
                keep * quadratic + (1 - keep) * (model.curvature() + model.dampingQuadratic()),
                measurements + 1);
    }

    /** The step to the minimum; NaN for the mean of none. */
    double minimizer() {
        if (measurements == 0) {
            return Double.NaN;
        }
        // A vanishing gradient has a vanishing direction, and any step does.
        return slope == 0 && quadratic == 0 ? 1 : slope / quadratic;
    }

    void save(CheckpointState into) {
        into.put("slope", slope);
        into.put("quadratic", quadratic);
        into.put("measurements", measurements);
    }

    static MeanModel restore(CheckpointState from) {
        return new MeanModel(from.number("slope"), from.number("quadratic"), from.integer("measurements"));
    }
}
