package io.github.dl4jngd.cli.diagonal;

import io.github.dl4jngd.cli.report.CsvLog;
import io.github.dl4jngd.cli.report.Json;
import io.github.dl4jngd.cli.report.Numbers;
import io.github.dl4jngd.cli.report.Provenance;
import io.github.dl4jngd.cli.report.RunDirectory;
import io.github.dl4jngd.cli.report.Table;
import io.github.dl4jngd.spectral.internal.chart.Charts;
import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.internal.chart.LinePlot.Axis;
import io.github.dl4jngd.spectral.internal.chart.Series;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Tables, charts and files of {@code ngd diagonal}. */
final class DiagonalReport {

    static final String SCALE_FILE = "diagonal.csv";
    static final String PENALTY_FILE = "regularization.csv";
    static final String CHART_FILE = "diagonal.png";
    static final String REPORT_FILE = "run.json";

    /** How far a flow may end from its minimiser. */
    private static final double TOLERANCE = 1e-5;

    private final DiagonalProblem centred;
    private final List<Scale> scales;
    private final List<Regularized> regularized;
    private final List<String> leftOut;

    /** The solution of a scale of the initial values. */
    static final class Scale {

        private final double alpha;
        private final double[] minimizer;
        /** Null where it was given up. */
        private final Descent descent;

        Scale(double alpha, double[] minimizer, Optional<Descent> descent) {
            this.alpha = alpha;
            this.minimizer = minimizer;
            this.descent = descent.orElse(null);
        }

        double alpha() {
            return alpha;
        }

        /** β in closed form. */
        double[] minimizer() {
            return minimizer;
        }

        /** What gradient descent found. */
        Optional<Descent> descent() {
            return Optional.ofNullable(descent);
        }
    }

    /** A regularised flow, and the closed form with the α_j that it ended with. */
    static final class Regularized {

        private final DiagonalProblem problem;
        private final Penalty penalty;
        private final DiagonalFlow flow;
        private final double[] minimizer;

        Regularized(DiagonalProblem problem, Penalty penalty, DiagonalFlow flow, double[] minimizer) {
            this.problem = problem;
            this.penalty = penalty;
            this.flow = flow;
            this.minimizer = minimizer;
        }

        DiagonalProblem problem() {
            return problem;
        }

        Penalty penalty() {
            return penalty;
        }

        DiagonalFlow flow() {
            return flow;
        }

        double[] minimizer() {
            return minimizer;
        }

        double error() {
            return problem.error(minimizer);
        }

        /** ‖β of the flow − β of the minimiser‖/‖β‖. */
        double distance() {
            double[] difference = minimizer.clone();
            for (int j = 0; j < difference.length; j++) {
                difference[j] -= flow.beta()[j];
            }
            return Vectors.norm(difference) / Vectors.norm(minimizer);
        }
    }

    DiagonalReport(DiagonalProblem centred, List<Scale> scales, List<Regularized> regularized, List<String> leftOut) {
        this.centred = centred;
        this.scales = List.copyOf(scales);
        this.regularized = List.copyOf(regularized);
        this.leftOut = List.copyOf(leftOut);
    }

    /** Flows that had not fitted the data in time. */
    List<String> leftOut() {
        return leftOut;
    }

    /** Whether every flow ended at its minimiser. */
    boolean isAsExpected() {
        return regularized.stream().allMatch(row -> row.distance() < TOLERANCE);
    }

    Table scales() {
        Table table = new Table("alpha", "1-norm", "2-norm", "error to truth", "1-norm by descent", "error", "steps");
        for (Scale row : scales) {
            table.row(
                    row.alpha(),
                    Numbers.fixed(Vectors.absoluteSum(row.minimizer()), 5),
                    Numbers.fixed(Vectors.norm(row.minimizer()), 5),
                    Numbers.fixed(centred.error(row.minimizer()), 5),
                    row.descent()
                            .map(own -> Numbers.fixed(Vectors.absoluteSum(own.beta()), 5))
                            .orElse("-"),
                    row.descent()
                            .map(own -> Numbers.fixed(centred.error(own.beta()), 5))
                            .orElse("-"),
                    row.descent().map(own -> String.valueOf(own.steps())).orElse("given up"));
        }
        double[] leastSquares = centred.leastSquares();
        limit(table, "least 2-norm", leastSquares);
        limit(table, "least 1-norm", centred.truth());
        return table;
    }

    private void limit(Table table, String name, double[] beta) {
        table.row(
                name,
                Numbers.fixed(Vectors.absoluteSum(beta), 5),
                Numbers.fixed(Vectors.norm(beta), 5),
                Numbers.fixed(centred.error(beta), 5),
                "",
                "",
                "");
    }

    Table penalties() {
        Table table = new Table(
                "inputs' mean",
                "gamma",
                "difference",
                "1-norm",
                "error to truth",
                "alpha, geometric mean",
                "least",
                "largest",
                "flow from minimiser");
        for (Regularized row : regularized) {
            table.row(
                    Numbers.fixed(row.problem().mean(), 0),
                    row.penalty().gamma(),
                    row.penalty(),
                    Numbers.fixed(Vectors.absoluteSum(row.minimizer()), 5),
                    Numbers.fixed(row.error(), 5),
                    Numbers.fixed(row.flow().geometricMean(), 5),
                    Numbers.fixed(row.flow().least(), 4),
                    Numbers.fixed(row.flow().largest(), 4),
                    Numbers.significant(row.distance()));
        }
        return table;
    }

    void write(RunDirectory directory, String command) throws IOException {
        try (CsvLog csv = directory.csv(
                SCALE_FILE,
                "alpha",
                "norm1",
                "norm2",
                "error",
                "descent_norm1",
                "descent_norm2",
                "descent_error",
                "descent_rate",
                "descent_steps")) {
            for (Scale row : scales) {
                Descent own = row.descent().orElse(null);
                csv.row(
                        row.alpha(),
                        Vectors.absoluteSum(row.minimizer()),
                        Vectors.norm(row.minimizer()),
                        centred.error(row.minimizer()),
                        own == null ? null : Vectors.absoluteSum(own.beta()),
                        own == null ? null : Vectors.norm(own.beta()),
                        own == null ? null : centred.error(own.beta()),
                        own == null ? null : own.rate(),
                        own == null ? null : own.steps());
            }
        }
        try (CsvLog csv = directory.csv(
                PENALTY_FILE,
                "mean",
                "gamma",
                "epsilon",
                "norm1",
                "error",
                "alpha_geometric_mean",
                "alpha_least",
                "alpha_largest",
                "flow_from_minimizer")) {
            for (Regularized row : regularized) {
                csv.row(
                        row.problem().mean(),
                        row.penalty().gamma(),
                        row.penalty().epsilon(),
                        Vectors.absoluteSum(row.minimizer()),
                        row.error(),
                        row.flow().geometricMean(),
                        row.flow().least(),
                        row.flow().largest(),
                        row.distance());
            }
        }
        directory.write(
                CHART_FILE,
                out -> Charts.writePng(
                        out,
                        "Diagonal linear network, " + DiagonalProblem.SAMPLES + " samples, " + DiagonalProblem.UNKNOWNS
                                + " unknowns",
                        2,
                        List.of(overScale(), errorOverScale(), alphas(), errors())));
        Map<String, Object> report = new LinkedHashMap<>(Provenance.of(command));
        report.put("as_expected", isAsExpected());
        directory.write(REPORT_FILE, out -> Json.write(out, report));
    }

    private LinePlot overScale() {
        double[] leastSquares = centred.leastSquares();
        return new LinePlot(
                "Centred inputs: norms of the solution",
                Axis.logarithmic("α, initial u and v"),
                Axis.linear("norm"),
                List.of(
                        closed("‖β‖₁, closed form", 0, Vectors::absoluteSum),
                        descents("‖β‖₁, gradient descent", 0, Vectors::absoluteSum),
                        closed("‖β‖₂, closed form", 1, Vectors::norm),
                        descents("‖β‖₂, gradient descent", 1, Vectors::norm),
                        level("least ‖β‖₁ and least ‖β‖₂", Vectors.absoluteSum(centred.truth())),
                        level("least ‖β‖₁ and least ‖β‖₂", Vectors.norm(leastSquares))));
    }

    private LinePlot errorOverScale() {
        return new LinePlot(
                "Centred inputs: distance from the sparse truth",
                Axis.logarithmic("α, initial u and v"),
                Axis.linear("‖β − β*‖/‖β*‖"),
                List.of(
                        closed("error, closed form", 2, centred::error),
                        descents("error, gradient descent", 2, centred::error)));
    }

    private Series closed(String name, int color, ToDoubleFunction<double[]> value) {
        return new Series(
                name,
                color,
                Series.Style.SOLID,
                scales.stream().map(Scale::alpha).toList(),
                scales.stream().map(row -> value.applyAsDouble(row.minimizer())).toList());
    }

    private Series descents(String name, int color, ToDoubleFunction<double[]> value) {
        List<Scale> there =
                scales.stream().filter(row -> row.descent().isPresent()).toList();
        return new Series(
                name,
                color,
                Series.Style.MARKED,
                there.stream().map(Scale::alpha).toList(),
                there.stream()
                        .map(row ->
                                value.applyAsDouble(row.descent().orElseThrow().beta()))
                        .toList());
    }

    private Series level(String name, double value) {
        List<Double> ends =
                List.of(scales.get(0).alpha(), scales.get(scales.size() - 1).alpha());
        return new Series(name, 7, Series.Style.DASHED, ends, Collections.nCopies(2, value));
    }

    /** Rows of one mean and one ε, those of γ = 0 with each. */
    private List<Regularized> rows(double mean, double epsilon) {
        return regularized.stream()
                .filter(row -> row.problem().mean() == mean
                        && (row.penalty().epsilon() == epsilon || row.penalty().gamma() == 0))
                .toList();
    }

    private static Series over(
            String name, int color, Series.Style style, List<Regularized> rows, ToDoubleFunction<Regularized> value) {
        return new Series(
                name,
                color,
                style,
                rows.stream().map(row -> row.penalty().gamma()).toList(),
                rows.stream().map(value::applyAsDouble).toList());
    }

    private LinePlot alphas() {
        List<Series> series = new ArrayList<>();
        int color = 0;
        for (double mean : List.of(2.0, 0.0)) {
            List<Regularized> rows = rows(mean, 0);
            String inputs = mean == 0 ? "centred inputs" : "inputs of mean 2";
            series.add(over("α, " + inputs + ", geometric mean", color, Series.Style.SOLID, rows, row -> row.flow()
                    .geometricMean()));
            series.add(over("least and largest α, " + inputs, color, Series.Style.DASHED, rows, row -> row.flow()
                    .least()));
            series.add(over("least and largest α, " + inputs, color, Series.Style.DASHED, rows, row -> row.flow()
                    .largest()));
            color++;
        }
        return new LinePlot(
                "What an exact penalty leaves of α = 0.1", Axis.linear("γ"), Axis.logarithmic("α_j"), series);
    }

    private LinePlot errors() {
        List<Series> series = new ArrayList<>();
        List<Double> epsilons = regularized.stream()
                .filter(row -> row.penalty().gamma() > 0)
                .map(row -> row.penalty().epsilon())
                .distinct()
                .toList();
        for (double mean : List.of(2.0, 0.0)) {
            for (double epsilon : epsilons) {
                series.add(over(
                        "error, " + new Penalty(1, epsilon) + (mean == 0 ? ", centred" : ", mean 2"),
                        3 + epsilons.indexOf(epsilon),
                        mean == 0 ? Series.Style.MARKED : Series.Style.SOLID,
                        rows(mean, epsilon),
                        Regularized::error));
            }
        }
        return new LinePlot(
                "Distance from the sparse truth over the penalty",
                Axis.linear("γ"),
                Axis.linear("‖β − β*‖/‖β*‖"),
                series);
    }
}
