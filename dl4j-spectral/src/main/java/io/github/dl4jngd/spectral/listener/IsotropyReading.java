package io.github.dl4jngd.spectral.listener;

import io.github.dl4jngd.fisher.training.StepReport;
import io.github.dl4jngd.spectral.sink.Reading;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a natural-gradient step did.
 *
 * @param model which of the models that the listener has seen, from 0 in the order in which it first saw them
 * @param iteration the model's iteration
 * @param epoch the model's epoch
 * @param report the step
 */
public record IsotropyReading(int model, int iteration, int epoch, StepReport report) implements Reading {

    @Override
    public String kind() {
        return "isotropy";
    }

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
        values.put("model", (double) model);
        return values;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%siteration %d: loss %.4g, α̂ %.4g, anisotropy %.3g, damping %.3g, step %.4g",
                Reading.prefix(model),
                iteration,
                report.loss(),
                report.alpha(),
                report.anisotropy(),
                report.damping(),
                report.step());
    }
}
