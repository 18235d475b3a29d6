package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.cli.data.ImageSource;
import io.github.dl4jngd.cli.report.RunDirectory;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.LoadedDataset;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
public final class TrainMnistAutoencoder implements Callable<Integer> {

    static final int DEFAULT_BATCH = 500;

    private final ImageSource images;

    @Spec
    private CommandSpec spec;

    @Mixin
    private TrainingOptions options;

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
        this.images = images;
    }

    /**
     * The command on MNIST, with the methods in its help.
     *
     * @return a new command line, to be added to another
     */
    public static CommandLine commandLine() {
        return commandLine(new TrainMnistAutoencoder());
    }

    static CommandLine commandLine(TrainMnistAutoencoder command) {
        CommandLine commandLine = new CommandLine(command);
        TrainingMethods.forAutoencoders().addTo(commandLine);
        return commandLine;
    }

    @Override
    public Integer call() throws IOException {
        options.use(TrainingMethods.forAutoencoders());
        options.defaultBatch(DEFAULT_BATCH);
        options.check();
        if (encoder.stream().anyMatch(width -> width < 1)) {
            throw options.run().wrong("--encoder", "expected positive widths, found " + encoder);
        }
        ZonedDateTime started = ZonedDateTime.now(ZoneId.systemDefault());
        PrintWriter out = spec.commandLine().getOut();
        LoadedDataset loaded = images.load(options.data(), options.run().seed());
        TrainingData data = new TrainingData(loaded.train(), loaded.test(), DataForm.reconstructed(options.run().dataType()));
        Autoencoder autoencoder = new Autoencoder(data.inputs(), encoder, options.run().dataType(), options.run().seed());
        RunDirectory directory = options.run().directory(started);
        out.println("Data:    " + loaded.origin());
        out.println("Network: " + autoencoder.shape() + ", " + autoencoder.parameters()
                + " parameters, sigmoid, linear code, binary cross-entropy");
        out.flush();
        new TrainingSession(spec, directory, "MNIST autoencoder", autoencoder, loaded, started)
                .run(options.plans(data));
        return spec.exitCodeOnSuccess();
    }
}
