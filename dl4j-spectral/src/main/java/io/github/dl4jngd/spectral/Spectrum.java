package io.github.dl4jngd.spectral;

import io.github.dl4jngd.spectral.estimate.SpectralDensity;
import io.github.dl4jngd.spectral.estimate.TraceEstimate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a {@link SpectrumMeter} has measured of a Fisher information matrix. It holds numbers only, no vectors.
 *
 * @param matrix which Fisher, which H, at which data
 * @param dimension P, the number of all eigenvalues
 * @param eigenvalues the largest, or all that can differ from zero
 * @param trace the sum of all eigenvalues, where it was asked for
 * @param layers the spectrum of each layer's own block, from the layer's name, input first; empty unless asked for
 * @param density the spectral density, where it was asked for and not all eigenvalues are known
 */
public record Spectrum(
        String matrix,
        long dimension,
        Eigenvalues eigenvalues,
        Optional<TraceEstimate> trace,
        Map<String, Spectrum> layers,
        Optional<SpectralDensity> density) {

    /**
     * Eigenvalues, the largest first.
     *
     * @param values at least one, in descending order
     * @param complete whether these are all that can differ from zero
     * @param products how many products with the matrix they took
     * @param converged whether each is known to the tolerance
     */
    public record Eigenvalues(List<Double> values, boolean complete, int products, boolean converged) {

        /**
         * Copies the list.
         *
         * @param values in descending order
         * @param complete whether these are all
         * @param products with the matrix
         * @param converged to the tolerance
         * @throws IllegalArgumentException if there is no eigenvalue
         */
        public Eigenvalues {
            values = List.copyOf(values);
            if (values.isEmpty()) {
                throw new IllegalArgumentException("A spectrum has at least one eigenvalue");
            }
        }
    }

    /**
     * Copies the map.
     *
     * @param matrix which matrix
     * @param dimension P
     * @param eigenvalues the largest
     * @param trace the sum of all
     * @param layers of each layer's block
     * @param density the spectral density
     */
    public Spectrum {
        layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
    }

    /**
     * The largest eigenvalue.
     *
     * @return λ_max
     */
    public double lambdaMax() {
        return eigenvalues.values().get(0);
    }

    /**
     * The largest learning rate at which gradient descent on the data loss is stable along the top eigenvector. It
     * means something for the loss's own H alone.
     *
     * @return 2/λ_max
     */
    public double boundary() {
        return 2 / lambdaMax();
    }

    /**
     * The number of eigenvalues above a bound: counted where all are known, else from the density.
     *
     * @param bound λ, above zero
     * @return how many eigenvalues are at least λ; no whole number where it is an estimate
     * @throws IllegalStateException if the spectrum is neither complete nor has a density
     */
    public double countAbove(double bound) {
        if (eigenvalues.complete()) {
            return eigenvalues.values().stream().filter(value -> value >= bound).count();
        }
        SpectralDensity known = density.orElseThrow(
                () -> new IllegalStateException("Only the largest eigenvalues are known; ask the meter for a density"));
        return known.dimension() * (1 - known.fractionUpTo(bound).value());
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "λ_max %.4g%s, 2/λ_max %.4g%s (%s, %d parameters)",
                lambdaMax(),
                eigenvalues.converged() ? "" : " (not converged)",
                boundary(),
                trace.map(sum -> String.format(Locale.ROOT, ", trace %.4g", sum.value()))
                        .orElse(""),
                matrix,
                dimension);
    }
}
