package io.github.dl4jngd.spectral.listener;

import io.github.dl4jngd.spectral.Spectrum;
import io.github.dl4jngd.spectral.estimate.SpectralDensity;
import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.internal.chart.LinePlot.Axis;
import io.github.dl4jngd.spectral.internal.chart.Series;
import io.github.dl4jngd.spectral.sink.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Draws spectra over iterations, and the density of the last one. */
final class SpectrumPlots {

    private static final int POINTS = 80;
    private static final double DECADES = 5;

    private final List<SpectrumReading> readings;
    private final SpectrumReading last;
    private final Axis iterations = Axis.linear("iteration");

    private SpectrumPlots(List<SpectrumReading> readings) {
        this.readings = readings;
        this.last = readings.get(readings.size() - 1);
    }

    /** The charts of a {@link FisherSpectrumListener}'s readings, at least one: what the last has, all have. */
    static List<LinePlot> of(List<Reading> readings) {
        return new SpectrumPlots(
                        readings.stream().map(SpectrumReading.class::cast).toList())
                .all();
    }

    private List<LinePlot> all() {
        List<LinePlot> plots = new ArrayList<>();
        plots.add(new LinePlot(
                title(),
                iterations,
                Axis.logarithmic("eigenvalue"),
                List.of(
                        over(
                                last.stability().isPreconditioned() ? "preconditioned λ_max" : "λ_max",
                                1,
                                Series.Style.SOLID,
                                SpectrumPlots::eigenvalue),
                        over("the boundary", 0, Series.Style.DASHED, SpectrumPlots::largestStable))));
        plots.add(new LinePlot(
                "Rate in units of the largest stable one",
                iterations,
                Axis.logarithmic("rate/boundary"),
                List.of(
                        over("rate/boundary", 1, Series.Style.SOLID, SpectrumReading::ratio),
                        over("the boundary", 0, Series.Style.DASHED, reading -> 1))));
        if (!last.spectrum().layers().isEmpty()) {
            plots.add(new LinePlot(
                    "λ_max of each layer's block",
                    iterations,
                    Axis.logarithmic("eigenvalue"),
                    byName(last.spectrum().layers().keySet().stream().toList(), (reading, i) -> new ArrayList<>(
                                    reading.spectrum().layers().values())
                            .get(i)
                            .lambdaMax())));
        }
        int top = eigenvalues(last).size();
        if (top > 1) {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < top; i++) {
                names.add("λ_" + (i + 1));
            }
            plots.add(new LinePlot(
                    "The " + top + " largest eigenvalues",
                    iterations,
                    Axis.logarithmic("eigenvalue"),
                    byName(names, (reading, i) -> eigenvalues(reading).get(i))));
        }
        if (last.spectrum().trace().isPresent()) {
            plots.add(new LinePlot(
                    "Sum of all eigenvalues",
                    iterations,
                    Axis.logarithmic("trace"),
                    List.of(over("trace", 2, Series.Style.SOLID, SpectrumPlots::trace))));
        }
        last.spectrum().density().ifPresent(found -> plots.add(densityPlot(found)));
        return plots;
    }

    private String title() {
        if (last.stability().fitted()) {
            return "Largest eigenvalue, and the largest that is stable if the step were kept";
        }
        return switch (last.stability().rule()) {
            case "gradient descent" -> "Gradient descent is stable where λ_max is below 2/η";
            case Stability.NONE -> "λ_max, and 2/η of gradient descent";
            default ->
                "Largest eigenvalue, and the largest that is stable: "
                        + last.stability().rule();
        };
    }

    /** The largest eigenvalue of the matrix that the rule asks for. */
    private static double eigenvalue(SpectrumReading reading) {
        Stability stability = reading.stability();
        return stability.isPreconditioned()
                ? stability.preconditioned().map(Spectrum::lambdaMax).orElse(Double.NaN)
                : reading.lambdaMax();
    }

    /** Of a step that is kept. */
    private static double largestStable(SpectrumReading reading) {
        double limit = reading.stability().limit();
        return (Double.isNaN(limit) ? 2 : limit) / reading.rate().value();
    }

    private static List<Double> eigenvalues(SpectrumReading reading) {
        return reading.spectrum().eigenvalues().values();
    }

    private static double trace(SpectrumReading reading) {
        return reading.spectrum().trace().orElseThrow().value();
    }

    /** A number of one reading by its position. */
    @FunctionalInterface
    private interface Indexed {
        double of(SpectrumReading reading, int index);
    }

    private List<Series> byName(List<String> names, Indexed value) {
        List<Series> series = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            int index = i;
            series.add(over(names.get(i), i + 2, Series.Style.MARKED, reading -> value.of(reading, index)));
        }
        return series;
    }

    private Series over(String name, int color, Series.Style style, ToDoubleFunction<SpectrumReading> value) {
        return new Series(
                name,
                color,
                style,
                readings.stream().map(reading -> (double) reading.iteration()).toList(),
                readings.stream().map(value::applyAsDouble).toList());
    }

    private LinePlot densityPlot(SpectralDensity found) {
        List<Double> x = new ArrayList<>();
        List<Double> y = new ArrayList<>();
        for (int i = 0; i < POINTS; i++) {
            double bound = found.largest() * Math.pow(10, -DECADES * i / (POINTS - 1)) * (1 - 1e-6);
            x.add(bound);
            y.add(last.spectrum().countAbove(bound));
        }
        return new LinePlot(
                "Eigenvalues above λ, of " + found.dimension() + ", at iteration " + last.iteration(),
                Axis.logarithmic("λ"),
                Axis.logarithmic("number"),
                List.of(new Series("number above λ", 3, Series.Style.SOLID, x, y)));
    }
}
