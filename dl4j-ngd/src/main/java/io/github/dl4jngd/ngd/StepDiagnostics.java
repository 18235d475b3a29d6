package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.Direction;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.fisher.training.StepReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What one natural-gradient step did. Numbers that the step did not need are NaN.
 *
 * @param iteration the model's iteration
 * @param samples N
 * @param loss the mean data loss of the minibatch before the step, without regularisation
 * @param damping ρ of the factorisations used (a fraction where the configuration's is relative)
 * @param alpha α̂ = ⟨d, r⟩/⟨q, q⟩, d = Jv: the measured isotropy constant of the unscaled direction
 * @param anisotropy ‖Sᵀd − α̂q‖/‖α̂q‖
 * @param residualAnisotropy ‖Hd − α̂r‖/‖α̂r‖, which one badly wrong sample cannot carry alone
 * @param step what the direction (F̂ + ρI)⁻¹g was multiplied by
 * @param minimizer ⟨g, v⟩/(⟨d, Hd⟩/N): what the direction is multiplied by at the minimum of the minibatch's own
 *     quadratic model without damping
 * @param gradientNorm ‖g‖; NaN where the step needed no gradient as a vector: K-FAC in layers wider than the
 *     minibatch, unless steps are logged or a listener looks at gradients
 * @param directionNorm ‖v‖ before scaling
 * @param predictedDivergence ½ dᵀHd/N of the scaled step at learning rate 1
 * @param reductionRatio the last ratio of actual to predicted loss change (adaptive damping); where the model itself
 *     predicted an increase for what the updater did, 1 if the loss fell nevertheless and 0 if it rose
 * @param jitter the largest amount a factorisation needed beyond the damping
 * @param milliseconds time spent in the step, without the updater
 * @param note anything unusual, or an empty string
 */
public record StepDiagnostics(
        int iteration,
        int samples,
        double loss,
        double damping,
        double alpha,
        double anisotropy,
        double residualAnisotropy,
        double step,
        double minimizer,
        double gradientNorm,
        double directionNorm,
        double predictedDivergence,
        double reductionRatio,
        double jitter,
        double milliseconds,
        String note)
        implements StepReport {

    /** What is known before anything of it has been put together. */
    static Draft of(int iteration, StepPoint point, Direction direction, QuadraticModel quadratic) {
        return new Draft(iteration, point, direction, quadratic);
    }

    /** Diagnostics in the making, so that no number stands in another's place. */
    static final class Draft {
        private final int iteration;
        private final StepPoint point;
        private final Direction direction;
        private final QuadraticModel quadratic;
        private final List<String> notes = new ArrayList<>();
        private double damping;
        private double reductionRatio;
        private double step;
        private double gradientNorm;
        private double directionNorm;

        private Draft(int iteration, StepPoint point, Direction direction, QuadraticModel quadratic) {
            this.iteration = iteration;
            this.point = point;
            this.direction = direction;
            this.quadratic = quadratic;
            note(direction.note());
        }

        private void note(String text) {
            if (!text.isEmpty()) {
                notes.add(text);
            }
        }

        /** ρ of the factorisations used, why the ρ in force is what it is, and how well the model predicted. */
        Draft damping(Damping inUse, String why, double lastReductionRatio) {
            damping = inUse.value();
            reductionRatio = lastReductionRatio;
            note(why);
            return this;
        }

        Draft step(double factor, double normOfGradient, double normOfDirection) {
            step = factor;
            gradientNorm = normOfGradient;
            directionNorm = normOfDirection;
            return this;
        }

        /** Whose curvature it is, where that is not the trained network's. */
        Draft statistics(LinearizedNetwork network) {
            if (network.isNormalized() && network.statistics() != BatchStatistics.COUPLED) {
                note(network.statistics() + " in the curvature");
            }
            return this;
        }

        StepDiagnostics took(double milliseconds) {
            return new StepDiagnostics(
                    iteration,
                    point.samples(),
                    point.loss(),
                    damping,
                    quadratic.alpha(),
                    quadratic.anisotropy(),
                    quadratic.residualAnisotropy(),
                    step,
                    quadratic.minimizer(),
                    gradientNorm,
                    directionNorm,
                    quadratic.divergence(step),
                    reductionRatio,
                    direction.jitter(),
                    milliseconds,
                    String.join("; ", notes));
        }
    }

    @Override
    public String toString() {
        return String.format(
                        Locale.ROOT,
                        "iteration %d: loss %.6g, damping %.3g, α̂ %.4g, anisotropy %.3g, step %.4g, ‖g‖ %.4g, ‖v‖ %.4g, %.1f ms",
                        iteration,
                        loss,
                        damping,
                        alpha,
                        anisotropy,
                        step,
                        gradientNorm,
                        directionNorm,
                        milliseconds)
                + (jitter > 0 ? String.format(Locale.ROOT, ", jitter %.3g", jitter) : "")
                + (note.isEmpty() ? "" : " (" + note + ")");
    }
}
