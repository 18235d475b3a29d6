package io.github.dl4jngd.fisher.operation;

import io.github.dl4jngd.fisher.jacobian.FormedJacobian;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * z = g x̂ + b, x̂ = (x − μ)/σ over the units of each sample, x [N, units]: what DL4J's DenseLayer does with
 * {@code hasLayerNorm} between its product and its bias, by the operation {@code layer_norm}.
 *
 * <p>The derivative of x̂ is the projection D u = (u − mean(u) − x̂ mean(x̂ u))/σ, its own adjoint: jvp g D ẋ + ġ x̂ +
 * ḃ, vjp D(g δ). A unit's block is its gain and, where there is one, its bias.
 */
final class LayerNormalizationOperation implements Operation {

    private final ParameterSlice gain;
    private final @Nullable ParameterSlice bias;
    private final boolean trainable;
    private final ParameterBlock block;

    LayerNormalizationOperation(String name, ParameterSlice gain, @Nullable ParameterSlice bias, boolean trainable) {
        this.gain = gain;
        this.bias = bias;
        this.trainable = trainable;
        ParameterBlock gains =
                ParameterBlock.of(name, gain.offset(), 1, gain.length()).withoutWeights();
        this.block = bias == null ? gains : gains.withBias(bias.offset());
    }

    @Override
    public Optional<ParameterBlock> block() {
        return trainable ? Optional.of(block) : Optional.empty();
    }

    @Override
    public Linearized linearize(INDArray input, INDArray parameters) {
        INDArray centred = input.subColumnVector(input.mean(true, 1));
        INDArray inverseDeviation = input.std(false, true, 1).rdivi(1);
        INDArray normalized = centred.muliColumnVector(inverseDeviation);
        return new At(normalized, inverseDeviation, row(gain, parameters), affine(normalized, parameters));
    }

    private INDArray row(ParameterSlice slice, INDArray parameters) {
        return slice.of(parameters).reshape('c', 1, block.units());
    }

    /** g x̂ + b. */
    private INDArray affine(INDArray normalized, INDArray parameters) {
        INDArray result = normalized.mulRowVector(row(gain, parameters));
        return bias == null ? result : result.addiRowVector(row(bias, parameters));
    }

    private final class At implements Linearized {

        private final INDArray normalized;
        private final INDArray inverseDeviation;
        private final INDArray scale;
        private final INDArray output;

        At(INDArray normalized, INDArray inverseDeviation, INDArray scale, INDArray output) {
            this.normalized = normalized;
            this.inverseDeviation = inverseDeviation;
            this.scale = scale;
            this.output = output;
        }

        @Override
        public INDArray output() {
            return output;
        }

        /** D u; overwrites u, [N, units]. */
        private INDArray derivative(INDArray u) {
            INDArray projection = u.mul(normalized).mean(true, 1);
            return u.subiColumnVector(u.mean(true, 1))
                    .subi(normalized.mulColumnVector(projection))
                    .muliColumnVector(inverseDeviation);
        }

        @Override
        public @Nullable INDArray jvp(@Nullable INDArray inputTangent, INDArray tangent) {
            INDArray result = inputTangent == null
                    ? null
                    : derivative(inputTangent.dup('c')).muliRowVector(scale);
            if (!trainable) {
                return result;
            }
            INDArray own = affine(normalized, tangent);
            return result == null ? own : result.addi(own);
        }

        @Override
        public INDArray vjp(INDArray cotangents) {
            INDArray result = Nd4j.createUninitialized(cotangents.dataType(), cotangents.shape(), 'c');
            for (long k = 0; k < cotangents.size(0); k++) {
                result.slice(k).assign(derivative(cotangents.slice(k).mulRowVector(scale)));
            }
            return result;
        }

        /** Rows δ x̂ for g and δ for b, of a sample, or summed over the coupled minibatch. */
        @Override
        public LayerJacobian jacobian(INDArray cotangents, Parameterization scaling, boolean coupled) {
            long count = cotangents.size(0);
            long units = block.units();
            INDArray gains = cotangents.mul(Folding.broadcastable(normalized));
            long rows = coupled ? count : count * cotangents.size(1);
            INDArray matrix =
                    Nd4j.createUninitialized(cotangents.dataType(), new long[] {rows, units, block.inputs()}, 'c');
            assign(matrix, 0, coupled ? gains.sum(1) : gains);
            if (bias != null) {
                assign(matrix, 1, coupled ? cotangents.sum(1) : cotangents);
            }
            return new FormedJacobian(block, matrix.reshape('c', rows, block.parameters()), coupled);
        }

        private void assign(INDArray matrix, int input, INDArray values) {
            matrix.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(input))
                    .assign(values.dup('c').reshape('c', matrix.size(0), matrix.size(1)));
        }
    }
}
