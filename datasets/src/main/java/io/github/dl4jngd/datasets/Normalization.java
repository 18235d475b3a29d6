package io.github.dl4jngd.datasets;

/**
 * What becomes of a pixel value p in 0 … 255. Nothing is clipped, and nothing but STANDARDIZE looks at other images.
 */
public enum Normalization {
    /** x = p. */
    NONE,
    /** x = p / 255. */
    UNIT_INTERVAL,
    /**
     * x = (p - μ) / σ with the mean and the (population) standard deviation of all pixels of the same channel in a
     * reference set; a channel with σ = 0 is only centred. The reference is the set passed to
     * {@link ImageDataSetIterator.Builder#normalizationFrom(LabelledImages)}, otherwise the images that the iterator
     * serves (after class subset and limit).
     */
    STANDARDIZE,
    /** x = p / ‖p‖₂, each image on its own and not centred; an image of zeros stays zero. */
    UNIT_NORM
}
