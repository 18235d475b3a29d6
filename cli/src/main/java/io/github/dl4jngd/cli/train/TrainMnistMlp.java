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
import org.nd4j.linalg.activations.Activation;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code ngd train mnist-mlp}: a multi-layer perceptron on MNIST, every method from the same parameters on the same
 * minibatches.
 */
@Command(
        name = "mnist-mlp",
        sortOptions = false,
        description = {
            "Trains a multi-layer perceptron on MNIST with several methods.",
            "",
            "All methods start from the same parameters and see the same minibatches in the same order.",
            "Training seconds leave evaluation out.",
            "Prints a table and writes training.csv, training.png, run.json and the networks, model-*.zip.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  ngd train mnist-mlp --quick",
            "  ngd train mnist-mlp --method sgd,adam --learning-rate sgd=0.05,adam=0.002",
            "  ngd train mnist-mlp --data ~/mnist --hidden 256,128 --activation tanh"
        })
public final class TrainMnistMlp implements Callable<Integer> {

    private final ImageSource images;

    @Spec
    private CommandSpec spec;

    @Mixin
    private TrainingOptions options;

    @Option(
            names = "--hidden",
            split = ",",
            paramLabel = "WIDTH",
            defaultValue = "512,512",
            description = "Widths of the hidden layers. Default: ${DEFAULT-VALUE}.")
    private List<Integer> hidden;

    @Option(
            names = "--activation",
            paramLabel = "NAME",
            defaultValue = "relu",
            description =
                    "Activation of the hidden layers: relu, tanh, sigmoid, softplus, elu, … Default: ${DEFAULT-VALUE}.")
    private Activation activation;

    TrainMnistMlp() {
        this(ImageSource.of(ImageDataset.MNIST));
    }

    TrainMnistMlp(ImageSource images) {
        this.images = images;
    }

    /**
     * The command on MNIST, with the methods in its help.
     *
     * @return a new command line, to be added to another
     */
    public static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new TrainMnistMlp());
        TrainingMethods.forPerceptrons().addTo(commandLine);
        return commandLine;
    }

    @Override
    public Integer call() throws IOException {
        options.check();
        if (hidden.stream().anyMatch(width -> width < 1)) {
            throw options.run().wrong("--hidden", "expected positive widths, found " + hidden);
        }
        ZonedDateTime started = ZonedDateTime.now(ZoneId.systemDefault());
        PrintWriter out = spec.commandLine().getOut();
        LoadedDataset loaded = images.load(options.data(), options.run().seed());
        TrainingData data = new TrainingData(loaded.train(), loaded.test(), DataForm.flat(options.run().dataType()));
        Mlp mlp = new Mlp(data.inputs(), hidden, data.classes(), activation, options.run().dataType(), options.run().seed());
        RunDirectory directory = options.run().directory(started);
        out.println("Data:    " + loaded.origin());
        out.println("Network: " + mlp.shape() + ", " + mlp.parameters() + " parameters, " + mlp.activation()
                + ", softmax cross-entropy");
        out.flush();
        TrainingSession session = new TrainingSession(spec, directory, "MNIST", mlp, loaded, started);
        session.run(options.plans(data));
        return spec.exitCodeOnSuccess();
    }
}
