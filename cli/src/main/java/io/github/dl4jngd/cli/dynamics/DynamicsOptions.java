package io.github.dl4jngd.cli.dynamics;

import io.github.dl4jngd.cli.data.Precision;
import io.github.dl4jngd.cli.options.DataOption;
import io.github.dl4jngd.cli.options.RunOptions;
import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.ngd.StepScaling;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of {@code ngd dynamics}. Where an option was not given, its field is null. */
final class DynamicsOptions {

    /**
     * A fraction of each block's mean diagonal, because unit-wise spectra scale as 1/width and an absolute damping
     * means something else at every width. A compromise for the unit-wise method: with less, its step leaves the linear
     * regime at widths up to some thousand; with more, its projectors lose rank and α falls (by 5 % at 1e-3).
     */
    static final double DEFAULT_RELATIVE_DAMPING = 5e-4;

    /** As good as none, and still above rounding in float64: for the projectors' rank. */
    static final double VANISHING_RELATIVE_DAMPING = 1e-8;

    private static final int DEFAULT_WIDTH = 512;
    private static final int DEFAULT_SAMPLES = 100;
    private static final int DEFAULT_STEPS = 5;
    private static final int QUICK_WIDTH = 128;
    private static final int QUICK_SAMPLES = 40;
    private static final int QUICK_STEPS = 3;
    private static final List<String> NOT_WITH_REFERENCE = List.of(
            "--width",
            "--depth",
            "--samples",
            "--data",
            "--scaling",
            "--learning-rate",
            "--damping",
            "--relative-damping",
            "--quick");

    /** The names of the methods for the help. */
    static final class MethodNames implements Iterable<String> {
        @Override
        public java.util.Iterator<String> iterator() {
            return Contender.names().iterator();
        }
    }

    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--reference",
            paramLabel = "FILE.npz",
            description = {
                "Take network, data, learning rates and damping from a reference file and compare with its losses;",
                "exit status 1 where the first two steps deviate by more than 1 %%."
            })
    private Path reference;

    @Option(
            names = "--method",
            split = ",",
            paramLabel = "NAME",
            completionCandidates = MethodNames.class,
            description = "Methods, separated by commas: ${COMPLETION-CANDIDATES}. Default: all.")
    private List<String> methodNames;

    @Option(
            names = "--scaling",
            split = ",",
            paramLabel = "NAME",
            description = {
                "Scalings of the step, separated by commas: analytic (1/α), measured, none. Default: analytic."
            })
    private List<StepScaling> scalings;

    @Option(
            names = "--learning-rate",
            paramLabel = "RATE",
            description = "The multiple of the scaled step, between 0 and 2. Default: 1.")
    private Double learningRate;

    @Option(
            names = "--width",
            paramLabel = "N",
            description =
                    "Width of the hidden layers. Default: " + DEFAULT_WIDTH + ", with --quick " + QUICK_WIDTH + ".")
    private Integer width;

    @Option(
            names = "--depth",
            paramLabel = "N",
            defaultValue = "3",
            description = "Layers with weights, the output layer among them. Default: ${DEFAULT-VALUE}.")
    private int depth;

    @Option(
            names = "--samples",
            paramLabel = "N",
            description = "Training images. Default: " + DEFAULT_SAMPLES + ", with --quick " + QUICK_SAMPLES + ".")
    private Integer samples;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Steps. Default: " + DEFAULT_STEPS + ", with --quick " + QUICK_STEPS + ".")
    private Integer steps;

    @Option(
            names = "--damping",
            paramLabel = "RHO",
            description = "Absolute damping ρ for the half squared error, H = I (Deeplearning4j's L2 is given 2ρ).")
    private Double damping;

    @Option(
            names = "--relative-damping",
            paramLabel = "FRACTION",
            description = "Damping as a fraction of each block's mean diagonal. Default: " + DEFAULT_RELATIVE_DAMPING
                    + ", which means the same at every width.")
    private Double relativeDamping;

    @Mixin
    private DataOption data;

    @Mixin
    private RunOptions run = new RunOptions(Precision.DOUBLE);

    /** Checks what picocli cannot. */
    void check() {
        if (reference != null) {
            for (OptionSpec given : spec.commandLine().getParseResult().matchedOptions()) {
                if (NOT_WITH_REFERENCE.contains(given.longestName())) {
                    throw new ParameterException(
                            spec.commandLine(),
                            "Option '" + given.longestName() + "' excludes '--reference', which brings its own");
                }
            }
        }
        run.atLeast(1, width, "--width");
        run.atLeast(1, depth, "--depth");
        run.atLeast(1, samples, "--samples");
        run.atLeast(1, steps, "--steps");
        notNegative(damping, "--damping");
        notNegative(relativeDamping, "--relative-damping");
        if (damping != null && relativeDamping != null) {
            throw run.wrong("--relative-damping", "excludes '--damping'; give one of them");
        }
        if (learningRate != null && !(learningRate > 0 && learningRate < 2)) {
            throw run.wrong("--learning-rate", "expected a number between 0 and 2, found " + learningRate);
        }
        methods();
    }

    private void notNegative(Double value, String option) {
        if (value != null && (!(value >= 0) || value.isInfinite())) {
            throw run.wrong(option, "expected a number of at least 0, found " + value);
        }
    }

    List<Contender> methods() {
        List<String> names = methodNames == null ? Contender.names() : methodNames;
        return new LinkedHashSet<>(names)
                .stream()
                        .map(name -> Contender.named(name.strip())
                                .orElseThrow(() -> run.wrong(
                                        "--method",
                                        "'" + name + "' is not a method, expected one of "
                                                + String.join(", ", Contender.names()))))
                        .toList();
    }

    List<StepScaling> scalings() {
        return scalings == null ? List.of(StepScaling.ANALYTIC) : List.copyOf(new LinkedHashSet<>(scalings));
    }

    Path reference() {
        return reference;
    }

    double learningRate() {
        return learningRate == null ? 1 : learningRate;
    }

    int width() {
        return width != null ? width : run.quick() ? QUICK_WIDTH : DEFAULT_WIDTH;
    }

    int depth() {
        return depth;
    }

    int samples() {
        return samples != null ? samples : run.quick() ? QUICK_SAMPLES : DEFAULT_SAMPLES;
    }

    int steps() {
        return steps != null ? steps : run.quick() ? QUICK_STEPS : DEFAULT_STEPS;
    }

    Damping damping() {
        if (damping != null) {
            return Damping.absolute(damping);
        }
        return Damping.relative(relativeDamping == null ? DEFAULT_RELATIVE_DAMPING : relativeDamping);
    }

    Path data() {
        return data.folder();
    }

    RunOptions run() {
        return run;
    }
}
