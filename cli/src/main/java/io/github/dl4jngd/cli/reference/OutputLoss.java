package io.github.dl4jngd.cli.reference;

import io.github.dl4jngd.fisher.loss.LossModel;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * The losses of reference files, as Deeplearning4j's loss and output activation and as the loss model that defines the
 * metric H.
 */
public enum OutputLoss {
    /** ½ Σ_k (f_k − y_k)², H = I: half of Deeplearning4j's L2. */
    HALF_SQUARED_ERROR(LossFunction.L2, Activation.IDENTITY, 0.5),
    /** Σ_k (f_k − y_k)², H = 2I: Deeplearning4j's L2. */
    SQUARED_ERROR(LossFunction.L2, Activation.IDENTITY, 1),
    /** (1/C) Σ_k (f_k − y_k)², H = (2/C)I: Deeplearning4j's MSE. */
    MEAN_SQUARED_ERROR(LossFunction.MSE, Activation.IDENTITY, 1),
    /** −Σ_k y_k log p_k with softmax probabilities. */
    SOFTMAX_CROSS_ENTROPY(LossFunction.MCXENT, Activation.SOFTMAX, 1),
    /** Binary cross-entropy summed over k with sigmoid probabilities. */
    SIGMOID_CROSS_ENTROPY(LossFunction.XENT, Activation.SIGMOID, 1);

    private final LossFunction function;
    private final Activation activation;
    private final double factor;

    OutputLoss(LossFunction function, Activation activation, double factor) {
        this.function = function;
        this.activation = activation;
        this.factor = factor;
    }

    /**
     * A loss by its name.
     *
     * @param name half_squared_error, squared_error, l2, mean_squared_error, mse, softmax_cross_entropy,
     *     sigmoid_cross_entropy or binary_cross_entropy
     * @return the loss, or empty where none has this name
     */
    public static Optional<OutputLoss> named(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "l2" -> Optional.of(SQUARED_ERROR);
            case "mse" -> Optional.of(MEAN_SQUARED_ERROR);
            case "binary_cross_entropy" -> Optional.of(SIGMOID_CROSS_ENTROPY);
            default ->
                Arrays.stream(values())
                        .filter(loss -> loss.toString().equals(name.toLowerCase(Locale.ROOT)))
                        .findFirst();
        };
    }

    /**
     * The names of all losses.
     *
     * @return a list for error messages
     */
    public static String names() {
        return Arrays.stream(values()).map(OutputLoss::toString).collect(Collectors.joining(", "))
                + ", l2, mse, binary_cross_entropy";
    }

    LossFunction function() {
        return function;
    }

    Activation activation() {
        return activation;
    }

    /**
     * This loss over Deeplearning4j's.
     *
     * @return ½ for {@link #HALF_SQUARED_ERROR}, else 1
     */
    public double factor() {
        return factor;
    }

    /**
     * The loss model.
     *
     * @param outputs C
     * @return the loss with its metric
     */
    public LossModel model(int outputs) {
        return switch (this) {
            case HALF_SQUARED_ERROR -> LossModel.halfSquaredError();
            case SQUARED_ERROR -> LossModel.squaredError(2);
            case MEAN_SQUARED_ERROR -> LossModel.squaredError(2.0 / outputs);
            case SOFTMAX_CROSS_ENTROPY -> LossModel.softmaxCrossEntropy();
            case SIGMOID_CROSS_ENTROPY -> LossModel.sigmoidCrossEntropy();
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
