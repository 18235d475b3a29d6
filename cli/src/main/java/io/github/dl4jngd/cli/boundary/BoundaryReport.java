package io.github.dl4jngd.cli.boundary;

import io.github.dl4jngd.cli.report.CsvLog;
import io.github.dl4jngd.cli.report.Json;
import io.github.dl4jngd.cli.report.Numbers;
import io.github.dl4jngd.cli.report.Provenance;
import io.github.dl4jngd.cli.report.RunDirectory;
import io.github.dl4jngd.cli.report.Table;
import io.github.dl4jngd.datasets.LoadedDataset;
import io.github.dl4jngd.spectral.internal.chart.Charts;
import io.github.dl4jngd.spectral.internal.chart.HeatMap;
import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.internal.chart.LinePlot.Axis;
import io.github.dl4jngd.spectral.internal.chart.Series;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Tables, charts and files of {@code ngd boundary}. */
final class BoundaryReport {

    static final String EPOCH_FILE = "boundary.csv";
    static final String DESCENT_FILE = "descent.csv";
    static final String CHART_FILE = "boundary.png";
    static final String REPORT_FILE = "run.json";

    /** Losses above this multiple of the first are drawn as this. */
    private static final double DRAWN = 100;

    private static final double SMALLEST_DRAWN = 1e-2;

    private final Experiment experiment;
    private final List<Descent> descents;
    private final List<Epoch> epochs;
    private final List<Sharpness> sharpnesses;

    BoundaryReport(Experiment experiment, List<Descent> descents, List<Epoch> epochs) {
        this.experiment = experiment;
        this.descents = List.copyOf(descents);
        this.epochs = List.copyOf(epochs);
        this.sharpnesses = descents.stream().map(Descent::sharpness).distinct().toList();
    }

    /** Whether every full-batch descent went as 2/λ_max says. */
    boolean isAsExpected() {
        return descents.stream()
                .filter(descent -> descent.targets() == Descent.Targets.NEAR)
                .allMatch(Descent::isAsExpected);
    }

    private List<Descent> descentsOf(Sharpness sharpness, Descent.Targets targets) {
        return descents.stream()
                .filter(descent -> descent.sharpness().equals(sharpness) && descent.targets() == targets)
                .toList();
    }

    private List<Epoch> epochsOf(Sharpness sharpness) {
        return epochs.stream()
                .filter(epoch -> epoch.sharpness().equals(sharpness))
                .toList();
    }

    /** Full-batch descent: the loss after ten steps over the loss before. */
    Table descents(Descent.Targets targets) {
        List<String> header = new ArrayList<>(List.of("width", "λ_max", "theory", "2/λ_max"));
        boolean checked = targets == Descent.Targets.NEAR;
        descentsOf(sharpnesses.get(0), targets).forEach(descent -> header.add("η = " + descent.factor() + "/λ"));
        if (checked) {
            header.add("as expected");
        }
        Table table = new Table(header.toArray(new String[0]));
        for (Sharpness sharpness : sharpnesses) {
            List<Descent> own = descentsOf(sharpness, targets);
            List<Object> cells = new ArrayList<>(List.of(
                    sharpness.width(),
                    Numbers.significant(sharpness.measured()),
                    Numbers.significant(sharpness.theory()),
                    Numbers.significant(sharpness.boundary())));
            own.forEach(descent -> cells.add(Numbers.significant(descent.after() / descent.before())));
            if (checked) {
                cells.add(own.stream().allMatch(Descent::isAsExpected) ? "yes" : "NO");
            }
            table.row(cells.toArray());
        }
        return table;
    }

    /** The largest learning rate up to which an epoch of SGD lowers the loss. */
    Table epochs() {
        Table table = new Table(
                "width",
                "2/λ_max measured",
                "theory",
                "SGD converges up to",
                "in units of 2/λ_max",
                "best loss",
                "at η");
        for (Sharpness sharpness : sharpnesses) {
            Epoch best = best(sharpness);
            double largest = largestConverging(sharpness);
            table.row(
                    sharpness.width(),
                    Numbers.significant(sharpness.boundary()),
                    Numbers.significant(sharpness.theoreticalBoundary()),
                    Numbers.significant(largest),
                    Numbers.fixed(largest / sharpness.boundary(), 2),
                    Numbers.significant(best.after()),
                    Numbers.significant(best.learningRate()));
        }
        return table;
    }

    private Epoch best(Sharpness sharpness) {
        Epoch best = null;
        for (Epoch epoch : epochsOf(sharpness)) {
            best = best == null || epoch.after() < best.after() ? epoch : best;
        }
        return best;
    }

    private double largestConverging(Sharpness sharpness) {
        double largest = Double.NaN;
        for (Epoch epoch : epochsOf(sharpness)) {
            if (!epoch.converged()) {
                break;
            }
            largest = epoch.learningRate();
        }
        return largest;
    }

    void write(RunDirectory directory, String command, LoadedDataset loaded) throws IOException {
        try (CsvLog csv = directory.csv(
                EPOCH_FILE, "width", "learning_rate", "lambda_max", "theory_lambda_max", "loss_before", "loss_after")) {
            for (Epoch epoch : epochs) {
                csv.row(
                        epoch.sharpness().width(),
                        epoch.learningRate(),
                        epoch.sharpness().measured(),
                        epoch.sharpness().theory(),
                        epoch.before(),
                        epoch.after());
            }
        }
        try (CsvLog csv = directory.csv(
                DESCENT_FILE,
                "targets",
                "width",
                "rate_times_lambda_max",
                "learning_rate",
                "loss_before",
                "loss_after_10_steps")) {
            for (Descent descent : descents) {
                csv.row(
                        descent.targets().name().toLowerCase(Locale.ROOT),
                        descent.sharpness().width(),
                        descent.factor(),
                        descent.factor() / descent.sharpness().measured(),
                        descent.before(),
                        descent.after());
            }
        }
        String title = "MNIST" + (loaded.synthetic() ? " (synthetic images)" : "") + ", " + experiment.layers()
                + " layers, " + experiment.initialization();
        directory.write(
                CHART_FILE,
                out -> Charts.writePng(
                        out,
                        title,
                        2,
                        List.of(
                                heatMap(),
                                ratios("targets near the first outputs", Descent.Targets.NEAR),
                                epochCurves(),
                                ratios("real targets", Descent.Targets.REAL))));
        Map<String, Object> report = new LinkedHashMap<>(Provenance.of(command));
        report.put("data", loaded.origin());
        report.put("synthetic_data", loaded.synthetic());
        report.put("as_expected", isAsExpected());
        report.put("widths", sharpnesses.stream().map(this::json).toList());
        directory.write(REPORT_FILE, out -> Json.write(out, report));
    }

    private Map<String, Object> json(Sharpness sharpness) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("width", sharpness.width());
        values.put("lambda_max", sharpness.measured());
        values.put("theory_lambda_max", sharpness.theory());
        values.put("boundary", sharpness.boundary());
        values.put("sgd_converges_up_to", largestConverging(sharpness));
        values.put("in_units_of_the_boundary", largestConverging(sharpness) / sharpness.boundary());
        return values;
    }

    private HeatMap heatMap() {
        double low = cells().stream()
                .mapToDouble(HeatMap.Cell::value)
                .filter(Double::isFinite)
                .min()
                .orElse(SMALLEST_DRAWN);
        return new HeatMap(
                "Training loss after an epoch of SGD over before",
                Axis.logarithmic("width"),
                Axis.logarithmic("learning rate η"),
                cells(),
                new HeatMap.Scale("loss over start", Math.min(low, 0.5), 1, "above the start or diverged"),
                List.of(
                        line("2/λ_max measured", 1, Series.Style.SOLID, Sharpness::boundary),
                        line("2/λ_max in theory", 4, Series.Style.DASHED, Sharpness::theoreticalBoundary)));
    }

    private Series line(String name, int color, Series.Style style, ToDoubleFunction<Sharpness> value) {
        return new Series(
                name,
                color,
                style,
                sharpnesses.stream()
                        .map(sharpness -> (double) sharpness.width())
                        .toList(),
                sharpnesses.stream().map(value::applyAsDouble).toList());
    }

    private List<HeatMap.Cell> cells() {
        List<Double> widths = edges(sharpnesses.stream()
                .map(sharpness -> (double) sharpness.width())
                .toList());
        List<Double> rates = edges(
                epochsOf(sharpnesses.get(0)).stream().map(Epoch::learningRate).toList());
        List<HeatMap.Cell> cells = new ArrayList<>();
        for (int i = 0; i < sharpnesses.size(); i++) {
            List<Epoch> own = epochsOf(sharpnesses.get(i));
            for (int j = 0; j < own.size(); j++) {
                cells.add(new HeatMap.Cell(
                        widths.get(i),
                        widths.get(i + 1),
                        rates.get(j),
                        rates.get(j + 1),
                        own.get(j).converged() ? own.get(j).after() / own.get(j).before() : Double.NaN));
            }
        }
        return cells;
    }

    /** Geometric means of neighbours, and beyond the ends as far as within. */
    private static List<Double> edges(List<Double> centres) {
        int last = centres.size() - 1;
        List<Double> edges = new ArrayList<>();
        for (int i = 0; i < last; i++) {
            edges.add(Math.sqrt(centres.get(i) * centres.get(i + 1)));
        }
        double first = last == 0 ? centres.get(0) / Math.sqrt(2) : centres.get(0) * centres.get(0) / edges.get(0);
        double end =
                last == 0 ? centres.get(0) * Math.sqrt(2) : centres.get(last) * centres.get(last) / edges.get(last - 1);
        edges.add(0, first);
        edges.add(end);
        return edges;
    }

    /** The heat map again, as curves over the learning rate in units of the boundary. */
    private LinePlot epochCurves() {
        List<Series> series = new ArrayList<>();
        for (int i = 0; i < sharpnesses.size(); i++) {
            Sharpness sharpness = sharpnesses.get(i);
            List<Epoch> own = epochsOf(sharpness);
            series.add(new Series(
                    "width " + sharpness.width(),
                    i,
                    Series.Style.MARKED,
                    own.stream()
                            .map(epoch -> epoch.learningRate() * sharpness.measured())
                            .toList(),
                    own.stream()
                            .map(epoch -> drawn(epoch.after() / epoch.before()))
                            .toList()));
        }
        series.add(boundaryLine());
        return new LinePlot(
                "Loss after an epoch of SGD over before",
                Axis.logarithmic("η λ_max"),
                Axis.logarithmic("loss over start, at most 100"),
                series);
    }

    private static Series boundaryLine() {
        return new Series("η = 2/λ_max", 7, Series.Style.DASHED, List.of(2.0, 2.0), List.of(SMALLEST_DRAWN, DRAWN));
    }

    private LinePlot ratios(String title, Descent.Targets targets) {
        List<Series> series = new ArrayList<>();
        for (int i = 0; i < sharpnesses.size(); i++) {
            List<Descent> own = descentsOf(sharpnesses.get(i), targets);
            series.add(new Series(
                    "width " + sharpnesses.get(i).width(),
                    i,
                    Series.Style.MARKED,
                    own.stream().map(Descent::factor).toList(),
                    own.stream()
                            .map(descent -> drawn(descent.after() / descent.before()))
                            .toList()));
        }
        series.add(boundaryLine());
        return new LinePlot(
                "Ten full-batch steps, " + title,
                Axis.linear("η λ_max"),
                Axis.logarithmic("loss over start, at most 100"),
                series);
    }

    private static double drawn(double ratio) {
        return ratio < DRAWN ? Math.max(SMALLEST_DRAWN, ratio) : DRAWN;
    }
}
