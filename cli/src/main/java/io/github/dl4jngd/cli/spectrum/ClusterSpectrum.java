package io.github.dl4jngd.cli.spectrum;

import io.github.dl4jngd.cli.report.Json;
import io.github.dl4jngd.cli.report.Numbers;
import io.github.dl4jngd.cli.report.Provenance;
import io.github.dl4jngd.cli.report.RunDirectory;
import io.github.dl4jngd.cli.report.Table;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import io.github.dl4jngd.spectral.estimate.LargestEigenvalue;
import io.github.dl4jngd.spectral.estimate.PowerIteration;
import io.github.dl4jngd.spectral.estimate.Trace;
import io.github.dl4jngd.spectral.estimate.TraceEstimate;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a cluster measures of a given network at many images: numbers that few products with F give.
 *
 * @param title what the network is
 * @param samples the number of images
 * @param largest λ_max
 * @param trace of F
 * @param seconds what both took
 */
record ClusterSpectrum(String title, int samples, LargestEigenvalue largest, TraceEstimate trace, double seconds) {

    private static final int TRACE_PRODUCTS = 10;

    static ClusterSpectrum of(String title, SymmetricOperator fisher, int samples, long seed) {
        long start = System.nanoTime();
        LargestEigenvalue largest = PowerIteration.defaults().estimate(fisher);
        TraceEstimate trace = Trace.hutchinson(fisher, TRACE_PRODUCTS, seed);
        return new ClusterSpectrum(title, samples, largest, trace, (System.nanoTime() - start) / 1e9);
    }

    Table table() {
        Table table = new Table("quantity", "value");
        table.row("λ_max" + (largest.converged() ? "" : " (not converged)"), Numbers.significant(largest.value()));
        table.row("2/λ_max, the boundary of SGD's learning rate", Numbers.significant(2 / largest.value()));
        table.row("trace", Numbers.significant(trace.value()) + " ± " + Numbers.significant(trace.standardError()));
        table.row("seconds", Numbers.significant(seconds));
        return table;
    }

    void write(RunDirectory directory, String command, String images, String executors) throws IOException {
        Map<String, Object> report = new LinkedHashMap<>(Provenance.of(command));
        report.put("model", title);
        report.put("data", images);
        report.put("samples", samples);
        report.put("executors", executors);
        report.put("lambda_max", largest.value());
        report.put("converged", largest.converged());
        report.put("boundary", 2 / largest.value());
        report.put("trace", trace.value());
        report.put("trace_standard_error", trace.standardError());
        report.put("seconds", seconds);
        directory.write(SpectrumReport.REPORT_FILE, out -> Json.write(out, report));
    }
}
