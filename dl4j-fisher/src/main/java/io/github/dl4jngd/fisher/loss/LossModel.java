package io.github.dl4jngd.fisher.loss;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A loss as a function of the network's outputs f, together with the probability model p(y | f) behind it.
 *
 * <p>Outputs f are the logits where a softmax or a sigmoid belongs to the loss. {@link #at(INDArray)} fixes f and gives
 * the Fisher information H of p(y | f), its square root S and everything that follows from them.
 *
 * <table class="striped">
 * <caption>The models and their metrics, per sample</caption>
 * <thead><tr><th>model</th><th>loss</th><th>r = ∂ℓ/∂f</th><th>H</th></tr></thead>
 * <tbody>
 * <tr><td>{@link #squaredError(double)}</td><td>(s/2) Σ_k (f_k − y_k)²</td><td>s (f − y)</td><td>s I</td></tr>
 * <tr><td>{@link #softmaxCrossEntropy()}</td><td>−Σ_k y_k log p_k</td><td>p − y</td><td>diag(p) − p pᵀ</td></tr>
 * <tr><td>{@link #sigmoidCrossEntropy()}</td><td>binary cross-entropy summed over k</td><td>p − y</td>
 * <td>diag(p (1 − p))</td></tr>
 * </tbody>
 * </table>
 */
public interface LossModel {

    /**
     * Fixes the outputs.
     *
     * @param outputs f, [N, C]; kept, not copied and not modified
     * @return the metric at f
     */
    OutputMetric at(INDArray outputs);

    /**
     * Checks that labels are ones this model's formulas hold for.
     *
     * @param labels y, [N, C]
     * @throws IllegalArgumentException if they are not, naming the first offending sample
     */
    void checkLabels(INDArray labels);

    /**
     * The rank of H_n for generic outputs.
     *
     * @param outputs C
     * @return C, or C − 1 for the softmax, whose H has the null vector 1
     */
    int rank(int outputs);

    /**
     * A one-line description for registrations and reports.
     *
     * @return the loss and its metric in words
     */
    String description();

    /**
     * Squared error (s/2) Σ_k (f_k − y_k)²: s = 2 is DL4J's L2, s = 2/C its MSE, s = 1 the literature's half squared
     * error.
     *
     * @param scale s, positive
     * @return the model
     */
    static LossModel squaredError(double scale) {
        return new SquaredError(scale, null);
    }

    /**
     * Weighted squared error (s/2) Σ_k w_k (f_k − y_k)².
     *
     * @param scale s, positive
     * @param weights w, [C], positive
     * @return the model
     */
    static LossModel squaredError(double scale, INDArray weights) {
        return new SquaredError(scale, weights);
    }

    /**
     * The literature's half squared error ½ Σ_k (f_k − y_k)², H = I.
     *
     * @return the model
     */
    static LossModel halfSquaredError() {
        return squaredError(1.0);
    }

    /**
     * Cross-entropy of a softmax over the C outputs; labels must sum to one per sample.
     *
     * @return the model
     */
    static LossModel softmaxCrossEntropy() {
        return new SoftmaxCrossEntropy();
    }

    /**
     * Sum over the C outputs of the binary cross-entropy of a sigmoid.
     *
     * @return the model
     */
    static LossModel sigmoidCrossEntropy() {
        return new SigmoidCrossEntropy(null);
    }

    /**
     * Weighted sum over the C outputs of the binary cross-entropy of a sigmoid.
     *
     * @param weights w, [C], positive
     * @return the model
     */
    static LossModel sigmoidCrossEntropy(INDArray weights) {
        return new SigmoidCrossEntropy(weights);
    }
}
