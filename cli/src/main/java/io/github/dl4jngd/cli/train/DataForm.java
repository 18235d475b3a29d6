package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.datasets.Layout;
import io.github.dl4jngd.datasets.Normalization;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * How images are handed to a network, and what it makes of them.
 *
 * @param layout flat rows or channel planes
 * @param normalization of pixels; statistics are those of the training images
 * @param augmented whether training minibatches are flipped and shifted
 * @param evaluationBatch images evaluated at a time
 * @param scoring classes, or the images themselves as targets
 * @param dataType of features and labels
 */
record DataForm(
        Layout layout,
        Normalization normalization,
        boolean augmented,
        int evaluationBatch,
        Scoring scoring,
        DataType dataType) {

    private static final int MANY = 1000;
    private static final int FEW = 100;

    /** Flat rows in [0, 1] with their classes. */
    static DataForm flat(DataType dataType) {
        return new DataForm(Layout.FLAT, Normalization.UNIT_INTERVAL, false, MANY, Scoring.CLASSIFICATION, dataType);
    }

    /** Flat rows in [0, 1] as their own targets. */
    static DataForm reconstructed(DataType dataType) {
        return new DataForm(Layout.FLAT, Normalization.UNIT_INTERVAL, false, MANY, Scoring.RECONSTRUCTION, dataType);
    }

    /** Standardised channel planes; few at a time, because every layer's activations are kept. */
    static DataForm images(boolean augmented, DataType dataType) {
        return new DataForm(
                Layout.CHANNELS_FIRST, Normalization.STANDARDIZE, augmented, FEW, Scoring.CLASSIFICATION, dataType);
    }
}
