package io.github.dl4jngd.ngd;

import java.util.Locale;

/**
 * What one step's gradient regularisation did. Numbers of a second gradient are NaN where the rule takes none.
 *
 * @param iteration the model's iteration
 * @param loss L(θ), the mean data loss of the minibatch as the model scored it, without L1 and L2
 * @param ascendedLoss L(θ + εg), of the same minibatch
 * @param gradientNorm ‖g‖, of the gradient of the mean data loss
 * @param differenceNorm ‖ΔR‖ = ‖∇L(θ + εg) − g‖/|ε|, which is ‖Hg‖ up to O(ε), H the Hessian of L
 * @param cosine the cosine of the angle between g and ∇L(θ + εg)
 * @param ascent ε; negative for a descent
 * @param sign −1 where flooding turned the step round, else 1
 * @param milliseconds time that the regularisation took, most of it the second gradient
 */
public record RegularizationDiagnostics(
        int iteration,
        double loss,
        double ascendedLoss,
        double gradientNorm,
        double differenceNorm,
        double cosine,
        double ascent,
        double sign,
        double milliseconds) {

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "iteration %d: loss %.6g, ascended %.6g, ‖g‖ %.4g, ‖ΔR‖ %.4g, cosine %.4f, ε %.3g, %.1f ms%s",
                iteration,
                loss,
                ascendedLoss,
                gradientNorm,
                differenceNorm,
                cosine,
                ascent,
                milliseconds,
                sign < 0 ? ", ascending" : "");
    }
}
