package io.github.dl4jngd.examples.spectrum;

import io.github.dl4jngd.examples.meanfield.Normalization;
import io.github.dl4jngd.examples.report.Progress;
import io.github.dl4jngd.examples.report.RunDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ngd spectrum}: eigenvalues of random networks beside mean-field theory. */
@Command(
        name = "spectrum",
        sortOptions = false,
        description = {
            "Eigenvalues of the Fisher information matrix of random networks beside mean-field theory.",
            "",
            "The matrix is that of regression, H = I, at standard normal inputs; inputs and hidden layers have one width.",
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
            "  ngd spectrum --width 100,200,400,800 --samples width"
        })
public final class Spectrum implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private SpectrumOptions options;

    /** Made by the command line. */
    public Spectrum() {}

    @Override
    public Integer call() throws IOException {
        options.check();
        ZonedDateTime started = ZonedDateTime.now(ZoneId.systemDefault());
        RandomNetworks networks = options.networks();
        RunDirectory directory = RunDirectory.open(
                options.out() != null ? options.out() : RunDirectory.defaultPath(spec.name(), started));
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
        String typed =
                String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
        report.write(directory, (spec.root().name() + " " + typed).strip());
        directory.files().forEach(file -> out.println("Wrote " + file));
        out.flush();
        return spec.exitCodeOnSuccess();
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
