package io.github.dl4jngd.cli.spectrum;

import io.github.dl4jngd.cli.meanfield.Normalization;
import io.github.dl4jngd.cli.report.CsvLog;
import io.github.dl4jngd.cli.report.Json;
import io.github.dl4jngd.cli.report.Numbers;
import io.github.dl4jngd.cli.report.Progress;
import io.github.dl4jngd.cli.report.Provenance;
import io.github.dl4jngd.cli.report.RunDirectory;
import io.github.dl4jngd.cli.report.Table;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.spectral.FisherMatrix;
import io.github.dl4jngd.spectral.internal.chart.Charts;
import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.internal.chart.Series;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** Tables, chart and files of {@code ngd spectrum}. */
final class SpectrumReport {

    static final String CSV_FILE = "spectrum.csv";
    static final String CHART_FILE = "spectrum.png";
    static final String REPORT_FILE = "run.json";

    private static final int THEORY_COLOR = 0;

    private final RandomNetworks networks;
    private final List<Summary> summaries;

    SpectrumReport(RandomNetworks networks, List<Summary> summaries) {
        this.networks = networks;
        this.summaries = List.copyOf(summaries);
    }

    /** One line a width and normalisation. */
    Table table() {
        boolean several = networks.outputs() > 1;
        List<String> header = new ArrayList<>(List.of("normalisation", "width", "samples", "λ_max", "±"));
        if (several) {
            header.add("mean of the " + networks.outputs() + " largest");
        }
        header.addAll(List.of("theory", "measured/theory", "2/λ_max", "next eigenvalue"));
        Table table = new Table(header.toArray(new String[0]));
        for (Summary summary : summaries) {
            boolean predicted = summary.normalization() == Normalization.NONE;
            double outliers = summary.mean(Measurement::outliers);
            List<Object> cells = new ArrayList<>(List.of(
                    summary.normalization(),
                    summary.width(),
                    summary.samples(),
                    Numbers.significant(summary.mean(Measurement::largest)),
                    Numbers.significant(summary.deviation(Measurement::largest))));
            if (several) {
                cells.add(Numbers.significant(outliers));
            }
            cells.addAll(List.of(
                    predicted ? Numbers.significant(summary.predicted()) : "-",
                    predicted ? Numbers.fixed(outliers / summary.predicted(), 3) : "-",
                    Numbers.significant(2 / summary.mean(Measurement::largest)),
                    Numbers.significant(summary.mean(Measurement::next))));
            table.row(cells.toArray());
        }
        return table;
    }

    private List<Normalization> normalizations() {
        return summaries.stream().map(Summary::normalization).distinct().toList();
    }

    private List<Summary> of(Normalization normalization) {
        return summaries.stream()
                .filter(summary -> summary.normalization() == normalization)
                .toList();
    }

    private boolean overWidths() {
        return summaries.stream().map(Summary::width).distinct().count() > 1;
    }

    /** How λ_max grows, one line a normalisation. */
    List<String> slopes() {
        if (!overWidths()) {
            return List.of();
        }
        return normalizations().stream()
                .map(normalization -> String.format(
                        Locale.ROOT,
                        "%s: λ_max grows as width^%.2f",
                        normalization.description(),
                        Summary.slope(of(normalization))))
                .toList();
    }

    private Summary last() {
        List<Summary> first = of(normalizations().get(0));
        return first.get(first.size() - 1);
    }

    /** The matrix of one network of the largest width. */
    private FisherMatrix fisher(long seed) {
        Summary last = last();
        return Measurement.fisher(
                networks.network(last.width(), last.normalization(), seed),
                networks.inputs(last.width(), last.samples(), seed),
                last.normalization());
    }

    /** λ_max of each layer's own block, for one network of the largest width. */
    Table layers(long seed) {
        Summary last = last();
        LinearizedNetwork compiled = LinearizedNetwork.of(networks.network(last.width(), last.normalization(), seed));
        try (Progress progress = Progress.of("layers", networks.layers() + 1)) {
            return LayerSpectra.of(compiled, fisher(seed), progress).table("λ_max of its block, width " + last.width());
        }
    }

    /** What a reader must know of numbers in the table, or an empty list. */
    List<String> notes() {
        return summaries.stream()
                .filter(summary -> !summary.converged())
                .map(summary -> "Not converged: eigenvalues of " + summary.normalization() + ", width "
                        + summary.width() + "; the true ones may be larger")
                .toList();
    }

    void write(RunDirectory directory, String command) throws IOException {
        try (CsvLog csv = directory.csv(
                CSV_FILE,
                "normalization",
                "width",
                "samples",
                "seed",
                "rank",
                "eigenvalue",
                "theory_mean_of_outliers")) {
            for (Summary summary : summaries) {
                for (Measurement measurement : summary.measurements()) {
                    for (int i = 0; i < measurement.top().size(); i++) {
                        csv.row(
                                measurement.normalization(),
                                measurement.width(),
                                measurement.samples(),
                                measurement.seed(),
                                i + 1,
                                measurement.top().get(i),
                                measurement.normalization() == Normalization.NONE
                                        ? measurement.theory().largestEigenvalue()
                                        : null);
                    }
                }
            }
        }
        directory.write(CHART_FILE, out -> Charts.writePng(out, networks.description(), 2, plots()));
        Map<String, Object> report = new LinkedHashMap<>(Provenance.of(command));
        report.put("networks", networks.description());
        report.put("results", summaries.stream().map(SpectrumReport::json).toList());
        directory.write(REPORT_FILE, out -> Json.write(out, report));
    }

    private static Map<String, Object> json(Summary summary) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("normalization", summary.normalization().toString());
        values.put("width", summary.width());
        values.put("samples", summary.samples());
        values.put("networks", summary.measurements().size());
        values.put("lambda_max", summary.mean(Measurement::largest));
        values.put("lambda_max_deviation", summary.deviation(Measurement::largest));
        values.put("mean_of_outliers", summary.mean(Measurement::outliers));
        values.put("next_eigenvalue", summary.mean(Measurement::next));
        if (summary.normalization() == Normalization.NONE) {
            values.put("theory_mean_of_outliers", summary.predicted());
            values.put("trace", summary.mean(Measurement::trace));
            values.put(
                    "theory_trace",
                    summary.mean(measurement -> measurement.theory().trace()));
        }
        return values;
    }

    private List<LinePlot> plots() {
        List<LinePlot> plots = new ArrayList<>();
        if (overWidths()) {
            plots.add(new LinePlot(
                    "λ_max over width",
                    LinePlot.Axis.logarithmic("width"),
                    LinePlot.Axis.logarithmic("λ_max"),
                    overWidthSeries()));
        }
        List<Series> ranked = new ArrayList<>();
        for (Normalization normalization : normalizations()) {
            List<Summary> own = of(normalization);
            List<Double> values = own.get(own.size() - 1).ranked();
            ranked.add(new Series(
                    normalization.toString(),
                    color(normalization),
                    Series.Style.MARKED,
                    IntStream.rangeClosed(1, values.size())
                            .mapToObj(i -> (double) i)
                            .toList(),
                    values));
        }
        plots.add(new LinePlot(
                "largest eigenvalues, width " + last().width(),
                LinePlot.Axis.linear("rank"),
                LinePlot.Axis.logarithmic("eigenvalue"),
                ranked));
        Measurement first = last().measurements().get(0);
        plots.add(Eigenvalues.density(
                first.spectrum().eigenvalues().complete()
                        ? first.spectrum()
                        : Measurement.withDensity(fisher(first.seed()), networks.outputs()),
                ", width " + last().width(),
                last().normalization().toString(),
                color(last().normalization())));
        return plots;
    }

    private static int color(Normalization normalization) {
        return List.of(Normalization.values()).indexOf(normalization) + 1;
    }

    private List<Series> overWidthSeries() {
        List<Series> series = new ArrayList<>();
        for (Normalization normalization : normalizations()) {
            List<Summary> own = of(normalization);
            List<Double> widths =
                    own.stream().map(summary -> (double) summary.width()).toList();
            series.add(new Series(
                    normalization.toString(),
                    color(normalization),
                    Series.Style.MARKED,
                    widths,
                    own.stream()
                            .map(summary -> summary.mean(Measurement::largest))
                            .toList()));
            if (normalization == Normalization.NONE) {
                series.add(new Series(
                        "theory",
                        THEORY_COLOR,
                        Series.Style.DASHED,
                        widths,
                        own.stream().map(Summary::predicted).toList()));
            }
        }
        return series;
    }
}
