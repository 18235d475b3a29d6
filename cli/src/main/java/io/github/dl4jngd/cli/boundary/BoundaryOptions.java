package io.github.dl4jngd.cli.boundary;

import io.github.dl4jngd.cli.data.Precision;
import io.github.dl4jngd.cli.meanfield.Initialization;
import io.github.dl4jngd.cli.meanfield.InitializationOptions;
import io.github.dl4jngd.cli.options.DataOption;
import io.github.dl4jngd.cli.options.RunOptions;
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

    @Mixin
    private DataOption data;

    @Mixin
    private RunOptions run = new RunOptions(Precision.DOUBLE);

    void check() {
        initialization.check(run);
        widths().forEach(width -> run.atLeast(1, width, "--width"));
        run.atLeast(2, samples(), "--samples");
        run.atLeast(1, images(), "--images");
        run.atLeast(1, batch, "--batch");
        run.atLeast(2, rates(), "--rates");
    }

    Initialization initialization() {
        return initialization.initialization(run.dataType());
    }

    int layers() {
        return initialization.layers();
    }

    List<Integer> widths() {
        List<Integer> defaults = run.quick() ? QUICK_WIDTHS : WIDTHS;
        return (widths.isEmpty() ? defaults : widths)
                .stream().distinct().sorted().toList();
    }

    int samples() {
        return samples != null ? samples : run.quick() ? QUICK_SAMPLES : SAMPLES;
    }

    int images() {
        return images != null ? images : run.quick() ? QUICK_IMAGES : IMAGES;
    }

    int batch() {
        return batch;
    }

    int rates() {
        return rates != null ? rates : run.quick() ? QUICK_RATES : RATES;
    }

    Path data() {
        return data.folder();
    }

    RunOptions run() {
        return run;
    }
}
