package io.github.dl4jngd.cli.meanfield;

import io.github.dl4jngd.spectral.init.MeanFieldInitialization;
import io.github.dl4jngd.spectral.theory.GaussianMoments;
import io.github.dl4jngd.spectral.theory.InputMoments;
import io.github.dl4jngd.spectral.theory.MeanField;
import io.github.dl4jngd.spectral.theory.MeanFieldSpectrum;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A random network of mean-field theory: W ~ N(0, σ_w²/M_in), b ~ N(0, σ_b²), linear outputs, Deeplearning4j's L2 loss
 * (H = 2I).
 *
 * @param initialization σ_w², σ_b² and the activation
 * @param widths M_0 … M_L, inputs first
 */
public record RandomNetwork(Initialization initialization, List<Long> widths) {

    /**
     * Copies the list.
     *
     * @param initialization σ_w², σ_b² and the activation
     * @param widths M_0 … M_L
     */
    public RandomNetwork {
        widths = List.copyOf(widths);
    }

    /**
     * Builds the network.
     *
     * @param normalization in hidden layers; {@link Normalization#MEAN_SUBTRACTION} is none of the network's own
     * @param updater the updater
     * @param seed of the parameters
     * @return an initialised network
     */
    public MultiLayerNetwork build(Normalization normalization, IUpdater updater, long seed) {
        NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder()
                .dataType(initialization.dataType())
                .updater(updater)
                .list();
        boolean between = normalization == Normalization.BATCH_NORM;
        int layers = widths.size() - 1;
        for (int l = 1; l < layers; l++) {
            list.layer(new DenseLayer.Builder()
                    .nIn(widths.get(l - 1))
                    .nOut(widths.get(l))
                    .hasBias(initialization.biases())
                    .hasLayerNorm(normalization == Normalization.LAYER_NORM)
                    .activation(between ? Activation.IDENTITY : initialization.activation())
                    .build());
            if (between) {
                list.layer(new BatchNormalization.Builder()
                        .nIn(widths.get(l))
                        .nOut(widths.get(l))
                        .build());
                list.layer(new ActivationLayer(initialization.activation()));
            }
        }
        MultiLayerNetwork network = new MultiLayerNetwork(list.layer(new OutputLayer.Builder(LossFunction.L2)
                        .nIn(widths.get(layers - 1))
                        .nOut(widths.get(layers))
                        .hasBias(initialization.biases())
                        .activation(Activation.IDENTITY)
                        .build())
                .build());
        network.init();
        return MeanFieldInitialization.gaussian(initialization.weightVariance(), initialization.biasVariance(), seed)
                .apply(network);
    }

    /**
     * What theory says of the network without normalisation, with H = I.
     *
     * @param inputs [T, M_0]
     * @return order parameters and spectrum
     */
    public MeanFieldSpectrum theory(INDArray inputs) {
        return MeanField.of(
                        GaussianMoments.of(initialization.activation().getActivationFunction()),
                        widths,
                        initialization.weightVariance(),
                        initialization.biasVariance(),
                        initialization.biases())
                .at(InputMoments.of(inputs));
    }
}
