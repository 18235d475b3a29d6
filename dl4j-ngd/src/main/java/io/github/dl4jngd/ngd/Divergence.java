package io.github.dl4jngd.ngd;

import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Watches the score by a {@link DivergenceGuard} and remembers what the last step changed. */
final class Divergence {

    /** Of the running mean of scores. */
    private static final double DECAY = 0.9;

    private final DivergenceGuard guard;
    private double meanScore = Double.NaN;
    private double factor = 1;
    private INDArray parameters;
    private INDArray updaterState;

    Divergence(DivergenceGuard guard) {
        this.guard = guard;
    }

    /** What the damping is multiplied by at present, at least 1. */
    double dampingFactor() {
        return factor;
    }

    /** Whether the last step made this of the score; without a last step nothing did. */
    boolean hasDiverged(double score) {
        return parameters != null && !(score <= guard.lossFactor() * Math.abs(meanScore));
    }

    /** Takes the last step back. */
    void takeBack(INDArray liveParameters, INDArray liveUpdaterState) {
        liveParameters.assign(parameters);
        if (liveUpdaterState != null) {
            liveUpdaterState.assign(updaterState);
        }
        factor *= guard.dampingFactor();
        parameters = null;
        updaterState = null;
    }

    /** The last step stands, and the next is about to be made from here. */
    @SuppressWarnings("try") // the scope is a resource that is never named
    void beforeStep(double score, INDArray liveParameters, INDArray liveUpdaterState) {
        if (Double.isFinite(score)) {
            meanScore = Double.isNaN(meanScore) ? score : DECAY * meanScore + (1 - DECAY) * score;
        }
        if (parameters != null) {
            factor = Math.max(1, factor * guard.recovery());
        }
        try (MemoryWorkspace outside = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            parameters = liveParameters.dup();
            updaterState = liveUpdaterState == null ? null : liveUpdaterState.dup();
        }
    }

    void save(State into) {
        into.put("meanScore", meanScore);
        into.put("factor", factor);
        if (parameters != null) {
            into.put("parameters", parameters);
            if (updaterState != null) {
                into.put("updaterState", updaterState);
            }
        }
    }

    void restore(State from) {
        meanScore = from.number("meanScore");
        factor = from.number("factor");
        parameters = from.has("parameters") ? from.array("parameters") : null;
        updaterState = from.has("updaterState") ? from.array("updaterState") : null;
    }
}
