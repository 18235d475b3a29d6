package io.github.dl4jngd.fisher.loss;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;

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
 * <tr><td>{@link #poisson()}</td><td>Σ_k (f_k − y_k log f_k)</td><td>1 − y/f</td><td>diag(1/f)</td></tr>
 * <tr><td>{@link #probabilityCrossEntropy}</td><td>−Σ_k y_k log f_k</td><td>−y/f</td><td>diag(1/f)</td></tr>
 * <tr><td>{@link #bernoulli}</td><td>binary cross-entropy of f</td><td>(f − y)/(f (1 − f))</td>
 * <td>diag(1/(f (1 − f)))</td></tr>
 * </tbody>
 * </table>
 *
 * <p>The others have no Fisher information, or none that is of use, and say in their {@link #description()} which
 * matrix takes its place: the Gauss–Newton matrix of the loss with {@linkplain #weightedSoftmaxCrossEntropy class
 * weights} and of a {@linkplain #squaredHinge() squared hinge}; reweighted least squares for an {@linkplain
 * #absoluteError absolute error} and a {@linkplain #hinge() hinge}, quadratics that touch the loss and lie above it;
 * and the {@linkplain #empirical empirical} metric r rᵀ for any other loss. These depend on the labels: {@link
 * #given(INDArray)} takes them.
 *
 * <p>{@link #weighted(INDArray)} multiplies samples or outputs by weights, as label masks do, {@link
 * #atEachPosition(LossModel, long)} takes a loss at each pixel or time step, and {@link #sum(List, long...)} adds the
 * losses of several outputs.
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
     * The model for the labels of one minibatch, where its metric depends on them.
     *
     * @param labels y, [N, C]; kept
     * @return this model by default; else one for outputs that belong to these labels
     */
    default LossModel given(INDArray labels) {
        return this;
    }

    /**
     * Whether the metric depends on the labels.
     *
     * @return false by default; where it is true {@link #given(INDArray)} comes before {@link #at(INDArray)}
     */
    default boolean dependsOnLabels() {
        return false;
    }

    /**
     * The model with weights for one minibatch: loss, residual and metric are multiplied by them.
     *
     * @param weights w, [N, C], not negative; ones change nothing
     * @return the weighted model
     * @throws IllegalArgumentException if a weight is negative or not finite, or if those of one sample differ where
     *     the loss does not {@linkplain #separatesOutputs() separate outputs}
     */
    default LossModel weighted(INDArray weights) {
        return weighted(weights, null);
    }

    /**
     * The model with weights for one minibatch, as DL4J's layers have them.
     *
     * @param weights w, [N, C], not negative; ones change nothing
     * @param scale m, [N, C], where the loss is taken at m f, as in DL4J's output layers, whose gradient takes f for
     *     m f otherwise; null for ones
     * @return the weighted model
     * @throws IllegalArgumentException as {@link #weighted(INDArray)}
     */
    default LossModel weighted(INDArray weights, @Nullable INDArray scale) {
        return WeightedLoss.of(this, weights, scale);
    }

    /**
     * The model for one minibatch.
     *
     * @param labels y, [N, C]; null where there are none
     * @param weights w, [N, C]; null for ones
     * @return the model given the labels, and weighted
     */
    default LossModel forMinibatch(@Nullable INDArray labels, @Nullable INDArray weights) {
        LossModel model = labels == null ? this : given(labels);
        return weights == null ? model : model.weighted(weights);
    }

    /**
     * Whether H is diagonal, so that outputs may have weights of their own.
     *
     * @return false by default
     */
    default boolean separatesOutputs() {
        return false;
    }

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
        return new SoftmaxCrossEntropy(null, false, false);
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

    /**
     * Cross-entropy of a softmax with class weights: −Σ_k w_k y_k log p_k. H is the Gauss–Newton matrix of the weighted
     * loss, (Σ_k w_k y_k) (diag(p) − p pᵀ), which depends on the labels and is no Fisher information.
     *
     * @param weights w, [C], positive
     * @return the model
     */
    static LossModel weightedSoftmaxCrossEntropy(INDArray weights) {
        return new SoftmaxCrossEntropy(weights, true, false);
    }

    /**
     * Cross-entropy of a softmax whose labels need not sum to one: r = (Σ_k y_k) p − y, the derivative of −Σ_k y_k log
     * p_k. DL4J's where the softmax lies in a layer below a loss layer with the identity.
     *
     * @return the model
     */
    static LossModel unnormalizedSoftmaxCrossEntropy() {
        return new SoftmaxCrossEntropy(null, true, false);
    }

    /**
     * Kullback–Leibler divergence from labels to a softmax: the cross-entropy less the labels' entropy.
     *
     * @return the model, whose derivatives are those of the cross-entropy
     */
    static LossModel softmaxDivergence() {
        return new SoftmaxCrossEntropy(null, true, true);
    }

    /**
     * Cross-entropy −Σ_k w_k y_k log f_k of positive outputs, such as probabilities that a layer below has made.
     *
     * @param weights w, [C], positive; null for ones
     * @param divergence whether the entropy of the labels is subtracted
     * @return the model
     */
    static LossModel probabilityCrossEntropy(@Nullable INDArray weights, boolean divergence) {
        return PositiveOutputs.crossEntropy(weights, divergence);
    }

    /**
     * Binary cross-entropy of outputs that are probabilities and no logits.
     *
     * @param weights w, [C], positive; null for ones
     * @param clip how near to 0 and 1 probabilities may come
     * @return the model
     */
    static LossModel bernoulli(@Nullable INDArray weights, double clip) {
        return new BernoulliProbabilities(weights, clip);
    }

    /**
     * Poisson loss Σ_k (f_k − y_k log f_k) of positive outputs, the means of counts.
     *
     * @return the model
     */
    static LossModel poisson() {
        return PositiveOutputs.poisson();
    }

    /**
     * Absolute error s Σ_k w_k |f_k − y_k|.
     *
     * @param scale s, positive
     * @param weights w, [C], positive; null for ones
     * @return the model
     */
    static LossModel absoluteError(double scale, @Nullable INDArray weights) {
        return new AbsoluteError(scale, weights);
    }

    /**
     * Hinge Σ_k max(0, 1 − y_k f_k) with labels −1 and 1.
     *
     * @return the model
     */
    static LossModel hinge() {
        return new Hinge(false);
    }

    /**
     * Squared hinge Σ_k max(0, 1 − y_k f_k)² with labels −1 and 1.
     *
     * @return the model
     */
    static LossModel squaredHinge() {
        return new Hinge(true);
    }

    /**
     * Any loss that is a sum over samples, with the empirical metric r rᵀ.
     *
     * @param loss the loss
     * @param activation the output activation, which belongs to the loss
     * @return the model, whose outputs are those before the activation
     */
    static LossModel empirical(ILossFunction loss, IActivation activation) {
        return new EmpiricalLoss(loss, activation);
    }

    /**
     * A loss at each position of images or sequences, summed over positions.
     *
     * @param loss the loss at one position
     * @param outputs C, the outputs at one position
     * @return the model for outputs [N, C·P], the row-major [C, P] of each sample
     */
    static LossModel atEachPosition(LossModel loss, long outputs) {
        return new PositionwiseLoss(loss, outputs);
    }

    /**
     * The sum of several losses, as of a graph with several outputs: H is block diagonal.
     *
     * @param losses the losses
     * @param widths how many outputs each has, in the order in which they stand side by side; 0 for one that varies
     * @return the model for outputs [N, Σ widths]; where several widths vary, only labels given to each loss before
     *     say which output is whose
     */
    static LossModel sum(List<LossModel> losses, long... widths) {
        return new SumOfLosses(losses, widths);
    }
}
