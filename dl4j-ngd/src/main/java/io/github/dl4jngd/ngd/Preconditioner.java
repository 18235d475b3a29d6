package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.Direction;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.LinearAlgebraException;
import io.github.dl4jngd.fisher.linalg.Products;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.MemoryLimitException;
import io.github.dl4jngd.fisher.training.LiveModel;
import java.util.List;
import java.util.function.Consumer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns a model's gradient into its natural gradient, step by step.
 *
 * <p>One step: linearise at the minibatch → let the curvature observe it and solve → d = Jv → scale → write. Nothing is
 * written before
 * everything has been computed and found finite, and a step that fails leaves every {@link StepPart} as it was.
 */
final class Preconditioner implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NaturalGradient.class);

    private final NaturalGradientConfiguration configuration;
    private final LinearizedNetwork network;
    private final LiveModel model;
    private final LossWatch watch;
    private final DampingControl dampingControl;
    private final Curvature curvature;
    private final StepFailures failures;
    private final List<StepPart> parts;
    private final StepWorkspace workspace = new StepWorkspace();
    private StepDiagnostics last;
    /** The step made last, or left out; −1 where that one failed, and before the first. */
    private int lastIteration = -1;

    Preconditioner(NaturalGradientConfiguration configuration, LinearizedNetwork network, LiveModel model) {
        this(configuration, network, model, LinearAlgebra.best());
    }

    Preconditioner(
            NaturalGradientConfiguration configuration,
            LinearizedNetwork network,
            LiveModel model,
            LinearAlgebra provider) {
        this.configuration = configuration;
        this.network = network;
        this.model = model;
        ResumableRandom random = new ResumableRandom(configuration.seed());
        this.watch = new LossWatch(configuration.divergenceGuard());
        this.dampingControl = new DampingControl(configuration, network, watch);
        this.curvature = MethodRule.of(configuration).newCurvature(network, new SolveLadder(provider), random);
        this.failures = new StepFailures(configuration);
        this.parts = List.of(random, dampingControl, watch, failures, curvature);
    }

    /**
     * Replaces a gradient by its natural gradient.
     *
     * @param gradient the model's gradient; modified
     * @param factor what makes it the gradient of the mean loss
     * @param updaterState what the updater keeps across steps, or null; written to where the last step is taken back
     * @throws StepSkippedException if the step is to be left out
     * @throws NaturalGradientException if training is to stop
     */
    void precondition(Gradient gradient, double factor, int iteration, int epoch, INDArray updaterState) {
        lastIteration = -1;
        try (MemoryWorkspace opened = workspace.enter()) {
            assert opened.isScopeActive();
            takeBackDivergence(iteration, updaterState);
            attempt(() -> step(gradient, factor, iteration, epoch, updaterState));
            failures.stepMade();
            lastIteration = iteration;
        } catch (NumericalFailureException | ArithmeticException | LinearAlgebraException e) {
            throw leftOut(iteration, failures.reason(e, () -> dampingControl.at(iteration, epoch)), e);
        } catch (IllegalArgumentException | MemoryLimitException e) {
            // What the formulas do not hold for, such as labels of another shape, is not tried again with the next
            // minibatch.
            throw new NaturalGradientException("Iteration " + iteration + ": " + e.getMessage(), e);
        }
        if (configuration.logEvery() > 0 && iteration % configuration.logEvery() == 0) {
            log.info("{}", last);
        }
    }

    private StepSkippedException leftOut(int iteration, String message, RuntimeException cause) {
        StepSkippedException skipped = failures.leaveOut(iteration, message, cause);
        lastIteration = iteration;
        return skipped;
    }

    private void takeBackDivergence(int iteration, INDArray updaterState) {
        if (watch.takesBack(model, network.parameters(), updaterState)) {
            failures.countTakenBack(watch.rejections());
            throw leftOut(iteration, watch.explanation(), null);
        }
    }

    /** A step after whose failure everything that it has learnt is forgotten. */
    private void attempt(Runnable step) {
        List<StepPart.Undo> begun = parts.stream().map(StepPart::begin).toList();
        Consumer<StepPart.Undo> end = StepPart.Undo::undo;
        try {
            step.run();
            end = StepPart.Undo::keep;
        } finally {
            begun.forEach(end);
        }
    }

    private void step(Gradient gradient, double factor, int iteration, int epoch, INDArray updaterState) {
        long start = System.nanoTime();
        INDArray g = Gradients.read(network, gradient);
        if (factor != 1) {
            g.muli(factor);
        }
        failures.refuse(iteration, model.objection());
        double gradientNorm = requireFinite(norm(g), "the gradient", g);
        dampingControl.beforeStep();
        Damping damping = dampingControl.at(iteration, epoch);
        String whyDamping = dampingControl.explanation(iteration, epoch);
        MinibatchPoint point = new MinibatchPoint(configuration, network, model);
        if (needsLinearization()) {
            point.linearize();
        }

        Direction direction = curvature.solve(g, point, damping);
        INDArray v = network.scale(direction.vector(), configuration.parameterization());
        double directionNorm = requireFinite(norm(v), "the natural gradient", g);
        QuadraticModel quadratic = QuadraticModel.of(g, v, direction, point, curvature.usesLogits(point));
        double step = requireFinite(scale(quadratic, direction), "the step", g);
        step = constrain(step, quadratic, iteration, epoch);
        double length = step * directionNorm;
        requireFinite(v.dataType() == DataType.FLOAT ? (float) length : length, "the scaled natural gradient", g);

        dampingControl.afterStep(point);
        Gradients.requireFiniteOthers(network, gradient);
        curvature.stepMade();
        Gradients.write(network, v.muli(step), gradient);
        // Last, because what it remembers of the step before is overwritten in place.
        watch.beforeStep(network.parameters(), updaterState);
        last = StepDiagnostics.of(iteration, point, direction, quadratic)
                .damping(curvature.dampingInUse(), whyDamping, dampingControl.reductionRatio())
                .step(step, gradientNorm, directionNorm)
                .statistics(network)
                .took((System.nanoTime() - start) / 1e6);
        failures.noteUnusual(iteration, direction);
    }

    private boolean needsLinearization() {
        return curvature.observes()
                || dampingControl.isAdaptive()
                || configuration.stepScaling() == StepScaling.MEASURED
                || configuration.normConstraint() < Double.POSITIVE_INFINITY;
    }

    private double scale(QuadraticModel quadratic, Direction direction) {
        return switch (configuration.stepScaling()) {
            case NONE -> 1;
            case ANALYTIC -> 1 / curvature.isotropyConstant(direction);
            case MEASURED -> quadratic.minimizer();
        };
    }

    private double constrain(double step, QuadraticModel quadratic, int iteration, int epoch) {
        double bound = configuration.normConstraint();
        return bound == Double.POSITIVE_INFINITY
                ? step
                : quadratic.constrained(
                        step,
                        model.learningRates(network, iteration, epoch)
                                .findFirst()
                                .orElse(1),
                        bound);
    }

    private double requireFinite(double value, String what, INDArray gradient) {
        return failures.requireFinite(value, what, gradient, network, model);
    }

    private static double norm(INDArray array) {
        return Math.sqrt(Products.squaredNorm(array));
    }

    /** What came after the preconditioner failed: the step was not made. */
    void abandon() {
        lastIteration = -1;
    }

    /** Everything that the next steps depend on, beside the model. */
    void save(CheckpointState into) {
        parts.forEach(part -> part.save(into));
    }

    /**
     * Goes on from a state.
     *
     * @throws IllegalArgumentException if it is of another model or method; this preconditioner is then of no more use
     */
    void restore(CheckpointState from) {
        parts.forEach(part -> part.restore(from));
    }

    /** For a test that walks them. */
    List<StepPart> parts() {
        return parts;
    }

    StepDiagnostics lastDiagnostics() {
        return last;
    }

    int lastIteration() {
        return lastIteration;
    }

    long skippedSteps() {
        return failures.skipped();
    }

    NaturalGradientConfiguration configuration() {
        return configuration;
    }

    /** Releases the workspace of the calling thread, which is the one that trained. */
    @Override
    public void close() {
        curvature.close();
        workspace.destroy();
    }
}
