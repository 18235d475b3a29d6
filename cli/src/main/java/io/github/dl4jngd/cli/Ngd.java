package io.github.dl4jngd.cli;

import io.github.dl4jngd.cli.boundary.Boundary;
import io.github.dl4jngd.cli.continual.Continual;
import io.github.dl4jngd.cli.diagonal.Diagonal;
import io.github.dl4jngd.cli.dynamics.Dynamics;
import io.github.dl4jngd.cli.spectrum.SpectrumCommand;
import io.github.dl4jngd.cli.train.TrainCifarResNet;
import io.github.dl4jngd.cli.train.TrainMnistAutoencoder;
import io.github.dl4jngd.cli.train.TrainMnistMlp;
import io.github.dl4jngd.cli.ui.Ui;
import io.github.dl4jngd.cli.verify.Verify;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line {@code ngd}. Exit status: 0 done, 1 failed, 2 wrong usage. */
@Command(
        name = "ngd",
        mixinStandardHelpOptions = true,
        versionProvider = ProgramVersion.class,
        scope = ScopeType.INHERIT,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = "Natural-gradient training for Deeplearning4j.",
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:done", "1:failed, or a check did not hold", "2:wrong usage"})
public final class Ngd implements Runnable {

    @Spec
    private CommandSpec spec;

    private boolean verbose;

    Ngd() {}

    /**
     * Runs a command and ends the process with its exit status.
     *
     * @param args the command line
     */
    public static void main(String... args) {
        System.exit(commandLine().execute(args));
    }

    /**
     * The command line with all its commands.
     *
     * @return a new one; {@link CommandLine#execute} runs it in this process
     */
    static CommandLine commandLine() {
        Ngd ngd = new Ngd();
        CommandLine train = new CommandLine(new TrainGroup())
                .addSubcommand(TrainMnistMlp.commandLine())
                .addSubcommand(TrainMnistAutoencoder.commandLine())
                .addSubcommand(TrainCifarResNet.commandLine());
        return configure(
                new CommandLine(ngd)
                        .addSubcommand(train)
                        .addSubcommand(new Verify())
                        .addSubcommand(new Dynamics())
                        .addSubcommand(new SpectrumCommand())
                        .addSubcommand(new Boundary())
                        .addSubcommand(new Diagonal())
                        .addSubcommand(Continual.commandLine())
                        .addSubcommand(new Ui()),
                ngd);
    }

    static CommandLine configure(CommandLine commandLine, Ngd ngd) {
        return commandLine
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(new UsageErrors())
                .setExecutionStrategy(new ErrorsAsFailures())
                .setExecutionExceptionHandler(new Failures(() -> ngd.verbose));
    }

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Log what happens inside, and show a stack trace where a command fails.")
    void setVerbose(boolean verbose) {
        this.verbose = verbose;
        if (verbose) {
            Logging.raise();
        }
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command");
    }
}
