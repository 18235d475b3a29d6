package io.github.dl4jngd.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.cli.report.Versions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class NgdTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "train --help",
                "train mnist-mlp --help",
                "train mnist-mlp -h",
                "verify --help",
                "dynamics --help",
                "diagonal --help",
                "ui --help"
            })
    void helps(String line) {
        assertThat(execute(line.split(" "))).isZero();
        assertThat(out.toString()).startsWith("Usage: ngd").contains("Exit status:");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void helpListsMethodsDefaultsAndExamples() {
        assertThat(execute("train", "mnist-mlp", "--help")).isZero();

        assertThat(out.toString())
                .contains("sgd, nesterovs, adam")
                .contains("stochastic gradient descent (learning rate 0.1)")
                .contains("Default: 512,512.")
                .contains("ngd train mnist-mlp --quick");
    }

    @Test
    void tellsItsVersion() {
        assertThat(execute("--version")).isZero();

        assertThat(out.toString()).contains("ngd " + Versions.project()).contains("Deeplearning4j 1.0.0-M");
        assertThat(Versions.project()).doesNotContain("$");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            ''                                              | Missing command                          | ngd --help
            tran                                            | Did you mean: ngd train                 | ngd --help
            train                                           | Missing command: what to train           | ngd train --help
            train mnist-mlp --method sgf                    | 'sgf' is not a method, expected one of sgd, nesterovs, adam | ngd train mnist-mlp --help
            train mnist-mlp --epoch 3                       | Possible solutions: --epochs             | ngd train mnist-mlp --help
            train mnist-mlp --epochs 0                      | '--epochs': expected a number of at least 1, found 0 | ngd train mnist-mlp --help
            train mnist-mlp --epochs x                      | '--epochs': 'x' is not an int            | ngd train mnist-mlp --help
            train mnist-mlp --batch -1                      | '--batch': expected a number of at least 1 | ngd train mnist-mlp --help
            train mnist-mlp --limit 0                       | '--limit': expected                      | ngd train mnist-mlp --help
            train mnist-mlp --evaluate-every -1             | '--evaluate-every': expected             | ngd train mnist-mlp --help
            train mnist-mlp --hidden 12,0                   | '--hidden': expected positive widths, found [12, 0] | ngd train mnist-mlp --help
            train mnist-mlp --activation foo                | expected one of [                        | ngd train mnist-mlp --help
            train mnist-mlp --dtype half                    | expected one of [FLOAT, DOUBLE]          | ngd train mnist-mlp --help
            train mnist-mlp --learning-rate 0               | expected a positive number, found '0'    | ngd train mnist-mlp --help
            train mnist-mlp --learning-rate abc             | expected a positive number, found 'abc'  | ngd train mnist-mlp --help
            train mnist-mlp --learning-rate 0.1,0.2         | expected one number or a list method=number, found '0.1,0.2' | ngd train mnist-mlp --help
            train mnist-mlp --method adam --momentum 0.9    | adam has no momentum                     | ngd train mnist-mlp --help
            train mnist-mlp --method nesterovs --momentum 1 | expected a momentum in [0, 1), found 1.0 | ngd train mnist-mlp --help
            train mnist-mlp --ascent 0.1                    | it is that of --gradient-regularization  | ngd train mnist-mlp --help
            train mnist-mlp --sam 0                         | '--sam': The radius                      | ngd train mnist-mlp --help
            ui                                              | Missing required parameter: 'DIR'        | ngd ui --help
            ui . --port 70000                               | '--port': expected a number from 0 to 65535, found 70000 | ngd ui --help
            train mnist-mlp --method adam --learning-rate sgd=1 | 'sgd' is not among the methods trained, adam | ngd train mnist-mlp --help
            """)
    void wrongUsageEndsWithOneLineAndAHint(String line, String message, String hint) {
        assertThat(execute(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(2);

        assertThat(err.toString())
                .startsWith("ngd: ")
                .contains(message)
                .endsWith("Try '" + hint + "'." + System.lineSeparator());
        assertThat(err.toString().lines().count()).isLessThanOrEqualTo(3);
        assertThat(out.toString()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aFailureIsOneLine(Throwable failure, String message) {
        assertThat(fail(failure)).isEqualTo(1);

        assertThat(err.toString()).startsWith("ngd: ").contains(message);
        assertThat(err.toString().lines()).hasSize(1);
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new IOException("disk full"), "disk full"),
                Arguments.of(new OutOfMemoryError("heap"), "out of memory (heap); allow more"),
                Arguments.of(new NoClassDefFoundError("x"), "back end cannot be loaded: x"));
    }

    @Test
    void verboseShowsTheStackTrace() {
        assertThat(fail(new IOException("disk full"), "--verbose")).isEqualTo(1);

        assertThat(err.toString()).startsWith("ngd: disk full").contains("at io.github.dl4jngd.cli.NgdTest");
    }

    private int fail(Throwable failure, String... args) {
        @Command(name = "fail")
        class Fail implements Callable<Integer> {
            @Override
            public Integer call() throws Exception {
                if (failure instanceof Error error) {
                    throw error;
                }
                throw (Exception) failure;
            }
        }

        Ngd ngd = new Ngd();
        CommandLine commandLine = Ngd.configure(new CommandLine(ngd).addSubcommand(new Fail()), ngd);
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(
                Stream.concat(Stream.of(args), Stream.of("fail")).toArray(String[]::new));
    }

    @Test
    void describesFailuresInOneLine() {
        assertThat(Failures.describe(new java.nio.file.NoSuchFileException("a.npz")))
                .isEqualTo("no such file: a.npz");
        assertThat(Failures.describe(new java.nio.file.NotDirectoryException("a")))
                .isEqualTo("not a directory: a");
        assertThat(Failures.describe(new java.nio.file.AccessDeniedException("a")))
                .isEqualTo("permission denied: a");
        assertThat(Failures.describe(new IllegalStateException())).isEqualTo("failed with IllegalStateException");
        assertThat(Failures.describe(new IllegalStateException("so"))).isEqualTo("so");
    }

    private int execute(String... args) {
        CommandLine commandLine = Ngd.commandLine();
        commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return commandLine.execute(args);
    }
}
