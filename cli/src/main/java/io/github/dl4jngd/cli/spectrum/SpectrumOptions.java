package io.github.dl4jngd.cli.spectrum;

import io.github.dl4jngd.cli.meanfield.InitializationOptions;
import io.github.dl4jngd.cli.meanfield.Normalization;
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

    @Mixin
    private InitializationOptions initialization;

    @Option(
            names = "--width",
            split = ",",
            paramLabel = "N",
            defaultValue = "400",
            description = "Inputs and hidden units; several for lambda_max over width. Default: ${DEFAULT-VALUE}.")
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
            description = "Random networks to average over. Default: ${DEFAULT-VALUE}.")
    private int seeds;

    @Option(names = "--quick", description = "Two networks instead of five, widths no larger than 200.")
    private boolean quick;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "Folder for the results; files of an earlier run there are replaced. Default: a new one under out.")
    private Path out;

    /** Checks what picocli cannot. */
    void check() {
        initialization.check();
        initialization.atLeast(1, seeds, "--seeds");
        initialization.atLeast(1, outputs, "--outputs");
        widths.forEach(width -> initialization.atLeast(1, width, "--width"));
        normalizations();
        samples(1);
    }

    RandomNetworks networks() {
        return new RandomNetworks(initialization.initialization(), initialization.layers(), outputs);
    }

    List<Integer> widths() {
        return new LinkedHashSet<>(widths)
                .stream()
                        .map(width -> quick ? Math.min(width, 200) : width)
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
            initialization.atLeast(1, count, "--samples");
            return count;
        } catch (NumberFormatException e) {
            throw initialization.wrong("--samples", "expected a number or '" + WIDTH + "', found '" + samples + "'");
        }
    }

    /** How many training images a given network sees. */
    int images() {
        if (samples.strip().equalsIgnoreCase(WIDTH)) {
            throw initialization.wrong("--samples", "expected a number with --model");
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
        throw initialization.wrong(
                "--normalization",
                "'" + name + "' is none of "
                        + String.join(
                                ", ",
                                List.of(Normalization.values()).stream()
                                        .map(Normalization::toString)
                                        .toList()));
    }

    int seeds() {
        return quick ? Math.min(2, seeds) : seeds;
    }

    long seed() {
        return initialization.seed();
    }

    Path out() {
        return out;
    }
}
