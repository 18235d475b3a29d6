package io.github.dl4jngd.spectral.listener;

import io.github.dl4jngd.fisher.training.StepReport;
import io.github.dl4jngd.spectral.internal.chart.LinePlot.Axis;
import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.internal.chart.Series;
import io.github.dl4jngd.spectral.sink.Reading;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What a natural-gradient step did.
 *
 * @param iteration the model's iteration
 * @param epoch the model's epoch
 * @param report the step
 */
public record IsotropyReading(int iteration, int epoch, StepReport report) implements Reading {

    @Override
    public Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", report.loss());
        values.put("alpha", report.alpha());
        values.put("anisotropy", report.anisotropy());
        values.put("damping", report.damping());
        values.put("step", report.step());
        values.put("reduction_ratio", report.reductionRatio());
        values.put("milliseconds", report.milliseconds());
        return values;
    }

    @Override
    public List<LinePlot> plots(List<? extends Reading> readings) {
        return List.of(
                plot(readings, "Isotropy constant α̂ of the direction", "α̂", 0, StepReport::alpha),
                plot(readings, "Anisotropy: 0 is the exact natural gradient", "anisotropy", 1, StepReport::anisotropy),
                plot(readings, "Damping ρ", "ρ", 2, StepReport::damping),
                plot(readings, "Loss of the minibatch", "loss", 3, StepReport::loss));
    }

    private static LinePlot plot(
            List<? extends Reading> readings,
            String title,
            String axis,
            int color,
            ToDoubleFunction<StepReport> value) {
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

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "iteration %d: loss %.4g, α̂ %.4g, anisotropy %.3g, damping %.3g, step %.4g",
                iteration,
                report.loss(),
                report.alpha(),
                report.anisotropy(),
                report.damping(),
                report.step());
    }
}
