package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.cli.report.CsvLog;
import io.github.dl4jngd.cli.report.Numbers;
import io.github.dl4jngd.cli.report.RunDirectory;
import java.io.IOException;

/** Measurements as rows of a CSV file. */
final class MeasurementLog implements AutoCloseable {

    static final String FILE = "training.csv";

    private final CsvLog csv;

    MeasurementLog(RunDirectory directory, Scoring scoring) throws IOException {
        csv = directory.csv(
                FILE,
                "method",
                "seed",
                "epoch",
                "step",
                "seconds",
                "train_loss",
                "train_" + scoring.key(),
                "test_loss",
                "test_" + scoring.key());
    }

    void add(Measurement measurement) throws IOException {
        csv.row(
                measurement.method(),
                measurement.seed(),
                measurement.epoch(),
                measurement.step(),
                Numbers.fixed(measurement.seconds(), 4),
                measurement.train().map(Score::loss).orElse(null),
                measurement.train().map(Score::fit).orElse(null),
                measurement.test().loss(),
                measurement.test().fit());
    }

    @Override
    public void close() throws IOException {
        csv.close();
    }
}
