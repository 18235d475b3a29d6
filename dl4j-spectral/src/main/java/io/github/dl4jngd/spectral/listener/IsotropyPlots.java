package io.github.dl4jngd.spectral.listener;

import io.github.dl4jngd.fisher.training.StepReport;
import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.internal.chart.LinePlot.Axis;
import io.github.dl4jngd.spectral.internal.chart.Series;
import io.github.dl4jngd.spectral.sink.Reading;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Draws what natural-gradient steps did over iterations. */
final class IsotropyPlots {

    private IsotropyPlots() {}

    /** The charts of an {@link IsotropyListener}'s readings. */
    static List<LinePlot> of(List<Reading> readings) {
        return List.of(
                plot(readings, "Isotropy constant α̂ of the direction", "α̂", 0, StepReport::alpha),
                plot(readings, "Anisotropy: 0 is the exact natural gradient", "anisotropy", 1, StepReport::anisotropy),
                plot(readings, "Damping ρ", "ρ", 2, StepReport::damping),
                plot(readings, "Loss of the minibatch", "loss", 3, StepReport::loss));
    }

    private static LinePlot plot(
            List<Reading> readings, String title, String axis, int color, ToDoubleFunction<StepReport> value) {
        List<Double> x =
                readings.stream().map(reading -> (double) reading.iteration()).toList();
        List<Double> y = readings.stream()
                .map(reading -> value.applyAsDouble(((IsotropyReading) reading).report()))
                .toList();
        return new LinePlot(
                title,
                Axis.linear("iteration"),
                Axis.logarithmic(axis),
                List.of(new Series(axis, color, Series.Style.SOLID, x, y)));
    }
}
