package io.github.dl4jngd.datasets;

/**
 * What {@link DatasetLoader#load()} found.
 *
 * @param dataset the data set asked for
 * @param train the training images
 * @param test the test images
 * @param origin one sentence for humans: what the images are and where they came from
 * @param synthetic whether they are built-in synthetic images instead of the data set asked for
 */
public record LoadedDataset(
        ImageDataset dataset, LabelledImages train, LabelledImages test, String origin, boolean synthetic) {}
