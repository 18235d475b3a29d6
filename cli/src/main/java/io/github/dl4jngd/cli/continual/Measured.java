package io.github.dl4jngd.cli.continual;

import java.util.List;

/**
 * A mean over draws.
 *
 * @param mean of them
 * @param error its standard error; NaN with one draw
 */
record Measured(double mean, double error) {

    static Measured of(List<Double> values) {
        double mean = values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        double variance = values.stream()
                        .mapToDouble(value -> (value - mean) * (value - mean))
                        .sum()
                / (values.size() - 1);
        return new Measured(mean, Math.sqrt(variance / values.size()));
    }

    /** Whether it is what theory says, within a share of that and three standard errors. */
    boolean agrees(double theory, double share) {
        return Math.abs(mean - theory) <= share * theory + 3 * error;
    }
}
