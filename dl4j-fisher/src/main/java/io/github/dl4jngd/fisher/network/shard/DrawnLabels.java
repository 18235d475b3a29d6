package io.github.dl4jngd.fisher.network.shard;

import io.github.dl4jngd.fisher.loss.FisherType;
import java.io.Serial;
import java.io.Serializable;
import java.util.SplittableRandom;

/**
 * Which Fisher matrix it is, and where the labels of a Monte-Carlo one come from: from (seed, iteration, shard), never
 * from who draws, so that a shard that is worked on twice has the same labels.
 *
 * @serial exclude
 */
public final class DrawnLabels implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    /** The odd number next to 2⁶⁴ over the golden ratio. */
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final FisherType type;
    private final int draws;
    private final long seed;
    private final long iteration;

    /**
     * The labels of a step.
     *
     * @param type which Fisher
     * @param draws the number of Monte-Carlo draws; ignored by the other types
     * @param seed of the draws
     * @param iteration the step
     */
    public DrawnLabels(FisherType type, int draws, long seed, long iteration) {
        this.type = type;
        this.draws = draws;
        this.seed = seed;
        this.iteration = iteration;
    }

    FisherType type() {
        return type;
    }

    int draws() {
        return draws;
    }

    /** The generator of a shard's labels. */
    SplittableRandom of(int shard) {
        long mixed = mixed(mixed(seed + GOLDEN) ^ iteration) ^ shard;
        return new SplittableRandom(mixed(mixed));
    }

    /** Every bit depends on every bit: the finaliser of MurmurHash3. */
    private static long mixed(long bits) {
        long mixed = (bits ^ (bits >>> 33)) * 0xFF51AFD7ED558CCDL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return mixed ^ (mixed >>> 33);
    }
}
