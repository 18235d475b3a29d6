package io.github.dl4jngd.cli.dynamics;

import java.util.List;

/**
 * What came of a plan; lists have one entry a step, beginning before the first step, but {@code stepSizes}, which has
 * one fewer.
 *
 * @param plan the plan
 * @param measured losses of the trained network
 * @param predicted losses of the network linearised at initialisation
 * @param limit losses that the analytic kernel of an infinitely wide network predicts, at the first step's size
 * @param stepSizes what the direction (F̂ + ρI)⁻¹g was multiplied by, learning rate included
 * @param alpha the isotropy constant measured at the first step, NaN for gradient descent
 * @param anisotropy at the first step, NaN for gradient descent
 * @param seconds training time of the measured curve
 * @param notes what the method said about its steps
 */
record Curve(
        Plan plan,
        List<Losses> measured,
        List<Losses> predicted,
        List<Losses> limit,
        List<Double> stepSizes,
        double alpha,
        double anisotropy,
        double seconds,
        List<String> notes) {

    /** The fraction by which the first step lowers the training loss. */
    double firstReduction() {
        return 1 - measured.get(1).train() / measured.get(0).train();
    }

    /** L₀ (1 − ηα)^{2t} with the first step's η and the α of the infinite-width limit. */
    double decay(int step, double limit) {
        return measured.get(0).train() * Math.pow(1 - stepSizes.get(0) * limit, 2.0 * step);
    }
}
