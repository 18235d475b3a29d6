package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.ConjugateGradients;
import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.Direction;
import io.github.dl4jngd.fisher.curvature.FisherApproximation;
import io.github.dl4jngd.fisher.curvature.FisherOperator;
import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.curvature.FisherType;
import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.curvature.LayerJacobian;
import io.github.dl4jngd.fisher.curvature.OutputMetric;
import io.github.dl4jngd.fisher.curvature.OutputRoot;
import io.github.dl4jngd.fisher.curvature.ParameterBlock;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.LinearAlgebraException;
import io.github.dl4jngd.fisher.linalg.NotPositiveDefiniteException;
import io.github.dl4jngd.fisher.linalg.Products;
import io.github.dl4jngd.fisher.linalg.Remedies;
import io.github.dl4jngd.fisher.linalg.SingularMatrixException;
import io.github.dl4jngd.fisher.network.BatchStatistics;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.LiveModel;
import io.github.dl4jngd.fisher.network.MemoryLimitException;
import io.github.dl4jngd.fisher.network.Parameterization;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.gradient.Gradient;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns a model's gradient into its natural gradient, step by step.
 *
 * <p>One step: linearise at the minibatch → let the approximation observe it (K-FAC: when its interval says so) → solve
 * → d = Jv → scale → write. Nothing is written before everything has been computed and found finite.
 */
final class Preconditioner implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NaturalGradient.class);

    /** The factor by which damping may leave that of K-FAC's inverses before they are made anew. */
    private static final double STALE_DAMPING = 1.5;

    /** Where conjugate gradients stop: well below what a step along v changes of the loss. */
    private static final double CONJUGATE_GRADIENT_TOLERANCE = 1e-4;

    private static final int CONJUGATE_GRADIENT_ITERATIONS = 200;

    private final NaturalGradientConfiguration configuration;
    private final LinearizedNetwork network;
    private final LiveModel model;
    private final FisherApproximation approximation;
    private final KroneckerSchedule kroneckerSchedule;
    private final DampingAdapter adapter;
    private final Divergence divergence;
    private final Remedies linearAlgebra;
    private final ResumableRandom random;
    private final StepWorkspace workspace = new StepWorkspace();
    private IsotropyInputs isotropy;
    /** The damping that K-FAC's inverses were made with. */
    private Damping inverted;
    /** The damping of inverses that are being made on another thread, or null. */
    private Damping inverting;
    /** Whether inverses that were made on another thread failed and have not been made since. */
    private boolean inversionFailed;

    private NaturalGradient owner;
    private StepDiagnostics last;
    private long notes;
    /** The step made last, or left out; −1 where that one failed, and before the first. */
    private int lastIteration = -1;
    /** Steps that were not taken: all, and those in a row until now. */
    private long skipped;

    private int failures;

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
        this.linearAlgebra = new Remedies(provider);
        this.approximation = configuration.newApproximation(linearAlgebra);
        this.divergence = configuration.divergenceGuard().map(Divergence::new).orElse(null);
        this.kroneckerSchedule = configuration instanceof Kfac kfac ? new KroneckerSchedule(kfac) : null;
        this.adapter = configuration
                .adaptiveDamping()
                .map(adaptation -> new DampingAdapter(adaptation, network, configuration.damping()))
                .orElse(null);
        this.random = new ResumableRandom(configuration.seed());
    }

    StepDiagnostics lastDiagnostics() {
        return last;
    }

    int lastIteration() {
        return lastIteration;
    }

    NaturalGradientConfiguration configuration() {
        return configuration;
    }

    /**
     * Replaces a gradient by its natural gradient.
     *
     * @param gradient the model's gradient; modified
     * @param factor what makes it the gradient of the mean loss
     */
    void precondition(Gradient gradient, double factor, int iteration, int epoch) {
        lastIteration = -1;
        try (MemoryWorkspace opened = workspace.enter()) {
            assert opened.isScopeActive();
            takeBackDivergence(iteration);
            attempt(gradient, factor, iteration, epoch);
            failures = 0;
            lastIteration = iteration;
        } catch (NumericalFailureException | ArithmeticException e) {
            fail(iteration, e.getMessage(), e);
        } catch (LinearAlgebraException e) {
            fail(
                    iteration,
                    configuration.methodName() + " could not be solved: " + e.getMessage()
                            + (e instanceof NotPositiveDefiniteException || e instanceof SingularMatrixException
                                    ? " Raise the damping (now " + damping(iteration, epoch) + ")."
                                    : ""),
                    e);
        } catch (IllegalArgumentException | MemoryLimitException e) {
            // labels, shapes or a damping that the formulas do not hold for
            throw new NaturalGradientException("Iteration " + iteration + ": " + e.getMessage(), e);
        }
        if (configuration.logEvery() > 0 && iteration % configuration.logEvery() == 0) {
            log.info("{}", last);
        }
    }

    /** A step after whose failure everything that it has learnt is forgotten. */
    private void attempt(Gradient gradient, double factor, int iteration, int epoch) {
        Optional<KroneckerFisher.Snapshot> factors = approximation instanceof KroneckerFisher kronecker
                ? Optional.of(kronecker.snapshot())
                : Optional.empty();
        State before = State.empty();
        random.save(before.part("random"));
        if (adapter != null) {
            adapter.save(before.part("adapter"));
        }
        Damping invertedBefore = inverted;
        Damping invertingBefore = inverting;
        boolean failedBefore = inversionFailed;
        boolean made = false;
        try {
            step(gradient, factor, iteration, epoch);
            made = true;
        } finally {
            if (made) {
                factors.ifPresent(KroneckerFisher.Snapshot::discard);
            } else {
                factors.ifPresent(KroneckerFisher.Snapshot::restore);
                random.restore(before.part("random"));
                if (adapter != null) {
                    adapter.restore(before.part("adapter"));
                }
                inverted = invertedBefore;
                inverting = invertingBefore;
                inversionFailed = failedBefore;
            }
        }
    }

    /** Stops, or leaves the step out. */
    private void fail(int iteration, String message, RuntimeException cause) {
        skipped++;
        failures++;
        String what = "Iteration " + iteration + ": " + message;
        boolean takenBack = cause == null;
        boolean stops = !takenBack && configuration.onFailure() == FailurePolicy.STOP;
        if (stops || Thread.currentThread().isInterrupted()) {
            throw new NaturalGradientException(what, cause);
        }
        if (failures >= configuration.maxFailures()) {
            throw new NaturalGradientException(
                    what + " This is failure " + failures + " in a row; training stops", cause);
        }
        log.warn("{} The step was left out ({} in a row, {} in all)", what, failures, skipped);
        lastIteration = iteration;
        throw new StepSkippedException();
    }

    /** What came after the preconditioner failed: the step was not made. */
    void abandon() {
        lastIteration = -1;
    }

    private void takeBackDivergence(int iteration) {
        if (divergence == null) {
            return;
        }
        double score = model.score();
        if (!Double.isFinite(score)) {
            // a minibatch that is broken says nothing about the last step
            NonFinite.inMinibatch(model).ifPresent(broken -> {
                throw new NumericalFailureException("the score is " + score + ", for " + broken);
            });
        }
        if (!divergence.hasDiverged(score)) {
            return;
        }
        divergence.takeBack(network.parameters(), updaterState());
        failures = Math.max(failures, divergence.rejections() - 1);
        fail(
                iteration,
                "the last step made the score " + score + " and was taken back; the damping is now "
                        + divergence.dampingFactor() + " times the configured.",
                null);
    }

    private INDArray updaterState() {
        return ((PreconditionedUpdater) model.updater()).getStateViewArray();
    }

    void setOwner(NaturalGradient naturalGradient) {
        owner = naturalGradient;
    }

    /** Whose this is; the workers of a {@code ParallelWrapper} have nobody's. */
    Optional<NaturalGradient> owner() {
        return Optional.ofNullable(owner);
    }

    long skippedSteps() {
        return skipped;
    }

    private void step(Gradient gradient, double factor, int iteration, int epoch) {
        long start = System.nanoTime();
        INDArray g = Gradients.read(network, gradient);
        if (factor != 1) {
            g.muli(factor);
        }
        String objection = model.objection();
        if (objection != null) {
            throw new NaturalGradientException("Iteration " + iteration + ": " + objection);
        }
        double gradientNorm = requireFinite(norm(g), "the gradient", g);
        if (adapter != null) {
            adapter.beforeStep();
        }
        Damping damping = damping(iteration, epoch);
        List<INDArray> x = model.inputs().stream()
                .map(input -> input.castTo(network.parameters().dataType()))
                .toList();
        INDArray y = model.labels().castTo(network.parameters().dataType());
        Point point = needsPoint() ? new Point(x, y) : null;
        Direction direction = direction(point, g, damping);
        INDArray v = network.scale(direction.vector(), configuration.parameterization());
        double directionNorm = requireFinite(norm(v), "the natural gradient", g);
        Steering steering = new Steering(direction, g, point, v);
        double step = requireFinite(steering.step(), "the step", g);
        step = constrain(step, steering, iteration, epoch);
        double length = step * directionNorm;
        requireFinite(v.dataType() == DataType.FLOAT ? (float) length : length, "the scaled natural gradient", g);
        if (adapter != null) {
            adapter.afterStep(x, y, point.loss);
        }
        Gradients.requireFiniteOthers(network, gradient);
        if (divergence != null) {
            divergence.beforeStep(model.score(), network.parameters(), updaterState());
        }
        if (kroneckerSchedule != null && !kroneckerSchedule.isDefinition()) {
            kroneckerSchedule.step();
        }
        Gradients.write(network, v.muli(step), gradient);
        last = steering.diagnostics(
                iteration, inverted.value(), step, gradientNorm, directionNorm, (System.nanoTime() - start) / 1e6);
        if (!direction.note().isEmpty()) {
            warn(iteration, direction.note());
        } else if (direction.jitter() > 0) {
            warn(iteration, "a factorisation needed " + direction.jitter() + " on its diagonal beyond the damping");
        }
    }

    /** Says it the first time and then each time the count has doubled; every step's diagnostics have it. */
    private void warn(int iteration, String note) {
        notes++;
        if (Long.bitCount(notes) == 1) {
            log.warn("Iteration {}: {} (this is step {} of the kind)", iteration, note, notes);
        }
    }

    /** Everything that the next steps depend on, beside the model. */
    void save(State into) {
        random.save(into.part("random"));
        into.put("notes", notes);
        if (adapter != null) {
            adapter.save(into.part("adapter"));
        }
        if (divergence != null) {
            divergence.save(into.part("divergence"));
        }
        into.put("skipped", skipped);
        into.put("failures", failures);
        if (kroneckerSchedule != null) {
            kroneckerSchedule.save(into.part("schedule"));
            KroneckerStates.save(((KroneckerFisher) approximation).state(), into.part("factors"));
            save(inverted, into.part("inverted"));
            save(inverting, into.part("inverting"));
            into.put("inversionFailed", inversionFailed);
        }
    }

    private static void save(Damping damping, State into) {
        if (damping != null) {
            into.put("damping", damping.value());
            into.put("relative", damping.relative());
        }
    }

    /**
     * Goes on from a state.
     *
     * @throws IllegalArgumentException if it is of another model or method; this preconditioner is then of no more use
     */
    void restore(State from) {
        random.restore(from.part("random"));
        notes = from.integer("notes");
        if (adapter != null) {
            adapter.restore(from.part("adapter"));
        }
        if (divergence != null) {
            divergence.restore(from.part("divergence"));
        }
        skipped = from.integer("skipped");
        failures = Math.toIntExact(from.integer("failures"));
        if (kroneckerSchedule != null) {
            kroneckerSchedule.restore(from.part("schedule"));
            ((KroneckerFisher) approximation).restore(network.blocks(), KroneckerStates.restore(from.part("factors")));
            inverted = damping(from.part("inverted"));
            inverting = damping(from.part("inverting"));
            inversionFailed = from.flag("inversionFailed");
        }
    }

    private static Damping damping(State from) {
        return from.has("damping") ? new Damping(from.number("damping"), from.flag("relative")) : null;
    }

    private Damping damping(int iteration, int epoch) {
        double value = adapter != null
                ? adapter.damping()
                : configuration
                        .dampingSchedule()
                        .map(schedule -> schedule.valueAt(iteration, epoch))
                        .orElse(configuration.damping());
        return new Damping(
                divergence == null ? value : value * divergence.dampingFactor(), configuration.isRelativeDamping());
    }

    private boolean needsPoint() {
        return kroneckerSchedule == null
                || kroneckerSchedule.updatesFactors()
                || adapter != null
                || configuration.stepScaling() == StepScaling.MEASURED
                || configuration.normConstraint() < Double.POSITIVE_INFINITY;
    }

    /** The unscaled direction in the parameterisation's coordinates. */
    private Direction direction(Point point, INDArray g, Damping damping) {
        if (kroneckerSchedule == null || kroneckerSchedule.updatesFactors()) {
            OutputRoot columns = OutputRoot.of(
                    configuration.fisherType(), point.metric, point.labels, configuration.monteCarloDraws(), random);
            FisherRoot root;
            try {
                root = kroneckerSchedule == null
                        ? point.linearization.fisherRoot(
                                columns, configuration.parameterization(), configuration.memoryLimit())
                        : point.linearization.factoredFisherRoot(
                                columns, configuration.parameterization(), configuration.memoryLimit());
            } catch (MemoryLimitException e) {
                return withoutRows(point, g, damping, e);
            }
            approximation.observe(root);
            int outputs = Math.toIntExact(network.outputs());
            isotropy = new IsotropyInputs(root, network.lossModel().rank(outputs), network.isOutputTrainable());
        }
        return persistently(point, g, damping);
    }

    /** What is tried in turn where a system cannot be solved. */
    private enum Remedy {
        NONE(1, Remedies.Allowed.NOTHING, ""),
        DAMPING(10, Remedies.Allowed.NOTHING, "ten times the damping"),
        MORE_DAMPING(100, Remedies.Allowed.NOTHING, "a hundred times the damping"),
        FLOAT64(1, Remedies.Allowed.FLOAT64, "factorisations in float64"),
        CLIPPING(1, Remedies.Allowed.CLIPPED_EIGENVALUES, "clipped eigenvalues");

        private final double dampingFactor;
        private final Remedies.Allowed allowed;
        private final String description;

        Remedy(double dampingFactor, Remedies.Allowed allowed, String description) {
            this.dampingFactor = dampingFactor;
            this.allowed = allowed;
            this.description = description;
        }
    }

    /** The direction, with the first remedy that helps. */
    private Direction persistently(Point point, INDArray g, Damping damping) {
        LinearAlgebraException failure = null;
        for (Remedy remedy : Remedy.values()) {
            linearAlgebra.allow(remedy.allowed);
            try {
                Direction solved =
                        solve(point, g, new Damping(damping.value() * remedy.dampingFactor, damping.relative()));
                return failure == null
                        ? solved
                        : solved.noted("solved with " + remedy.description + " after: " + failure.getMessage());
            } catch (NotPositiveDefiniteException | SingularMatrixException e) {
                if (failure != null) {
                    e.addSuppressed(failure);
                }
                failure = e;
            } finally {
                linearAlgebra.allow(Remedies.Allowed.NOTHING);
            }
        }
        throw failure;
    }

    private Direction solve(Point point, INDArray g, Damping damping) {
        if (kroneckerSchedule != null && !kroneckerSchedule.isDefinition()) {
            KroneckerFisher factors = (KroneckerFisher) approximation;
            updateInverses(factors, damping);
            return factors.solve(scaledGradient(g), usesRows(point) ? rows(point) : List.of(), inverted);
        }
        inverted = damping;
        // dropout and weight noise are in DL4J's gradient and not in the linearisation: then only the form for any
        // gradient is right
        return usesOwnGradient()
                ? approximation.naturalGradient(damping)
                : approximation.solve(scaledGradient(g), damping);
    }

    /** Whether K-FAC makes the direction from the gradient's rows ã and δ: dense networks wider than the minibatch. */
    private boolean usesRows(Point point) {
        return point != null
                && approximation instanceof KroneckerFisher factors
                && !kroneckerSchedule.isDefinition()
                && network.matchesTraining()
                && network.isDense()
                && factors.prefersRows(point.linearization.samples());
    }

    /** The gradient's rows: the residual sent back. */
    private List<LayerJacobian> rows(Point point) {
        INDArray residual = point.metric.residual(point.labels);
        return point.linearization.jacobian(Nd4j.expandDims(residual.dup('c'), 0), configuration.parameterization());
    }

    /** The exact and the layer-wise direction from products with the true F, where its rows do not fit. */
    private Direction withoutRows(Point point, INDArray g, Damping damping, MemoryLimitException reason) {
        boolean exact = configuration instanceof ExactNaturalGradient;
        if (!(exact || configuration instanceof LayerWiseNaturalGradient)
                || configuration.fisherType() != FisherType.TRUE
                || configuration.stepScaling() == StepScaling.ANALYTIC
                || damping.relative()
                || damping.value() == 0) {
            throw reason;
        }
        inverted = damping;
        Parameterization scaling = configuration.parameterization();
        FisherOperator fisher = new FisherOperator(point.linearization, point.metric);
        ConjugateGradients solver = new ConjugateGradients(
                v -> network.scale(fisher.times(scaling.isStandard() ? v : network.scale(v.dup(), scaling)), scaling),
                CONJUGATE_GRADIENT_TOLERANCE,
                CONJUGATE_GRADIENT_ITERATIONS);
        List<List<ParameterBlock>> groups = exact
                ? List.of(network.blocks())
                : network.blocks().stream().map(List::of).toList();
        INDArray own = usesOwnGradient()
                ? point.linearization.vjp(point.metric.residual(point.labels)).divi(point.linearization.samples())
                : g;
        return solver.solve(scaledGradient(own), damping.value(), groups);
    }

    /**
     * Inverts K-FAC's factors where that is due: at once, or on another thread for a later step, always the same one.
     */
    private void updateInverses(KroneckerFisher factors, Damping damping) {
        boolean due = kroneckerSchedule.updatesInverses() || isStale(damping);
        if (inverting != null && (due || kroneckerSchedule.adoptsInverses())) {
            Damping ready = inverting;
            // forgotten even if the inversion failed: it is then made anew, at once, with the next remedy
            inverting = null;
            inversionFailed = true;
            factors.adoptInverses();
            inversionFailed = false;
            inverted = ready;
        }
        if (!due && !inversionFailed) {
            return;
        }
        if (inverted != null && !inversionFailed && ((Kfac) configuration).asynchronousInverses()) {
            factors.startInverses(damping);
            inverting = damping;
            kroneckerSchedule.startedInverses();
        } else {
            factors.refreshInverses(damping);
            inverted = damping;
            inversionFailed = false;
        }
    }

    /** Whether scheduled or adapted damping has left that of the inverses behind by more than half. */
    private boolean isStale(Damping damping) {
        double ratio = damping.value() / (inverting == null ? inverted : inverting).value();
        return ratio > STALE_DAMPING || ratio < 1 / STALE_DAMPING;
    }

    /** Whether the direction is made from q, and so from the logits, and not from DL4J's gradient. */
    private boolean usesOwnGradient() {
        return (kroneckerSchedule == null || kroneckerSchedule.isDefinition())
                && configuration.fisherType() != FisherType.MONTE_CARLO
                && network.matchesTraining();
    }

    private INDArray scaledGradient(INDArray g) {
        return configuration.parameterization().isStandard()
                ? g
                : network.scale(g.dup(), configuration.parameterization());
    }

    private double constrain(double step, Steering steering, int iteration, int epoch) {
        if (configuration.normConstraint() == Double.POSITIVE_INFINITY) {
            return step;
        }
        double rate = model.learningRates(network, iteration, epoch).findFirst().orElse(1);
        double divergence = 0.5 * rate * rate * step * step * steering.curvature;
        return divergence > configuration.normConstraint()
                ? step * Math.sqrt(configuration.normConstraint() / divergence)
                : step;
    }

    private static double norm(INDArray array) {
        return Math.sqrt(Products.squaredNorm(array));
    }

    private double requireFinite(double value, String what, INDArray gradient) {
        if (!Double.isFinite(value)) {
            throw new NumericalFailureException(
                    what + " of the " + configuration.methodName() + " method is " + value
                            + ", for " + NonFinite.origin(network, model, gradient)
                            + ". The parameters were left as they are. Look at the data, lower the learning rate or raise the damping.");
        }
        return value;
    }

    /** The network linearised at the step's minibatch. */
    private final class Point {
        private final INDArray labels;
        private final Linearization linearization;
        private final OutputMetric metric;
        private final double loss;

        Point(List<INDArray> x, INDArray y) {
            this.labels = y;
            this.linearization = network.at(x);
            if (!Arrays.equals(y.shape(), linearization.outputs().shape())) {
                throw new IllegalArgumentException(
                        "The labels have shape " + Arrays.toString(y.shape()) + ", the network's outputs "
                                + Arrays.toString(linearization.outputs().shape()));
            }
            network.lossModel().checkLabels(y);
            this.metric = network.lossModel().at(linearization.outputs());
            this.loss = metric.meanLoss(y);
        }
    }

    /** What is known along the direction v: d = Jv and the numbers made from it. */
    private final class Steering {
        private final Direction direction;
        private final Point point;
        private final double slope;
        /** ⟨d, Hd⟩/N. */
        private final double curvature;

        private double alpha = Double.NaN;
        private double anisotropy = Double.NaN;
        private double residualAnisotropy = Double.NaN;

        Steering(Direction direction, INDArray g, Point point, INDArray v) {
            this.direction = direction;
            this.point = point;
            if (point == null) {
                this.slope = Products.dot(g, v);
                this.curvature = Double.NaN;
                return;
            }
            INDArray d = point.linearization.jvp(v);
            INDArray r = point.metric.residual(point.labels);
            INDArray q = point.metric.whitenedResidual(point.labels);
            INDArray moved = point.metric.rootTransposeTimes(d);
            curvature = Products.squaredNorm(moved) / point.linearization.samples();
            // DL4J clips probabilities in its gradient: where v is made from the logits, so is ⟨g, v⟩ = ⟨r, d⟩/N
            slope = usesOwnGradient() || usesRows(point)
                    ? Products.dot(d, r) / point.linearization.samples()
                    : Products.dot(g, v);
            double whitened = Products.squaredNorm(q);
            if (whitened > 0) {
                alpha = Products.dot(d, r) / whitened;
                anisotropy = norm(moved.sub(q.mul(alpha))) / (Math.abs(alpha) * Math.sqrt(whitened));
                residualAnisotropy = norm(point.metric.times(d).sub(r.mul(alpha))) / (Math.abs(alpha) * norm(r));
            }
        }

        double step() {
            return switch (configuration.stepScaling()) {
                case NONE -> 1;
                case ANALYTIC ->
                    1 / (direction.substitute() ? isotropy.layerWise() : configuration.isotropyConstant(isotropy));
                case MEASURED -> {
                    double quadratic = curvature + direction.dampingQuadratic();
                    // a vanishing gradient has a vanishing direction, and any step does
                    yield slope == 0 && quadratic == 0 ? 1 : slope / quadratic;
                }
            };
        }

        StepDiagnostics diagnostics(
                int iteration,
                double damping,
                double step,
                double gradientNorm,
                double directionNorm,
                double milliseconds) {
            return new StepDiagnostics(
                    iteration,
                    point == null ? 0 : point.linearization.samples(),
                    point == null ? Double.NaN : point.loss,
                    damping,
                    alpha,
                    anisotropy,
                    residualAnisotropy,
                    step,
                    gradientNorm,
                    directionNorm,
                    0.5 * step * step * curvature,
                    adapter == null ? Double.NaN : adapter.reductionRatio(),
                    direction.jitter(),
                    milliseconds,
                    note(direction));
        }

        /** Anything unusual, and whose curvature it is where that is not the trained network's. */
        private String note(Direction direction) {
            if (!network.isNormalized() || network.statistics() == BatchStatistics.COUPLED) {
                return direction.note();
            }
            String mode = network.statistics() + " in the curvature";
            return direction.note().isEmpty() ? mode : direction.note() + "; " + mode;
        }
    }

    /** Releases the workspace of the calling thread, which is the one that trained. */
    @Override
    public void close() {
        approximation.close();
        workspace.destroy();
    }
}
