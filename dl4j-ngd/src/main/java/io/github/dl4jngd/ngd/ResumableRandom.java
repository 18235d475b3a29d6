package io.github.dl4jngd.ngd;

import java.util.Random;

/** {@link Random}, number for number, with a state that can be read and set. */
final class ResumableRandom extends Random implements StepPart {

    private static final long serialVersionUID = 1L;

    private static final long MULTIPLIER = 0x5DEECE66DL;
    private static final long INCREMENT = 0xBL;
    private static final long MASK = (1L << 48) - 1;

    private long state;
    /** The second normal number of a pair, or NaN. */
    private double nextNormal;

    ResumableRandom(long seed) {
        super(seed);
    }

    /** Called by the super constructor, too. */
    @Override
    public synchronized void setSeed(long seed) {
        state = (seed ^ MULTIPLIER) & MASK;
        nextNormal = Double.NaN;
    }

    @Override
    protected synchronized int next(int bits) {
        state = (state * MULTIPLIER + INCREMENT) & MASK;
        return (int) (state >>> (48 - bits));
    }

    /** Marsaglia's polar method, two numbers at a time. */
    @Override
    public synchronized double nextGaussian() {
        if (!Double.isNaN(nextNormal)) {
            double second = nextNormal;
            nextNormal = Double.NaN;
            return second;
        }
        double u;
        double v;
        double s;
        do {
            u = 2 * nextDouble() - 1;
            v = 2 * nextDouble() - 1;
            s = u * u + v * v;
        } while (s >= 1 || s == 0);
        double factor = StrictMath.sqrt(-2 * StrictMath.log(s) / s);
        nextNormal = v * factor;
        return u * factor;
    }

    @Override
    public synchronized Undo begin() {
        long stateBefore = state;
        double nextNormalBefore = nextNormal;
        return () -> {
            state = stateBefore;
            nextNormal = nextNormalBefore;
        };
    }

    @Override
    public synchronized void save(CheckpointState into) {
        CheckpointState own = into.part("random");
        own.put("state", state);
        own.put("nextNormal", nextNormal);
    }

    @Override
    public synchronized void restore(CheckpointState from) {
        CheckpointState own = from.part("random");
        state = own.integer("state") & MASK;
        nextNormal = own.number("nextNormal");
    }
}
