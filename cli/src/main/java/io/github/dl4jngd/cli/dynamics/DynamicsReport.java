package io.github.dl4jngd.cli.dynamics;

import io.github.dl4jngd.cli.report.CsvLog;
import io.github.dl4jngd.cli.report.Json;
import io.github.dl4jngd.cli.report.Numbers;
import io.github.dl4jngd.cli.report.RunDirectory;
import io.github.dl4jngd.cli.report.Table;
import io.github.dl4jngd.spectral.internal.chart.Charts;
import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.internal.chart.LinePlot.Axis;
import io.github.dl4jngd.spectral.internal.chart.Series;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Curves as tables, CSV, JSON and charts. */
final class DynamicsReport {

    static final String CSV_FILE = "dynamics.csv";
    static final String CHART_FILE = "dynamics.png";
    static final String REPORT_FILE = "run.json";

    /** The smallest drawn loss, as a fraction of the initial one: a linear prediction may be zero up to rounding. */
    private static final double DRAWN_FLOOR = 1e-10;

    private final Problem problem;
    private final List<Curve> curves;

    DynamicsReport(Problem problem, List<Curve> curves) {
        this.problem = problem;
        this.curves = curves;
    }

    /** Losses step by step. */
    Table losses() {
        Table table = new Table(
                "method",
                "scaling",
                "step",
                "train loss",
                "predicted",
                "infinite width",
                "test loss",
                "predicted",
                "infinite width");
        for (Curve curve : curves) {
            for (int step = 0; step < curve.measured().size(); step++) {
                table.row(
                        curve.plan().method(),
                        curve.plan().scalingName(),
                        step,
                        Numbers.significant(curve.measured().get(step).train()),
                        Numbers.significant(curve.predicted().get(step).train()),
                        Numbers.significant(curve.limit().get(step).train()),
                        Numbers.significant(curve.measured().get(step).test()),
                        Numbers.significant(curve.predicted().get(step).test()),
                        Numbers.significant(curve.limit().get(step).test()));
            }
        }
        return table;
    }

    private double decay(Curve curve, int step) {
        return curve.decay(step, problem.isotropyConstant(curve.plan().method()));
    }

    /** One line a curve. */
    Table summary() {
        Table table = new Table(
                "method",
                "scaling",
                "damping",
                "first step η",
                "α in theory",
                "α measured",
                "anisotropy",
                "first step takes off",
                "seconds");
        for (Curve curve : curves) {
            boolean natural = curve.plan().method().isNatural();
            table.row(
                    curve.plan().method(),
                    curve.plan().scalingName(),
                    natural ? damping(curve) : "-",
                    Numbers.significant(curve.stepSizes().get(0)),
                    natural
                            ? Numbers.significant(
                                    problem.isotropyConstant(curve.plan().method()))
                            : "-",
                    natural ? Numbers.significant(curve.alpha()) : "-",
                    natural ? Numbers.significant(curve.anisotropy()) : "-",
                    Numbers.percent(curve.firstReduction()),
                    Numbers.fixed(curve.seconds(), 2));
        }
        return table;
    }

    private static String damping(Curve curve) {
        double value = curve.plan().damping().value();
        return value == 0
                ? "0"
                : String.format(Locale.ROOT, "%.0e", value)
                        + (curve.plan().damping().relative() ? " relative" : "");
    }

    void write(RunDirectory directory, Map<String, Object> facts) throws IOException {
        writeCsv(directory);
        directory.write(CHART_FILE, out -> Charts.writePng(out, title(), 2, plots()));
        Map<String, Object> report = new LinkedHashMap<>(facts);
        report.put("curves", curves.stream().map(this::json).toList());
        directory.write(REPORT_FILE, out -> Json.write(out, report));
    }

    private String title() {
        return problem.name() + ", "
                + problem.network().sizes().stream()
                        .map(String::valueOf)
                        .reduce((a, b) -> a + "-" + b)
                        .orElseThrow()
                + ", " + problem.samples()
                + " training images: measured (solid) and predicted at initialisation (dashed)";
    }

    private void writeCsv(RunDirectory directory) throws IOException {
        try (CsvLog csv = directory.csv(
                CSV_FILE,
                "method",
                "scaling",
                "step",
                "train_loss",
                "test_loss",
                "predicted_train_loss",
                "predicted_test_loss",
                "isotropic_decay",
                "infinite_width_train_loss",
                "infinite_width_test_loss",
                "step_size")) {
            for (Curve curve : curves) {
                for (int step = 0; step < curve.measured().size(); step++) {
                    double decay = decay(curve, step);
                    csv.row(
                            curve.plan().method(),
                            curve.plan().method().isNatural() ? curve.plan().scalingName() : null,
                            step,
                            curve.measured().get(step).train(),
                            curve.measured().get(step).test(),
                            curve.predicted().get(step).train(),
                            curve.predicted().get(step).test(),
                            Double.isNaN(decay) ? null : decay,
                            curve.limit().get(step).train(),
                            curve.limit().get(step).test(),
                            step == 0 ? null : curve.stepSizes().get(step - 1));
                }
            }
        }
    }

    private Map<String, Object> json(Curve curve) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("method", curve.plan().method().toString());
        if (curve.plan().method().isNatural()) {
            values.put("scaling", curve.plan().scalingName());
            values.put("damping", curve.plan().damping().value());
            values.put("relative_damping", curve.plan().damping().relative());
            values.put("alpha_in_theory", problem.isotropyConstant(curve.plan().method()));
            values.put("alpha_measured", curve.alpha());
            values.put("anisotropy", curve.anisotropy());
        }
        values.put("first_reduction", curve.firstReduction());
        values.put("seconds", curve.seconds());
        values.put("notes", curve.notes());
        return values;
    }

    /** Training and test loss side by side, a row for every scaling. */
    private List<LinePlot> plots() {
        List<LinePlot> plots = new ArrayList<>();
        List<String> scalings = curves.stream()
                .filter(curve -> curve.plan().method().isNatural())
                .map(curve -> curve.plan().scalingName())
                .distinct()
                .toList();
        long methods =
                curves.stream().map(curve -> curve.plan().method()).distinct().count();
        if (methods == curves.size()) {
            plots.add(plot("Training loss", curves, Losses::train));
            plots.add(plot("Test loss", curves, Losses::test));
            return plots;
        }
        for (String scaling : scalings) {
            List<Curve> shown = curves.stream()
                    .filter(curve -> List.of(scaling, "-").contains(curve.plan().scalingName()))
                    .toList();
            plots.add(plot("Training loss, " + scaling + " step", shown, Losses::train));
            plots.add(plot("Test loss, " + scaling + " step", shown, Losses::test));
        }
        return plots;
    }

    private static LinePlot plot(String title, List<Curve> curves, ToDoubleFunction<Losses> loss) {
        List<Series> series = new ArrayList<>();
        Optional<Curve> first = curves.stream().findFirst();
        double floor = first.map(curve ->
                        DRAWN_FLOOR * loss.applyAsDouble(curve.measured().get(0)))
                .orElse(0.0);
        for (Curve curve : curves) {
            int color = Contender.names().indexOf(curve.plan().method().toString());
            String name = curve.plan().method().toString();
            series.add(line(name, color, Series.Style.SOLID, curve.measured(), loss, floor));
            series.add(line("predicted", color, Series.Style.DASHED, curve.predicted(), loss, floor));
        }
        String floored = String.format(Locale.ROOT, "½ mean (f − y)²  (below %.0e drawn there)", floor);
        return new LinePlot(title, Axis.linear("steps"), Axis.logarithmic(floored), series);
    }

    private static Series line(
            String name,
            int color,
            Series.Style style,
            List<Losses> losses,
            ToDoubleFunction<Losses> loss,
            double floor) {
        List<Double> steps = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        for (int step = 0; step < losses.size(); step++) {
            steps.add((double) step);
            values.add(Math.max(floor, loss.applyAsDouble(losses.get(step))));
        }
        return new Series(name, color, style, steps, values);
    }
}
