package io.github.dl4jngd.cli.dynamics;

import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.ngd.StepScaling;

/**
 * How one curve is made.
 *
 * @param method the method
 * @param scaling the scaling of its step
 * @param damping in units of the half squared error, H = I
 * @param learningRate η for {@link StepScaling#NONE}, else the multiple of the scaled step
 * @param steps how many
 * @param note what a reader should know, or an empty string
 */
record Plan(Contender method, StepScaling scaling, Damping damping, double learningRate, int steps, String note) {

    /** Deeplearning4j's L2 has H = 2I: the same direction takes twice the damping. A relative damping is the same. */
    Damping dampingOfModel() {
        return damping.relative() ? damping : Damping.absolute(2 * damping.value());
    }

    String scalingName() {
        return method.isNatural() ? scaling.name().toLowerCase(java.util.Locale.ROOT) : "-";
    }
}
