package io.github.dl4jngd.fisher.internal.training;

import io.github.dl4jngd.fisher.network.Noise;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Dropout of a layer that remembers what it drew, and is otherwise, to the bit, the dropout that it records: out = s ∘
 * in + t, with s from the dropout's own {@code backprop} of ones. Written to files as that dropout; copies of the model
 * in this process record for themselves.
 */
final class RecordedDropout implements IDropout, Recorder {

    private static final long serialVersionUID = 1L;

    private final IDropout dropout;
    /** What went in and came out last; null where DL4J applies no dropout, as in batch normalisation and pooling. */
    private transient @Nullable INDArray in;

    private transient @Nullable INDArray out;
    /** s; null where DL4J did not go back through the dropout. */
    private transient @Nullable INDArray factor;

    @JsonCreator
    RecordedDropout(@JsonProperty("recorded") IDropout dropout) {
        this.dropout = dropout;
    }

    @Override
    public IDropout recorded() {
        return dropout;
    }

    /**
     * What the last pass drew. Some layers apply a dropout and do not go back through it: one-dimensional and
     * transposed convolutions, which hand cotangents down as they are, and what lies below a frozen layer. What DL4J
     * differentiates there is x + (out − in).
     */
    Noise.Affine drawn() {
        INDArray before = in;
        INDArray after = out;
        INDArray s = factor;
        if (before == null || after == null) {
            return Noise.Affine.IDENTITY;
        }
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            assert !outside.isScopeActive();
            if (s == null) {
                return new Noise.Affine(null, after.sub(before));
            }
            return new Noise.Affine(s, multiplies() ? null : after.sub(before.mul(s.reshape('c', before.shape()))));
        }
    }

    private boolean multiplies() {
        return dropout instanceof Dropout || dropout instanceof GaussianDropout || dropout instanceof SpatialDropout;
    }

    @Override
    public INDArray applyDropout(
            INDArray inputActivations, INDArray result, int iteration, int epoch, LayerWorkspaceMgr workspaceMgr) {
        factor = null;
        // Input and result may be the same array.
        in = detached(inputActivations);
        INDArray dropped = dropout.applyDropout(inputActivations, result, iteration, epoch, workspaceMgr);
        out = detached(dropped);
        return dropped;
    }

    /** A dropout's own backprop forgets the draw, so it is called once, with ones. */
    @Override
    public INDArray backprop(INDArray gradAtOutput, INDArray gradAtInput, int iteration, int epoch) {
        INDArray s;
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            assert !outside.isScopeActive();
            INDArray ones = Nd4j.ones(gradAtOutput.dataType(), gradAtOutput.shape());
            s = dropout.backprop(ones, ones, iteration, epoch);
        }
        factor = s;
        return gradAtOutput.muli(s, gradAtInput);
    }

    private static INDArray detached(INDArray array) {
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            assert !outside.isScopeActive();
            return array.dup('c');
        }
    }

    @Override
    public void clear() {
        dropout.clear();
    }

    /** A copy of the model records for itself: the workers of a {@code ParallelWrapper} are such copies. */
    @Override
    @SuppressWarnings("MissingSuperCall") // the recorded dropout is copied as it copies itself
    public IDropout clone() {
        return new RecordedDropout(dropout.clone());
    }

    private Object writeReplace() {
        return dropout;
    }

    @Override
    public boolean equals(Object other) {
        return dropout.equals(other instanceof RecordedDropout recorded ? recorded.dropout : other);
    }

    @Override
    public int hashCode() {
        return dropout.hashCode();
    }

    @Override
    public String toString() {
        return dropout.toString();
    }
}
