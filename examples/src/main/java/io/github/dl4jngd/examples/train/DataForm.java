package io.github.dl4jngd.examples.train;

import io.github.dl4jngd.datasets.Layout;
import io.github.dl4jngd.datasets.Normalization;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * How images are handed to a network.
 *
 * @param layout flat rows or channel planes
 * @param normalization of pixels; statistics are those of the training images
 * @param augmented whether training minibatches are flipped and shifted
 * @param evaluationBatch images evaluated at a time
 * @param dataType of features and labels
 */
record DataForm(Layout layout, Normalization normalization, boolean augmented, int evaluationBatch, DataType dataType) {

    /** Flat rows in [0, 1]. */
    static DataForm flat(DataType dataType) {
        return new DataForm(Layout.FLAT, Normalization.UNIT_INTERVAL, false, 1000, dataType);
    }

    /** Standardised channel planes; few at a time, because every layer's activations are kept. */
    static DataForm images(boolean augmented, DataType dataType) {
        return new DataForm(Layout.CHANNELS_FIRST, Normalization.STANDARDIZE, augmented, 100, dataType);
    }
}
