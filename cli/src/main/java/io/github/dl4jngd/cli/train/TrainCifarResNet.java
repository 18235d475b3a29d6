package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.cli.data.ImageSource;
import io.github.dl4jngd.cli.options.RunOptions;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.LabelledImages;
import io.github.dl4jngd.onednn.OneDnn;
import java.util.List;
import org.deeplearning4j.nn.conf.inputs.InputType;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
public final class TrainCifarResNet extends TrainingCommand {

    private static final List<Integer> DEPTHS = List.of(8, 14, 20, 32);
    private static final int DEFAULT_DEPTH = 20;
    private static final int QUICK_DEPTH = 8;
    private static final int QUICK_WIDTH = 8;
    private static final int QUICK_EXAMPLES = 2000;
    private static final int DEFAULT_WIDTH = 16;

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
        super(
                "CIFAR-10",
                images,
                new TrainingOptions(TrainingMethods.forResidualNetworks()).quickExamples(QUICK_EXAMPLES));
    }

    /**
     * The command on CIFAR-10, with the methods in its help.
     *
     * @return a new command line, to be added to another
     */
    public static CommandLine commandLine() {
        return commandLine(new TrainCifarResNet());
    }

    private int layers() {
        return depth != null ? depth : options().run().quick() ? QUICK_DEPTH : DEFAULT_DEPTH;
    }

    private int channels() {
        return width != null ? width : options().run().quick() ? QUICK_WIDTH : DEFAULT_WIDTH;
    }

    @Override
    void check() {
        if (!DEPTHS.contains(layers())) {
            throw options().run().wrong("--depth", "expected one of " + DEPTHS + ", found " + layers());
        }
        options().run().atLeast(1, channels(), "--width");
    }

    @Override
    DataForm form() {
        return DataForm.images(!withoutAugmentation, options().run().dataType());
    }

    @Override
    NetworkFamily networks(TrainingData data) {
        // This comes before a network is built: layers look for their helpers when they are made.
        out().println("oneDNN:  " + OneDnn.enable().reason());
        LabelledImages images = data.train();
        RunOptions run = options().run();
        return new ResNet(
                InputType.convolutional(images.height(), images.width(), images.channels()),
                layers(),
                channels(),
                !withoutNormalization,
                data.classes(),
                run.dataType(),
                run.seed());
    }

    @Override
    String remarks() {
        return "softmax cross-entropy" + (withoutAugmentation ? "" : ", training images mirrored and shifted");
    }
}
