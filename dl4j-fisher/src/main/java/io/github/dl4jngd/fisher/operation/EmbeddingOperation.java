package io.github.dl4jngd.fisher.operation;

import io.github.dl4jngd.fisher.jacobian.EmbeddingJacobian;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.jacobian.RowForm;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * z_t = W_{w_t} + b for words w [N, T], W [vocabulary, units] column-major: DL4J's EmbeddingLayer and
 * EmbeddingSequenceLayer. The output is [N, T, units].
 *
 * <p>It is linear in W and b, and constant in the words, which are no numbers to move.
 */
final class EmbeddingOperation implements Operation {

    private final String layer;
    private final ParameterSlice weights;
    private final @Nullable ParameterSlice bias;
    private final boolean trainable;
    private final ParameterBlock block;

    EmbeddingOperation(String layer, ParameterSlice weights, @Nullable ParameterSlice bias, boolean trainable) {
        this.layer = layer;
        this.weights = weights;
        this.bias = bias;
        this.trainable = trainable;
        ParameterBlock table = ParameterBlock.of(
                        layer,
                        weights.offset(),
                        weights.shape().get(0),
                        weights.shape().get(1))
                .ofWords();
        this.block = bias == null ? table : table.withBias(bias.offset());
    }

    @Override
    public Optional<ParameterBlock> block() {
        return trainable ? Optional.of(block) : Optional.empty();
    }

    @Override
    public RowForm rowForm() {
        return RowForm.SUM_OF_WORDS;
    }

    @Override
    public Linearized linearize(INDArray input, INDArray parameters) {
        if (input.rank() != 2 && !(input.rank() == 3 && input.size(1) == 1)) {
            throw new IllegalArgumentException("Layer " + layer
                    + ": expected indices of words [N, T] or [N, 1, T], got " + Arrays.toString(input.shape()));
        }
        int[] words = words(input);
        return new At(input.shape(), words, embed(words, parameters));
    }

    private int[] words(INDArray input) {
        int[] words =
                Folding.compact(input).reshape('c', new long[] {input.length()}).toIntVector();
        long vocabulary = weights.shape().get(0);
        for (int word : words) {
            if (word < 0 || word >= vocabulary) {
                throw new IllegalArgumentException("Layer " + layer + ": expected indices of words from 0 to "
                        + (vocabulary - 1) + ", got " + word);
            }
        }
        return words;
    }

    /** [N T, units]. */
    private INDArray embed(int[] words, INDArray parameters) {
        INDArray rows = Nd4j.createUninitialized(
                parameters.dataType(), new long[] {words.length, weights.shape().get(1)}, 'c');
        INDArray result = Nd4j.pullRows(weights.of(parameters), rows, 1, words);
        return bias == null ? result : result.addiRowVector(bias.of(parameters).reshape('c', 1, block.units()));
    }

    private final class At implements Linearized {

        private final long[] inputShape;
        private final int[] words;
        private final INDArray output;

        At(long[] inputShape, int[] words, INDArray embedded) {
            this.inputShape = inputShape;
            this.words = words;
            this.output = parted(embedded);
        }

        private INDArray parted(INDArray rows) {
            long samples = inputShape[0];
            return rows.reshape('c', samples, words.length / samples, block.units());
        }

        @Override
        public INDArray output() {
            return output;
        }

        @Override
        public @Nullable INDArray jvp(@Nullable INDArray inputTangent, INDArray tangent) {
            return trainable ? parted(embed(words, tangent)) : null;
        }

        @Override
        public INDArray vjp(INDArray cotangents) {
            long[] shape = new long[inputShape.length + 1];
            shape[0] = cotangents.size(0);
            System.arraycopy(inputShape, 0, shape, 1, inputShape.length);
            return Nd4j.create(cotangents.dataType(), shape);
        }

        @Override
        public LayerJacobian jacobian(INDArray cotangents, Parameterization scaling, boolean coupled) {
            return new EmbeddingJacobian(block, words, Folding.compact(cotangents), scaling.rootScales(block), coupled);
        }
    }
}
