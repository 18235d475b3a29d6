package io.github.dl4jngd.spectral.estimate;

import java.util.Locale;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The largest eigenvalue as an iteration left it.
 *
 * @param value λ, the Rayleigh quotient of the vector: never above the true λ_max but for rounding
 * @param residual ‖Av − λv‖/λ; some eigenvalue is within residual · λ of λ
 * @param relativeError an estimate of (λ_max − λ)/λ from the last iterations' changes
 * @param iterations products with A or its dual
 * @param converged whether the residual or the estimated error reached the tolerance
 * @param vector v, of length one; a start for the next estimate
 */
public record LargestEigenvalue(
        double value, double residual, double relativeError, int iterations, boolean converged, INDArray vector) {

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "λ_max %.6g (%d iterations, residual %.1e, estimated error %.1e%s)",
                value,
                iterations,
                residual,
                relativeError,
                converged ? "" : ", not converged");
    }
}
