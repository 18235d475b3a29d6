package io.github.dl4jngd.spectral.listener;

import io.github.dl4jngd.spectral.Spectrum;
import io.github.dl4jngd.spectral.sink.Reading;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The spectrum before a step, and the learning rate of that step.
 *
 * @param model which of the models that the listener has seen, from 0 in the order in which it first saw them
 * @param iteration the model's iteration
 * @param epoch the model's epoch
 * @param data {@code minibatch}, the step's own, or {@code probe}
 * @param spectrum what was measured
 * @param rate what the step multiplies the gradient by
 * @param milliseconds what the measurement took
 */
public record SpectrumReading(
        int model, int iteration, int epoch, String data, Spectrum spectrum, Rate rate, double milliseconds)
        implements Reading {

    /**
     * What a step multiplies the gradient by.
     *
     * @param learningRate η, the largest of the updaters' rates in force, schedules included; NaN where no updater has
     *     one
     * @param step what a natural gradient multiplied the step by; NaN where none is attached
     * @param gradientFactor 1, or N where DL4J sums the gradient over the minibatch
     */
    public record Rate(double learningRate, double step, double gradientFactor) {

        /**
         * What the gradient of the mean loss is multiplied by, to compare with the boundary.
         *
         * @return η, times the natural gradient's step where one is attached, times N where DL4J sums the gradient
         */
        public double value() {
            return learningRate * (Double.isNaN(step) ? 1 : step) * gradientFactor;
        }
    }

    /** The same with the step of a natural gradient, which is that of the mean loss whatever DL4J sums. */
    SpectrumReading withStep(double naturalGradientStep) {
        return new SpectrumReading(
                model,
                iteration,
                epoch,
                data,
                spectrum,
                new Rate(rate.learningRate(), naturalGradientStep, 1),
                milliseconds);
    }

    /**
     * The largest eigenvalue.
     *
     * @return λ_max
     */
    public double lambdaMax() {
        return spectrum.lambdaMax();
    }

    /**
     * The largest learning rate at which gradient descent on the data loss is stable along the top eigenvector.
     *
     * @return 2/λ_max
     */
    public double boundary() {
        return spectrum.boundary();
    }

    /**
     * The rate in units of the boundary.
     *
     * @return rate/(2/λ_max); above 1 it is beyond the boundary
     */
    public double ratio() {
        return rate.value() / boundary();
    }

    @Override
    public Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("lambda_max", lambdaMax());
        values.put("two_over_lambda_max", boundary());
        values.put("learning_rate", rate.learningRate());
        values.put("natural_gradient_step", rate.step());
        values.put("rate", rate.value());
        values.put("rate_over_boundary", ratio());
        spectrum.trace().ifPresent(trace -> values.put("trace", trace.value()));
        List<Double> eigenvalues = spectrum.eigenvalues().values();
        for (int i = 1; i < eigenvalues.size(); i++) {
            values.put("lambda_" + (i + 1), eigenvalues.get(i));
        }
        spectrum.layers().forEach((layer, block) -> values.put("lambda_max_of_" + layer, block.lambdaMax()));
        values.put("products", (double) spectrum.eigenvalues().products());
        values.put("converged", spectrum.eigenvalues().converged() ? 1.0 : 0.0);
        values.put("milliseconds", milliseconds);
        values.put("model", (double) model);
        return values;
    }

    @Override
    public Map<String, Object> details() {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("matrix", data + ": " + spectrum.matrix());
        spectrum.density()
                .ifPresent(found -> details.put(
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
                "%siteration %d: λ_max %.4g%s, 2/λ_max %.4g, learning rate %.4g%s: %.3g of the boundary%s; %.0f ms",
                Reading.prefix(model),
                iteration,
                lambdaMax(),
                spectrum.eigenvalues().converged() ? "" : " (not converged)",
                boundary(),
                rate.learningRate(),
                Double.isNaN(rate.step()) ? "" : String.format(Locale.ROOT, " × step %.4g", rate.step()),
                ratio(),
                spectrum.trace()
                        .map(trace -> String.format(Locale.ROOT, ", trace %.4g", trace.value()))
                        .orElse(""),
                milliseconds);
    }
}
