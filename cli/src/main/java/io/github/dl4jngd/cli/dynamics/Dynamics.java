package io.github.dl4jngd.cli.dynamics;

import io.github.dl4jngd.cli.data.ImageSource;
import io.github.dl4jngd.cli.reference.UnusableFileException;
import io.github.dl4jngd.cli.report.Numbers;
import io.github.dl4jngd.cli.report.Provenance;
import io.github.dl4jngd.cli.report.RunDirectory;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.LoadedDataset;
import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.ngd.Method;
import io.github.dl4jngd.ngd.StepScaling;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.nd4j.linalg.api.buffer.DataType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ngd dynamics}: training curves of every method beside what the neural tangent kernel predicts. */
@Command(
        name = "dynamics",
        sortOptions = false,
        description = {
            "Trains a wide network with every natural gradient and shows its losses beside two predictions.",
            "",
            "The network is a ReLU network without biases and with one output in the NTK parameterisation,",
            "fitted to MNIST's 0 and 1 as -1/2 and 1/2; losses are half the mean squared error.",
            "Predicted: the same method on the network linearised at initialisation (neural tangent kernel),",
            "and L0 (1 - eta alpha)^2t with the isotropy constant alpha of infinite width (Karakida & Osawa 2020).",
            "sgd is gradient descent on the whole training set at 1/lambda_max.",
            "Prints tables and writes dynamics.csv, dynamics.png and run.json.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  ngd dynamics --quick",
            "  ngd dynamics --reference reference/wide-three-layer.npz",
            "  ngd dynamics --learning-rate 0.5",
            "  ngd dynamics --width 4096 --scaling analytic,measured --method exact,layer-wise,unit-wise --steps 1"
        })
public final class Dynamics implements Callable<Integer> {

    private final ImageSource images;

    @Spec
    private CommandSpec spec;

    @Mixin
    private DynamicsOptions options;

    /** The command on MNIST. */
    public Dynamics() {
        this(ImageSource.of(ImageDataset.MNIST));
    }

    Dynamics(ImageSource images) {
        this.images = images;
    }

    @Override
    public Integer call() throws IOException {
        options.check();
        try {
            return options.reference() == null ? ownNetwork() : reference();
        } catch (UnusableFileException e) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("ngd: " + e.getMessage());
            err.flush();
            return spec.exitCodeOnInvalidInput();
        }
    }

    private int ownNetwork() throws IOException {
        LoadedDataset loaded = images.load(options.data(), options.run().seed());
        out().println("Data:    " + loaded.origin());
        Problem problem = new Pair(loaded, options.run().dataType())
                .problem(
                        options.depth(),
                        options.width(),
                        options.samples(),
                        options.run().seed());
        List<Plan> plans = new ArrayList<>();
        for (Contender method : options.methods()) {
            for (StepScaling scaling : method.isNatural() ? options.scalings() : List.of(StepScaling.NONE)) {
                plans.add(new Plan(method, scaling, options.damping(), options.learningRate(), options.steps(), ""));
            }
        }
        run(problem, plans);
        return spec.exitCodeOnSuccess();
    }

    private int reference() throws IOException, UnusableFileException {
        WideReference reference =
                WideReference.read(options.reference(), options.run().dataType());
        List<Plan> plans = new ArrayList<>();
        for (Contender method : options.methods()) {
            plans.add(plan(reference, method));
        }
        List<Curve> curves = run(reference.problem(), plans);
        Comparison comparison = new Comparison(curves, reference);
        out().println();
        out().println("Beside " + options.reference() + " (largest deviation that is right in the first two steps: "
                + Numbers.percent(Comparison.TOLERANCE) + "):");
        out().println();
        out().println(comparison.table());
        out().flush();
        boolean isChecked = options.run().dataType() == DataType.DOUBLE;
        return comparison.isRight() || !isChecked ? spec.exitCodeOnSuccess() : spec.exitCodeOnExecutionException();
    }

    private Plan plan(WideReference reference, Contender method) {
        Damping damping = Damping.absolute(reference.damping());
        return reference
                .of(method)
                .map(expected ->
                        new Plan(method, StepScaling.NONE, damping, expected.learningRate(), options.steps(), ""))
                .orElseGet(() -> beside(method, damping));
    }

    /** A method that the file does not have. */
    private Plan beside(Contender method, Damping damping) {
        if (method.is(Method.UNIT_WISE) && damping.value() == 0) {
            Damping small = Damping.relative(DynamicsOptions.DEFAULT_RELATIVE_DAMPING);
            return new Plan(
                    method,
                    StepScaling.ANALYTIC,
                    small,
                    1,
                    options.steps(),
                    "unit-wise: not in the file; its blocks are near singular, so it is given a damping of " + small);
        }
        return new Plan(
                method,
                method.isNatural() ? StepScaling.ANALYTIC : StepScaling.NONE,
                damping,
                1,
                options.steps(),
                method + ": not in the file");
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private List<Curve> run(Problem problem, List<Plan> plans) throws IOException {
        ZonedDateTime started = ZonedDateTime.now(ZoneId.systemDefault());
        RunDirectory directory = options.run().directory(started);
        out().println("Network: " + problem.network() + ", " + problem.coordinates() + " parameterisation, "
                + problem.samples() + " training and " + problem.testInput().size(0) + " test images");
        plans.stream().map(Plan::note).filter(note -> !note.isEmpty()).forEach(note -> out().println(
                        "Note:    " + note));
        out().flush();
        Prediction prediction = new Prediction(problem, LinearAlgebra.best());
        InfiniteWidth limit = prediction.limit();
        List<Curve> curves = new ArrayList<>();
        for (Plan plan : plans) {
            // Deeplearning4j's L2 has the curvature 2F.
            double descentRate = plan.method().isNatural() ? Double.NaN : 1 / (2 * prediction.lambdaMax());
            Training training = Training.of(problem, plan, descentRate);
            List<Losses> predicted =
                    prediction.losses(plan, training.stepSizes().get(0));
            Curve curve = training.curve(
                    plan, predicted, limit.losses(plan, training.stepSizes().get(0)));
            curve.notes().forEach(note -> out().println("Note:    " + plan.method() + ", " + note));
            out().flush();
            curves.add(curve);
        }
        DynamicsReport report = new DynamicsReport(problem, curves);
        Map<String, Object> facts = facts(problem);
        out().println();
        out().println(report.losses());
        out().println();
        out().println(report.summary());
        projectorTrace(problem, plans, prediction, facts);
        out().println();
        report.write(directory, facts);
        directory.files().forEach(file -> out().println("Wrote " + file));
        out().flush();
        return curves;
    }

    private void projectorTrace(Problem problem, List<Plan> plans, Prediction prediction, Map<String, Object> facts) {
        plans.stream()
                .filter(plan -> plan.method().is(Method.UNIT_WISE))
                .findFirst()
                .ifPresent(plan -> {
                    double theory = problem.isotropyConstant(plan.method());
                    Map<String, Double> traces = new LinkedHashMap<>();
                    traces.put("at this damping", prediction.projectorTrace(plan.damping()));
                    traces.put(
                            "undamped",
                            prediction.projectorTrace(Damping.relative(DynamicsOptions.VANISHING_RELATIVE_DAMPING)));
                    out().println();
                    out().println("unit-wise α: γ(L−1)·width + 1 = " + Numbers.significant(theory));
                    traces.forEach((name, trace) -> out().println("unit-wise projector trace " + name + ": "
                            + Numbers.significant(trace) + ", deviation " + Numbers.percent(trace / theory - 1)));
                    facts.put("unit_wise_projector_trace", traces);
                    facts.put("unit_wise_alpha_in_theory", theory);
                });
    }

    private Map<String, Object> facts(Problem problem) {
        Map<String, Object> facts =
                new LinkedHashMap<>(Provenance.of(options.run().typed()));
        facts.put("seed", options.run().seed());
        facts.put("network", problem.network().toString());
        facts.put("dtype", options.run().dataType().name());
        facts.put("training_images", problem.samples());
        facts.put("data", problem.name());
        return facts;
    }
}
