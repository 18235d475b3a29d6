package io.github.dl4jngd.ngd;

/**
 * What a natural gradient is multiplied by before the model's updater sees it, so that one learning rate suits every
 * method.
 */
public enum StepScaling {
    /** Nothing: the direction (F̂ + ρI)⁻¹g itself. */
    NONE,
    /**
     * 1/α with the isotropy constant α of the infinite-width limit (Karakida &amp; Osawa, NeurIPS 2020). Meant for ρ →
     * 0 without averaging, and refused where its assumptions do not hold: it needs the true Fisher and, for K-FAC, each
     * minibatch's own factors.
     */
    ANALYTIC,
    /**
     * η* = ⟨g, v⟩/(⟨d, Hd⟩/N + vᵀρv), d = Jv: the step that minimises the damped quadratic model of the mean loss along
     * v. Costs one forward pass and one jvp.
     */
    MEASURED
}
