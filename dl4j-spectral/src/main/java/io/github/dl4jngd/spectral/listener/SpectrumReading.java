package io.github.dl4jngd.spectral.listener;

import io.github.dl4jngd.spectral.estimate.SpectralDensity;
import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.internal.chart.LinePlot.Axis;
import io.github.dl4jngd.spectral.internal.chart.Series;
import io.github.dl4jngd.spectral.sink.Reading;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

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

    private static final int POINTS = 80;
    private static final double DECADES = 5;

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
    public List<LinePlot> plots(List<? extends Reading> readings) {
        List<SpectrumReading> all =
                readings.stream().map(SpectrumReading.class::cast).toList();
        Axis iterations = Axis.linear("iteration");
        List<LinePlot> plots = new ArrayList<>();
        plots.add(new LinePlot(
                "Gradient descent is stable where λ_max is below 2/η",
                iterations,
                Axis.logarithmic("eigenvalue"),
                List.of(
                        over(all, "λ_max", 1, Series.Style.SOLID, SpectrumReading::lambdaMax),
                        over(all, "2/η, the boundary", 0, Series.Style.DASHED, reading -> 2 / reading.rate()))));
        plots.add(new LinePlot(
                "Learning rate in units of 2/λ_max",
                iterations,
                Axis.logarithmic("η λ_max/2"),
                List.of(
                        over(all, "η λ_max/2", 1, Series.Style.SOLID, SpectrumReading::ratio),
                        over(all, "2/η, the boundary", 0, Series.Style.DASHED, reading -> 1))));
        if (!layers.isEmpty()) {
            plots.add(new LinePlot(
                    "λ_max of each layer's block",
                    iterations,
                    Axis.logarithmic("eigenvalue"),
                    byName(all, layers.keySet().stream().toList(), (reading, i) -> new ArrayList<>(
                                    reading.layers.values())
                            .get(i))));
        }
        if (top.size() > 1) {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < top.size(); i++) {
                names.add("λ_" + (i + 1));
            }
            plots.add(new LinePlot(
                    "The " + top.size() + " largest eigenvalues",
                    iterations,
                    Axis.logarithmic("eigenvalue"),
                    byName(all, names, (reading, i) -> reading.top.get(i))));
        }
        if (!Double.isNaN(trace)) {
            plots.add(new LinePlot(
                    "Sum of all eigenvalues",
                    iterations,
                    Axis.logarithmic("trace"),
                    List.of(over(all, "trace", 2, Series.Style.SOLID, SpectrumReading::trace))));
        }
        density.ifPresent(found -> plots.add(densityPlot(found)));
        return plots;
    }

    /** A number of one reading by its position. */
    @FunctionalInterface
    private interface Indexed {
        double of(SpectrumReading reading, int index);
    }

    private static List<Series> byName(List<SpectrumReading> all, List<String> names, Indexed value) {
        List<Series> series = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            int index = i;
            series.add(over(all, names.get(i), i + 2, Series.Style.MARKED, reading -> value.of(reading, index)));
        }
        return series;
    }

    private static Series over(
            List<SpectrumReading> all,
            String name,
            int color,
            Series.Style style,
            ToDoubleFunction<SpectrumReading> value) {
        return new Series(
                name,
                color,
                style,
                all.stream().map(reading -> (double) reading.iteration).toList(),
                all.stream().map(value::applyAsDouble).toList());
    }

    private LinePlot densityPlot(SpectralDensity found) {
        List<Double> x = new ArrayList<>();
        List<Double> y = new ArrayList<>();
        for (int i = 0; i < POINTS; i++) {
            double bound = found.largest() * Math.pow(10, -DECADES * i / (POINTS - 1)) * (1 - 1e-6);
            x.add(bound);
            y.add(found.dimension() * (1 - found.fractionUpTo(bound).value()));
        }
        return new LinePlot(
                "Eigenvalues above λ, of " + found.dimension() + ", at iteration " + iteration,
                Axis.logarithmic("λ"),
                Axis.logarithmic("number"),
                List.of(new Series("number above λ", 3, Series.Style.SOLID, x, y)));
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
