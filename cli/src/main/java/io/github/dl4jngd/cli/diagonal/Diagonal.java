package io.github.dl4jngd.cli.diagonal;

import io.github.dl4jngd.cli.data.Precision;
import io.github.dl4jngd.cli.options.RunOptions;
import io.github.dl4jngd.cli.report.Progress;
import io.github.dl4jngd.cli.report.RunDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ngd diagonal}: gradient regularisation where its solution is known in closed form. */
@Command(
        name = "diagonal",
        sortOptions = false,
        description = {
            "Which solution training finds when many fit: diagonal linear networks f(x) = (u*u - v*v).x, 20 samples, 40 unknowns.",
            "",
            "From u = v = alpha gradient flow ends in a minimiser that is known in closed form (Woodworth et al., COLT 2020):",
            "near the least 2-norm for large alpha, near the least 1-norm, which is sparse, for small ones.",
            "A gradient regularisation shrinks alpha while it trains, each unknown's its own (Karakida et al., ICML 2023).",
            "The problem has no random numbers: --seed and --dtype change nothing; all of it is in float64.",
            "The exit status is 1 where a flow does not end within 1e-5 of its minimiser.",
            "Prints tables and writes diagonal.csv, regularization.csv, diagonal.png and run.json.",
            ""
        },
        footer = {"", "Examples:", "  ngd diagonal --quick", "  ngd diagonal --out results"})
public final class Diagonal implements Callable<Integer> {

    private static final List<Double> SCALES = List.of(10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-4);
    private static final List<Double> GAMMAS = List.of(0.0, 0.01, 0.02, 0.05, 0.1);
    private static final List<Double> QUICK_GAMMAS = List.of(0.0, 0.02, 0.1);
    private static final List<Double> EPSILONS = List.of(0.0, -0.005, 0.02, 0.05);
    private static final List<Double> QUICK_EPSILONS = List.of(0.0, 0.02, 0.05);
    private static final List<Double> MEANS = List.of(2.0, 0.0);
    private static final double SCALE = 0.1;
    private static final double MISFIT = 1e-9;
    private static final int MOST_STEPS = 4_000_000;
    private static final int QUICK_MOST_STEPS = 500_000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions run = new RunOptions(Precision.DOUBLE);

    /** The command. */
    public Diagonal() {}

    @Override
    public Integer call() throws IOException {
        ZonedDateTime started = ZonedDateTime.now(ZoneId.systemDefault());
        PrintWriter out = spec.commandLine().getOut();
        RunDirectory directory = run.directory(started);
        DiagonalReport report = measure();
        out.println("Problem: " + DiagonalProblem.SAMPLES + " samples, " + DiagonalProblem.UNKNOWNS
                + " unknowns, three of them not zero, fitted exactly");
        out.println();
        out.println(
                "Centred inputs: the solution found over the scale of the initial values, closed form and gradient descent");
        out.println(report.scales());
        out.println();
        out.println("A gradient regularisation of weight gamma, from alpha = " + SCALE + ": what it makes of alpha");
        out.println(report.penalties());
        report.leftOut().forEach(out::println);
        out.println();
        report.write(directory, run.typed());
        directory.files().forEach(file -> out.println("Wrote " + file));
        out.flush();
        return report.isAsExpected() ? spec.exitCodeOnSuccess() : spec.exitCodeOnExecutionException();
    }

    private DiagonalReport measure() {
        List<Double> gammas = run.quick() ? QUICK_GAMMAS : GAMMAS;
        List<Double> epsilons = run.quick() ? QUICK_EPSILONS : EPSILONS;
        List<DiagonalReport.Scale> scales = new ArrayList<>();
        List<DiagonalReport.Regularized> regularized = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        DiagonalProblem centred = DiagonalProblem.of(0);
        try (Progress progress = Progress.of(
                "diagonal", SCALES.size() + (long) MEANS.size() * (1 + (gammas.size() - 1L) * epsilons.size()))) {
            for (double alpha : SCALES) {
                scales.add(new DiagonalReport.Scale(
                        alpha,
                        ImplicitBias.minimizer(centred, alpha),
                        Descent.of(centred, alpha, run.quick() ? QUICK_MOST_STEPS : MOST_STEPS)));
                progress.step();
            }
            for (double mean : MEANS) {
                DiagonalProblem problem = DiagonalProblem.of(mean);
                for (double gamma : gammas) {
                    for (double epsilon : gamma == 0 ? List.of(0.0) : epsilons) {
                        Penalty penalty = new Penalty(gamma, epsilon);
                        try {
                            regularized.add(regularized(problem, penalty));
                        } catch (ArithmeticException e) {
                            leftOut.add("Left out: mean " + mean + ", gamma " + gamma + ", " + penalty + ": "
                                    + e.getMessage());
                        }
                        progress.step();
                    }
                }
            }
        }
        return new DiagonalReport(centred, scales, regularized, leftOut);
    }

    private static DiagonalReport.Regularized regularized(DiagonalProblem problem, Penalty penalty) {
        DiagonalFlow flow = DiagonalFlow.of(problem, SCALE, penalty, MISFIT);
        double[] squares = flow.scales().clone();
        for (int j = 0; j < squares.length; j++) {
            squares[j] *= squares[j];
        }
        return new DiagonalReport.Regularized(problem, penalty, flow, ImplicitBias.minimizer(problem, squares));
    }
}
