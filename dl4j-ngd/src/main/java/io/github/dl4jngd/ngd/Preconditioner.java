package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.Direction;
import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.LinearAlgebraException;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.MemoryLimitException;
import java.util.List;
import java.util.Optional;
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
 * written before everything has been computed and found finite, and a step that fails leaves every {@link StepPart} as
 * it was.
 */
final class Preconditioner implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(StepLog.NAME);

    private final NaturalGradientConfiguration configuration;
    private final LinearizedNetwork network;
    private final LiveModel model;
    private final LossWatch watch;
    private final DampingControl dampingControl;
    private final Curvature curvature;
    private final StepLength stepLength;
    private final StepFailures failures;
    private final UndoableStep parts;
    private final FusedPass fused;
    private final Optional<RegularizedGradient> regularized;
    private final StepWorkspace workspace = new StepWorkspace();
    private StepDiagnostics last;
    /** Who wants to see the next step's (F̂ + ρ)⁻¹; null for nobody. */
    private Consumer<SymmetricOperator> observer;
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
        this.stepLength = new StepLength(configuration, network, model);
        this.failures = new StepFailures(configuration, network, model);
        this.fused = new FusedPass(configuration, network, model, curvature, workspace);
        this.regularized =
                configuration.gradientRegularization().map(rule -> new RegularizedGradient(rule, network, model));
        this.parts = new UndoableStep(List.of(random, dampingControl, watch, failures, curvature, stepLength));
    }

    /** The forward and backward pass that steps share with DL4J. */
    FusedPass fused() {
        return fused;
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
        Consumer<SymmetricOperator> asked = observer;
        observer = null;
        try (MemoryWorkspace opened = workspace.enter()) {
            assert opened.isScopeActive();
            fused.requireSound();
            takeBackDivergence(iteration, updaterState);
            parts.attempt(() -> step(gradient, factor, iteration, epoch, updaterState, asked));
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

    private void takeBackDivergence(int iteration, INDArray updaterState) {
        if (watch.takesBack(model, network.parameters(), updaterState)) {
            failures.countTakenBack(watch.rejections());
            throw leftOut(iteration, watch.explanation(), null);
        }
    }

    private StepSkippedException leftOut(int iteration, String message, RuntimeException cause) {
        StepSkippedException skipped = failures.leaveOut(iteration, message, cause);
        lastIteration = iteration;
        return skipped;
    }

    private void step(
            Gradient gradient,
            double factor,
            int iteration,
            int epoch,
            INDArray updaterState,
            Consumer<SymmetricOperator> asked) {
        long start = System.nanoTime();
        Optional<INDArray> shared = factor == 1 ? fused.vector(gradient) : Optional.empty();
        // without a natural gradient a sum stays a sum, as the updater behind expects it
        double taken = configuration.preconditions() ? factor : 1;
        INDArray g = shared.orElseGet(() -> Gradients.read(network, gradient, taken));
        failures.refuse(iteration, model.objection());
        double gradientNorm = fused.point().map(StepPoint::hasWholeGradient).orElse(true)
                ? failures.requireFinite(Gradients.norm(g), "the gradient", g)
                : Double.NaN;
        regularized.ifPresent(own -> own.regularize(g, factor / taken, iteration));
        dampingControl.beforeStep();
        Damping damping = dampingControl.at(iteration, epoch);
        String whyDamping = dampingControl.explanation(iteration, epoch);
        StepPoint point = fused.point().orElseGet(() -> new MinibatchPoint(configuration, network, model));
        boolean needed = curvature.observes() || dampingControl.isAdaptive();
        boolean measured = stepLength.needsTangent(point.batchSize(), needed, curvature.renewsInverses(damping));
        if (!point.isLinearized() && (needed || measured)) {
            point.linearize();
        }

        Direction direction = curvature.solve(g, point, damping);
        INDArray v = network.scale(direction.vector(), configuration.parameterization());
        double directionNorm = failures.requireFinite(Gradients.norm(v), "the natural gradient", g);
        QuadraticModel quadratic = measured
                ? point.quadratic(g, v, direction, curvature.usesLogits(point))
                : QuadraticModel.unmeasured(g, v, direction, point.hasWholeGradient());
        double scaled = failures.requireFinite(stepLength.scaled(quadratic, curvature, direction), "the step", g);
        double step = stepLength.constrained(scaled, quadratic, point, iteration, epoch);
        double length = step * directionNorm;
        failures.requireFinite(
                v.dataType() == DataType.FLOAT ? (float) length : length, "the scaled natural gradient", g);

        long shown = System.nanoTime();
        show(asked);
        QuadraticModel reported = quadratic;
        if (asked != null && !measured) {
            // for who watches, of a step that is what it is without
            if (!point.isLinearized()) {
                point.linearize();
            }
            reported = point.quadratic(g, v, direction, curvature.usesLogits(point));
        }
        double watching = (System.nanoTime() - shown) / 1e6;
        dampingControl.afterStep(point);
        Gradients.requireFiniteOthers(network, gradient);
        curvature.stepMade();
        stepLength.stepMade(quadratic);
        if (shared.isPresent()) {
            v.muli(step, g);
        } else {
            Gradients.write(network, v.muli(step), gradient);
        }
        // Last, because what it remembers of the step before is overwritten in place.
        watch.beforeStep(network.parameters(), updaterState);
        last = StepDiagnostics.of(iteration, point, direction, reported)
                .damping(curvature.dampingInUse(), whyDamping, dampingControl.reductionRatio())
                .step(step, gradientNorm, directionNorm)
                .statistics(network)
                .took((System.nanoTime() - start) / 1e6 - watching);
        failures.noteUnusual(iteration, direction);
    }

    /** Shows (F̂ + ρ)⁻¹ to who asked for it. */
    private void show(Consumer<SymmetricOperator> asked) {
        if (asked == null) {
            return;
        }
        INDArray parameters = network.parameters();
        curvature
                .inverse()
                .map(inverse -> SymmetricOperator.of(
                        parameters.length(),
                        parameters.dataType(),
                        g -> network.scale(
                                inverse.apply(configuration.scaled(network, g)), configuration.parameterization())))
                .ifPresent(asked);
    }

    void observeNextStep(Consumer<SymmetricOperator> next) {
        observer = observer == null ? next : observer.andThen(next);
    }

    /** What came after the preconditioner failed: the step was not made. */
    void abandon() {
        lastIteration = -1;
        // DL4J leaves the masks of a step that throws to the next minibatch
        model.clearMasks();
    }

    /** What lives across steps, to be saved and restored. */
    UndoableStep parts() {
        return parts;
    }

    StepDiagnostics lastDiagnostics() {
        return last;
    }

    /** What the regularisation of the last step's gradient did. */
    Optional<RegularizationDiagnostics> lastRegularization() {
        return regularized.flatMap(RegularizedGradient::lastDiagnostics);
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
