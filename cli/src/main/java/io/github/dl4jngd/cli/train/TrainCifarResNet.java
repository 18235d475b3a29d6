package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.cli.data.ImageSource;
import io.github.dl4jngd.cli.report.RunDirectory;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.LoadedDataset;
import io.github.dl4jngd.onednn.OneDnn;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.conf.inputs.InputType;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code ngd train cifar-resnet}: a residual network on CIFAR-10, every method from the same parameters on the same
 * minibatches.
 */
@Command(
        name = "cifar-resnet",
        sortOptions = false,
        description = {
            "Trains a residual network with batch normalisation on CIFAR-10 with several methods.",
            "",
            "All methods start from the same parameters and see the same minibatches in the same order.",
            "Training images are mirrored and shifted at random; evaluation takes them as they are.",
            "Training seconds leave evaluation out.",
            "Prints a table and writes training.csv, training.png, run.json and the networks, model-*.zip.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  ngd train cifar-resnet --quick",
            "  ngd train cifar-resnet --depth 8 --method nesterovs,kfac --epochs 3",
            "  ngd train cifar-resnet --depth 20 --method kfac --no-augmentation --data ~/cifar10"
        })
public final class TrainCifarResNet implements Callable<Integer> {

    private static final List<Integer> DEPTHS = List.of(8, 14, 20, 32);
    private static final int DEFAULT_DEPTH = 20;
    private static final int QUICK_DEPTH = 8;
    private static final int QUICK_WIDTH = 8;
    private static final int QUICK_EXAMPLES = 2000;
    private static final int DEFAULT_WIDTH = 16;

    private final ImageSource images;

    @Spec
    private CommandSpec spec;

    @Mixin
    private TrainingOptions options;

    @Option(
            names = "--depth",
            paramLabel = "LAYERS",
            description = "Layers: 8, 14, 20 or 32. Default: 20, with --quick 8.")
    private Integer depth;

    @Option(
            names = "--width",
            paramLabel = "CHANNELS",
            description = "Channels of the first stage. Default: 16, with --quick 8.")
    private Integer width;

    @Option(
            names = "--no-batch-normalization",
            description = "Leave batch normalisation out; convolutions then have biases.")
    private boolean withoutNormalization;

    @Option(names = "--no-augmentation", description = "Train on the images as they are.")
    private boolean withoutAugmentation;

    TrainCifarResNet() {
        this(ImageSource.of(ImageDataset.CIFAR_10));
    }

    TrainCifarResNet(ImageSource images) {
        this.images = images;
    }

    /**
     * The command on CIFAR-10, with the methods in its help.
     *
     * @return a new command line, to be added to another
     */
    public static CommandLine commandLine() {
        return commandLine(new TrainCifarResNet());
    }

    static CommandLine commandLine(TrainCifarResNet command) {
        CommandLine commandLine = new CommandLine(command);
        TrainingMethods.forResidualNetworks().addTo(commandLine);
        return commandLine;
    }

    @Override
    public Integer call() throws IOException {
        options.use(TrainingMethods.forResidualNetworks());
        options.quickExamples(QUICK_EXAMPLES);
        options.check();
        int layers = depth != null ? depth : options.run().quick() ? QUICK_DEPTH : DEFAULT_DEPTH;
        if (!DEPTHS.contains(layers)) {
            throw options.run().wrong("--depth", "expected one of " + DEPTHS + ", found " + layers);
        }
        int channels = width != null ? width : options.run().quick() ? QUICK_WIDTH : DEFAULT_WIDTH;
        if (channels < 1) {
            throw options.run().wrong("--width", "expected a number of at least 1, found " + channels);
        }
        ZonedDateTime started = ZonedDateTime.now(ZoneId.systemDefault());
        PrintWriter out = spec.commandLine().getOut();
        LoadedDataset loaded = images.load(options.data(), options.run().seed());
        TrainingData data = new TrainingData(
                loaded.train(), loaded.test(), DataForm.images(!withoutAugmentation, options.run().dataType()));
        // before the network is built: layers look for their helpers when they are made
        out.println("oneDNN:  " + OneDnn.enable().reason());
        ResNet resNet = new ResNet(
                InputType.convolutional(
                        loaded.train().height(),
                        loaded.train().width(),
                        loaded.train().channels()),
                layers,
                channels,
                !withoutNormalization,
                data.classes(),
                options.run().dataType(),
                options.run().seed());
        RunDirectory directory = options.run().directory(started);
        out.println("Data:    " + loaded.origin());
        out.println("Network: " + resNet.shape() + ", " + resNet.parameters() + " parameters, softmax cross-entropy"
                + (withoutAugmentation ? "" : ", training images mirrored and shifted"));
        out.flush();
        new TrainingSession(spec, directory, "CIFAR-10", resNet, loaded, started).run(options.plans(data));
        return spec.exitCodeOnSuccess();
    }
}
