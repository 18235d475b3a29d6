package io.github.dl4jngd.ngd;

/**
 * When K-FAC updates its factors and inverts them.
 *
 * <p>Intervals are never longer than a tenth of the steps taken so far: the first minibatches alone are a poor estimate
 * of the factors, and the network changes fastest then. The extra work dies out after ten times the
 * interval. {@link KroneckerConfiguration.Builder#gradualStart} turns it off.
 */
final class KroneckerSchedule {

    private static final int WARM_UP = 10;

    private final KroneckerConfiguration configuration;
    private long steps;
    private long nextFactors;
    private long nextInverses;
    private long nextAdoption;

    KroneckerSchedule(KroneckerConfiguration configuration) {
        this.configuration = configuration;
    }

    boolean updatesFactors() {
        return steps >= nextFactors;
    }

    boolean updatesInverses() {
        return steps >= nextInverses;
    }

    /**
     * Inverses began on another thread in this step; they are used after one factor interval, whenever they are done.
     */
    void startedInverses() {
        nextAdoption = steps + interval(configuration.factorInterval());
    }

    /** Whether what was begun is to be used from this step on. */
    boolean adoptsInverses() {
        return steps >= nextAdoption;
    }

    /** A step was made: what was due in it is due again an interval later. */
    void step() {
        if (updatesInverses()) {
            nextInverses = steps + interval(configuration.inverseInterval());
        }
        if (updatesFactors()) {
            nextFactors = steps + interval(configuration.factorInterval());
        }
        steps++;
    }

    private long interval(int configured) {
        return configuration.gradualStart() ? gradual(configured, steps) : configured;
    }

    /** An interval, or a tenth of the steps so far where that is shorter. */
    static long gradual(int configured, long steps) {
        return Math.max(1, Math.min(configured, steps / WARM_UP));
    }

    StepPart.Undo begin() {
        long stepsBefore = steps;
        long factorsBefore = nextFactors;
        long inversesBefore = nextInverses;
        long adoptionBefore = nextAdoption;
        return () -> {
            steps = stepsBefore;
            nextFactors = factorsBefore;
            nextInverses = inversesBefore;
            nextAdoption = adoptionBefore;
        };
    }

    void save(CheckpointState into) {
        into.put("steps", steps);
        into.put("nextFactors", nextFactors);
        into.put("nextInverses", nextInverses);
        into.put("nextAdoption", nextAdoption);
    }

    void restore(CheckpointState from) {
        steps = from.integer("steps");
        nextFactors = from.integer("nextFactors");
        nextInverses = from.integer("nextInverses");
        nextAdoption = from.integer("nextAdoption");
    }
}
