package io.github.dl4jngd.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Groups the commands that train. */
@Command(
        name = "train",
        description = "Train a network with several methods side by side.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Example:", "  ngd train mnist-mlp --quick"})
final class TrainGroup implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command: what to train");
    }
}
