package io.github.dl4jngd.ngd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Everything that lives across steps, in one list: what a failed step undoes is what a checkpoint saves.
 *
 * @param list the parts; each begins, ends, is saved and restored in this order
 */
record UndoableStep(List<StepPart> list) {

    /**
     * Makes a step. If it fails, every part becomes what it was before, even where undoing another part fails, too.
     *
     * @param step what may change the parts
     */
    void attempt(Runnable step) {
        List<StepPart.Undo> begun = new ArrayList<>();
        try {
            list.forEach(part -> begun.add(part.begin()));
            step.run();
        } catch (Throwable failure) {
            end(begun, StepPart.Undo::undo).forEach(failure::addSuppressed);
            throw failure;
        }
        List<RuntimeException> failures = end(begun, StepPart.Undo::keep);
        if (!failures.isEmpty()) {
            RuntimeException first = failures.remove(0);
            failures.forEach(first::addSuppressed);
            throw first;
        }
    }

    /** Ends the step for every part and collects what is thrown meanwhile. */
    private static List<RuntimeException> end(List<StepPart.Undo> begun, Consumer<StepPart.Undo> how) {
        List<RuntimeException> failures = new ArrayList<>();
        for (StepPart.Undo undo : begun) {
            try {
                how.accept(undo);
            } catch (RuntimeException e) {
                failures.add(e);
            }
        }
        return failures;
    }

    /** Everything that the next steps depend on, beside the model. */
    void save(CheckpointState into) {
        list.forEach(part -> part.save(into));
    }

    /**
     * Goes on from a state.
     *
     * @throws IllegalArgumentException if it is of another model or method; the parts are then of no more use
     */
    void restore(CheckpointState from) {
        list.forEach(part -> part.restore(from));
    }
}
