package io.github.dl4jngd.cli.continual;

import io.github.dl4jngd.cli.data.Precision;
import io.github.dl4jngd.cli.options.RunOptions;
import io.github.dl4jngd.cli.report.Progress;
import io.github.dl4jngd.cli.report.RunDirectory;
import io.github.dl4jngd.spectral.theory.GaussianMoments;
import io.github.dl4jngd.spectral.theory.KernelSpectrum;
import io.github.dl4jngd.spectral.theory.LearningCurve;
import io.github.dl4jngd.spectral.theory.MeanField;
import io.github.dl4jngd.spectral.theory.TangentKernel;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ngd continual}: transfer and forgetting of tasks one after the other, in the theory of wide networks. */
@Command(
        name = "continual",
        sortOptions = false,
        description = {
            "What does learning a second task do to the first? Wide ReLU networks, in theory and as kernel regression.",
            "",
            "Inputs uniform on the sphere |x|^2 = D, the tangent kernel of an infinitely wide network (weights of variance 2,",
            "no biases; ours: the figures' own settings are not published), targets of covariance kernel squared,",
            "correlation rho between tasks. Theory is the replica formula applied task by task (Karakida & Akaho, ICLR 2022);",
            "the regression is exactly averaged over targets and test inputs, and only its inputs are drawn.",
            "The exit status is 1 where they differ by more than 6 % (2 % from D = 20 on) and three standard errors,",
            "or where the error of equal tasks does not fall.",
            "Prints a table and writes transfer.csv, sequence.csv, continual.png and run.json.",
            "",
            "ngd continual mnist trains a network instead.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  ngd continual --quick",
            "  ngd continual --dim 20 --draws 20",
            "  ngd continual mnist --quick"
        })
public final class Continual implements Callable<Integer> {

    private static final int DRAWS = 20;
    private static final int QUICK_DRAWS = 5;
    private static final int DEGREES = 40;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--dim",
            paramLabel = "D",
            defaultValue = "10",
            description = "Dimension of the inputs. Default: 10.")
    private int dimension;

    @Option(
            names = "--depth",
            paramLabel = "L",
            defaultValue = "3",
            description = "Weight layers of the network. Default: 3.")
    private int depth;

    @Option(
            names = "--noise",
            paramLabel = "V",
            defaultValue = "0",
            description = "Variance of the noise of labels. Default: 0.")
    private double noise;

    @Option(
            names = "--draws",
            paramLabel = "N",
            description = "Draws of inputs that the regression is averaged over. Default: 20, with --quick 5.")
    private Integer draws;

    @Mixin
    private RunOptions run = new RunOptions(Precision.DOUBLE);

    /** The command. */
    public Continual() {}

    /**
     * The command with the one that trains on images below it.
     *
     * @return a new command line, to be added to another
     */
    public static CommandLine commandLine() {
        return new CommandLine(new Continual()).addSubcommand(new ContinualMnist());
    }

    @Override
    public Integer call() throws IOException {
        if (dimension < 3) {
            throw run.wrong("--dim", "expected a number of at least 3, found " + dimension);
        }
        run.atLeast(2, depth, "--depth");
        run.atLeast(2, draws, "--draws");
        if (!(noise >= 0)) {
            throw run.wrong("--noise", "expected a variance of at least 0, found " + noise);
        }
        ZonedDateTime started = ZonedDateTime.now(ZoneId.systemDefault());
        PrintWriter out = spec.commandLine().getOut();
        RunDirectory directory = run.directory(started);
        ContinualReport report = measure();
        out.println("Network: ReLU, " + depth + " weight layers, infinitely wide; inputs in " + dimension
                + " dimensions; noise of variance " + noise);
        out.println();
        out.println("Task B after task A: errors on B and, backward, on A, over those of B and A alone");
        out.println(report.transfer());
        out.println();
        out.println("Many tasks of the same target");
        out.println(report.sequences());
        out.println();
        report.write(directory, run.typed());
        directory.files().forEach(file -> out.println("Wrote " + file));
        out.flush();
        return report.isAsExpected() ? spec.exitCodeOnSuccess() : spec.exitCodeOnExecutionException();
    }

    private TangentKernel kernel() {
        List<Long> widths = new ArrayList<>(Collections.nCopies(depth, 1L));
        widths.add(0, (long) dimension);
        return new TangentKernel(MeanField.of(GaussianMoments.relu(), widths, 2, 0, false), true);
    }

    private ContinualReport measure() {
        TangentKernel kernel = kernel();
        LearningCurve curve = new LearningCurve(KernelSpectrum.onSphere(kernel, DEGREES), noise);
        SphereRegression regression = new SphereRegression(kernel::ofCorrelation, dimension, noise);
        int count = draws != null ? draws : run.quick() ? QUICK_DRAWS : DRAWS;
        List<int[]> pairs = List.of(new int[] {100, 100}, new int[] {400, 50}, new int[] {50, 400});
        List<int[]> more =
                run.quick() ? List.of() : List.of(new int[] {1000, 20}, new int[] {1000, 50}, new int[] {1000, 100});
        List<ContinualReport.Pair> measured = new ArrayList<>();
        Map<String, ContinualReport.Sequence> sequences = new LinkedHashMap<>();
        try (Progress progress = Progress.of("continual", (long) count * (pairs.size() + more.size() + 2))) {
            for (int[] sizes : IntStream.range(0, pairs.size() + more.size())
                    .mapToObj(i -> i < pairs.size() ? pairs.get(i) : more.get(i - pairs.size()))
                    .toList()) {
                List<SphereRegression.Draw> drawn = new ArrayList<>();
                Random random = new Random(run.seed());
                for (int i = 0; i < count; i++) {
                    drawn.add(regression.draw(sizes, new double[2], random).get(1));
                    progress.step();
                }
                measured.add(new ContinualReport.Pair(curve, sizes[0], sizes[1], drawn));
            }
            for (int[] sizes : List.of(new int[] {100, 100, 100, 100, 100}, new int[] {400, 50, 50, 50, 50})) {
                List<List<SphereRegression.Draw>> drawn = new ArrayList<>();
                Random random = new Random(run.seed());
                for (int i = 0; i < count; i++) {
                    drawn.add(regression.draw(sizes, new double[sizes.length], random));
                    progress.step();
                }
                sequences.put(
                        sizes[0] == sizes[1] ? "equal" : "unequal", new ContinualReport.Sequence(curve, sizes, drawn));
            }
        }
        return new ContinualReport(curve, dimension, measured, sequences);
    }
}
