package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;

/** A model in training and its natural gradient as a {@link CheckpointFile}, and back. */
final class Checkpoint {

    private static final String MODEL = "model";
    private static final String ITERATION = "iteration";
    private static final String EPOCH = "epoch";
    private static final String CONSTRAINTS_DUE = "constraintsDue";
    private static final String CONFIGURATION = "configuration";
    private static final String NATURAL_GRADIENT = "naturalGradient";
    private static final String RANDOM = "nd4jRandom";
    private static final String DATA_TYPE = "dataType";
    private static final String LAYOUT = "layout/";
    private static final String LAYERS = "layers";
    private static final String UPDATERS = "updaters";
    private static final String LOSS = "loss";

    private final Path file;
    private final CheckpointFile.Content content;

    private Checkpoint(Path file, CheckpointFile.Content content) {
        this.file = file;
        this.content = content;
    }

    /**
     * Writes a checkpoint. At an epoch's end, before it is counted, the checkpoint is of the epoch after it. Within
     * {@code iterationDone} DL4J has changed the parameters already, but neither counted the iteration nor applied
     * constraints: the checkpoint is then of the state in which it will have done both.
     */
    static void write(Path file, UpdaterSlot model, PreconditionedUpdater updater, boolean epochEnded, double loss)
            throws IOException {
        Preconditioner preconditioner = updater.preconditioner();
        CheckpointState state = CheckpointState.empty();
        state.put(LOSS, loss);
        state.put(MODEL, model.model().getClass().getName());
        state.put(ITERATION, iterationsDone(model, preconditioner));
        state.put(EPOCH, model.live().epoch() + (epochEnded ? 1 : 0));
        state.put(CONSTRAINTS_DUE, isWithinStep(model, preconditioner));
        state.put(DATA_TYPE, model.model().params().dataType().name());
        model.model()
                .paramTable()
                .forEach((name, parameter) -> state.put(LAYOUT + name, Arrays.toString(parameter.shape())));
        state.put(LAYERS, model.structure());
        // A model that was cleared has lost its updater; the state is still in ours.
        BaseMultiLayerUpdater<?> present = model.updaterIfPresent();
        state.put(UPDATERS, UpdaterSlot.blocks(present == null ? (BaseMultiLayerUpdater<?>) updater : present));
        Random random = Nd4j.getRandom();
        state.part(RANDOM).put("seed", random.getSeed());
        state.part(RANDOM).put("root", random.rootState());
        state.part(RANDOM).put("node", random.nodeState());
        ConfigurationCodec.save(preconditioner.configuration(), state.part(CONFIGURATION));
        preconditioner.parts().save(state.part(NATURAL_GRADIENT));
        CheckpointFile.write(
                file,
                new CheckpointFile.Content(
                        NaturalGradientMark.complete(model::json),
                        model.model().params(),
                        present == null ? updater.getStateViewArray() : present.getStateViewArray(),
                        state));
    }

    private static boolean isWithinStep(UpdaterSlot model, Preconditioner preconditioner) {
        return preconditioner.lastIteration() == model.live().iteration();
    }

    static int iterationsDone(UpdaterSlot model, Preconditioner preconditioner) {
        return model.live().iteration() + (isWithinStep(model, preconditioner) ? 1 : 0);
    }

    static Checkpoint read(Path file) throws IOException {
        Objects.requireNonNull(file, "file");
        return new Checkpoint(file, CheckpointFile.read(file));
    }

    /** The loss that the checkpoint was written with; NaN if none was. */
    static double loss(Path file) throws IOException {
        Checkpoint checkpoint = read(file);
        return checkpoint.readable(() -> checkpoint.content.state().number(LOSS));
    }

    /**
     * That what stood in front of the updaters is of one of the two kinds.
     *
     * @return this
     * @throws CheckpointException if it is of the other, saying what reads it
     */
    Checkpoint requireNaturalGradient(boolean naturalGradient) throws CheckpointException {
        String method = readable(() -> content.state().part(CONFIGURATION).text("method"));
        if (method.equals(PlainGradient.NAME) == naturalGradient) {
            throw new CheckpointException(file + " is a checkpoint of a "
                    + NaturalGradientConfiguration.title(method) + "; "
                    + (naturalGradient ? "GradientRegularization" : "NaturalGradient")
                    + ".restore reads it");
        }
        return this;
    }

    /** A new model, as it was. */
    UpdaterSlot newModel() throws CheckpointException {
        String type = readable(() -> content.state().text(MODEL));
        return readable(() -> UpdaterSlot.fromJson(type, content.model(), content.parameters()));
    }

    /** That the model has the layers and types of the one saved, and updaters that lay out their state alike. */
    private void requireSameModel(UpdaterSlot model) throws CheckpointException {
        CheckpointState state = content.state();
        requireSame("is of a", state.text(MODEL), model.model().getClass().getName());
        requireSame(
                "has parameters of type",
                state.text(DATA_TYPE),
                model.model().params().dataType().name());
        for (Map.Entry<String, INDArray> parameter : model.model().paramTable().entrySet()) {
            requireSame(
                    "has a parameter " + parameter.getKey() + " of shape",
                    state.values().get(LAYOUT + parameter.getKey()),
                    Arrays.toString(parameter.getValue().shape()));
        }
        requireSame(
                "has so many parameters:",
                content.parameters().length(),
                model.model().numParams());
        requireSame("has the layers", state.text(LAYERS), model.structure());
        requireSame("has the updaters", state.text(UPDATERS), UpdaterSlot.blocks(model.updater()));
        INDArray own = model.updater().getStateViewArray();
        requireSame("has updater state of length", length(content.updaterState()), length(own));
    }

    private static long length(INDArray state) {
        return state == null ? 0 : state.length();
    }

    private void requireSame(String what, Object saved, Object own) throws CheckpointException {
        if (!own.equals(saved)) {
            throw new CheckpointException(file + " is a checkpoint of another model: it " + what + " "
                    + (saved == null ? "none" : saved) + ", this model " + own + "; nothing has been changed");
        }
    }

    /**
     * Everything that can go wrong, before anything of the model is changed.
     *
     * @throws CheckpointException if the checkpoint is of another model, or cannot be used
     */
    Prepared prepare(UpdaterSlot model) throws CheckpointException {
        return readable(() -> {
            requireSameModel(model);
            CheckpointState state = content.state();
            NaturalGradientConfiguration configuration = ConfigurationCodec.restore(state.part(CONFIGURATION));
            LinearizedNetwork network = model.live().compile(configuration.batchStatistics());
            TrainingRequirements.check(model, network, configuration);
            Preconditioner preconditioner = new Preconditioner(configuration, network, model.live());
            preconditioner.parts().restore(state.part(NATURAL_GRADIENT));
            return new Prepared(
                    content,
                    network,
                    preconditioner,
                    Math.toIntExact(state.integer(ITERATION)),
                    Math.toIntExact(state.integer(EPOCH)),
                    state.flag(CONSTRAINTS_DUE),
                    state.part(RANDOM).integer("seed"),
                    state.part(RANDOM).integer("root"),
                    state.part(RANDOM).integer("node"));
        });
    }

    /** A checkpoint that fits a model, decoded. */
    record Prepared(
            CheckpointFile.Content content,
            LinearizedNetwork network,
            Preconditioner preconditioner,
            int iteration,
            int epoch,
            boolean constraintsDue,
            long seed,
            long rootState,
            long nodeState) {

        /** Parameters, updater state, counters and ND4J's generator of this thread. */
        void restore(UpdaterSlot model) {
            model.model().setParams(content.parameters());
            if (content.updaterState() != null) {
                model.updater().getStateViewArray().assign(content.updaterState());
            }
            model.setCounts(iteration, epoch);
            if (constraintsDue) {
                model.applyConstraints();
            }
            Nd4j.getRandom().setSeed(seed);
            Nd4j.getRandom().setStates(rootState, nodeState);
        }
    }

    private interface Reading<T> {
        T read() throws CheckpointException;
    }

    private <T> T readable(Reading<T> reading) throws CheckpointException {
        try {
            return reading.read();
        } catch (RuntimeException e) {
            throw new CheckpointException(file + " cannot be used: " + e.getMessage(), e);
        }
    }
}
