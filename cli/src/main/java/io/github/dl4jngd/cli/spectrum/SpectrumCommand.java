package io.github.dl4jngd.cli.spectrum;

import io.github.dl4jngd.cli.data.ImageSource;
import io.github.dl4jngd.cli.meanfield.Normalization;
import io.github.dl4jngd.cli.report.Progress;
import io.github.dl4jngd.cli.report.RunDirectory;
import io.github.dl4jngd.cli.report.Table;
import io.github.dl4jngd.cli.spark.Cluster;
import io.github.dl4jngd.datasets.ImageDataSetIterator;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.LoadedDataset;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.nd4j.linalg.dataset.DataSet;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ngd spectrum}: eigenvalues of random networks beside mean-field theory, or of a given network. */
@Command(
        name = "spectrum",
        sortOptions = false,
        description = {
            "Eigenvalues of the Fisher information matrix: of random networks beside mean-field theory, or with --model",
            "of your own, random or trained, at real images: the largest, the boundary 2/lambda_max of the learning rate,",
            "the density, and lambda_max of every layer.",
            "",
            "Of random networks the matrix is that of regression, H = I, at standard normal inputs; inputs and hidden layers have one width.",
            "With several widths: how lambda_max grows, and which normalisation keeps it from growing",
            "(Karakida, Akaho & Amari, AISTATS 2019 and NeurIPS 2019).",
            "Prints tables and writes spectrum.csv, spectrum.png and run.json.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  ngd spectrum --quick",
            "  ngd spectrum --activation tanh --weight-variance 3 --bias-variance 0.64 --width 800 --layers 3 --samples 100",
            "  ngd spectrum --activation relu --weight-variance 2 --bias-variance 0 --outputs 5",
            "  ngd spectrum --width 100,200,400,800 --samples width",
            "  ngd train cifar-resnet --quick --out out/resnet",
            "  ngd spectrum --model out/resnet/model-initial.zip",
            "  ngd spectrum --model out/resnet/model-adam.zip"
        })
public final class SpectrumCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    private final Function<ImageDataset, ImageSource> images;

    @Mixin
    private SpectrumOptions options;

    @ArgGroup(exclusive = false, heading = "%nOf a network of your own, instead of random ones:%n")
    private ModelOptions model;

    /** Of real images where they can be had. */
    public SpectrumCommand() {
        this(ImageSource::of);
    }

    SpectrumCommand(Function<ImageDataset, ImageSource> images) {
        this.images = images;
    }

    @Override
    public Integer call() throws IOException {
        options.check();
        if (model == null) {
            ofRandomNetworks();
        } else {
            ofModel();
        }
        return spec.exitCodeOnSuccess();
    }

    private RunDirectory directory() throws IOException {
        ZonedDateTime started = ZonedDateTime.now(ZoneId.systemDefault());
        return RunDirectory.open(
                options.out() != null ? options.out() : RunDirectory.defaultPath(spec.name(), started));
    }

    private String command() {
        String typed =
                String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
        return (spec.root().name() + " " + typed).strip();
    }

    private void ofModel() throws IOException {
        for (String option : ModelOptions.CONTRADICTED) {
            if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
                throw new ParameterException(
                        spec.commandLine(), option + " is of random networks and says nothing of a given one");
            }
        }
        if (model.spark() != null && Cluster.provider().isEmpty()) {
            throw new ParameterException(spec.commandLine(), "Invalid value for option '--spark': " + Cluster.MISSING);
        }
        ModelFile file = ModelFile.read(model.file());
        ImageDataset dataset = model.dataset(file);
        LoadedDataset loaded = images.apply(dataset).load(model.data(), options.seed());
        int samples = Math.min(options.images(), loaded.train().count());
        PrintWriter out = spec.commandLine().getOut();
        out.println("Network: " + file.description());
        out.println("Data:    " + loaded.origin());
        out.println("         the first " + samples + " training images, " + file.form());
        out.flush();
        DataSet taken = ImageDataSetIterator.builder(loaded.train())
                .limit(samples)
                .batchSize(samples)
                .layout(file.layout())
                .normalization(file.normalization())
                .normalizationFrom(loaded.train())
                .dataType(file.network().parameters().dataType())
                .build()
                .all();
        RunDirectory directory = directory();
        String title = model.file().getFileName() + ": " + file.description();
        if (model.spark() != null) {
            onCluster(file, title, taken, loaded, directory);
            return;
        }
        ModelSpectrum report = ModelSpectrum.of(title, file.network(), taken.getFeatures());
        out.println("Matrix:  " + report.spectrum().matrix());
        for (Table table :
                List.of(report.summary(), report.top(), report.layers().table("λ_max of its block"))) {
            out.println();
            out.println(table);
        }
        out.println();
        report.write(directory, command(), loaded.origin());
        directory.files().forEach(written -> out.println("Wrote " + written));
        out.flush();
    }

    private void onCluster(ModelFile file, String title, DataSet taken, LoadedDataset loaded, RunDirectory directory)
            throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        try (Cluster cluster = Cluster.provider().orElseThrow().connect(model.spark(), model.sparkFolder())) {
            out.println(cluster.description());
            out.flush();
            ClusterSpectrum report =
                    ClusterSpectrum.of(title, cluster.fisher(file.model(), taken), taken.numExamples(), options.seed());
            out.println();
            out.println(report.table());
            out.println();
            report.write(directory, command(), loaded.origin(), cluster.description());
            directory.files().forEach(written -> out.println("Wrote " + written));
            out.flush();
        }
    }

    private void ofRandomNetworks() throws IOException {
        RandomNetworks networks = options.networks();
        RunDirectory directory = directory();
        PrintWriter out = spec.commandLine().getOut();
        out.println("Network: " + networks.description());
        out.println("Matrix:  true Fisher, H = I; means over " + options.seeds() + " networks");
        out.flush();
        SpectrumReport report = new SpectrumReport(networks, measure(networks));
        out.println();
        out.println(report.table());
        report.slopes().forEach(out::println);
        report.notes().forEach(out::println);
        out.println();
        out.println(report.layers(options.seed()));
        out.println();
        report.write(directory, command());
        directory.files().forEach(file -> out.println("Wrote " + file));
        out.flush();
    }

    private List<Summary> measure(RandomNetworks networks) {
        List<Summary> summaries = new ArrayList<>();
        List<Integer> widths = options.widths();
        List<Normalization> normalizations = options.normalizations();
        int total = widths.size() * normalizations.size() * options.seeds();
        try (Progress progress = Progress.of("spectra", total)) {
            for (Normalization normalization : normalizations) {
                for (int width : widths) {
                    List<Measurement> measurements = new ArrayList<>();
                    for (int i = 0; i < options.seeds(); i++) {
                        measurements.add(Measurement.of(
                                networks, width, options.samples(width), normalization, options.seed() + i));
                        progress.step();
                    }
                    summaries.add(new Summary(measurements));
                }
            }
        }
        return summaries;
    }
}
