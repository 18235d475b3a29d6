package io.github.dl4jngd.cli.reference;

import java.util.List;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * The form of a fully connected network.
 *
 * @param sizes the widths from the input to the output, at least two
 * @param activation of the hidden layers
 * @param loss the loss, with the output activation that belongs to it
 * @param bias whether the layers have biases
 * @param dataType of parameters and arithmetic
 */
public record DenseNetwork(
        List<Integer> sizes, Activation activation, OutputLoss loss, boolean bias, DataType dataType) {

    /**
     * Checks and copies the widths.
     *
     * @param sizes the widths from the input to the output, at least two
     * @param activation of the hidden layers
     * @param loss the loss, with the output activation that belongs to it
     * @param bias whether the layers have biases
     * @param dataType of parameters and arithmetic
     */
    public DenseNetwork {
        sizes = List.copyOf(sizes);
        if (sizes.size() < 2) {
            throw new IllegalArgumentException("a network needs at least two sizes, found " + sizes);
        }
    }

    /**
     * The number of layers.
     *
     * @return L
     */
    public int layers() {
        return sizes.size() - 1;
    }

    /**
     * The number of outputs.
     *
     * @return C
     */
    public int outputs() {
        return sizes.get(layers());
    }

    /**
     * The number of parameters.
     *
     * @return P
     */
    public long parameters() {
        long count = 0;
        for (int l = 0; l < layers(); l++) {
            count += (sizes.get(l) + (bias ? 1L : 0L)) * sizes.get(l + 1);
        }
        return count;
    }

    /**
     * Random parameters: weights from N(0, 2/M_in) in every layer, biases 0.
     *
     * @param seed the seed
     * @return a flat vector [P] of this network's data type
     */
    public INDArray heInitialization(long seed) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration(new NoOp(), seed));
        network.init();
        return network.params().dup();
    }

    /**
     * A Deeplearning4j network of this form.
     *
     * @param updater its updater
     * @param parameters its parameters, [P] in Deeplearning4j's order; copied
     * @return the network
     */
    public MultiLayerNetwork build(IUpdater updater, INDArray parameters) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration(updater, 0));
        network.init(parameters.castTo(dataType).reshape(new long[] {1, parameters.length()}), true);
        return network;
    }

    private MultiLayerConfiguration configuration(IUpdater updater, long seed) {
        NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .dataType(dataType)
                .updater(updater)
                .weightInit(WeightInit.RELU)
                .list();
        for (int l = 0; l < layers() - 1; l++) {
            list.layer(new DenseLayer.Builder()
                    .nIn(sizes.get(l))
                    .nOut(sizes.get(l + 1))
                    .activation(activation)
                    .hasBias(bias)
                    .build());
        }
        return list.layer(new OutputLayer.Builder(loss.function())
                        .nIn(sizes.get(layers() - 1))
                        .nOut(outputs())
                        .activation(loss.activation())
                        .hasBias(bias)
                        .build())
                .build();
    }

    @Override
    public String toString() {
        return sizes.stream().map(String::valueOf).collect(Collectors.joining("-")) + ", "
                + activation.name().toLowerCase(java.util.Locale.ROOT) + ", " + loss
                + (bias ? "" : ", no biases");
    }
}
