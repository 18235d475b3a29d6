package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.jacobian.DenseJacobian;
import io.github.dl4jngd.fisher.jacobian.EmbeddingJacobian;
import io.github.dl4jngd.fisher.jacobian.FormedJacobian;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.WeightSharedJacobian;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The rows of one layer, put together from chunks of cotangents whose own arrays are gone when the next chunk comes.
 */
sealed interface RootBuilder {

    /**
     * Adds the rows of some cotangents.
     *
     * @param part their rows
     * @param from the first cotangent
     */
    void add(LayerJacobian part, long from);

    /** All rows collected, as the layer's Jacobian. */
    LayerJacobian result();

    /** Collects the rows themselves, as one matrix. */
    static RootBuilder formed(ParameterBlock block, long rows, long rowsOfCotangent, DataType dataType) {
        return new Formed(block, rowsOfCotangent, Nd4j.createUninitialized(dataType, rows, block.parameters()));
    }

    /** ã and δ̃ of a dense layer. */
    static RootBuilder factored(ParameterBlock block, long cotangents, long samples, DataType dataType) {
        return new Factored(
                block,
                Nd4j.createUninitialized(dataType, samples, block.inputs()),
                Nd4j.createUninitialized(dataType, cotangents, samples, block.units()));
    }

    /** The words and δ̃ of an embedding. */
    static RootBuilder words(long cotangents) {
        return new Words(cotangents);
    }

    /** Collects the rows themselves, as one matrix. */
    record Formed(ParameterBlock block, long rowsOfCotangent, INDArray matrix) implements RootBuilder {

        @Override
        public void add(LayerJacobian part, long from) {
            INDArray rows = part instanceof WeightSharedJacobian shared
                    ? shared.formed(matrix.dataType()).toDense()
                    : part.toDense();
            long first = from * rowsOfCotangent;
            matrix.get(NDArrayIndex.interval(first, first + rows.size(0)), NDArrayIndex.all())
                    .assign(rows);
        }

        @Override
        public LayerJacobian result() {
            return new FormedJacobian(block, matrix);
        }
    }

    /** ã and δ̃ of a dense layer. */
    record Factored(ParameterBlock block, INDArray input, INDArray cotangents) implements RootBuilder {

        @Override
        public void add(LayerJacobian part, long from) {
            DenseJacobian dense = (DenseJacobian) part;
            if (from == 0) {
                input.assign(dense.input());
            }
            cotangents
                    .get(
                            NDArrayIndex.interval(from, from + dense.cotangentCount()),
                            NDArrayIndex.all(),
                            NDArrayIndex.all())
                    .assign(dense.cotangents());
        }

        @Override
        public LayerJacobian result() {
            return new DenseJacobian(block, input, cotangents);
        }
    }

    /** The words and δ̃ of an embedding. */
    @SuppressWarnings("try") // scopes are resources that are never named
    final class Words implements RootBuilder {

        private final long count;
        private @Nullable EmbeddingJacobian all;

        Words(long count) {
            this.count = count;
        }

        @Override
        public void add(LayerJacobian part, long from) {
            EmbeddingJacobian own = (EmbeddingJacobian) part;
            EmbeddingJacobian target = all;
            if (target == null) {
                long[] shape = own.cotangents().shape().clone();
                shape[0] = count;
                // no scratch memory: it outlives the chunk
                try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
                    target = own.withCotangents(
                            Nd4j.createUninitialized(own.cotangents().dataType(), shape, 'c'));
                }
                all = target;
            }
            target.cotangents()
                    .get(
                            NDArrayIndex.interval(from, from + own.cotangents().size(0)),
                            NDArrayIndex.all(),
                            NDArrayIndex.all(),
                            NDArrayIndex.all())
                    .assign(own.cotangents());
        }

        @Override
        public LayerJacobian result() {
            return Objects.requireNonNull(all, "no chunk was added");
        }
    }
}
