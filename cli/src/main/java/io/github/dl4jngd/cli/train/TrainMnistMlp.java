package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.cli.data.ImageSource;
import io.github.dl4jngd.cli.options.RunOptions;
import io.github.dl4jngd.datasets.ImageDataset;
import java.util.List;
import java.util.Locale;
import org.nd4j.linalg.activations.Activation;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
public final class TrainMnistMlp extends TrainingCommand {

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
        super("MNIST", images, new TrainingOptions(TrainingMethods.forPerceptrons()));
    }

    /**
     * The command on MNIST, with the methods in its help.
     *
     * @return a new command line, to be added to another
     */
    public static CommandLine commandLine() {
        return commandLine(new TrainMnistMlp());
    }

    @Override
    void check() {
        if (hidden.stream().anyMatch(width -> width < 1)) {
            throw options().run().wrong("--hidden", "expected positive widths, found " + hidden);
        }
    }

    @Override
    DataForm form() {
        return DataForm.flat(options().run().dataType());
    }

    @Override
    NetworkFamily networks(TrainingData data) {
        RunOptions run = options().run();
        return new Mlp(data.inputs(), hidden, data.classes(), activation, run.dataType(), run.seed());
    }

    @Override
    String remarks() {
        return activation.name().toLowerCase(Locale.ROOT) + ", softmax cross-entropy";
    }
}
