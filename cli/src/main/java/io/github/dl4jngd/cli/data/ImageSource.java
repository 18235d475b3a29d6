package io.github.dl4jngd.cli.data;

import io.github.dl4jngd.datasets.DatasetLoader;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.LoadedDataset;
import java.io.IOException;
import java.nio.file.Path;

/** A source of images for a command. */
@FunctionalInterface
public interface ImageSource {

    /**
     * Loads training and test images.
     *
     * @param folder the user's folder, or null for the usual places
     * @param seed for synthetic images
     * @return training and test images
     * @throws IOException when the files there cannot be read
     */
    LoadedDataset load(Path folder, long seed) throws IOException;

    /**
     * Real data where it can be had, else synthetic images of the same shape.
     *
     * @param dataset which
     * @return its source, with progress shown; a command itself prints where the images are from
     */
    static ImageSource of(ImageDataset dataset) {
        return (folder, seed) -> DatasetLoader.builder(dataset)
                .data(folder)
                .seed(seed)
                .progress(true)
                .announce(false)
                .build()
                .load();
    }
}
