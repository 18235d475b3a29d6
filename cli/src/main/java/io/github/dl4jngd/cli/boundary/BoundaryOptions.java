package io.github.dl4jngd.cli.boundary;

import io.github.dl4jngd.cli.meanfield.InitializationOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code ngd boundary}. Where an option was not given, its field is null. */
final class BoundaryOptions {

    private static final List<Integer> WIDTHS = List.of(50, 100, 200, 400, 800);
    private static final List<Integer> QUICK_WIDTHS = List.of(50, 100, 200);
    private static final int SAMPLES = 500;
    private static final int QUICK_SAMPLES = 100;
    private static final int IMAGES = 10_000;
    private static final int QUICK_IMAGES = 1000;
    private static final int RATES = 24;
    private static final int QUICK_RATES = 12;

    @Mixin
    private InitializationOptions initialization;

    @Option(
            names = "--width",
            split = ",",
            paramLabel = "N",
            description = "Widths of the hidden layers. Default: 50,100,200,400,800, with --quick 50,100,200.")
    private List<Integer> widths = new ArrayList<>();

    @Option(
            names = "--samples",
            paramLabel = "N",
            description = "Training images at which lambda_max is measured and full-batch steps are made. Default: "
                    + SAMPLES + ", with --quick " + QUICK_SAMPLES + ".")
    private Integer samples;

    @Option(
            names = "--images",
            paramLabel = "N",
            description = "Training images of the epoch. Default: " + IMAGES + ", with --quick " + QUICK_IMAGES + ".")
    private Integer images;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "100",
            description = "Images per minibatch of the epoch. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(
            names = "--rates",
            paramLabel = "N",
            description = "Learning rates of the heat map. Default: " + RATES + ", with --quick " + QUICK_RATES + ".")
    private Integer rates;

    @Option(names = "--quick", description = "A short run, under a minute on two cores.")
    private boolean quick;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = {
                "Folder with MNIST's files.",
                "Default: $NGD_DATA, else the cache, else a download, else synthetic images."
            })
    private Path data;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "Folder for the results; files of an earlier run there are replaced. Default: a new one under out.")
    private Path out;

    void check() {
        initialization.check();
        widths().forEach(width -> initialization.atLeast(1, width, "--width"));
        initialization.atLeast(2, samples(), "--samples");
        initialization.atLeast(1, images(), "--images");
        initialization.atLeast(1, batch, "--batch");
        initialization.atLeast(2, rates(), "--rates");
    }

    InitializationOptions initialization() {
        return initialization;
    }

    List<Integer> widths() {
        List<Integer> defaults = quick ? QUICK_WIDTHS : WIDTHS;
        return (widths.isEmpty() ? defaults : widths)
                .stream().distinct().sorted().toList();
    }

    int samples() {
        return samples != null ? samples : quick ? QUICK_SAMPLES : SAMPLES;
    }

    int images() {
        return images != null ? images : quick ? QUICK_IMAGES : IMAGES;
    }

    int batch() {
        return batch;
    }

    int rates() {
        return rates != null ? rates : quick ? QUICK_RATES : RATES;
    }

    Path data() {
        return data;
    }

    Path out() {
        return out;
    }
}
