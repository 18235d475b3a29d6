package io.github.dl4jngd.spectral.init;

import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The random networks of mean-field theory: weights N(0, σ_w²/M_in), or σ_w times a matrix with orthonormal rows or
 * columns, and biases N(0, σ_b²), which DL4J's configurations, whose biases start at a constant, do not have.
 *
 * <p>Draws come from its own seed; ND4J's global generator is not touched. For weights alone there is
 * {@link MeanFieldWeightInit}.
 *
 * @param weightVariance σ_w², above zero
 * @param biasVariance σ_b², at least zero
 * @param orthogonal whether weights are orthogonal, for dynamical isometry (Saxe, McClelland &amp; Ganguli 2014;
 *     Pennington et al. 2017)
 * @param seed of the draws
 */
public record MeanFieldInitialization(double weightVariance, double biasVariance, boolean orthogonal, long seed) {

    /**
     * Checks the ranges.
     *
     * @param weightVariance σ_w²
     * @param biasVariance σ_b²
     * @param orthogonal whether weights are orthogonal
     * @param seed of the draws
     */
    public MeanFieldInitialization {
        if (!(weightVariance > 0) || !(biasVariance >= 0)) {
            throw new IllegalArgumentException(
                    "The weight variance must be above zero and the bias variance at least zero, got " + weightVariance
                            + " and " + biasVariance);
        }
    }

    /**
     * Independent Gaussian weights.
     *
     * @param weightVariance σ_w²
     * @param biasVariance σ_b²
     * @param seed of the draws
     * @return the initialisation
     */
    public static MeanFieldInitialization gaussian(double weightVariance, double biasVariance, long seed) {
        return new MeanFieldInitialization(weightVariance, biasVariance, false, seed);
    }

    /**
     * Draws all weights and biases of a network of dense layers anew, and a batch normalisation's β, which has the
     * bias's part, as a bias.
     *
     * @param network an initialised network; its parameters are replaced
     * @return the network
     */
    public MultiLayerNetwork apply(MultiLayerNetwork network) {
        RandomGenerator random = new SplittableRandom(seed);
        for (int i = 0; i < network.getnLayers(); i++) {
            INDArray weights = network.getLayer(i).paramTable().get(DefaultParamInitializer.WEIGHT_KEY);
            if (weights != null) {
                weights.assign(weights(random, weights));
            }
            for (String key : List.of(DefaultParamInitializer.BIAS_KEY, BatchNormalizationParamInitializer.BETA)) {
                INDArray bias = network.getLayer(i).paramTable().get(key);
                if (bias != null) {
                    bias.assign(normal(random, bias).muli(Math.sqrt(biasVariance)));
                }
            }
        }
        return network;
    }

    private INDArray weights(RandomGenerator random, INDArray like) {
        INDArray drawn = normal(random, like);
        return orthogonal
                ? Orthogonal.of(drawn).muli(Math.sqrt(weightVariance))
                : drawn.muli(Math.sqrt(weightVariance / like.size(0)));
    }

    private static INDArray normal(RandomGenerator random, INDArray like) {
        double[] values = new double[Math.toIntExact(like.length())];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
        }
        return Nd4j.createFromArray(values).castTo(like.dataType()).reshape(like.shape());
    }
}
