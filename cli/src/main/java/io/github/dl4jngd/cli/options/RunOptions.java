package io.github.dl4jngd.cli.options;

import io.github.dl4jngd.cli.data.Precision;
import io.github.dl4jngd.cli.report.RunDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import org.nd4j.linalg.api.buffer.DataType;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of every command that makes an experiment, and the errors that options of any kind may have. */
public final class RunOptions {

    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--quick", description = "A short run, under a minute on two cores.")
    private boolean quick;

    /** The value before parsing is the default that the help shows. */
    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description = "Precision: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Precision precision;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Seed of initial parameters and data order; further networks take those that follow. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "Folder for the results; files of an earlier run there are replaced. Default: a new one under out.")
    private Path out;

    /**
     * The options of a command.
     *
     * @param precision where none is given
     */
    public RunOptions(Precision precision) {
        this.precision = precision;
    }

    /**
     * Refuses small numbers.
     *
     * @param least the smallest that makes sense
     * @param value the number, or null where the option was not given
     * @param option its option
     */
    public void atLeast(int least, Integer value, String option) {
        if (value != null && value < least) {
            throw wrong(option, "expected a number of at least " + least + ", found " + value);
        }
    }

    /**
     * The exception for a wrong value.
     *
     * @param option its option
     * @param message what is wrong
     * @return the error to throw
     */
    public ParameterException wrong(String option, String message) {
        return new ParameterException(spec.commandLine(), "Invalid value for option '" + option + "': " + message);
    }

    /**
     * Whether the run is to be short.
     *
     * @return true if so
     */
    public boolean quick() {
        return quick;
    }

    /**
     * The precision of parameters, data and arithmetic.
     *
     * @return ND4J's name for it
     */
    public DataType dataType() {
        return precision.dataType();
    }

    /**
     * The seed of the first network.
     *
     * @return the seed
     */
    public long seed() {
        return seed;
    }

    /**
     * The folder that the user asked for.
     *
     * @return the folder, or null for a new one
     */
    public Path out() {
        return out;
    }

    /**
     * Opens the folder for the results.
     *
     * @param started when the run started
     * @return the user's folder, or a new one under {@code out}
     * @throws IOException when it cannot be made
     */
    public RunDirectory directory(ZonedDateTime started) throws IOException {
        return RunDirectory.open(out != null ? out : RunDirectory.defaultPath(spec.name(), started));
    }

    /**
     * The command line as the user typed it, for reports.
     *
     * @return such as {@code ngd boundary --quick}
     */
    public String typed() {
        return typed(spec);
    }

    /**
     * The command line that a command was called with, as the user typed it.
     *
     * @param command the command, while it runs
     * @return such as {@code ngd verify reference.npz}
     */
    public static String typed(CommandSpec command) {
        CommandSpec root = command.root();
        String arguments = String.join(" ", root.commandLine().getParseResult().originalArgs());
        return (root.name() + " " + arguments).strip();
    }
}
