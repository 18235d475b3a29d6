package io.github.dl4jngd.cli;

import io.github.dl4jngd.fisher.backend.BackEnd;
import io.github.dl4jngd.fisher.backend.UnsupportedDeviceException;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/** Runs a command, and has the errors that a user can do something about reported like exceptions. */
final class ErrorsAsFailures implements IExecutionStrategy {

    private final IExecutionStrategy runLast = new RunLast();

    @Override
    public int execute(ParseResult parsed) {
        try {
            // This comes before anything loads ND4J, whose own message would be CUDA's.
            BackEnd.check();
            return runLast.execute(parsed);
        } catch (UnsupportedDeviceException e) {
            throw failure(parsed, e.getMessage(), e);
        } catch (OutOfMemoryError e) {
            throw failure(
                    parsed,
                    "out of memory (" + e.getMessage() + "); allow more, for instance with NGD_JAVA_OPTS='-Xmx4g"
                            + " -Dorg.bytedeco.javacpp.maxbytes=12g', or use a smaller batch or network",
                    e);
        } catch (LinkageError e) {
            throw failure(
                    parsed,
                    "ND4J's back end cannot be loaded: " + Failures.describe(e)
                            + "; is there a native for this system?",
                    e);
        }
    }

    private static ExecutionException failure(ParseResult parsed, String message, Throwable cause) {
        return new ExecutionException(parsed.commandSpec().commandLine(), message, cause);
    }
}
