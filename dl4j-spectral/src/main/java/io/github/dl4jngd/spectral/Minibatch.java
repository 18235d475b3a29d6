package io.github.dl4jngd.spectral;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
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
 * @param labels y, for each output layer, as it takes them; may be empty where the matrix does not depend on them
 * @param masks the weights of samples or positions in the loss, as each output layer takes them, null for ones; empty
 *     for none
 * @param layerMasks the masks of layers that pool over time or space, by the layer's key in the model; empty for none
 */
public record Minibatch(
        List<INDArray> inputs, List<INDArray> labels, List<INDArray> masks, Map<String, INDArray> layerMasks) {

    /**
     * Copies lists and map, not the arrays.
     *
     * @param inputs one array for each input
     * @param labels y
     * @param masks the weights in the losses
     * @param layerMasks the masks of layers
     */
    public Minibatch {
        inputs = List.copyOf(Objects.requireNonNull(inputs, "inputs"));
        labels = List.copyOf(Objects.requireNonNull(labels, "labels"));
        // a mask may be null
        masks = masks.stream().allMatch(Objects::isNull)
                ? List.of()
                : Collections.unmodifiableList(new ArrayList<>(masks));
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
     * Data for a network with one output layer.
     *
     * @param inputs one array for each input of the network, first axis N
     * @param labels y, as the output layer takes them; may be null where the matrix does not depend on them
     * @param mask the weights of samples or positions in the loss, as the output layer takes them; null for ones
     * @param layerMasks the masks of layers that pool over time or space, by the layer's key in the model
     */
    public Minibatch(List<INDArray> inputs, INDArray labels, INDArray mask, Map<String, INDArray> layerMasks) {
        this(inputs, listOf(labels), listOf(mask), layerMasks);
    }

    private static List<INDArray> listOf(INDArray array) {
        return array == null ? List.of() : List.of(array);
    }

    /**
     * Takes the features and labels of a network with one input.
     *
     * @param data features and labels
     * @return them as a minibatch
     * @throws IllegalArgumentException if the features have masks
     */
    public static Minibatch of(DataSet data) {
        if (data.getFeaturesMaskArray() != null) {
            throw masked();
        }
        return new Minibatch(List.of(data.getFeatures()), data.getLabels(), data.getLabelsMaskArray(), Map.of());
    }

    /**
     * Takes the features and labels of a graph with any number of inputs and outputs.
     *
     * @param data features and labels
     * @return them as a minibatch
     * @throws IllegalArgumentException if the features have masks
     */
    public static Minibatch of(MultiDataSet data) {
        if (data.getFeaturesMaskArrays() != null
                && Arrays.stream(data.getFeaturesMaskArrays()).anyMatch(Objects::nonNull)) {
            throw masked();
        }
        return new Minibatch(
                List.of(data.getFeatures()), listOf(data.getLabels()), listOf(data.getLabelsMaskArrays()), Map.of());
    }

    /** Some of the arrays may be null. */
    private static List<INDArray> listOf(INDArray[] arrays) {
        return arrays == null ? List.of() : Arrays.asList(arrays);
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
