package io.github.dl4jngd.spectral.listener;

import io.github.dl4jngd.spectral.Spectrum;
import java.util.Optional;

/**
 * Up to which rate the updater in force is stable, and by which rule.
 *
 * @param rule the rule's name, such as "gradient descent" or "Adam"; "none" where no boundary is known
 * @param text the boundary in words
 * @param updater the updater in force, in words
 * @param limit what rate times eigenvalue must stay below; NaN where no boundary is known
 * @param isPreconditioned whether the eigenvalue is that of P⁻¹F, with what the updater divides the gradient by, and
 *     not that of F
 * @param fitted whether a natural gradient fits each step to the curvature along it, its own or the mean of recent
 *     ones. Such a step passes limit/λ_max, the boundary of one that is kept, where the gradient has little along the
 *     top eigenvector. Its boundary is limit times the minimizer: behind {@code Sgd} a step up to there lowers the
 *     quadratic model of this minibatch's loss, one beyond raises it; behind momentum the limit is that of a kept step,
 *     a rule of thumb
 * @param minimizer of a fitted step: what the direction is multiplied by at the minimum along it of the undamped
 *     quadratic model of this minibatch's loss, ⟨g, v⟩/(⟨d, Hd⟩/N); NaN where it was not measured
 * @param preconditioned the spectrum of P⁻¹F; empty where none is needed, and where P could not be had
 */
public record Stability(
        String rule,
        String text,
        String updater,
        double limit,
        boolean isPreconditioned,
        boolean fitted,
        double minimizer,
        Optional<Spectrum> preconditioned) {

    /** The name of the rule where there is none. */
    public static final String NONE = "none";

    /** The same with what was measured of P⁻¹F. */
    Stability with(Spectrum measured) {
        return new Stability(rule, text, updater, limit, isPreconditioned, fitted, minimizer, Optional.of(measured));
    }

    /** The same with what was measured along the step. */
    Stability along(double minimizerOfStep) {
        return new Stability(rule, text, updater, limit, isPreconditioned, fitted, minimizerOfStep, preconditioned);
    }

    /**
     * The largest stable rate of a step that is kept.
     *
     * @param spectrum of F
     * @return limit/λ_max of the matrix that the rule asks for; NaN where it is not known
     */
    public double boundary(Spectrum spectrum) {
        return limit / lambdaMax(of(spectrum));
    }

    /**
     * The largest stable rate of a step that is kept, of a layer that is trained by itself.
     *
     * @param spectrum of F, with its layers' blocks
     * @param layer the layer's name
     * @return limit/λ_max of the layer's block; NaN where it is not known
     */
    public double boundary(Spectrum spectrum, String layer) {
        return limit / lambdaMax(of(spectrum).map(whole -> whole.layers().get(layer)));
    }

    private Optional<Spectrum> of(Spectrum spectrum) {
        return isPreconditioned ? preconditioned : Optional.of(spectrum);
    }

    private static double lambdaMax(Optional<Spectrum> spectrum) {
        return spectrum.map(Spectrum::lambdaMax).orElse(Double.NaN);
    }
}
