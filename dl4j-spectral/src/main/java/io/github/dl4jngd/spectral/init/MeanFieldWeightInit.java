package io.github.dl4jngd.spectral.init;

import java.util.Objects;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Weights N(0, σ_w²/M_in), or σ_w times an orthogonal matrix, for DL4J's {@code .weightInit(…)}; written to and read
 * from a model's configuration.
 *
 * <p>Draws come from ND4J's global generator, which DL4J seeds with the model's seed, as those of its own
 * initialisations.
 */
public final class MeanFieldWeightInit implements IWeightInit {

    private static final long serialVersionUID = 1;

    /** σ_w², the variance of a weight times the number of inputs. */
    private final double weightVariance;

    /** Whether weights are orthogonal instead of independent. */
    private final boolean orthogonal;

    /**
     * Creates an initialisation of one layer.
     *
     * @param weightVariance σ_w², above zero
     * @param orthogonal whether orthogonal, else independent Gaussian
     */
    public MeanFieldWeightInit(
            @JsonProperty("weightVariance") double weightVariance, @JsonProperty("orthogonal") boolean orthogonal) {
        if (!(weightVariance > 0)) {
            throw new IllegalArgumentException("The weight variance must be above zero, was " + weightVariance);
        }
        this.weightVariance = weightVariance;
        this.orthogonal = orthogonal;
    }

    /**
     * The scaled variance.
     *
     * @return σ_w²
     */
    public double getWeightVariance() {
        return weightVariance;
    }

    /**
     * Whether weights are orthogonal matrices rather than independent.
     *
     * @return whether orthogonal
     */
    public boolean isOrthogonal() {
        return orthogonal;
    }

    @Override
    public INDArray init(double fanIn, double fanOut, long[] shape, char order, INDArray paramView) {
        INDArray drawn = Nd4j.randn(order, shape).castTo(paramView.dataType());
        INDArray weights = orthogonal
                ? Orthogonal.of(drawn.reshape(order, shape[0], drawn.length() / shape[0]))
                        .muli(Math.sqrt(weightVariance))
                : drawn.muli(Math.sqrt(weightVariance / fanIn));
        INDArray view = paramView.reshape(order, shape);
        view.assign(weights.reshape(order, shape));
        return view;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MeanFieldWeightInit init
                && init.weightVariance == weightVariance
                && init.orthogonal == orthogonal;
    }

    @Override
    public int hashCode() {
        return Objects.hash(weightVariance, orthogonal);
    }

    @Override
    public String toString() {
        return "MeanFieldWeightInit(" + weightVariance + (orthogonal ? ", orthogonal)" : ")");
    }
}
