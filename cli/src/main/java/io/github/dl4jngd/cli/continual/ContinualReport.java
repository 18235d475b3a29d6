package io.github.dl4jngd.cli.continual;

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
import io.github.dl4jngd.spectral.theory.LearningCurve;
import io.github.dl4jngd.spectral.theory.TaskErrors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Tables, charts and files of {@code ngd continual}. */
final class ContinualReport {

    static final String TRANSFER_FILE = "transfer.csv";
    static final String SEQUENCE_FILE = "sequence.csv";
    static final String CHART_FILE = "continual.png";
    static final String REPORT_FILE = "run.json";

    private static final List<Double> SIMILARITIES = List.of(0.0, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9, 1.0);
    private static final double LOOSE = 0.06;
    private static final double TIGHT = 0.02;
    private static final int HIGH_DIMENSION = 20;

    private final LearningCurve curve;
    private final int dimension;
    private final List<Pair> pairs;
    private final Map<String, Sequence> sequences;

    ContinualReport(LearningCurve curve, int dimension, List<Pair> pairs, Map<String, Sequence> sequences) {
        this.curve = curve;
        this.dimension = dimension;
        this.pairs = List.copyOf(pairs);
        this.sequences = new LinkedHashMap<>(sequences);
    }

    /**
     * Two tasks, in theory and by regression.
     *
     * @param curve the theory
     * @param first N_A
     * @param second N_B
     * @param draws of inputs
     */
    record Pair(LearningCurve curve, int first, int second, List<SphereRegression.Draw> draws) {

        Pair {
            draws = List.copyOf(draws);
        }

        Measured forward(double similarity) {
            return Measured.of(
                    draws.stream().map(draw -> draw.error(1, similarity)).toList());
        }

        Measured backward(double similarity) {
            return Measured.of(
                    draws.stream().map(draw -> draw.error(0, similarity)).toList());
        }

        LearningCurve.TwoTasks theory(double similarity) {
            return curve.twoTasks(first, second, similarity);
        }

        String name() {
            return first + " then " + second;
        }
    }

    /** Tasks of one target, in theory and by regression. */
    static final class Sequence {

        private final int[] sizes;
        private final TaskErrors theory;
        private final List<Measured> measured = new ArrayList<>();

        Sequence(LearningCurve curve, int[] sizes, List<List<SphereRegression.Draw>> draws) {
            this.sizes = sizes;
            this.theory = curve.sequence(IntStream.of(sizes).asDoubleStream().toArray(), 1);
            for (int task = 0; task < sizes.length; task++) {
                int t = task;
                measured.add(Measured.of(
                        draws.stream().map(draw -> draw.get(t).error(t, 1)).toList()));
            }
        }

        boolean agrees(double share) {
            return IntStream.range(0, sizes.length)
                    .allMatch(t -> measured.get(t).agrees(theory.error(t), share));
        }

        boolean falls() {
            return IntStream.range(1, sizes.length)
                    .allMatch(t -> measured.get(t).mean() < measured.get(t - 1).mean());
        }
    }

    private double share() {
        return dimension < HIGH_DIMENSION ? LOOSE : TIGHT;
    }

    /** Whether regression is what theory says, and more samples of the same help. */
    boolean isAsExpected() {
        boolean agree = pairs.stream().allMatch(pair -> SIMILARITIES.stream()
                .allMatch(rho -> pair.forward(rho).agrees(pair.theory(rho).forward(), share())
                        && pair.backward(rho).agrees(pair.theory(rho).backward(), share())));
        return agree
                && sequences.values().stream().allMatch(sequence -> sequence.agrees(share()))
                && sequences.get("equal").falls();
    }

    Table transfer() {
        Table table = new Table(
                "N_A, N_B",
                "rho",
                "B after A / B",
                "regression",
                "A after B / A",
                "regression",
                "rho* forward",
                "rho* backward",
                "joint / A",
                "best ridge");
        for (Pair pair : pairs) {
            for (double rho : List.of(0.0, 0.5, 0.9, 1.0)) {
                LearningCurve.TwoTasks theory = pair.theory(rho);
                boolean last = rho == 1;
                LearningCurve.Ridge ridge = curve.bestRidge(pair.first(), pair.second());
                table.row(
                        pair.first() + ", " + pair.second(),
                        rho,
                        Numbers.significant(theory.forward() / theory.second()),
                        ratio(pair.forward(rho), theory.second()),
                        Numbers.significant(theory.backward() / theory.first()),
                        ratio(pair.backward(rho), theory.first()),
                        last ? Numbers.fixed(curve.criticalForward(pair.first(), pair.second()), 4) : "",
                        last ? Numbers.fixed(curve.criticalBackward(pair.first(), pair.second()), 5) : "",
                        last
                                ? Numbers.significant(
                                        curve.error(pair.first() + (double) pair.second()) / theory.first())
                                : "",
                        last ? (ridge.ridge() == 0 ? "0" : Numbers.significant(ridge.ridge())) : "");
            }
        }
        return table;
    }

    private static String ratio(Measured value, double unit) {
        return Numbers.significant(value.mean() / unit) + " ±" + Numbers.significant(value.error() / unit);
    }

    Table sequences() {
        Table table = new Table("tasks", "size", "n", "error", "bias", "variance", "regression", "regression/theory");
        sequences.forEach((name, sequence) -> {
            for (int t = 0; t < sequence.sizes.length; t++) {
                Measured measured = sequence.measured.get(t);
                table.row(
                        name,
                        sequence.sizes[t],
                        t + 1,
                        Numbers.significant(sequence.theory.error(t)),
                        Numbers.significant(sequence.theory.bias(t)),
                        Numbers.significant(sequence.theory.variance(t)),
                        Numbers.significant(measured.mean()),
                        ratio(measured, sequence.theory.error(t)));
            }
        });
        return table;
    }

    void write(RunDirectory directory, String command) throws IOException {
        try (CsvLog csv = directory.csv(
                TRANSFER_FILE,
                "first",
                "second",
                "similarity",
                "error_first",
                "error_second",
                "forward",
                "backward",
                "forward_regression",
                "forward_standard_error",
                "backward_regression",
                "backward_standard_error")) {
            for (Pair pair : pairs) {
                for (double rho : SIMILARITIES) {
                    LearningCurve.TwoTasks theory = pair.theory(rho);
                    csv.row(
                            pair.first(),
                            pair.second(),
                            rho,
                            theory.first(),
                            theory.second(),
                            theory.forward(),
                            theory.backward(),
                            pair.forward(rho).mean(),
                            pair.forward(rho).error(),
                            pair.backward(rho).mean(),
                            pair.backward(rho).error());
                }
            }
        }
        try (CsvLog csv =
                directory.csv(SEQUENCE_FILE, "tasks", "size", "n", "error", "bias", "regression", "standard_error")) {
            for (Map.Entry<String, Sequence> entry : sequences.entrySet()) {
                Sequence sequence = entry.getValue();
                for (int t = 0; t < sequence.sizes.length; t++) {
                    csv.row(
                            entry.getKey(),
                            sequence.sizes[t],
                            t + 1,
                            sequence.theory.error(t),
                            sequence.theory.bias(t),
                            sequence.measured.get(t).mean(),
                            sequence.measured.get(t).error());
                }
            }
        }
        directory.write(
                CHART_FILE,
                out -> Charts.writePng(
                        out,
                        "Tasks one after the other, ReLU network in " + dimension + " dimensions",
                        2,
                        List.of(
                                over("Task B after A", "error over that of B alone", true),
                                over("Task A after B", "error over that of A alone", false),
                                selfKnowledge(),
                                tasks())));
        Map<String, Object> report = new LinkedHashMap<>(Provenance.of(command));
        report.put("as_expected", isAsExpected());
        directory.write(REPORT_FILE, out -> Json.write(out, report));
    }

    private LinePlot over(String title, String label, boolean forward) {
        List<Series> series = new ArrayList<>();
        List<Double> fine = DoubleStream.iterate(0, rho -> rho + 0.02)
                .limit(51)
                .map(rho -> Math.min(1, rho))
                .boxed()
                .toList();
        for (int i = 0; i < 3; i++) {
            Pair pair = pairs.get(i);
            series.add(new Series(
                    pair.name() + ", theory",
                    i,
                    Series.Style.SOLID,
                    fine,
                    fine.stream()
                            .map(rho -> forward
                                    ? pair.theory(rho).forward()
                                            / pair.theory(rho).second()
                                    : pair.theory(rho).backward()
                                            / pair.theory(rho).first())
                            .toList()));
            series.add(new Series(
                    pair.name() + ", regression",
                    i,
                    Series.Style.MARKED,
                    SIMILARITIES,
                    SIMILARITIES.stream()
                            .map(rho -> forward
                                    ? pair.forward(rho).mean()
                                            / pair.theory(rho).second()
                                    : pair.backward(rho).mean()
                                            / pair.theory(rho).first())
                            .toList()));
        }
        series.add(one(0, 1));
        return new LinePlot(title, Axis.linear("similarity of the tasks ρ"), Axis.logarithmic(label), series);
    }

    private static Series one(double from, double to) {
        return new Series("1", 7, Series.Style.DASHED, List.of(from, to), List.of(1.0, 1.0));
    }

    private LinePlot selfKnowledge() {
        List<Series> series = new ArrayList<>();
        int color = 0;
        for (int first : List.of(100, 1000, 4000)) {
            List<Double> sizes = DoubleStream.iterate(first / 200.0, size -> size * 1.15)
                    .takeWhile(size -> size <= first)
                    .filter(size -> size >= 2)
                    .boxed()
                    .toList();
            series.add(new Series(
                    "same target, N_A = " + first,
                    color,
                    Series.Style.SOLID,
                    sizes.stream().map(size -> size / first).toList(),
                    sizes.stream()
                            .map(size -> curve.twoTasks(first, size, 1).forward() / curve.error(first))
                            .toList()));
            List<Double> fewer =
                    sizes.stream().filter(size -> sizes.indexOf(size) % 4 == 0).toList();
            series.add(new Series(
                    "the same with the best ridge",
                    color,
                    Series.Style.DASHED,
                    fewer.stream().map(size -> size / first).toList(),
                    fewer.stream()
                            .map(size -> curve.bestRidge(first, size).error() / curve.error(first))
                            .toList()));
            color++;
        }
        List<Pair> thousands =
                pairs.stream().filter(pair -> pair.first() == 1000).toList();
        if (!thousands.isEmpty()) {
            series.add(new Series(
                    "N_A = 1000, regression",
                    1,
                    Series.Style.MARKED,
                    thousands.stream()
                            .map(pair -> (double) pair.second() / pair.first())
                            .toList(),
                    thousands.stream()
                            .map(pair -> pair.forward(1).mean() / curve.error(pair.first()))
                            .toList()));
        }
        series.add(one(0.005, 1));
        return new LinePlot(
                "Self-knowledge: the same target from fresh samples",
                Axis.logarithmic("N_B/N_A"),
                Axis.linear("error after B over that after A"),
                series);
    }

    private LinePlot tasks() {
        List<Series> series = new ArrayList<>();
        List<Double> numbers = List.of(1.0, 2.0, 3.0, 4.0, 5.0);
        int color = 3;
        for (Map.Entry<String, Sequence> entry : sequences.entrySet()) {
            Sequence sequence = entry.getValue();
            String sizes = sequence.sizes[0] == sequence.sizes[1]
                    ? "all " + sequence.sizes[0]
                    : sequence.sizes[0] + " then " + sequence.sizes[1];
            series.add(theory("error, " + sizes, color, Series.Style.SOLID, sequence, numbers, false));
            series.add(theory("its bias", color, Series.Style.DASHED, sequence, numbers, true));
            series.add(new Series(
                    "regression, " + sizes,
                    color,
                    Series.Style.MARKED,
                    numbers,
                    sequence.measured.stream().map(Measured::mean).toList()));
            color++;
        }
        color = 0;
        for (int later : List.of(20, 50, 400)) {
            TaskErrors errors = curve.sequence(new double[] {4000, later, later, later, later}, 1);
            series.add(new Series(
                    "error, 4000 then " + later,
                    color++,
                    Series.Style.SOLID,
                    numbers,
                    IntStream.range(0, 5).mapToObj(errors::error).toList()));
        }
        return new LinePlot("Many tasks of the same target", Axis.linear("task"), Axis.logarithmic("error"), series);
    }

    private static Series theory(
            String name, int color, Series.Style style, Sequence sequence, List<Double> numbers, boolean bias) {
        return new Series(
                name,
                color,
                style,
                numbers,
                IntStream.range(0, numbers.size())
                        .mapToObj(t -> bias ? sequence.theory.bias(t) : sequence.theory.error(t))
                        .toList());
    }
}
