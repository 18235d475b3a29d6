package io.github.dl4jngd.ngd;

/**
 * Takes steps back that made things much worse.
 *
 * <p>A step after which the next minibatch's score s (loss with penalties) is not finite, or s &gt; m + (lossFactor −
 * 1)(|m| + d) with the running mean m and mean absolute deviation d of the scores before, is taken back: the
 * parameters, the state of the updaters and batch normalisations' statistics become what they were before it, the
 * damping is multiplied by {@code dampingFactor}, and the minibatch is skipped. Every step that stands multiplies the
 * damping by {@code recovery} until it is the configured one again; it is never multiplied by more than 10⁶. After
 * {@link NaturalGradientConfiguration#maxFailures()} steps taken back, without one in between that was looked at and
 * stood, training stops. Memory: a copy of parameters and updater state.
 *
 * @param lossFactor above 1
 * @param dampingFactor above 1
 * @param recovery in (0, 1]
 */
public record DivergenceGuard(double lossFactor, double dampingFactor, double recovery) {

    /** Three times the mean loss, ten times the damping, which is gone after some fifty steps. */
    public static final DivergenceGuard DEFAULT = new DivergenceGuard(3, 10, 0.95);

    /**
     * Checks the ranges.
     *
     * @param lossFactor above 1
     * @param dampingFactor above 1
     * @param recovery in (0, 1]
     */
    public DivergenceGuard {
        if (!(lossFactor > 1) || !(dampingFactor > 1) || !(recovery > 0 && recovery <= 1)) {
            throw new IllegalArgumentException(
                    "A divergence guard needs lossFactor > 1, dampingFactor > 1 and 0 < recovery ≤ 1, got " + lossFactor
                            + ", " + dampingFactor + " and " + recovery);
        }
    }
}
