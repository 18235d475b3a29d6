package io.github.dl4jngd.fisher.training;

/** What a natural-gradient step did, for those who watch training. Numbers that the step did not need are NaN. */
public interface StepReport {

    /**
     * The iteration of the step.
     *
     * @return the model's iteration
     */
    int iteration();

    /**
     * The number of samples in the minibatch.
     *
     * @return N
     */
    int samples();

    /**
     * The loss of the minibatch before the step.
     *
     * @return the mean data loss of the minibatch, without regularisation
     */
    double loss();

    /**
     * The damping of the factorisations used.
     *
     * @return ρ
     */
    double damping();

    /**
     * The measured isotropy constant of the unscaled direction.
     *
     * @return α̂ = ⟨d, r⟩/⟨q, q⟩, d = Jv
     */
    double alpha();

    /**
     * How far the step is from changing the outputs as the exact natural gradient would.
     *
     * @return ‖Sᵀd − α̂q‖/‖α̂q‖
     */
    double anisotropy();

    /**
     * What the direction (F̂ + ρI)⁻¹g was multiplied by.
     *
     * @return the step
     */
    double step();

    /**
     * What the direction would have been multiplied by at the minimum along it of the quadratic model of the
     * minibatch's own loss, without damping. A step up to twice that lowers this model, a longer one raises it.
     * Measured
     * where the step measures the curvature along it, and in each step that {@link StepReporter#observeNextStep}
     * observes.
     *
     * @return ⟨g, v⟩/(⟨d, Hd⟩/N), d = Jv
     */
    double minimizer();

    /**
     * The reduction ratio that adaptive damping last measured.
     *
     * @return the last ratio of actual to predicted loss change
     */
    double reductionRatio();

    /**
     * Time spent in the step.
     *
     * @return milliseconds, without the updater
     */
    double milliseconds();
}
