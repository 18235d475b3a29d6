package io.github.dl4jngd.ngd;

/**
 * What happens before a step that would be an ordinary one, because the model's updater is no longer the natural
 * gradient's.
 *
 * <p>Deeplearning4j puts its own updater in silently in {@code setLearningRate}, {@code clear} and {@code setUpdater}.
 */
public enum ReplacementPolicy {
    /**
     * The natural gradient takes its place again, with everything it has learnt and the state of the model's updaters,
     * and warns.
     */
    REATTACH,
    /** The step is refused with a {@link NaturalGradientException}; parameters and updater state stay as they are. */
    REFUSE
}
