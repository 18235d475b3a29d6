package io.github.dl4jngd.fisher.jacobian;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The Jacobian J = ∂f/∂θ of a network's outputs at one minibatch, as a linear map that is never formed.
 *
 * <p>Parameter vectors are flat, [P], in the model's own order; output arrays are [N, C].
 */
public interface Jacobian {

    /**
     * Pushes a parameter tangent forward.
     *
     * @param tangent v, [P]; not modified
     * @return J v, [N, C]
     */
    INDArray jvp(INDArray tangent);

    /**
     * Pulls an output cotangent back.
     *
     * @param cotangent u, [N, C]; not modified
     * @return Jᵀ u, [P], summed over the minibatch, not averaged
     */
    INDArray vjp(INDArray cotangent);

    /**
     * Pulls an output cotangent back into an array that there is already.
     *
     * @param cotangent u, [N, C]; not modified
     * @param result [P], overwritten with Jᵀ u
     */
    default void vjp(INDArray cotangent, INDArray result) {
        result.assign(vjp(cotangent));
    }

    /**
     * The number of samples N.
     *
     * @return N
     */
    int samples();

    /**
     * The number of parameters P.
     *
     * @return P
     */
    long parameters();

    /**
     * The type of parameter vectors and outputs.
     *
     * @return float32 or float64
     */
    DataType dataType();
}
