package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.Direction;
import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.linalg.LinearAlgebraException;
import io.github.dl4jngd.fisher.linalg.NotPositiveDefiniteException;
import io.github.dl4jngd.fisher.linalg.SingularMatrixException;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import java.util.function.Supplier;
import org.deeplearning4j.earlystopping.trainer.BaseEarlyStoppingTrainer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of steps that cannot be made, how many there were, and what is said of those that were made with
 * difficulty. What such a step had changed is undone by {@link UndoableStep}; {@link LossWatch} takes a step back that
 * was made and made the loss explode.
 */
final class StepFailures implements StepPart {

    private static final Logger log = LoggerFactory.getLogger(StepLog.NAME);

    private final NaturalGradientConfiguration configuration;
    private final LinearizedNetwork network;
    private final LiveModel model;
    /** Steps that were not made, in all. */
    private long skipped;
    /** Steps that were not made, in a row until now. */
    private int inARow;
    /** Steps that were made with difficulty. */
    private long notes;

    StepFailures(NaturalGradientConfiguration configuration, LinearizedNetwork network, LiveModel model) {
        this.configuration = configuration;
        this.network = network;
        this.model = model;
    }

    long skipped() {
        return skipped;
    }

    /** A step was made. */
    void stepMade() {
        inARow = 0;
    }

    /** Counts a step that was made and then taken back, as one of so many taken back in a row. */
    void countTakenBack(int rejections) {
        inARow = Math.max(inARow, rejections - 1);
    }

    /**
     * Leaves a step out, or stops training.
     *
     * @param cause what the step failed with; null if it was made and taken back, which no policy stops at once
     * @return what tells DL4J's update to leave the step out
     * @throws NaturalGradientException if the policy, the number of failures or an interruption says to stop
     */
    StepSkippedException leaveOut(int iteration, String message, RuntimeException cause) {
        skipped++;
        inARow++;
        String what = "Iteration " + iteration + ": " + message;
        if (Thread.currentThread().isInterrupted()) {
            throw new NaturalGradientException(what, cause);
        }
        boolean stops = cause != null && configuration.onFailure() == FailurePolicy.STOP;
        boolean tooMany = inARow >= configuration.maxFailures();
        if ((stops || tooMany) && !isJudgedByEarlyStopping()) {
            throw new NaturalGradientException(
                    stops ? what : what + " This is failure " + inARow + " in a row; training stops", cause);
        }
        if (Long.bitCount(skipped) == 1) {
            log.warn("{} The step was left out ({} in a row, {} in all)", what, inARow, skipped);
        }
        return new StepSkippedException();
    }

    /**
     * Whether one of DL4J's early stopping trainers looks at the score next. It has termination conditions for a score
     * that is NaN, infinite or too large, and would call an exception an error.
     */
    private static boolean isJudgedByEarlyStopping() {
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(
                        frame -> frame.getClassName().equals(BaseEarlyStoppingTrainer.class.getName())));
    }

    /** Why a step cannot be made, and what to do. */
    String reason(RuntimeException failure, Supplier<Damping> damping) {
        if (!(failure instanceof LinearAlgebraException)) {
            return failure.getMessage();
        }
        boolean helps = failure instanceof NotPositiveDefiniteException || failure instanceof SingularMatrixException;
        return configuration.methodName() + " could not be solved: " + failure.getMessage()
                + (helps ? " Raise the damping (now " + damping.get() + ")." : "");
    }

    /**
     * Stops training where something speaks against the minibatch.
     *
     * @param objection what does; null if nothing
     */
    void refuse(int iteration, String objection) {
        if (objection != null) {
            throw new NaturalGradientException("Iteration " + iteration + ": " + objection);
        }
    }

    /** Remarks on how a direction was come by. */
    void noteUnusual(int iteration, Direction direction) {
        if (!direction.note().isEmpty()) {
            note(iteration, direction.note());
        } else if (direction.jitter() > 0) {
            note(iteration, "a factorisation needed " + direction.jitter() + " on its diagonal beyond the damping");
        }
    }

    /** Says it the first time and then each time the count has doubled; every step's diagnostics have it. */
    private void note(int iteration, String note) {
        notes++;
        if (Long.bitCount(notes) == 1) {
            log.warn("Iteration {}: {} (this is step {} of the kind)", iteration, note, notes);
        }
    }

    /**
     * A number that a step may go on with.
     *
     * @throws NumericalFailureException if it is NaN or infinite, saying where that came from
     */
    double requireFinite(double value, String what, INDArray gradient) {
        if (!Double.isFinite(value)) {
            throw new NumericalFailureException(
                    what + " of the " + configuration.methodName() + " method is " + value
                            + ", for " + NonFinite.origin(network, model, gradient)
                            + ". The parameters were left as they are. Look at the data, lower the learning rate or raise the damping.");
        }
        return value;
    }

    @Override
    public Undo begin() {
        long skippedBefore = skipped;
        int inARowBefore = inARow;
        long notesBefore = notes;
        return () -> {
            skipped = skippedBefore;
            inARow = inARowBefore;
            notes = notesBefore;
        };
    }

    @Override
    public void save(CheckpointState into) {
        into.put("notes", notes);
        into.put("skipped", skipped);
        into.put("failures", inARow);
    }

    @Override
    public void restore(CheckpointState from) {
        notes = from.integer("notes");
        skipped = from.integer("skipped");
        inARow = Math.toIntExact(from.integer("failures"));
    }
}
