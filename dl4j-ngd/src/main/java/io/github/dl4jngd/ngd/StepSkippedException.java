package io.github.dl4jngd.ngd;

/**
 * Leaves DL4J's update where a step is skipped: the updaters must not act, for they would move parameters even without
 * a gradient.
 */
final class StepSkippedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StepSkippedException() {
        super("skipped", null, false, false);
    }
}
