package io.github.dl4jngd.spectral.listener;

import io.github.dl4jngd.spectral.estimate.SpectralDensity;
import io.github.dl4jngd.spectral.sink.Reading;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The spectrum before a step, and the learning rate of that step.
 *
 * @param iteration the model's iteration
 * @param epoch the model's epoch
 * @param matrix which Fisher, which H, at which data
 * @param lambdaMax λ_max
 * @param products products with the matrix
 * @param converged whether the estimate reached the tolerance
 * @param learningRate η, the largest of the updaters' rates in force, schedules included; NaN where no updater has one
 * @param step what a natural gradient multiplied the step by; NaN where none is attached
 * @param gradientFactor 1, or N where DL4J sums the gradient over the minibatch
 * @param top the largest eigenvalues asked for, descending; empty unless asked for
 * @param trace the sum of all eigenvalues; NaN unless asked for
 * @param layers λ_max of each layer's own block, from the layer's name; empty unless asked for
 * @param density the spectral density, where asked for
 * @param milliseconds what the measurement took
 */
public record SpectrumReading(
        int iteration,
        int epoch,
        String matrix,
        double lambdaMax,
        int products,
        boolean converged,
        double learningRate,
        double step,
        double gradientFactor,
        List<Double> top,
        double trace,
        Map<String, Double> layers,
        Optional<SpectralDensity> density,
        double milliseconds)
        implements Reading {

    /**
     * Copies the collections.
     *
     * @param iteration the model's iteration
     * @param epoch the model's epoch
     * @param matrix which matrix
     * @param lambdaMax λ_max
     * @param products products with the matrix
     * @param converged whether the estimate reached the tolerance
     * @param learningRate η
     * @param step of the natural gradient
     * @param gradientFactor 1 or N
     * @param top the largest eigenvalues
     * @param trace the sum of all
     * @param layers λ_max of each layer
     * @param density the spectral density
     * @param milliseconds what the measurement took
     */
    public SpectrumReading {
        top = List.copyOf(top);
        layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
    }

    /** The same with the step of a natural gradient, which is that of the mean loss whatever DL4J sums. */
    SpectrumReading withStep(double naturalGradientStep) {
        return new SpectrumReading(
                iteration,
                epoch,
                matrix,
                lambdaMax,
                products,
                converged,
                learningRate,
                naturalGradientStep,
                1,
                top,
                trace,
                layers,
                density,
                milliseconds);
    }

    /**
     * The largest learning rate at which gradient descent on the data loss is stable along the top eigenvector.
     *
     * @return 2/λ_max
     */
    public double boundary() {
        return 2 / lambdaMax;
    }

    /**
     * What the gradient of the mean loss is multiplied by, to compare with the boundary.
     *
     * @return η, times the natural gradient's step where one is attached, times N where DL4J sums the gradient
     */
    public double rate() {
        return learningRate * (Double.isNaN(step) ? 1 : step) * gradientFactor;
    }

    /**
     * Where the rate stands.
     *
     * @return rate/(2/λ_max); above 1 it is beyond the boundary
     */
    public double ratio() {
        return rate() / boundary();
    }

    @Override
    public Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("lambda_max", lambdaMax);
        values.put("two_over_lambda_max", boundary());
        values.put("learning_rate", learningRate);
        values.put("natural_gradient_step", step);
        values.put("rate", rate());
        values.put("rate_over_boundary", ratio());
        if (!Double.isNaN(trace)) {
            values.put("trace", trace);
        }
        for (int i = 1; i < top.size(); i++) {
            values.put("lambda_" + (i + 1), top.get(i));
        }
        layers.forEach((layer, value) -> values.put("lambda_max_of_" + layer, value));
        values.put("products", (double) products);
        values.put("converged", converged ? 1.0 : 0.0);
        values.put("milliseconds", milliseconds);
        return values;
    }

    @Override
    public Map<String, Object> details() {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("matrix", matrix);
        density.ifPresent(found -> details.put(
                "density",
                found.quadratures().stream()
                        .map(quadrature -> Map.of("nodes", quadrature.nodes(), "weights", quadrature.weights()))
                        .toList()));
        return details;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "iteration %d: λ_max %.4g%s, 2/λ_max %.4g, learning rate %.4g%s: %.3g of the boundary%s; %.0f ms",
                iteration,
                lambdaMax,
                converged ? "" : " (not converged)",
                boundary(),
                learningRate,
                Double.isNaN(step) ? "" : String.format(Locale.ROOT, " × step %.4g", step),
                ratio(),
                Double.isNaN(trace) ? "" : String.format(Locale.ROOT, ", trace %.4g", trace),
                milliseconds);
    }
}
