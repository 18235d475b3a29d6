package io.github.dl4jngd.spectral.estimate;

import java.util.Locale;

/**
 * A trace from random vectors.
 *
 * @param value the estimate
 * @param standardError its standard error, from the scatter of the vectors' contributions; NaN for one vector
 * @param products products with A
 */
public record TraceEstimate(double value, double standardError, int products) {

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.6g ± %.2g (%d products)", value, standardError, products);
    }
}
