package io.github.dl4jngd.spectral;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Data at which a spectrum is taken.
 *
 * @param inputs one array for each input of the network, first axis N
 * @param labels y, [N, C]; may be null where only the empirical Fisher would need them
 */
public record Minibatch(List<INDArray> inputs, INDArray labels) {

    /**
     * Copies the list, not the arrays.
     *
     * @param inputs one array for each input
     * @param labels y
     */
    public Minibatch {
        inputs = List.copyOf(Objects.requireNonNull(inputs, "inputs"));
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("A minibatch needs an input");
        }
    }

    /**
     * Takes the features and labels of a network with one input.
     *
     * @param data features and labels
     * @return them as a minibatch
     * @throws IllegalArgumentException if they have masks, or labels of several outputs
     */
    public static Minibatch of(DataSet data) {
        if (data.getFeaturesMaskArray() != null || data.getLabelsMaskArray() != null) {
            throw masked();
        }
        return new Minibatch(List.of(data.getFeatures()), data.getLabels());
    }

    /**
     * Takes the features and labels of a graph with several inputs and one output.
     *
     * @param data features and labels
     * @return them as a minibatch
     * @throws IllegalArgumentException if they have masks, or labels of several outputs
     */
    public static Minibatch of(MultiDataSet data) {
        if (isAnyPresent(data.getFeaturesMaskArrays()) || isAnyPresent(data.getLabelsMaskArrays())) {
            throw masked();
        }
        if (data.getLabels() != null && data.getLabels().length > 1) {
            throw new IllegalArgumentException(
                    "A minibatch has the labels of one output, got those of " + data.getLabels().length);
        }
        return new Minibatch(List.of(data.getFeatures()), data.getLabels() == null ? null : data.getLabels()[0]);
    }

    private static boolean isAnyPresent(INDArray[] masks) {
        return masks != null && Arrays.stream(masks).anyMatch(Objects::nonNull);
    }

    private static IllegalArgumentException masked() {
        return new IllegalArgumentException("The data have a mask array, which no rule covers; leave it out");
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
