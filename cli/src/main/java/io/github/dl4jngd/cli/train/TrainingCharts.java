package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.internal.chart.LinePlot.Axis;
import io.github.dl4jngd.spectral.internal.chart.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Training curves of several methods: loss and accuracy over seconds and over steps. */
final class TrainingCharts {

    private TrainingCharts() {}

    /**
     * Four charts for a sheet of two columns. The accuracy begins after the first steps: before them it is mere chance.
     */
    static List<LinePlot> of(List<TrainingRun> runs) {
        boolean classes = runs.get(0).plan().scoring() == Scoring.CLASSIFICATION;
        String title = classes ? "Accuracy" : "Squared error";
        Axis seconds = Axis.linear("training time [s]");
        Axis steps = Axis.linear("steps");
        Axis loss = Axis.logarithmic("mean cross-entropy");
        Axis fit = classes ? Axis.linear("accuracy [%]") : Axis.logarithmic("mean squared error per image");
        ToDoubleFunction<Score> shown = classes ? score -> 100 * score.fit() : Score::fit;
        int first = classes ? 1 : 0;
        return List.of(
                new LinePlot("Loss over time", seconds, loss, series(runs, 0, Measurement::seconds, Score::loss)),
                new LinePlot("Loss over steps", steps, loss, series(runs, 0, Measurement::step, Score::loss)),
                new LinePlot(title + " over time", seconds, fit, series(runs, first, Measurement::seconds, shown)),
                new LinePlot(title + " over steps", steps, fit, series(runs, first, Measurement::step, shown)));
    }

    private static List<Series> series(
            List<TrainingRun> runs, int firstStep, ToDoubleFunction<Measurement> x, ToDoubleFunction<Score> y) {
        List<Series> series = new ArrayList<>();
        for (int color = 0; color < runs.size(); color++) {
            TrainingRun run = runs.get(color);
            String name = run.plan().method().name();
            List<Measurement> shown = run.measurements().stream()
                    .filter(measurement -> measurement.step() >= firstStep)
                    .toList();
            series.add(line(name + ", test", color, Series.Style.SOLID, shown, x, m -> Optional.of(m.test()), y));
            series.add(line(name + ", training", color, Series.Style.MARKED, shown, x, Measurement::train, y));
        }
        return series;
    }

    private static Series line(
            String name,
            int color,
            Series.Style style,
            List<Measurement> measurements,
            ToDoubleFunction<Measurement> x,
            Function<Measurement, Optional<Score>> score,
            ToDoubleFunction<Score> y) {
        List<Double> xs = new ArrayList<>();
        List<Double> ys = new ArrayList<>();
        for (Measurement measurement : measurements) {
            score.apply(measurement).ifPresent(value -> {
                xs.add(x.applyAsDouble(measurement));
                ys.add(y.applyAsDouble(value));
            });
        }
        return new Series(name, color, style, xs, ys);
    }
}
