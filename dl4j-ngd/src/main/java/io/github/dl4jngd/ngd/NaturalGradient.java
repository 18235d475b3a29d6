package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.internal.training.TrainingNoise;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.shard.ShardSums;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A natural gradient attached to a model.
 *
 * <pre>{@code
 * NaturalGradient ngd = NaturalGradient.attach(net, Kfac.builder().damping(1e-2).build());
 * net.fit(trainIterator, epochs);
 * }</pre>
 *
 * <p>Each step the raw gradient of the mean data loss is replaced by step × (F̂ + ρI)⁻¹g; then the model's own settings
 * act as ever, in DL4J's order:
 *
 * <ul>
 *   <li>gradient normalisation and clipping act on the natural gradient;
 *   <li>L1 and L2 are added to it unpreconditioned, which makes them decoupled penalties on the parameters;
 *   <li>the updater (Sgd, Nesterovs, Adam, …) with its learning rate or schedule takes the result for its gradient:
 *       with {@code Sgd(1.0)} and a measured step each update goes to the minimum of the quadratic model along v;
 *   <li>weight decay and constraints follow;
 *   <li>frozen layers keep their parameters and have no block; with dropout and weight noise the curvature is that of
 *       the network with the draws that the gradient is of.
 * </ul>
 *
 * <p>The updater should suit: {@link #registration()} says which one is in force and warns where it does not, as the
 * Adam of an imported model does not. {@link #attach(MultiLayerNetwork, NaturalGradientConfiguration, IUpdater)} sets
 * another one for as long as the natural gradient is attached.
 *
 * <p>Training never becomes ordinary training unnoticed. A listener looks before each step whether the model's updater
 * is still the natural gradient's, and acts by {@link ReplacementPolicy}; marks in the layers' configurations put that
 * listener back where {@code setListeners} dropped it. Copies of the model in memory (clone, early stopping's best
 * model, transfer learning, {@code convertDataType}, {@code toComputationGraph}) have no natural gradient and carry a
 * {@link NaturalGradientMark}: their first step is refused until one is attached to them or they are {@link #unmark}ed
 * (transfer learning that freezes every layer it keeps warns when the model is made instead). The workers of a
 * {@code ParallelWrapper}, which get the model's listeners, get a natural gradient of the same configuration each.
 * Files and JSON that Deeplearning4j writes of the model have no trace of any of this: every program reads them, a
 * model read from one trains by its updater alone, and the log says so when the first is written. {@link #save} writes
 * model files with the natural gradient in them.
 *
 * <p>Reading parameters and data, never the global random generator: a model that trains with the natural gradient
 * detached trains exactly as one that never had it. Not thread-safe, like the model itself; several models may train in
 * several threads, each with its own.
 */
public final class NaturalGradient implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NaturalGradient.class);

    private final UpdaterSlot model;
    private final Registration registration;
    private final AttachmentGuard guard = new AttachmentGuard(this);
    private final WorkerCopies copies = new WorkerCopies();
    /** The updaters that attaching replaced, to be put back; null where the model keeps its own. */
    private final ReplacedUpdaters replaced;

    private PreconditionedUpdater updater;
    private volatile boolean detached;
    private int reattachments;

    private NaturalGradient(
            UpdaterSlot model, PreconditionedUpdater updater, Registration registration, ReplacedUpdaters replaced) {
        this.model = model;
        this.updater = updater;
        this.registration = registration;
        this.replaced = replaced;
        updater.step().setOwner(this);
    }

    /** Puts the listener back that {@code setListeners} dropped; called in every step. */
    void keepGuard() {
        if (!detached && !model.listeners().contains(guard)) {
            model.model().addListeners(guard);
        }
    }

    /**
     * Called by marks when a score is computed, which a step does before it looks for listeners and updater. Elsewhere
     * a score may be asked for by a listener, while DL4J goes through the list that would be changed.
     */
    void beforeScore() {
        if (!detached && !model.listeners().contains(guard) && UpdaterSlot.isWithinStep()) {
            keepGuard();
        }
    }

    /** Whether an array is one of the model's parameters, and not those of a copy. */
    boolean owns(INDArray parameter) {
        return model.owns(parameter);
    }

    /**
     * Puts a natural gradient in front of a model's updaters. The state of the updaters (momentum) is kept.
     *
     * @param model an initialised network
     * @param configuration the method and its options
     * @return the attached natural gradient; its {@link #registration()} is logged
     * @throws UnsupportedModelException if the model has a layer, loss or setting that is not covered; the model is
     *     unchanged
     * @throws IllegalStateException if the model has a natural gradient already (detach it first), or an updater that
     *     is not DL4J's own
     */
    public static NaturalGradient attach(MultiLayerNetwork model, NaturalGradientConfiguration configuration) {
        return attach(UpdaterSlot.of(model), configuration);
    }

    /**
     * Puts a natural gradient in front of an updater that suits it, in place of the model's own: an imported or
     * restored model has the one that it was trained with. {@link #detach()} puts the model's own updaters back, with
     * the state in which they are now.
     *
     * @param model an initialised network
     * @param configuration the method and its options
     * @param updater what every trained layer gets, for weights and biases; usually {@code new Sgd(1.0)}
     * @return the attached natural gradient; its {@link #registration()} is logged
     * @throws UnsupportedModelException if the model has a layer, loss or setting that is not covered; the model is
     *     unchanged
     * @throws IllegalStateException if the model has not been initialised, has a natural gradient already (detach it
     *     first), or an updater that is not DL4J's own
     */
    public static NaturalGradient attach(
            MultiLayerNetwork model, NaturalGradientConfiguration configuration, IUpdater updater) {
        return attach(UpdaterSlot.of(model), configuration, updater);
    }

    /**
     * Puts a natural gradient in front of a graph's updaters. The state of the updaters (momentum) is kept.
     *
     * @param model an initialised graph with one output layer
     * @param configuration the method and its options
     * @return the attached natural gradient; its {@link #registration()} is logged
     * @throws UnsupportedModelException if the model has a layer, vertex, loss or setting that is not covered; the
     *     model is unchanged
     * @throws IllegalStateException if the model has a natural gradient already (detach it first), or an updater that
     *     is not DL4J's own
     */
    public static NaturalGradient attach(ComputationGraph model, NaturalGradientConfiguration configuration) {
        return attach(UpdaterSlot.of(model), configuration);
    }

    /**
     * Puts a natural gradient in front of an updater that suits it, in place of the graph's own: an imported or
     * restored graph has the one that it was trained with. {@link #detach()} puts the graph's own updaters back, with
     * the state in which they are now.
     *
     * @param model an initialised graph with one output layer
     * @param configuration the method and its options
     * @param updater what every trained layer gets, for weights and biases; usually {@code new Sgd(1.0)}
     * @return the attached natural gradient; its {@link #registration()} is logged
     * @throws UnsupportedModelException if the model has a layer, vertex, loss or setting that is not covered; the
     *     model is unchanged
     * @throws IllegalStateException if the model has not been initialised, has a natural gradient already (detach it
     *     first), or an updater that is not DL4J's own
     */
    public static NaturalGradient attach(
            ComputationGraph model, NaturalGradientConfiguration configuration, IUpdater updater) {
        return attach(UpdaterSlot.of(model), configuration, updater);
    }

    /**
     * Writes a checkpoint: the model, the state of its updaters, its counters, and everything that the natural gradient
     * has learnt, with its configuration and the state of both random generators. Training that goes on from it is, on
     * the same machine and with the same minibatches, bit for bit training that was never interrupted.
     *
     * <p>The file is written beside its place and moved there when it is complete and on the disk: whatever happens
     * meanwhile, an earlier checkpoint of that name stays as it was. It is a model file of Deeplearning4j's too, which
     * {@code ModelSerializer} reads, with or without this library. It has the updater in force, not one that attaching
     * replaced. It may be called between steps, and by listeners in {@code iterationDone};
     * {@link CheckpointListener} does so by itself. The iterator's place in the data is not in it, and ND4J's generator
     * is that of the calling thread, which should be the one that trains.
     *
     * @param file its path; the folder must exist
     * @throws IOException when writing fails
     * @throws IllegalStateException if the natural gradient is detached
     */
    public void save(Path file) throws IOException {
        save(file, false, Double.NaN);
    }

    /** At the end of an epoch DL4J calls its listeners before it counts the epoch. */
    void save(Path file, boolean epochEnded, double loss) throws IOException {
        if (detached) {
            throw new IllegalStateException("The natural gradient has been detached; there is nothing to save");
        }
        Checkpoint.write(file, model, updater, epochEnded, loss);
    }

    /** Steps are made of sums over shards from now on; called again where DL4J has another solver meanwhile. */
    void takeShards() {
        updater.preconditioner().fused().takeShards();
        updater = model.precondition(updater.preconditioner(), updater.getStateViewArray());
        updater.step().setOwner(this);
    }

    /** Makes a step with these shards, which the model knows an example of. */
    void step(ShardSums shards, Runnable fit) {
        FusedPass fused = updater.preconditioner().fused();
        if (!(model.live().solver() instanceof FusedSolver) || model.updaterIfPresent() != updater) {
            takeShards();
        }
        fused.next(shards);
        try {
            fit.run();
        } finally {
            fused.next(null);
        }
    }

    /** The model's iteration count, or what it will be when the step that is being made is counted. */
    int iterationsDone() {
        return Checkpoint.iterationsDone(model, updater.preconditioner());
    }

    /**
     * Goes on from a checkpoint with a new model.
     *
     * @param file what {@link #save} wrote
     * @return the natural gradient, attached to {@link #model()}, which is as it was
     * @throws CheckpointException if the file is no checkpoint, damaged, or of another version
     * @throws IOException when reading fails
     */
    public static NaturalGradient restore(Path file) throws IOException {
        Checkpoint checkpoint = Checkpoint.read(file);
        return restore(checkpoint.requireNaturalGradient(true), checkpoint.newModel());
    }

    /**
     * Goes on from a checkpoint with a model at hand, whose parameters, updater state and counters are replaced;
     * learning rates, schedules and listeners stay its own. A natural gradient that it has is detached.
     *
     * @param file what {@link #save} wrote
     * @param model a {@link MultiLayerNetwork} or {@link ComputationGraph} with the same layers
     * @return the natural gradient, with the checkpoint's configuration, attached to the model
     * @throws CheckpointException if the file is no checkpoint, damaged, of another version or another model; the model
     *     is unchanged
     * @throws IOException when reading fails
     */
    public static NaturalGradient restore(Path file, Model model) throws IOException {
        return restore(Checkpoint.read(file).requireNaturalGradient(true), UpdaterSlot.of(model));
    }

    /** Goes on with whatever stood in front of the model's updaters. */
    static NaturalGradient restore(Checkpoint checkpoint, UpdaterSlot model) throws CheckpointException {
        Checkpoint.Prepared prepared = checkpoint.prepare(model);
        Optional<NaturalGradient> before = attached(model.model());
        before.ifPresent(attached -> attached.detach(false));
        NaturalGradient restored = attach(
                model,
                prepared.network(),
                prepared.preconditioner(),
                TrainingRequirements.plainUpdater(model).getStateViewArray(),
                before.map(attached -> attached.replaced).orElse(null));
        prepared.restore(model);
        return restored;
    }

    /**
     * The natural gradient of a model.
     *
     * @param model any model
     * @return what is attached to it, or empty
     */
    public static Optional<NaturalGradient> of(Model model) {
        return attached(model).filter(attached -> attached.configuration().preconditions());
    }

    /** The same of whatever stands in front of the model's updaters, a gradient regularisation alone included. */
    static Optional<NaturalGradient> attached(Model model) {
        UpdaterSlot slot = UpdaterSlot.of(model);
        if (slot.updaterIfPresent() instanceof PreconditionedUpdater updater) {
            return updater.step().owner().filter(owner -> owner.model() == model);
        }
        return slot.marks()
                .map(NaturalGradientMark::attached)
                .filter(attached -> attached != null && attached.model() == model && attached.isAttached())
                .findFirst();
    }

    /**
     * The model that this is attached to.
     *
     * @return a {@link MultiLayerNetwork} or {@link ComputationGraph}
     */
    public Model model() {
        return model.model();
    }

    static NaturalGradient attach(UpdaterSlot model, NaturalGradientConfiguration configuration) {
        LinearizedNetwork network = compile(model, configuration);
        return attach(model, network, new Preconditioner(configuration, network, model.live()));
    }

    static NaturalGradient attach(UpdaterSlot model, LinearizedNetwork network, Preconditioner preconditioner) {
        INDArray state = TrainingRequirements.plainUpdater(model).getStateViewArray();
        return attach(model, network, preconditioner, state, null);
    }

    private static NaturalGradient attach(
            UpdaterSlot model, NaturalGradientConfiguration configuration, IUpdater updater) {
        Objects.requireNonNull(updater, "updater");
        LinearizedNetwork network = compile(model, configuration);
        Preconditioner preconditioner = new Preconditioner(configuration, network, model.live());
        INDArray state = TrainingRequirements.plainUpdater(model).getStateViewArray();
        ReplacedUpdaters replaced = ReplacedUpdaters.by(updater, model.layers(network), state);
        try {
            return attach(model, network, preconditioner, null, replaced);
        } catch (RuntimeException e) {
            replaced.restore();
            throw e;
        }
    }

    private static LinearizedNetwork compile(UpdaterSlot model, NaturalGradientConfiguration configuration) {
        Objects.requireNonNull(configuration, "configuration");
        LinearizedNetwork network = model.live().compile(configuration.batchStatistics());
        TrainingRequirements.check(model, network, configuration);
        return network;
    }

    /**
     * Attaches what has been made.
     *
     * @param state the updaters' state; null for a new one
     * @param replaced the updaters that the model's present ones stand in for; null if they do for none
     */
    private static NaturalGradient attach(
            UpdaterSlot model,
            LinearizedNetwork network,
            Preconditioner preconditioner,
            INDArray state,
            ReplacedUpdaters replaced) {
        NaturalGradientConfiguration configuration = preconditioner.configuration();
        UpdatersInForce updaters = UpdatersInForce.of(model.live(), network, configuration.stepScaling());
        Registration registration = Registration.of(
                network, configuration, configuration.preconditions() ? updaters : updaters.withoutWarnings());
        PreconditionedUpdater updater = model.precondition(preconditioner, state);
        NaturalGradient attached = new NaturalGradient(model, updater, registration, replaced);
        // A guard is still there where it is of a natural gradient whose updater has been replaced.
        removeGuards(model);
        model.model().addListeners(attached.guard);
        TrainingNoise.record(model.layers());
        MarkedLayers.put(model.layers(network), new NaturalGradientMark(attached));
        log.info("Attached:\n{}", registration);
        preconditioner
                .fused()
                .objection()
                .ifPresent(reason -> log.info("Every step has Deeplearning4j's own pass beside: {}", reason));
        registration.warnings().forEach(log::warn);
        return attached;
    }

    /**
     * Gives the model its own updater back, with its state, and takes away everything else that attaching put there.
     * Where attaching replaced the updater, the former one comes back as it was. Else, where Deeplearning4j has put an
     * updater of its own in meanwhile, that one stays.
     *
     * @throws IllegalStateException if it has been detached already
     */
    public void detach() {
        detach(true);
    }

    /**
     * Detaches.
     *
     * @param former whether the updaters that attaching replaced come back, rather than stay replaced
     */
    private void detach(boolean former) {
        if (detached) {
            throw new IllegalStateException("The natural gradient has been detached already");
        }
        boolean own = model.updaterIfPresent() == updater;
        // Nothing is this one's any more where another natural gradient has taken its place.
        boolean succeeded = !own && model.updaterIfPresent() instanceof PreconditionedUpdater;
        if (former && replaced != null && !succeeded) {
            replaced.restore();
            model.restoreUpdater(replaced.state());
        } else if (own) {
            model.restoreUpdater(updater.getStateViewArray());
        }
        if (!succeeded) {
            model.unmark();
            TrainingNoise.stopRecording(model.layers());
        }
        detached = true;
        setListeners(model, listener -> listener != guard);
        updater.preconditioner().close();
        copies.close();
    }

    /**
     * Whether the model's next step will be a natural-gradient step. Deeplearning4j replaces updaters silently in
     * {@code setLearningRate}, {@code clear} and {@code setUpdater}; with {@link ReplacementPolicy#REATTACH} the next
     * step puts this one's back.
     *
     * @return false after {@link #detach()}, where another natural gradient has been attached, and where the next step
     *     would be refused
     */
    public boolean isAttached() {
        if (detached) {
            return false;
        }
        BaseMultiLayerUpdater<?> found = model.updaterIfPresent();
        boolean returns = configuration().onReplacement() == ReplacementPolicy.REATTACH
                && (model.listeners().contains(guard) || model.marks().anyMatch(mark -> mark.attached() == this))
                && (found == null || found.getClass() == model.plainUpdater());
        return found == updater || returns;
    }

    /**
     * How often the model's updater had been replaced and this one took its place again.
     *
     * @return the number of times
     */
    public int reattachments() {
        return reattachments;
    }

    /**
     * Takes away the marks that a copy of a model with a natural gradient carries (clones, restored, converted models,
     * results of transfer learning), so that it can be trained without one.
     *
     * @param model a {@link MultiLayerNetwork} or {@link ComputationGraph} without a natural gradient
     * @throws IllegalStateException if it has one
     */
    public static void unmark(Model model) {
        UpdaterSlot slot = UpdaterSlot.of(model);
        if (slot.updaterIfPresent() instanceof PreconditionedUpdater) {
            throw new IllegalStateException("The model has a natural gradient attached; detach it instead");
        }
        slot.unmark();
        TrainingNoise.stopRecording(slot.layers());
    }

    /** Called when a gradient has been computed, before the updater is. */
    void beforeUpdate(Model stepping) {
        if (detached) {
            return;
        }
        if (stepping != model.model()) {
            copies.beforeUpdate(UpdaterSlot.of(stepping), configuration());
            return;
        }
        BaseMultiLayerUpdater<?> found = model.updaterIfPresent();
        if (found == updater) {
            return;
        }
        String what = "Iteration " + model.live().iteration() + ": the updater of the model with a "
                + configuration().title() + " has been replaced by "
                + (found == null ? "a new one" : "a " + found.getClass().getSimpleName())
                + ", as setLearningRate, clear and setUpdater do";
        if (configuration().onReplacement() == ReplacementPolicy.REFUSE) {
            throw new NaturalGradientException(what
                    + "; the step would have been an ordinary one. Detach it and attach one again, or let "
                    + "onReplacement(REATTACH) do so");
        }
        reattach(found);
        if (Long.bitCount(reattachments) == 1) {
            // The first time, and each time their number has doubled.
            log.warn("{}; it was attached again ({} times by now)", what, reattachments);
        }
    }

    /** DL4J's newest state where it made one, else (a model that was cleared) that of the updater which was lost. */
    private void reattach(BaseMultiLayerUpdater<?> found) {
        if (found != null) {
            TrainingRequirements.requirePlain(model, found);
        }
        INDArray state = found == null ? updater.getStateViewArray() : found.getStateViewArray();
        updater = model.precondition(updater.preconditioner(), state);
        updater.step().setOwner(this);
        reattachments++;
    }

    private static void removeGuards(UpdaterSlot model) {
        setListeners(model, listener -> !(listener instanceof AttachmentGuard));
    }

    private static void setListeners(UpdaterSlot model, Predicate<TrainingListener> kept) {
        List<TrainingListener> remaining =
                model.listeners().stream().filter(kept).toList();
        if (remaining.size() < model.listeners().size()) {
            model.setListeners(remaining);
        }
    }

    /**
     * What was attached to what.
     *
     * @return the registration, with the memory of minibatches of {@value Registration#DEFAULT_SAMPLES} samples until
     *     {@link Registration#forSamples(int)} names another size; {@code toString()} is a table
     */
    public Registration registration() {
        return registration;
    }

    /**
     * The last step's diagnostics.
     *
     * @return the diagnostics, or empty before the first step
     */
    public Optional<StepDiagnostics> lastDiagnostics() {
        return Optional.ofNullable(updater.preconditioner().lastDiagnostics());
    }

    /**
     * What the regularisation of the last step's gradient did, where the configuration has one.
     *
     * @return the diagnostics, or empty before the first step and without a regularisation
     */
    public Optional<RegularizationDiagnostics> lastRegularization() {
        return updater.preconditioner().lastRegularization();
    }

    /**
     * How many steps were skipped or taken back.
     *
     * @return the number since it was attached, or since the run that a checkpoint continues began
     */
    public long skippedSteps() {
        return updater.preconditioner().skippedSteps();
    }

    /**
     * The method and its options.
     *
     * @return the configuration
     */
    public NaturalGradientConfiguration configuration() {
        return updater.preconditioner().configuration();
    }

    /** Detaches if that has not been done. */
    @Override
    public void close() {
        if (!detached) {
            detach();
        }
    }
}
