package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
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

    private final Path file;
    private final CheckpointFile.Content content;

    private Checkpoint(Path file, CheckpointFile.Content content) {
        this.file = file;
        this.content = content;
    }

    /**
     * Writes one. At an epoch's end, before it is counted, the checkpoint is of the epoch after it. Within {@code iterationDone} DL4J has changed the parameters already, but neither counted the iteration nor applied
     * constraints: the checkpoint is then of the state in which it will have done both.
     */
    static void write(Path file, UpdaterSlot model, Preconditioner preconditioner, boolean epochEnded)
            throws IOException {
        State state = State.empty();
        state.put(MODEL, model.model().getClass().getName());
        state.put(ITERATION, iterationsDone(model, preconditioner));
        state.put(EPOCH, model.live().epoch() + (epochEnded ? 1 : 0));
        state.put(CONSTRAINTS_DUE, isWithinStep(model, preconditioner));
        state.put(DATA_TYPE, model.model().params().dataType().name());
        model.model()
                .paramTable()
                .forEach((name, parameter) -> state.put(LAYOUT + name, Arrays.toString(parameter.shape())));
        Random random = Nd4j.getRandom();
        state.part(RANDOM).put("seed", random.getSeed());
        state.part(RANDOM).put("root", random.rootState());
        state.part(RANDOM).put("node", random.nodeState());
        preconditioner.configuration().save(state.part(CONFIGURATION));
        preconditioner.save(state.part(NATURAL_GRADIENT));
        CheckpointFile.write(
                file,
                new CheckpointFile.Content(
                        model.json(), model.model().params(), model.updater().getStateViewArray(), state));
    }

    private static boolean isWithinStep(UpdaterSlot model, Preconditioner preconditioner) {
        return preconditioner.lastIteration() == model.live().iteration();
    }

    static int iterationsDone(UpdaterSlot model, Preconditioner preconditioner) {
        return model.live().iteration() + (isWithinStep(model, preconditioner) ? 1 : 0);
    }

    static Checkpoint read(Path file) throws IOException {
        return new Checkpoint(file, CheckpointFile.read(file));
    }

    NaturalGradientConfiguration configuration() throws CheckpointException {
        return readable(
                () -> NaturalGradientConfiguration.restore(content.state().part(CONFIGURATION)));
    }

    /** A new model, as it was. */
    UpdaterSlot newModel() throws CheckpointException {
        String type = readable(() -> content.state().text(MODEL));
        return readable(() -> UpdaterSlot.fromJson(type, content.model(), content.parameters()));
    }

    /** That the model has the layers and types of the one saved, and updaters with as much state. */
    void requireSameModel(UpdaterSlot model) throws CheckpointException {
        String type = readable(() -> content.state().text(MODEL));
        if (!model.model().getClass().getName().equals(type)) {
            throw other("is of a " + type + ", this model is a "
                    + model.model().getClass().getName());
        }
        requireSame(
                "parameters of type",
                content.state().text(DATA_TYPE),
                model.model().params().dataType().name());
        Map<String, INDArray> parameters = model.model().paramTable();
        for (Map.Entry<String, INDArray> parameter : parameters.entrySet()) {
            String saved = content.state().values().get(LAYOUT + parameter.getKey());
            requireSame(
                    "a parameter " + parameter.getKey() + " of shape",
                    saved,
                    Arrays.toString(parameter.getValue().shape()));
        }
        requireSame("parameters:", content.parameters().length(), model.model().numParams());
        INDArray own = model.updater().getStateViewArray();
        requireSame("updater state of length", length(content.updaterState()), length(own));
    }

    private static long length(INDArray state) {
        return state == null ? 0 : state.length();
    }

    private void requireSame(String what, Object saved, Object own) throws CheckpointException {
        if (!own.equals(saved)) {
            throw other("has " + what + " " + (saved == null ? "none" : saved) + ", this model " + own);
        }
    }

    private CheckpointException other(String difference) {
        return new CheckpointException(
                file + " is a checkpoint of another model: it " + difference + "; nothing has been changed");
    }

    /** The saved state of the natural gradient, before anything of the model is changed. */
    Preconditioner preconditioner(UpdaterSlot model, LinearizedNetwork network) throws CheckpointException {
        Preconditioner preconditioner = new Preconditioner(configuration(), network, model.live());
        readable(() -> {
            preconditioner.restore(content.state().part(NATURAL_GRADIENT));
            return null;
        });
        return preconditioner;
    }

    /** Parameters, updater state, counters and ND4J's generator; the model has been compared. */
    void restore(UpdaterSlot model) throws CheckpointException {
        State state = content.state();
        int iteration = readable(() -> Math.toIntExact(state.integer(ITERATION)));
        int epoch = readable(() -> Math.toIntExact(state.integer(EPOCH)));
        boolean constraintsDue = readable(() -> state.flag(CONSTRAINTS_DUE));
        long[] random = readable(() -> new long[] {
            state.part(RANDOM).integer("seed"),
            state.part(RANDOM).integer("root"),
            state.part(RANDOM).integer("node")
        });
        model.model().setParams(content.parameters());
        if (content.updaterState() != null) {
            model.updater().getStateViewArray().assign(content.updaterState());
        }
        model.setCounts(iteration, epoch);
        if (constraintsDue) {
            model.applyConstraints();
        }
        Nd4j.getRandom().setSeed(random[0]);
        Nd4j.getRandom().setStates(random[1], random[2]);
    }

    private interface Reading<T> {
        T read();
    }

    private <T> T readable(Reading<T> reading) throws CheckpointException {
        try {
            return reading.read();
        } catch (RuntimeException e) {
            throw new CheckpointException(file + " cannot be used: " + e.getMessage(), e);
        }
    }
}
