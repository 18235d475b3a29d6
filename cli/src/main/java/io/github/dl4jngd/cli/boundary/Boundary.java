package io.github.dl4jngd.cli.boundary;

import io.github.dl4jngd.cli.data.ImageSource;
import io.github.dl4jngd.cli.report.Progress;
import io.github.dl4jngd.cli.report.RunDirectory;
import io.github.dl4jngd.datasets.ImageDataSetIterator;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.LabelledImages;
import io.github.dl4jngd.datasets.LoadedDataset;
import io.github.dl4jngd.datasets.Normalization;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ngd boundary}: learning rates on both sides of 2/λ_max, over widths. */
@Command(
        name = "boundary",
        sortOptions = false,
        description = {
            "Where gradient descent stops converging: learning rate and width beside 2/lambda_max, on MNIST.",
            "",
            "Random networks with linear outputs, one-hot targets, Deeplearning4j's L2 loss; images are standardised.",
            "First ten full-batch steps from 0.5 to 4 times 1/lambda_max, lambda_max measured at the start, towards targets near",
            "the network's own outputs: the loss must fall up to 1.8/lambda_max and rise from 2.3/lambda_max on, else the exit",
            "status is 1. The same towards the real targets, where a network beyond the boundary may find flatter ground.",
            "Then the training loss after one epoch of SGD as a heat map, with the boundaries as measured and as mean-field",
            "theory has them (Karakida, Akaho & Amari, AISTATS 2019).",
            "Prints tables and writes boundary.csv, descent.csv, boundary.png and run.json.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  ngd boundary --quick",
            "  ngd boundary --activation relu",
            "  ngd boundary --width 100,300,1000 --layers 4 --images 60000"
        })
public final class Boundary implements Callable<Integer> {

    private static final List<Double> FACTORS = List.of(0.5, 1.0, Descent.STABLE, Descent.UNSTABLE, 3.0, 4.0);
    /** The heat map's learning rates, in units of the smallest and the largest boundary. */
    private static final double BELOW = 0.1;

    private static final double ABOVE = 20;

    private final ImageSource images;

    @Spec
    private CommandSpec spec;

    @Mixin
    private BoundaryOptions options;

    /** The command on MNIST. */
    public Boundary() {
        this(ImageSource.of(ImageDataset.MNIST));
    }

    Boundary(ImageSource images) {
        this.images = images;
    }

    @Override
    public Integer call() throws IOException {
        options.check();
        ZonedDateTime started = ZonedDateTime.now(ZoneId.systemDefault());
        PrintWriter out = spec.commandLine().getOut();
        LoadedDataset loaded = images.load(options.data(), options.run().seed());
        RunDirectory directory = options.run().directory(started);
        Experiment experiment = new Experiment(
                options.initialization(), options.layers(), options.run().seed(), probe(loaded.train()));
        out.println("Data:    " + loaded.origin());
        out.println("Network: " + experiment.layers() + " layers, " + experiment.initialization()
                + ", linear outputs, L2 (H = 2I)");
        out.println("λ_max:   at " + experiment.probe().numExamples() + " training images; an epoch has "
                + Math.min(options.images(), loaded.train().count()) + " in minibatches of " + options.batch());
        out.flush();
        BoundaryReport report = measure(experiment, loaded.train());
        out.println();
        out.println(
                "Ten full-batch steps towards targets near the first outputs, f + (y - f)/1000: loss after over before");
        out.println(report.descents(Descent.Targets.NEAR));
        out.println();
        out.println("Ten full-batch steps towards the real targets: loss after over before");
        out.println(report.descents(Descent.Targets.REAL));
        out.println();
        out.println("One epoch of SGD");
        out.println(report.epochs());
        out.println();
        report.write(directory, options.run().typed(), loaded);
        directory.files().forEach(file -> out.println("Wrote " + file));
        out.flush();
        return report.isAsExpected() ? spec.exitCodeOnSuccess() : spec.exitCodeOnExecutionException();
    }

    private DataSet probe(LabelledImages train) {
        return builder(train)
                .limit(Math.min(options.samples(), train.count()))
                .batchSize(options.samples())
                .build()
                .all();
    }

    private ImageDataSetIterator.Builder builder(LabelledImages train) {
        return ImageDataSetIterator.builder(train)
                .normalization(Normalization.STANDARDIZE)
                .normalizationFrom(train)
                .dataType(options.run().dataType());
    }

    private BoundaryReport measure(Experiment experiment, LabelledImages train) {
        List<Sharpness> sharpnesses = new ArrayList<>();
        List<Descent> descents = new ArrayList<>();
        List<Epoch> epochs = new ArrayList<>();
        List<Integer> widths = options.widths();
        DataSetIterator minibatches = builder(train)
                .limit(Math.min(options.images(), train.count()))
                .batchSize(options.batch())
                .shuffle(options.run().seed())
                .build();
        try (Progress progress = Progress.of(
                "boundary",
                (long) widths.size() * (1 + Descent.Targets.values().length * FACTORS.size() + options.rates()))) {
            for (int width : widths) {
                sharpnesses.add(experiment.sharpness(width));
                progress.step();
            }
            List<Double> rates = rates(sharpnesses);
            for (Sharpness sharpness : sharpnesses) {
                for (Descent.Targets targets : Descent.Targets.values()) {
                    for (double factor : FACTORS) {
                        descents.add(experiment.descent(sharpness, targets, factor));
                        progress.step("width " + sharpness.width());
                    }
                }
                for (double rate : rates) {
                    epochs.add(experiment.epoch(sharpness, rate, minibatches));
                    progress.step("width " + sharpness.width());
                }
            }
        }
        return new BoundaryReport(experiment, descents, epochs);
    }

    private List<Double> rates(List<Sharpness> sharpnesses) {
        double low = BELOW
                * sharpnesses.stream().mapToDouble(Sharpness::boundary).min().orElseThrow();
        double high = ABOVE
                * sharpnesses.stream().mapToDouble(Sharpness::boundary).max().orElseThrow();
        List<Double> rates = new ArrayList<>();
        for (int i = 0; i < options.rates(); i++) {
            rates.add(low * Math.pow(high / low, (double) i / (options.rates() - 1)));
        }
        return rates;
    }
}
