package io.github.dl4jngd.spectral.listener;

import io.github.dl4jngd.spectral.Spectrum;
import io.github.dl4jngd.spectral.sink.Reading;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The spectrum before a step, and the learning rate of that step beside the boundary of its updater.
 *
 * @param model which of the models that the listener has seen, from 0 in the order in which it first saw them
 * @param iteration the model's iteration
 * @param epoch the model's epoch
 * @param data {@code minibatch}, the step's own, or {@code probe}
 * @param spectrum what was measured
 * @param rate what the step multiplies the gradient by
 * @param stability up to which rate the updater in force is stable
 * @param loss the step's score, penalties included
 * @param lately how often the rate was beyond the boundary in the last ten readings
 * @param readingShare the time that readings took, as a share of all time since training began
 * @param milliseconds what the measurement took
 */
public record SpectrumReading(
        int model,
        int iteration,
        int epoch,
        String data,
        Spectrum spectrum,
        Rate rate,
        Stability stability,
        double loss,
        Tally lately,
        double readingShare,
        double milliseconds)
        implements Reading {

    /** Above this share of the boundary a rate is near it: steps of gradient descent then go past the minimum. */
    private static final double NEAR = 0.5;

    /** The verdict where no boundary is known. */
    static final String UNKNOWN = "unknown";

    /** The verdict above the boundary. */
    static final String BEYOND = "beyond";

    /**
     * How the last readings stand.
     *
     * @param beyond in how many of them the rate was beyond the boundary
     * @param of how many there are that know a boundary, at most ten
     */
    public record Tally(int beyond, int of) {}

    /**
     * What a step multiplies the gradient by.
     *
     * @param learningRate η, the largest of the updaters' rates in force, schedules included; NaN where no updater has
     *     one, which then takes the update as it is
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
            return orOne(learningRate) * orOne(step) * gradientFactor;
        }

        private static double orOne(double value) {
            return Double.isNaN(value) ? 1 : value;
        }

        /** The same with the step of a natural gradient, which is that of the mean loss whatever DL4J sums. */
        Rate withStep(double naturalGradientStep) {
            return new Rate(learningRate, naturalGradientStep, 1);
        }
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
     * The largest rate at which the updater in force is stable along the top eigenvector of the data loss: 2/λ_max for
     * plain gradient descent. Of a {@linkplain Stability#fitted() fitted} step it is the limit times the minimizer.
     *
     * @return the boundary; NaN where none is known
     */
    public double boundary() {
        return stability.fitted() ? stability.limit() * stability.minimizer() : stability.boundary(spectrum);
    }

    /**
     * The rate in units of the boundary.
     *
     * @return rate/boundary; above 1 it is beyond the boundary; NaN where none is known
     */
    public double ratio() {
        return rate.value() / boundary();
    }

    /**
     * What this reading says in a word.
     *
     * @return {@code stable} up to half of the boundary, {@code near} up to it, {@code beyond}, or {@code unknown}
     */
    public String verdict() {
        double ratio = ratio();
        if (Double.isNaN(ratio)) {
            return UNKNOWN;
        }
        if (ratio <= NEAR) {
            return "stable";
        }
        return ratio > 1 ? BEYOND : "near";
    }

    /** The same with how the last readings stand, this one among them. */
    SpectrumReading with(Tally tally) {
        return new SpectrumReading(
                model, iteration, epoch, data, spectrum, rate, stability, loss, tally, readingShare, milliseconds);
    }

    /** Products with F, for both matrices. */
    private int products() {
        return spectrum.eigenvalues().products()
                + stability
                        .preconditioned()
                        .map(known -> known.eigenvalues().products())
                        .orElse(0);
    }

    private boolean converged() {
        return spectrum.eigenvalues().converged()
                && stability
                        .preconditioned()
                        .map(known -> known.eigenvalues().converged())
                        .orElse(true);
    }

    @Override
    public String kind() {
        return "spectrum";
    }

    @Override
    public Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("lambda_max", lambdaMax());
        values.put("two_over_lambda_max", spectrum.boundary());
        values.put("learning_rate", rate.learningRate());
        values.put("natural_gradient_step", rate.step());
        values.put("rate", rate.value());
        values.put("boundary", boundary());
        values.put("rate_over_boundary", ratio());
        values.put(
                "preconditioned_lambda_max",
                stability.preconditioned().map(Spectrum::lambdaMax).orElse(Double.NaN));
        values.put("loss", loss);
        spectrum.trace().ifPresent(trace -> values.put("trace", trace.value()));
        List<Double> eigenvalues = spectrum.eigenvalues().values();
        for (int i = 1; i < eigenvalues.size(); i++) {
            values.put("lambda_" + (i + 1), eigenvalues.get(i));
        }
        spectrum.layers().forEach((layer, block) -> values.put("lambda_max_of_" + layer, block.lambdaMax()));
        String ofLayer = "rate_over_boundary_of_";
        if (stability.fitted()) {
            // a layer by itself would have other steps
            values.put("rate_over_kept_step_boundary", rate.value() / stability.boundary(spectrum));
            ofLayer = "rate_over_kept_step_boundary_of_";
        }
        for (String layer : spectrum.layers().keySet()) {
            values.put(ofLayer + layer, rate.value() / stability.boundary(spectrum, layer));
        }
        values.put("products", (double) products());
        values.put("converged", converged() ? 1.0 : 0.0);
        values.put("milliseconds", milliseconds);
        values.put("reading_share", readingShare);
        values.put("model", (double) model);
        return values;
    }

    @Override
    public Map<String, Object> details() {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("matrix", data + ": " + spectrum.matrix());
        details.put("rule", stability.rule());
        details.put("rule_text", stability.text());
        details.put("updater", stability.updater());
        details.put("verdict", verdict());
        Map<String, Integer> tally = new LinkedHashMap<>();
        tally.put("beyond", lately.beyond());
        tally.put("of", lately.of());
        details.put("beyond_lately", tally);
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
                "%siteration %d: λ_max %.4g%s, 2/λ_max %.4g%s, learning rate %.4g%s: %s%s; %.0f ms",
                Reading.prefix(model),
                iteration,
                lambdaMax(),
                converged() ? "" : " (not converged)",
                spectrum.boundary(),
                stability
                        .preconditioned()
                        .map(known -> String.format(Locale.ROOT, ", preconditioned λ_max %.4g", known.lambdaMax()))
                        .orElse(""),
                rate.learningRate(),
                Double.isNaN(rate.step()) ? "" : String.format(Locale.ROOT, " × step %.4g", rate.step()),
                comparison(),
                spectrum.trace()
                        .map(trace -> String.format(Locale.ROOT, ", trace %.4g", trace.value()))
                        .orElse(""),
                milliseconds);
    }

    private String comparison() {
        if (!Double.isNaN(ratio())) {
            return String.format(Locale.ROOT, "%.3g of the boundary %s", ratio(), stability.text());
        }
        return stability.rule().equals(Stability.NONE) ? stability.text() : stability.text() + " could not be read";
    }
}
