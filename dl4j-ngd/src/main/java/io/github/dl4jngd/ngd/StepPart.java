package io.github.dl4jngd.ngd;

/**
 * Something that lives across steps, beside the model: it has learnt from the steps before, a failed step must leave it
 * as it was, and a checkpoint keeps it.
 */
interface StepPart {

    /**
     * A step begins. Nothing is copied and nothing waited for: what is remembered is remembered by reference.
     *
     * @return what ends it; exactly one of its methods is to be called
     */
    Undo begin();

    /** Puts everything that the next steps depend on under names of its own. */
    void save(CheckpointState into);

    /**
     * Goes on from what was saved.
     *
     * @throws IllegalArgumentException if that is of another model or method; this part is then of no more use
     */
    void restore(CheckpointState from);

    /** The end of a step for one part. */
    interface Undo {

        /** The step failed: everything becomes what it was when the step began. */
        void undo();

        /** The step was made: what only an undo would have needed may be let go of. */
        default void keep() {}
    }
}
