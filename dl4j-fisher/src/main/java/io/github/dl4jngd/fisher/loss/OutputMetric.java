package io.github.dl4jngd.fisher.loss;

import java.util.random.RandomGenerator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The loss and the Fisher information of p(y | f) at fixed outputs f, [N, C].
 *
 * <p>Per sample, H_n = S_n S_nᵀ and r_n = S_n q_n; S_n has K columns, C of them but for an empirical metric, which has
 * one. All arrays have the data type of f; no method modifies its
 * arguments. Formulas work from the logits (log-sum-exp), so that nothing becomes 0/0 where a probability rounds to 0
 * or 1.
 */
public interface OutputMetric {

    /**
     * What each output contributes to the loss.
     *
     * @param labels y, [N, C]
     * @return [N, C]; the sum over row n is ℓ(f_n, y_n). Where a loss does not fall into parts, it stands in the first
     *     column, with zeros beside it
     */
    INDArray losses(INDArray labels);

    /**
     * The mean loss over the minibatch.
     *
     * @param labels y, [N, C]
     * @return (1/N) Σ_n ℓ(f_n, y_n)
     */
    default double meanLoss(INDArray labels) {
        return losses(labels).castTo(DataType.DOUBLE).sumNumber().doubleValue() / labels.size(0);
    }

    /**
     * The residual: the derivative of the loss with respect to the outputs.
     *
     * @param labels y, [N, C]
     * @return r = ∂ℓ/∂f, [N, C]
     */
    INDArray residual(INDArray labels);

    /**
     * The whitened residual: what S maps to the residual.
     *
     * @param labels y, [N, C]
     * @return q, [N, K], with r_n = S_n q_n
     */
    INDArray whitenedResidual(INDArray labels);

    /**
     * The metric applied to output tangents.
     *
     * @param tangent d, [N, C]
     * @return H d, [N, C]
     */
    INDArray times(INDArray tangent);

    /**
     * The transposed square root of the metric applied to output tangents.
     *
     * @param tangent d, [N, C]
     * @return Sᵀ d, [N, K]
     */
    INDArray rootTransposeTimes(INDArray tangent);

    /**
     * The columns of S as cotangents.
     *
     * @return [K, N, C]; entry (j, n, ·) is the j-th column of S_n
     */
    INDArray rootColumns();

    /**
     * A draw c with E[c cᵀ] = H: the residual of a label drawn from the model, or H^{1/2} z for a squared error.
     *
     * @param random the caller's generator; ND4J's global one is never touched
     * @return c, [N, C]
     */
    INDArray sample(RandomGenerator random);
}
