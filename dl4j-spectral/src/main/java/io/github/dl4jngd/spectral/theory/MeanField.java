package io.github.dl4jngd.spectral.theory;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The mean-field theory of a random fully connected network with linear outputs: weights W_l ~ N(0, σ_w²/M_{l−1}),
 * biases b_l ~ N(0, σ_b²), the same activation in all hidden layers.
 *
 * <p>Source: Karakida, Akaho &amp; Amari, AISTATS 2019; order parameters as in Poole et al. 2016 and Schoenholz et al.
 * 2017.
 *
 * @param activation φ's Gaussian moments
 * @param widths M_0 … M_L, inputs first, outputs last
 * @param weightVariances σ_w² of layers 1 … L
 * @param biasVariances σ_b² of layers 1 … L
 * @param biases whether layers have biases: parameters, which may start at zero
 */
public record MeanField(
        GaussianMoments activation,
        List<Long> widths,
        List<Double> weightVariances,
        List<Double> biasVariances,
        boolean biases) {

    /**
     * Checks the sizes.
     *
     * @param activation φ's Gaussian moments
     * @param widths M_0 … M_L
     * @param weightVariances σ_w²
     * @param biasVariances σ_b²
     * @param biases whether layers have biases
     */
    public MeanField {
        widths = List.copyOf(widths);
        weightVariances = List.copyOf(weightVariances);
        biasVariances = List.copyOf(biasVariances);
        int layers = widths.size() - 1;
        if (layers < 1 || weightVariances.size() != layers || biasVariances.size() != layers) {
            throw new IllegalArgumentException(
                    "Mean-field theory needs M_0 … M_L and a variance of weights and of biases for each of L "
                            + "layers, got " + widths + ", " + weightVariances + " and " + biasVariances);
        }
    }

    /**
     * The same variances in all layers.
     *
     * @param activation φ's Gaussian moments
     * @param widths M_0 … M_L
     * @param weightVariance σ_w²
     * @param biasVariance σ_b²
     * @param biases whether layers have biases
     * @return the theory
     */
    public static MeanField of(
            GaussianMoments activation, List<Long> widths, double weightVariance, double biasVariance, boolean biases) {
        int layers = widths.size() - 1;
        return new MeanField(
                activation,
                widths,
                Collections.nCopies(layers, weightVariance),
                Collections.nCopies(layers, biasVariance),
                biases);
    }

    /**
     * The theory of a freshly initialised network, with the variances that its weights and biases have: any
     * initialisation with independent entries of mean zero.
     *
     * @param network dense layers of one activation and a linear output layer
     * @return the theory
     * @throws IllegalArgumentException if the network is of another form, naming the layer
     */
    public static MeanField of(MultiLayerNetwork network) {
        List<Long> widths = new ArrayList<>();
        List<Double> weightVariances = new ArrayList<>();
        List<Double> biasVariances = new ArrayList<>();
        IActivation activation = null;
        boolean biases = false;
        int last = network.getnLayers() - 1;
        for (int i = 0; i <= last; i++) {
            Layer layer = network.getLayerWiseConfigurations().getConf(i).getLayer();
            boolean dense = layer.getClass() == (i == last ? OutputLayer.class : DenseLayer.class);
            if (!dense) {
                throw new IllegalArgumentException("Mean-field theory is of dense layers and an output layer; layer "
                        + i + " is a " + layer.getClass().getSimpleName());
            }
            IActivation own = ((FeedForwardLayer) layer).getActivationFn();
            if (i == last ? !(own instanceof ActivationIdentity) : activation != null && !activation.equals(own)) {
                throw new IllegalArgumentException(
                        "Mean-field theory is of one activation in all hidden layers and linear outputs; " + "layer "
                                + i + " has " + own);
            }
            activation = i == last ? activation : own;
            INDArray weights = network.getParam(i + "_" + DefaultParamInitializer.WEIGHT_KEY);
            INDArray bias = network.getLayer(i).paramTable().get(DefaultParamInitializer.BIAS_KEY);
            if (i == 0) {
                widths.add(weights.size(0));
            }
            widths.add(weights.size(1));
            weightVariances.add(weights.size(0) * meanSquare(weights));
            biasVariances.add(bias == null ? 0 : meanSquare(bias));
            biases = bias != null;
        }
        GaussianMoments moments = activation == null ? GaussianMoments.linear() : GaussianMoments.of(activation);
        return new MeanField(moments, widths, weightVariances, biasVariances, biases);
    }

    private static double meanSquare(INDArray array) {
        double norm = array.norm2Number().doubleValue();
        return norm * norm / array.length();
    }

    /**
     * The order parameters and the spectrum for a training set.
     *
     * @param inputs its moments
     * @return what theory predicts
     */
    public MeanFieldSpectrum at(InputMoments inputs) {
        int layers = widths.size() - 1;
        List<Double> squares = new ArrayList<>(List.of(inputs.square()));
        List<Double> overlaps = new ArrayList<>(List.of(inputs.overlap()));
        List<Double> variances = new ArrayList<>();
        List<Double> covariances = new ArrayList<>();
        for (int l = 1; l < layers; l++) {
            double q = weightVariances.get(l - 1) * squares.get(l - 1) + biasVariances.get(l - 1);
            double c = weightVariances.get(l - 1) * overlaps.get(l - 1) + biasVariances.get(l - 1);
            variances.add(q);
            covariances.add(c);
            squares.add(activation.square(q));
            overlaps.add(activation.product(q, q, c));
        }
        List<Double> slopes = new ArrayList<>(List.of(1.0));
        List<Double> slopeOverlaps = new ArrayList<>(List.of(1.0));
        for (int l = layers - 1; l >= 1; l--) {
            double q = variances.get(l - 1);
            double c = covariances.get(l - 1);
            slopes.add(0, weightVariances.get(l) * slopes.get(0) * activation.slopeSquare(q));
            slopeOverlaps.add(0, weightVariances.get(l) * slopeOverlaps.get(0) * activation.slopeProduct(q, q, c));
        }
        return new MeanFieldSpectrum(
                widths, biases, inputs.samples(), variances, covariances, squares, overlaps, slopes, slopeOverlaps);
    }
}
