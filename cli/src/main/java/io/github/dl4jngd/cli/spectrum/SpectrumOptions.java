package io.github.dl4jngd.cli.spectrum;

import io.github.dl4jngd.cli.data.Precision;
import io.github.dl4jngd.cli.meanfield.InitializationOptions;
import io.github.dl4jngd.cli.meanfield.Normalization;
import io.github.dl4jngd.cli.options.RunOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code ngd spectrum}. */
final class SpectrumOptions {

    /** As many samples as units. */
    private static final String WIDTH = "width";

    private static final int QUICK_WIDTH = 200;
    private static final int QUICK_SEEDS = 2;

    @Mixin
    private InitializationOptions initialization;

    @Option(
            names = "--width",
            split = ",",
            paramLabel = "N",
            defaultValue = "400",
            description = {
                "Inputs and hidden units; several for lambda_max over width. Default: ${DEFAULT-VALUE}.",
                "With --quick no larger than " + QUICK_WIDTH + "."
            })
    private List<Integer> widths = new ArrayList<>();

    @Option(
            names = "--outputs",
            paramLabel = "C",
            defaultValue = "1",
            description = "Outputs. Default: ${DEFAULT-VALUE}.")
    private int outputs;

    @Option(
            names = "--samples",
            paramLabel = "N|width",
            defaultValue = "100",
            description =
                    "Standard normal inputs, or as many as units; of a model training images. Default: ${DEFAULT-VALUE}.")
    private String samples;

    @Option(
            names = "--normalization",
            split = ",",
            paramLabel = "NAME",
            description = {
                "none, mean-subtraction (in the last layer), layer-norm, batch-norm (in hidden layers).",
                "Default: none, and with several widths all of them."
            })
    private List<String> normalizations = new ArrayList<>();

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "5",
            description = "Random networks to average over. Default: ${DEFAULT-VALUE}, with --quick at most "
                    + QUICK_SEEDS + ".")
    private int seeds;

    @Mixin
    private RunOptions run = new RunOptions(Precision.DOUBLE);

    /** Checks what picocli cannot. */
    void check() {
        initialization.check(run);
        run.atLeast(1, seeds, "--seeds");
        run.atLeast(1, outputs, "--outputs");
        widths.forEach(width -> run.atLeast(1, width, "--width"));
        normalizations();
        samples(1);
    }

    RandomNetworks networks() {
        return new RandomNetworks(initialization.initialization(run.dataType()), initialization.layers(), outputs);
    }

    List<Integer> widths() {
        return new LinkedHashSet<>(widths)
                .stream()
                        .map(width -> run.quick() ? Math.min(width, QUICK_WIDTH) : width)
                        .distinct()
                        .sorted()
                        .toList();
    }

    int samples(int width) {
        if (samples.strip().equalsIgnoreCase(WIDTH)) {
            return width;
        }
        try {
            int count = Integer.parseInt(samples.strip());
            run.atLeast(1, count, "--samples");
            return count;
        } catch (NumberFormatException e) {
            throw run.wrong("--samples", "expected a number or '" + WIDTH + "', found '" + samples + "'");
        }
    }

    /** How many training images a given network sees. */
    int images() {
        if (samples.strip().equalsIgnoreCase(WIDTH)) {
            throw run.wrong("--samples", "expected a number with --model");
        }
        return samples(1);
    }

    List<Normalization> normalizations() {
        if (normalizations.isEmpty()) {
            return widths().size() > 1 ? List.of(Normalization.values()) : List.of(Normalization.NONE);
        }
        return new LinkedHashSet<>(normalizations)
                .stream().map(this::normalization).toList();
    }

    private Normalization normalization(String name) {
        for (Normalization normalization : Normalization.values()) {
            if (normalization.toString().equalsIgnoreCase(name.strip())) {
                return normalization;
            }
        }
        throw run.wrong(
                "--normalization",
                "'" + name + "' is none of "
                        + String.join(
                                ", ",
                                List.of(Normalization.values()).stream()
                                        .map(Normalization::toString)
                                        .toList()));
    }

    int seeds() {
        return run.quick() ? Math.min(QUICK_SEEDS, seeds) : seeds;
    }

    long seed() {
        return run.seed();
    }

    Path out() {
        return run.out();
    }
}
