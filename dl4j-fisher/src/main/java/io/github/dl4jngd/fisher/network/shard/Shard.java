package io.github.dl4jngd.fisher.network.shard;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;

/**
 * Samples that are always worked on together, and their place among all shards of the data.
 *
 * @param index from 0; Monte-Carlo labels are drawn from it
 * @param inputs one array for each input of the network, first axis N
 * @param labels y for each output layer, as it takes them
 */
public record Shard(int index, List<INDArray> inputs, List<INDArray> labels) {

    /**
     * Copies the lists.
     *
     * @param index from 0
     * @param inputs one array for each input of the network
     * @param labels y for each output layer
     */
    public Shard {
        inputs = List.copyOf(inputs);
        labels = List.copyOf(labels);
        if (index < 0 || inputs.isEmpty() || labels.isEmpty() || inputs.get(0).size(0) == 0) {
            throw new IllegalArgumentException(
                    "A shard needs an index of at least 0, inputs and labels of at least one "
                            + "sample; this is number " + index + " with " + inputs.size() + " inputs and "
                            + labels.size()
                            + " labels");
        }
    }

    /**
     * The samples of a data set.
     *
     * @param index from 0
     * @param data features and labels
     * @return the shard
     * @throws IllegalArgumentException if the data have masks, which shards do not carry
     */
    public static Shard of(int index, DataSet data) {
        if (data.getFeaturesMaskArray() != null || data.getLabelsMaskArray() != null) {
            throw new IllegalArgumentException(
                    "The data of shard " + index
                            + " have masks, which sums over shards do not take; train on one machine with NaturalGradient.attach");
        }
        return new Shard(index, List.of(data.getFeatures()), List.of(data.getLabels()));
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
