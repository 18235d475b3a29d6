package io.github.dl4jngd.datasets.internal.paint;

/**
 * The SplitMix64 generator (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
 *
 * <p>Own code, because {@link java.util.SplittableRandom} promises no stable sequence over JDK releases, and an epoch's
 * order or a synthetic image has to be the same everywhere.
 */
public final class SplitMix64 {

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    private SplitMix64(long state) {
        this.state = state;
    }

    /**
     * The generator of a stream: its sequence is a function of the seed and the path alone.
     *
     * @param seed the seed of all streams
     * @param path which of them, such as a purpose and an index
     * @return a new generator
     */
    public static SplitMix64 stream(long seed, long... path) {
        long state = mix(seed + GOLDEN_GAMMA);
        for (long step : path) {
            state = mix(state ^ mix(step + GOLDEN_GAMMA));
        }
        return new SplitMix64(state);
    }

    /**
     * Draws 64 bits.
     *
     * @return any number
     */
    public long nextLong() {
        state += GOLDEN_GAMMA;
        return mix(state);
    }

    /**
     * Draws uniformly from 0 … bound-1, up to a bias of bound/2³².
     *
     * @param bound how many numbers there are, at least 1
     * @return one of them
     */
    public int nextInt(int bound) {
        return (int) (((nextLong() >>> 32) * bound) >>> 32);
    }

    /**
     * Draws uniformly from [0, 1).
     *
     * @return a multiple of 2⁻⁵³
     */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1p-53;
    }

    /**
     * Draws uniformly from [low, high).
     *
     * @param low the smallest number
     * @param high the bound above
     * @return a number between them
     */
    public double uniform(double low, double high) {
        return low + (high - low) * nextDouble();
    }

    /**
     * Draws true or false.
     *
     * @param probability of true
     * @return the draw
     */
    public boolean chance(double probability) {
        return nextDouble() < probability;
    }

    /**
     * Shuffles after Fisher and Yates.
     *
     * @param values what is shuffled in place
     */
    public void shuffle(int[] values) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = nextInt(i + 1);
            int swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
    }

    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
