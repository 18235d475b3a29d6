package io.github.dl4jngd.cli.meanfield;

import java.util.Locale;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * How random networks start.
 *
 * @param activation of the hidden layers
 * @param weightVariance σ_w²
 * @param biasVariance σ_b²
 * @param biases whether layers have biases
 * @param dataType of the parameters
 */
public record Initialization(
        Activation activation, double weightVariance, double biasVariance, boolean biases, DataType dataType) {

    @Override
    public String toString() {
        return activation.name().toLowerCase(Locale.ROOT) + ", weight variance " + weightVariance + ", "
                + (biases ? "bias variance " + biasVariance : "no biases");
    }
}
