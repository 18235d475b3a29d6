package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.cli.data.ImageSource;
import io.github.dl4jngd.cli.options.RunOptions;
import io.github.dl4jngd.datasets.ImageDataset;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ngd train mnist-autoencoder}: the deep autoencoder on MNIST, the benchmark of second-order methods. */
@Command(
        name = "mnist-autoencoder",
        sortOptions = false,
        description = {
            "Trains a deep autoencoder on MNIST with several methods.",
            "",
            "All methods start from the same parameters and see the same minibatches in the same order.",
            "Units start with 15 connections from N(0, 1) each, without biases (Martens 2010).",
            "The loss is the binary cross-entropy of an image, summed over its pixels; beside it the squared error.",
            "Training seconds leave evaluation out.",
            "Prints a table and writes training.csv, training.png, run.json and the networks, model-*.zip.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  ngd train mnist-autoencoder --quick --method nesterovs,kfac",
            "  ngd train mnist-autoencoder --method nesterovs,adam,kfac --learning-rate nesterovs=0.01",
            "  ngd train mnist-autoencoder --encoder 500,100,20 --batch 1000"
        })
public final class TrainMnistAutoencoder extends TrainingCommand {

    static final int DEFAULT_BATCH = 500;

    @Option(
            names = "--encoder",
            split = ",",
            paramLabel = "WIDTH",
            defaultValue = "1000,500,250,30",
            description =
                    "Widths from the first hidden layer to the code; the decoder mirrors them. Default: ${DEFAULT-VALUE}.")
    private List<Integer> encoder;

    TrainMnistAutoencoder() {
        this(ImageSource.of(ImageDataset.MNIST));
    }

    TrainMnistAutoencoder(ImageSource images) {
        super(
                "MNIST autoencoder",
                images,
                new TrainingOptions(TrainingMethods.forAutoencoders()).defaultBatch(DEFAULT_BATCH));
    }

    /**
     * The command on MNIST, with the methods in its help.
     *
     * @return a new command line, to be added to another
     */
    public static CommandLine commandLine() {
        return commandLine(new TrainMnistAutoencoder());
    }

    @Override
    void check() {
        if (encoder.stream().anyMatch(width -> width < 1)) {
            throw options().run().wrong("--encoder", "expected positive widths, found " + encoder);
        }
    }

    @Override
    DataForm form() {
        return DataForm.reconstructed(options().run().dataType());
    }

    @Override
    NetworkFamily networks(TrainingData data) {
        RunOptions run = options().run();
        return new Autoencoder(data.inputs(), encoder, run.dataType(), run.seed());
    }

    @Override
    String remarks() {
        return "sigmoid, linear code, binary cross-entropy";
    }
}
