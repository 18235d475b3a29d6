package io.github.dl4jngd.ngd;

import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Watches the score by a {@link DivergenceGuard} and remembers what the last step changed. */
final class Divergence {

    /** Of the running mean of scores. */
    private static final double DECAY = 0.9;

    private static final double LARGEST_FACTOR = 1e6;

    private final DivergenceGuard guard;
    private double meanScore = Double.NaN;
    private double meanDeviation;
    private int rejections;
    private double factor = 1;
    /** Whether there is a step to take back; the arrays are kept for the next. */
    private boolean armed;

    private INDArray parameters;
    private INDArray updaterState;

    Divergence(DivergenceGuard guard) {
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

    /** Whether the last step made this of the score; without a last step nothing did. */
    boolean hasDiverged(double score) {
        if (!armed) {
            return false;
        }
        double usual = Math.abs(meanScore) + meanDeviation;
        boolean diverged = !(score <= meanScore + (guard.lossFactor() - 1) * usual);
        if (!diverged) {
            rejections = 0;
        }
        return diverged;
    }

    /** Takes the last step back. */
    void takeBack(INDArray liveParameters, INDArray liveUpdaterState) {
        liveParameters.assign(parameters);
        if (liveUpdaterState != null) {
            liveUpdaterState.assign(updaterState);
        }
        factor = Math.min(LARGEST_FACTOR, factor * guard.dampingFactor());
        rejections++;
        armed = false;
    }

    /** The last step stands, and the next is about to be made from here. */
    @SuppressWarnings("try") // the scope is a resource that is never named
    void beforeStep(double score, INDArray liveParameters, INDArray liveUpdaterState) {
        if (Double.isFinite(score)) {
            double before = Double.isNaN(meanScore) ? score : meanScore;
            meanScore = DECAY * before + (1 - DECAY) * score;
            meanDeviation = DECAY * meanDeviation + (1 - DECAY) * Math.abs(score - before);
        }
        if (armed) {
            factor = Math.max(1, factor * guard.recovery());
        }
        try (MemoryWorkspace outside = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            parameters = copied(liveParameters, parameters);
            updaterState = liveUpdaterState == null ? null : copied(liveUpdaterState, updaterState);
        }
        armed = true;
    }

    private static INDArray copied(INDArray live, INDArray copy) {
        return copy == null ? live.dup() : copy.assign(live);
    }

    void save(State into) {
        into.put("meanScore", meanScore);
        into.put("meanDeviation", meanDeviation);
        into.put("rejections", rejections);
        into.put("factor", factor);
        if (armed) {
            into.put("parameters", parameters);
            if (updaterState != null) {
                into.put("updaterState", updaterState);
            }
        }
    }

    void restore(State from) {
        meanScore = from.number("meanScore");
        meanDeviation = from.number("meanDeviation");
        rejections = Math.toIntExact(from.integer("rejections"));
        factor = from.number("factor");
        parameters = from.has("parameters") ? from.array("parameters") : null;
        updaterState = from.has("updaterState") ? from.array("updaterState") : null;
        armed = parameters != null;
    }
}
