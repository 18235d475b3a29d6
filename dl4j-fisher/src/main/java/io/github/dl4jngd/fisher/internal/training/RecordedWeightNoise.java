package io.github.dl4jngd.fisher.internal.training;

import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.weightnoise.IWeightNoise;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Weight noise of a layer that remembers the noisy weights, and is otherwise the noise that it records. Written to
 * files as that noise; copies of the model in this process record for themselves.
 */
final class RecordedWeightNoise implements IWeightNoise, Recorder {

    private static final long serialVersionUID = 1L;

    private final IWeightNoise noise;
    private transient @Nullable Map<String, INDArray> drawn;

    @JsonCreator
    RecordedWeightNoise(@JsonProperty("recorded") IWeightNoise noise) {
        this.noise = noise;
    }

    @Override
    public IWeightNoise recorded() {
        return noise;
    }

    /** The noisy weights of the last training pass, by parameter. */
    Map<String, INDArray> drawn() {
        Map<String, INDArray> known = drawn;
        if (known == null) {
            known = new HashMap<>();
            drawn = known;
        }
        return known;
    }

    /** DL4J asks once a pass, and keeps the answer for its way back and the score. */
    @Override
    public INDArray getParameter(
            Layer layer, String paramKey, int iteration, int epoch, boolean train, LayerWorkspaceMgr workspaceMgr) {
        INDArray noisy = noise.getParameter(layer, paramKey, iteration, epoch, train, workspaceMgr);
        if (train) {
            try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
                assert !outside.isScopeActive();
                drawn().put(paramKey, noisy.dup());
            }
        }
        return noisy;
    }

    /** A copy of the model records for itself. */
    @Override
    @SuppressWarnings("MissingSuperCall") // the recorded noise is copied as it copies itself
    public IWeightNoise clone() {
        return new RecordedWeightNoise(noise.clone());
    }

    private Object writeReplace() {
        return noise;
    }

    @Override
    public boolean equals(Object other) {
        return noise.equals(other instanceof RecordedWeightNoise recorded ? recorded.noise : other);
    }

    @Override
    public int hashCode() {
        return noise.hashCode();
    }

    @Override
    public String toString() {
        return noise.toString();
    }
}
