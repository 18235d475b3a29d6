package io.github.dl4jngd.cli.spectrum;

import io.github.dl4jngd.cli.meanfield.Normalization;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The mean over seeds of one width and normalisation.
 *
 * @param measurements one a seed, at least one
 */
record Summary(List<Measurement> measurements) {

    Summary {
        measurements = List.copyOf(measurements);
    }

    private Measurement first() {
        return measurements.get(0);
    }

    int width() {
        return first().width();
    }

    int samples() {
        return first().samples();
    }

    Normalization normalization() {
        return first().normalization();
    }

    boolean converged() {
        return measurements.stream()
                .allMatch(measurement -> measurement.spectrum().eigenvalues().converged());
    }

    double mean(ToDoubleFunction<Measurement> quantity) {
        return measurements.stream().mapToDouble(quantity).average().orElse(Double.NaN);
    }

    /** The standard deviation over seeds. */
    double deviation(ToDoubleFunction<Measurement> quantity) {
        double mean = mean(quantity);
        double squares = measurements.stream()
                .mapToDouble(measurement -> Math.pow(quantity.applyAsDouble(measurement) - mean, 2))
                .sum();
        return measurements.size() < 2 ? Double.NaN : Math.sqrt(squares / (measurements.size() - 1));
    }

    double predicted() {
        return mean(measurement -> measurement.theory().largestEigenvalue());
    }

    /** Mean eigenvalues by rank. */
    List<Double> ranked() {
        int count = measurements.stream()
                .mapToInt(measurement -> measurement.top().size())
                .min()
                .orElse(0);
        List<Double> ranked = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int rank = i;
            ranked.add(mean(measurement -> measurement.top().get(rank)));
        }
        return ranked;
    }

    /** The slope of log λ_max over log width, by least squares on the means; NaN for one width. */
    static double slope(List<Summary> summaries) {
        double n = summaries.size();
        double x = 0;
        double y = 0;
        double xx = 0;
        double xy = 0;
        for (Summary summary : summaries) {
            double u = Math.log(summary.width());
            double v = Math.log(summary.mean(Measurement::largest));
            x += u;
            y += v;
            xx += u * u;
            xy += u * v;
        }
        return (n * xy - x * y) / (n * xx - x * x);
    }
}
