package io.github.dl4jngd.ngd;

/** What happens to a step that cannot be taken: NaN or infinity in it, or a system that no remedy solves. */
public enum FailurePolicy {
    /** Training stops with a {@link NaturalGradientException}; parameters and updater state are as before the step. */
    STOP,
    /**
     * The step is skipped with a warning: parameters and updater state stay, the iteration counts. After {@link
     * NaturalGradientConfiguration#maxFailures()} steps in a row training stops nevertheless.
     */
    SKIP
}
