package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import java.util.Optional;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Watches the score by a {@link DivergenceGuard}, where there is one, and remembers what the last step changed. */
final class LossWatch implements StepPart {

    /** The decay of the running mean of scores. */
    private static final double DECAY = 0.9;

    private static final double LARGEST_FACTOR = 1e6;

    private final Optional<DivergenceGuard> guard;
    /** Of the minibatch before the step that is being made. */
    private double score = Double.NaN;

    private double meanScore = Double.NaN;
    private double meanDeviation;
    private int rejections;
    private double factor = 1;
    /** Whether there is a step to take back; the arrays are kept for the next. */
    private boolean armed;

    /** How often the arrays have been written. */
    private long copies;

    private INDArray parameters;
    private INDArray updaterState;

    LossWatch(Optional<DivergenceGuard> guard) {
        this.guard = guard;
    }

    /** What the damping is multiplied by at present, at least 1. */
    double dampingFactor() {
        return factor;
    }

    /** Steps taken back since one was looked at and stood. */
    int rejections() {
        return rejections;
    }

    /**
     * Takes the last step back where it made the score what no step should.
     *
     * @return whether it did
     * @throws NumericalFailureException if the minibatch itself is broken, which says nothing about the last step
     */
    boolean takesBack(LiveModel model, INDArray liveParameters, INDArray liveUpdaterState) {
        if (guard.isEmpty()) {
            return false;
        }
        score = model.score();
        if (!Double.isFinite(score)) {
            NonFinite.inMinibatch(model).ifPresent(broken -> {
                throw new NumericalFailureException("the score is " + score + ", for " + broken);
            });
        }
        if (!hasDiverged()) {
            return false;
        }
        takeBack(liveParameters, liveUpdaterState);
        return true;
    }

    /** What was taken back last, and what for. */
    String explanation() {
        return "the last step made the score " + score + " and was taken back; the damping is now " + factor
                + " times the configured.";
    }

    /** Whether the last step made this of the score; without a last step nothing did. */
    private boolean hasDiverged() {
        if (!armed) {
            return false;
        }
        double usual = Math.abs(meanScore) + meanDeviation;
        boolean diverged = !(score <= meanScore + (guard.orElseThrow().lossFactor() - 1) * usual);
        if (!diverged) {
            rejections = 0;
        }
        return diverged;
    }

    /** Takes the last step back. */
    private void takeBack(INDArray liveParameters, INDArray liveUpdaterState) {
        liveParameters.assign(parameters);
        if (liveUpdaterState != null) {
            liveUpdaterState.assign(updaterState);
        }
        factor = Math.min(LARGEST_FACTOR, factor * guard.orElseThrow().dampingFactor());
        rejections++;
        armed = false;
    }

    /** The last step stands, and the next is about to be made from here. */
    @SuppressWarnings("try") // the scope is a resource that is never named
    void beforeStep(INDArray liveParameters, INDArray liveUpdaterState) {
        if (guard.isEmpty()) {
            return;
        }
        if (Double.isFinite(score)) {
            double before = Double.isNaN(meanScore) ? score : meanScore;
            meanScore = DECAY * before + (1 - DECAY) * score;
            meanDeviation = DECAY * meanDeviation + (1 - DECAY) * Math.abs(score - before);
        }
        if (armed) {
            factor = Math.max(1, factor * guard.get().recovery());
        }
        copies++;
        try (MemoryWorkspace outside = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            parameters = copied(liveParameters, parameters);
            updaterState = liveUpdaterState == null ? null : copied(liveUpdaterState, updaterState);
        }
        armed = true;
    }

    private static INDArray copied(INDArray live, INDArray copy) {
        return copy == null ? live.dup() : copy.assign(live);
    }

    @Override
    public Undo begin() {
        double meanScoreBefore = meanScore;
        double meanDeviationBefore = meanDeviation;
        int rejectionsBefore = rejections;
        double factorBefore = factor;
        boolean armedBefore = armed;
        long copiesBefore = copies;
        return () -> {
            meanScore = meanScoreBefore;
            meanDeviation = meanDeviationBefore;
            rejections = rejectionsBefore;
            factor = factorBefore;
            // Once the arrays hold this step's parameters there is nothing left to take back.
            armed = armedBefore && copies == copiesBefore;
        };
    }

    @Override
    public void save(CheckpointState into) {
        if (guard.isEmpty()) {
            return;
        }
        CheckpointState own = into.part("divergence");
        own.put("meanScore", meanScore);
        own.put("meanDeviation", meanDeviation);
        own.put("rejections", rejections);
        own.put("factor", factor);
        if (armed) {
            own.put("parameters", parameters);
            if (updaterState != null) {
                own.put("updaterState", updaterState);
            }
        }
    }

    @Override
    public void restore(CheckpointState from) {
        if (guard.isEmpty()) {
            return;
        }
        CheckpointState own = from.part("divergence");
        meanScore = own.number("meanScore");
        meanDeviation = own.number("meanDeviation");
        rejections = Math.toIntExact(own.integer("rejections"));
        factor = own.number("factor");
        parameters = own.has("parameters") ? own.array("parameters") : null;
        updaterState = own.has("updaterState") ? own.array("updaterState") : null;
        armed = parameters != null;
    }
}
