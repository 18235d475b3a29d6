package io.github.dl4jngd.cli.spectrum;

import io.github.dl4jngd.cli.report.Numbers;
import io.github.dl4jngd.cli.report.Progress;
import io.github.dl4jngd.cli.report.Table;
import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.spectral.FisherMatrix;
import io.github.dl4jngd.spectral.Spectrum;
import io.github.dl4jngd.spectral.SpectrumMeter;
import java.util.ArrayList;
import java.util.List;

/**
 * λ_max of each layer's own block, and of the whole matrix.
 *
 * @param rows one a layer, the whole matrix last
 */
record LayerSpectra(List<Row> rows) {

    static final String WHOLE = "all";

    /** The largest eigenvalue of one layer's block. */
    record Row(String layer, Spectrum spectrum) {}

    /** Measures block by block, so that the progress is seen. */
    static LayerSpectra of(LinearizedNetwork network, FisherMatrix matrix, Progress progress) {
        SpectrumMeter meter = SpectrumMeter.builder().build();
        List<Row> rows = new ArrayList<>();
        for (LayerDescription layer : network.trainableLayers()) {
            rows.add(new Row(layer.name(), meter.measure(matrix.layer(layer.name()))));
            progress.step(layer.name());
        }
        rows.add(new Row(WHOLE, meter.measure(matrix)));
        progress.step(WHOLE);
        return new LayerSpectra(rows);
    }

    Table table(String title) {
        Table table = new Table("layer", "parameters", title);
        for (Row row : rows) {
            table.row(
                    row.layer(),
                    row.spectrum().dimension(),
                    Numbers.significant(row.spectrum().lambdaMax())
                            + (row.spectrum().eigenvalues().converged() ? "" : " (not converged)"));
        }
        return table;
    }
}
