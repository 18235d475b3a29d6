package io.github.dl4jngd.cli.verify;

import io.github.dl4jngd.cli.data.Precision;
import io.github.dl4jngd.cli.reference.ReferenceFile;
import io.github.dl4jngd.cli.reference.UnusableFileException;
import io.github.dl4jngd.cli.report.CsvLog;
import io.github.dl4jngd.cli.report.RunDirectory;
import io.github.dl4jngd.cli.report.Table;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.nd4j.linalg.api.buffer.DataType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ngd verify}: recomputes every quantity in reference files and prints its relative error. */
@Command(
        name = "verify",
        sortOptions = false,
        description = {
            "Recomputes every quantity in reference files with this library and prints its relative error.",
            "",
            "Beside each FILE.npz lies a FILE.json, which says what network its arrays belong to.",
            ""
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:every error is within the tolerance",
            "1:an error is above the tolerance",
            "2:wrong usage, or a file cannot be used"
        },
        footer = {
            "",
            "Examples:",
            "  ngd verify reference/ten-class-tanh.npz",
            "  ngd verify --dtype float reference/*.npz"
        })
public final class Verify implements Callable<Integer> {

    private static final double DEFAULT_TOLERANCE_DOUBLE = 1e-8;
    private static final double DEFAULT_TOLERANCE_FLOAT = 2e-3;
    private static final String LINEAR_ALGEBRA_PROPERTY = "dl4jngd.linalg";

    private enum Provider {
        OPENBLAS,
        PORTABLE,
        JAVA;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "FILE.npz", description = "Reference files.")
    private List<Path> files;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "double",
            description = {
                "Precision of the network: ${COMPLETION-CANDIDATES}; linear systems are solved in double always.",
                "Default: ${DEFAULT-VALUE}."
            })
    private Precision precision;

    @Option(
            names = "--tolerance",
            paramLabel = "ERROR",
            description = "Largest relative error that is right. Default: " + DEFAULT_TOLERANCE_DOUBLE + ", for float "
                    + DEFAULT_TOLERANCE_FLOAT + ".")
    private Double givenTolerance;

    @Option(
            names = "--linalg",
            paramLabel = "NAME",
            description = "Linear algebra: ${COMPLETION-CANDIDATES}. Default: what suits the back end.")
    private Provider provider;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of the estimators' random directions. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--out", paramLabel = "DIR", description = "Folder for a verify.csv. Default: none is written.")
    private Path out;

    @Override
    public Integer call() throws IOException {
        double tolerance = tolerance();
        LinearAlgebra linearAlgebra = linearAlgebra();
        boolean unusable = false;
        boolean wrong = false;
        try (Log log = out == null ? null : new Log(RunDirectory.open(out))) {
            for (Path path : files) {
                try {
                    wrong |= !verify(path, linearAlgebra, tolerance, log);
                } catch (UnusableFileException e) {
                    spec.commandLine().getOut().flush();
                    spec.commandLine().getErr().println("ngd: " + e.getMessage());
                    unusable = true;
                }
            }
        }
        return unusable
                ? spec.exitCodeOnInvalidInput()
                : wrong ? spec.exitCodeOnExecutionException() : spec.exitCodeOnSuccess();
    }

    private double tolerance() {
        if (givenTolerance == null) {
            return precision == Precision.DOUBLE ? DEFAULT_TOLERANCE_DOUBLE : DEFAULT_TOLERANCE_FLOAT;
        }
        if (!(givenTolerance >= 0)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Invalid value for option '--tolerance': expected a number of at least 0, found " + givenTolerance);
        }
        return givenTolerance;
    }

    /** The provider is chosen once in a process, so the property must be set before anything asks for it. */
    private LinearAlgebra linearAlgebra() {
        if (provider == null) {
            return LinearAlgebra.best();
        }
        String before = System.setProperty(LINEAR_ALGEBRA_PROPERTY, provider.toString());
        LinearAlgebra chosen = LinearAlgebra.best();
        if (!chosen.name().equals(provider.toString())) {
            if (before == null) {
                System.clearProperty(LINEAR_ALGEBRA_PROPERTY);
            } else {
                System.setProperty(LINEAR_ALGEBRA_PROPERTY, before);
            }
            throw new IllegalStateException("this process uses linear algebra '" + chosen.name() + "' already, not '"
                    + provider + "'; choose it in a new one");
        }
        return chosen;
    }

    private boolean verify(Path path, LinearAlgebra linearAlgebra, double tolerance, Log log)
            throws UnusableFileException, IOException {
        DataType dataType = precision.dataType();
        ReferenceFile file = ReferenceFile.read(path);
        Recomputation recomputation = new Recomputation(file, dataType, linearAlgebra, tolerance, seed);
        List<Check> checks = recomputation.run();
        PrintWriter console = spec.commandLine().getOut();
        console.println(file.name() + ": " + recomputation.description() + ", " + precision + ", linear algebra: "
                + linearAlgebra.name());
        console.println();
        Table table = new Table("quantity", "relative error", "tolerance", "ok");
        for (Check check : checks) {
            table.row(
                    check.quantity(),
                    scientific(check.error()),
                    scientific(check.tolerance()),
                    check.ok() ? "yes" : "NO");
            if (log != null) {
                log.csv.row(file.name(), precision, check.quantity(), check.error(), check.tolerance(), check.ok());
            }
        }
        console.println(table);
        console.println();
        console.println(recomputation.estimates());
        long right = checks.stream().filter(Check::ok).count();
        Check worst = checks.stream()
                .filter(check -> check.tolerance() == tolerance)
                .max(Comparator.comparingDouble(Check::error))
                .orElseThrow();
        console.println(file.name() + ": " + right + " of " + checks.size()
                + " within their tolerance, largest error of those " + "within " + scientific(tolerance) + ": "
                + scientific(worst.error()) + " (" + worst.quantity() + ")");
        console.println();
        console.flush();
        return right == checks.size();
    }

    private static String scientific(double value) {
        return String.format(Locale.ROOT, "%.1e", value);
    }

    private static final class Log implements AutoCloseable {

        private final CsvLog csv;

        Log(RunDirectory directory) throws IOException {
            csv = directory.csv("verify.csv", "file", "dtype", "quantity", "relative_error", "tolerance", "ok");
        }

        @Override
        public void close() throws IOException {
            csv.close();
        }
    }
}
