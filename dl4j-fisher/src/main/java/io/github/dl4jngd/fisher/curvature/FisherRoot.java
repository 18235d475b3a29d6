package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The square root J̃ = SᵀJ of a minibatch's Fisher information matrix, F = J̃ᵀJ̃/N, layer by layer.
 *
 * @param layers the layers that have trainable parameters, in the model's order
 * @param samples N
 * @param cotangents K: C for the true Fisher, the number of draws for a Monte-Carlo one, 1 for the empirical one
 * @param parameters P, the length of the model's whole parameter vector (parameters that belong to no layer here are
 *     frozen)
 * @param whitenedResidual q, [K, N], with r = S q, so that the gradient of the mean loss is J̃ᵀq/N; null for a
 *     Monte-Carlo root, for which no q exists, and where the output root had none
 */
public record FisherRoot(
        List<LayerJacobian> layers, int samples, int cotangents, long parameters, @Nullable INDArray whitenedResidual) {

    /**
     * Checks that there is something to work on.
     *
     * @param layers the layers that have trainable parameters
     * @param samples N
     * @param cotangents K
     * @param parameters P
     * @param whitenedResidual q
     */
    public FisherRoot {
        layers = List.copyOf(layers);
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("The network has no trainable parameters");
        }
    }

    /**
     * The gradient of the mean loss, from the logits.
     *
     * @return J̃ᵀq/N, [P]
     * @throws IllegalStateException if there is no q
     */
    public INDArray gradient() {
        return transposeTimes(requireWhitenedResidual()).divi(samples);
    }

    /**
     * The number of rows of J̃.
     *
     * @return K N, or K where one cotangent for the whole coupled minibatch is one row
     */
    public long rows() {
        return layers.get(0).rows();
    }

    /**
     * Combines rows of all layers.
     *
     * @param coefficients one for each row
     * @return J̃ᵀ coefficients, [P]; zero for frozen parameters
     */
    public INDArray transposeTimes(INDArray coefficients) {
        INDArray result = Nd4j.create(coefficients.dataType(), parameters);
        for (LayerJacobian layer : layers) {
            layer.block().write(layer.transposeTimes(coefficients), result);
        }
        return result;
    }

    /**
     * Applies the rows of all layers.
     *
     * @param tangent v, [P]
     * @return J̃ v, [rows]
     */
    public INDArray times(INDArray tangent) {
        INDArray result = times(layers.get(0), tangent);
        for (LayerJacobian layer : layers.subList(1, layers.size())) {
            result = result.addi(times(layer, tangent));
        }
        return result;
    }

    private static INDArray times(LayerJacobian layer, INDArray tangent) {
        return layer.times(layer.block().read(tangent));
    }

    /**
     * The matrix itself, for tests and small networks.
     *
     * @return J̃, [rows, P]
     */
    public INDArray toDense() {
        INDArray dense = Nd4j.create(layers.get(0).toDense().dataType(), rows(), parameters);
        for (LayerJacobian layer : layers) {
            INDArray rows = layer.toDense();
            long[] positions = layer.block().positions(parameters);
            for (int column = 0; column < positions.length; column++) {
                dense.putColumn(Math.toIntExact(positions[column]), rows.getColumn(column));
            }
        }
        return dense;
    }

    /**
     * The same root in another type.
     *
     * @param dataType the type
     * @return a converted root
     */
    public FisherRoot castTo(DataType dataType) {
        return new FisherRoot(
                layers.stream().map(layer -> layer.castTo(dataType)).toList(),
                samples,
                cotangents,
                parameters,
                whitenedResidual == null ? null : whitenedResidual.castTo(dataType));
    }

    INDArray requireWhitenedResidual() {
        if (whitenedResidual == null) {
            throw new IllegalStateException(
                    "A Monte-Carlo Fisher has no q with r = S q; use the form that takes a gradient");
        }
        return whitenedResidual;
    }
}
