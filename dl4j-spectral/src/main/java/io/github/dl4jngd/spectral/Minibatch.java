package io.github.dl4jngd.spectral;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Data at which a spectrum is taken.
 *
 * @param inputs one array for each input of the network, first axis N
 * @param labels y, as the network's output layer takes them; may be null where the matrix does not depend on them
 * @param mask the weights of samples or positions in the loss, as the output layer takes them; null for ones
 * @param layerMasks the masks of layers that pool over time or space, by the layer's key in the model; empty for none
 */
public record Minibatch(List<INDArray> inputs, INDArray labels, INDArray mask, Map<String, INDArray> layerMasks) {

    /**
     * Copies list and map, not the arrays.
     *
     * @param inputs one array for each input
     * @param labels y
     * @param mask the weights in the loss
     * @param layerMasks the masks of layers
     */
    public Minibatch {
        inputs = List.copyOf(Objects.requireNonNull(inputs, "inputs"));
        layerMasks = Map.copyOf(layerMasks);
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("A minibatch needs an input");
        }
    }

    /**
     * Data without masks.
     *
     * @param inputs one array for each input of the network, first axis N
     * @param labels y; may be null where the matrix does not depend on them
     */
    public Minibatch(List<INDArray> inputs, INDArray labels) {
        this(inputs, labels, null, Map.of());
    }

    /**
     * Takes the features and labels of a network with one input.
     *
     * @param data features and labels
     * @return them as a minibatch
     * @throws IllegalArgumentException if the features have masks, or there are labels of several outputs
     */
    public static Minibatch of(DataSet data) {
        if (data.getFeaturesMaskArray() != null) {
            throw masked();
        }
        return new Minibatch(List.of(data.getFeatures()), data.getLabels(), data.getLabelsMaskArray(), Map.of());
    }

    /**
     * Takes the features and labels of a graph with several inputs and one output.
     *
     * @param data features and labels
     * @return them as a minibatch
     * @throws IllegalArgumentException if the features have masks, or there are labels of several outputs
     */
    public static Minibatch of(MultiDataSet data) {
        if (data.getFeaturesMaskArrays() != null
                && Arrays.stream(data.getFeaturesMaskArrays()).anyMatch(Objects::nonNull)) {
            throw masked();
        }
        if (data.getLabels() != null && data.getLabels().length > 1) {
            throw new IllegalArgumentException(
                    "A minibatch has the labels of one output, got those of " + data.getLabels().length);
        }
        INDArray labels = data.getLabels() == null ? null : data.getLabels()[0];
        INDArray mask = data.getLabelsMaskArrays() == null ? null : data.getLabelsMaskArrays()[0];
        return new Minibatch(List.of(data.getFeatures()), labels, mask, Map.of());
    }

    private static IllegalArgumentException masked() {
        return new IllegalArgumentException(
                "The features have a mask array. What a layer makes of it only the model knows: give its layers' masks to the "
                        + "constructor, or let a FisherSpectrumListener read them");
    }

    /**
     * The number of samples.
     *
     * @return N
     */
    public long samples() {
        return inputs.get(0).size(0);
    }
}
