package io.github.dl4jngd.cli.spectrum;

import io.github.dl4jngd.cli.report.Numbers;
import io.github.dl4jngd.cli.report.Progress;
import io.github.dl4jngd.cli.report.Table;
import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.spectral.FisherMatrix;
import io.github.dl4jngd.spectral.estimate.LargestEigenvalue;
import io.github.dl4jngd.spectral.estimate.Lobpcg;
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
    record Row(String layer, long parameters, LargestEigenvalue largest) {}

    static LayerSpectra of(LinearizedNetwork network, FisherMatrix matrix, Progress progress) {
        List<Row> rows = new ArrayList<>();
        for (LayerDescription layer : network.trainableLayers()) {
            rows.add(row(layer.name(), matrix.layer(layer.name())));
            progress.step(layer.name());
        }
        rows.add(row(WHOLE, matrix));
        progress.step(WHOLE);
        return new LayerSpectra(rows);
    }

    private static Row row(String name, FisherMatrix block) {
        return new Row(name, block.dimension(), Lobpcg.defaults().estimate(block));
    }

    Table table(String title) {
        Table table = new Table("layer", "parameters", title);
        for (Row row : rows) {
            table.row(
                    row.layer(),
                    row.parameters(),
                    Numbers.significant(row.largest().value()) + (row.largest().converged() ? "" : " (not converged)"));
        }
        return table;
    }
}
