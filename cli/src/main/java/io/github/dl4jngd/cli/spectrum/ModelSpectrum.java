package io.github.dl4jngd.cli.spectrum;

import io.github.dl4jngd.cli.report.CsvLog;
import io.github.dl4jngd.cli.report.Json;
import io.github.dl4jngd.cli.report.Numbers;
import io.github.dl4jngd.cli.report.Progress;
import io.github.dl4jngd.cli.report.Provenance;
import io.github.dl4jngd.cli.report.RunDirectory;
import io.github.dl4jngd.cli.report.Table;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.spectral.FisherMatrix;
import io.github.dl4jngd.spectral.Spectrum;
import io.github.dl4jngd.spectral.estimate.TraceEstimate;
import io.github.dl4jngd.spectral.internal.chart.Charts;
import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.internal.chart.Series;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The spectrum of a given network: tables, chart and files.
 *
 * @param title what the network is
 * @param spectrum of its Fisher information matrix, with trace and density
 * @param layers λ_max of each layer's block
 */
record ModelSpectrum(String title, Spectrum spectrum, LayerSpectra layers) {

    private static final int SHOWN = 20;
    private static final int BY_LANCZOS = 10;
    private static final int TRACE_PRODUCTS = 60;

    static ModelSpectrum of(String title, LinearizedNetwork network, INDArray images) {
        int steps = network.trainableLayers().size() + 2;
        try (Progress progress = Progress.of("spectrum", steps)) {
            FisherMatrix matrix = FisherMatrix.of(network).data(images).build();
            Spectrum spectrum = Eigenvalues.meterWithDensity(BY_LANCZOS)
                    .trace(TRACE_PRODUCTS)
                    .build()
                    .measure(matrix);
            progress.step("eigenvalues and trace");
            return new ModelSpectrum(title, spectrum, LayerSpectra.of(network, matrix, progress));
        }
    }

    /** The numbers that stand for the whole. */
    Table summary() {
        Table table = new Table("quantity", "value");
        boolean converged = spectrum.eigenvalues().converged();
        table.row("λ_max" + (converged ? "" : " (not converged)"), shown(spectrum.lambdaMax()));
        table.row("2/λ_max, the boundary of SGD's learning rate", shown(spectrum.boundary()));
        TraceEstimate trace = trace();
        boolean exact = trace.standardError() == 0;
        table.row("trace", shown(trace.value()) + (exact ? "" : " ± " + shown(trace.standardError())));
        table.row("mean eigenvalue", shown(trace.value() / spectrum.dimension()));
        table.row("λ_max over the mean", shown(spectrum.lambdaMax() * spectrum.dimension() / trace.value()));
        return table;
    }

    private TraceEstimate trace() {
        return spectrum.trace().orElseThrow();
    }

    private List<Double> largest() {
        List<Double> values = spectrum.eigenvalues().values();
        return values.subList(0, Math.min(SHOWN, values.size()));
    }

    Table top() {
        Table table = new Table("rank", "eigenvalue", "of the trace");
        List<Double> largest = largest();
        for (int i = 0; i < largest.size(); i++) {
            double value = largest.get(i);
            table.row(i + 1, shown(value), Numbers.percent(value / trace().value()));
        }
        return table;
    }

    private static String shown(double value) {
        return Numbers.significant(value);
    }

    void write(RunDirectory directory, String command, String images) throws IOException {
        try (CsvLog csv = directory.csv(SpectrumReport.CSV_FILE, "block", "parameters", "rank", "eigenvalue")) {
            List<Double> largest = largest();
            for (int i = 0; i < largest.size(); i++) {
                csv.row(LayerSpectra.WHOLE, spectrum.dimension(), i + 1, largest.get(i));
            }
            for (LayerSpectra.Row row : layers.rows()) {
                if (!row.layer().equals(LayerSpectra.WHOLE)) {
                    csv.row(
                            row.layer(),
                            row.spectrum().dimension(),
                            1,
                            row.spectrum().lambdaMax());
                }
            }
        }
        directory.write(SpectrumReport.CHART_FILE, out -> Charts.writePng(out, title, 2, plots()));
        Map<String, Object> report = new LinkedHashMap<>(Provenance.of(command));
        report.put("model", title);
        report.put("data", images);
        report.put("matrix", spectrum.matrix());
        report.put("lambda_max", spectrum.lambdaMax());
        report.put("converged", spectrum.eigenvalues().converged());
        report.put("boundary", spectrum.boundary());
        report.put("trace", trace().value());
        report.put("trace_standard_error", trace().standardError());
        report.put("eigenvalues", largest());
        report.put("layers", layers.rows().stream().map(ModelSpectrum::json).toList());
        directory.write(SpectrumReport.REPORT_FILE, out -> Json.write(out, report));
    }

    private static Map<String, Object> json(LayerSpectra.Row row) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("layer", row.layer());
        values.put("parameters", row.spectrum().dimension());
        values.put("lambda_max", row.spectrum().lambdaMax());
        values.put("converged", row.spectrum().eigenvalues().converged());
        return values;
    }

    private List<LinePlot> plots() {
        List<LinePlot> plots = new ArrayList<>();
        plots.add(new LinePlot(
                "largest eigenvalues",
                LinePlot.Axis.linear("rank"),
                LinePlot.Axis.logarithmic("eigenvalue"),
                List.of(ranked("eigenvalues", 0, largest()))));
        plots.add(new LinePlot(
                "λ_max of each layer's block, input first",
                LinePlot.Axis.linear("layer"),
                LinePlot.Axis.logarithmic("λ_max"),
                List.of(ranked(
                        "layers",
                        1,
                        layers.rows().subList(0, layers.rows().size() - 1).stream()
                                .map(row -> row.spectrum().lambdaMax())
                                .toList()))));
        plots.add(Eigenvalues.density(spectrum, "", "eigenvalues", 0));
        return plots;
    }

    private static Series ranked(String label, int color, List<Double> values) {
        return new Series(
                label,
                color,
                Series.Style.MARKED,
                IntStream.rangeClosed(1, values.size())
                        .mapToObj(i -> (double) i)
                        .toList(),
                values);
    }
}
