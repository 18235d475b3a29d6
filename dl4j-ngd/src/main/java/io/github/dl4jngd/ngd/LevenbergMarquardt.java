package io.github.dl4jngd.ngd;

/**
 * Adaptive damping after Levenberg and Marquardt, as in Martens &amp; Grosse 2015, §6.5.
 *
 * <p>Every {@code interval} steps the change of the minibatch's loss is compared with what its quadratic model
 * predicted for the change of the parameters that really happened, whatever updater made it. Above {@code upper} the
 * damping is multiplied by {@code decay^interval}, below {@code lower} divided by it.
 *
 * @param interval steps between adaptations, at least 1
 * @param decay the factor for one step, in (0, 1)
 * @param lower the reduction ratio below which damping grows
 * @param upper the reduction ratio above which damping shrinks
 * @param minimum the smallest damping
 * @param maximum the largest damping
 */
public record LevenbergMarquardt(
        int interval, double decay, double lower, double upper, double minimum, double maximum) {

    /** Every 5 steps, 0.95 a step, thresholds ¼ and ¾ (Martens &amp; Grosse 2015, §6.5; kfac-jax's defaults). */
    public static final LevenbergMarquardt DEFAULT = new LevenbergMarquardt(5, 0.95, 0.25, 0.75, 1e-8, 1e3);

    /**
     * Checks the ranges.
     *
     * @param interval steps between adaptations
     * @param decay the factor for one step
     * @param lower the reduction ratio below which damping grows
     * @param upper the reduction ratio above which damping shrinks
     * @param minimum the smallest damping
     * @param maximum the largest damping
     */
    public LevenbergMarquardt {
        if (interval < 1 || !(decay > 0 && decay < 1) || !(lower < upper) || !(minimum > 0 && minimum <= maximum)) {
            throw new IllegalArgumentException(
                    "Levenberg–Marquardt damping needs interval ≥ 1, 0 < decay < 1, lower < upper and 0 < "
                            + "minimum ≤ maximum, got interval " + interval + ", decay " + decay + ", lower " + lower
                            + ", upper " + upper
                            + ", minimum " + minimum + ", maximum " + maximum);
        }
    }

    /** The next damping after a reduction ratio. */
    double next(double damping, double reductionRatio) {
        double factor = Math.pow(decay, interval);
        double next = reductionRatio > upper
                ? damping * factor
                : reductionRatio < lower || Double.isNaN(reductionRatio) ? damping / factor : damping;
        return Math.min(maximum, Math.max(minimum, next));
    }
}
