package io.github.dl4jngd.ngd;

/** What happens to a step that cannot be taken: NaN or infinity in it, or a system that no remedy solves. */
public enum FailurePolicy {
    /**
     * Training stops with a {@link NaturalGradientException}; parameters and updater state are as before the step.
     * Under one of Deeplearning4j's early stopping trainers the step is skipped, however many there were, because the
     * trainer has termination conditions of its own for what the score has become.
     */
    STOP,
    /**
     * The step is skipped: parameters and updater state stay, the iteration counts. After {@link
     * NaturalGradientConfiguration#maxFailures()} steps in a row training stops nevertheless. The log has the first,
     * and then each time their number has doubled.
     */
    SKIP
}
