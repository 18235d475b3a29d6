package io.github.dl4jngd.datasets;

import java.util.List;

/** The data sets that {@link DatasetLoader} knows. */
public enum ImageDataset {
    /** Handwritten digits (LeCun, Cortes, Burges): 28×28 grey values, 10 classes, 60,000 + 10,000 images. */
    MNIST("MNIST", "mnist", 28, 1, 10, 60_000),
    /** Zalando's articles of clothing (Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747): the same shape as MNIST. */
    FASHION_MNIST("Fashion-MNIST", "fashion-mnist", 28, 1, 10, 60_000),
    /** Tiny photographs (Krizhevsky 2009): 32×32 pixels in red, green, blue, 10 classes, 50,000 + 10,000 images. */
    CIFAR_10("CIFAR-10", "cifar10", 32, 3, 10, 50_000),
    /** The same with 100 classes (the fine labels), 50,000 + 10,000 images. */
    CIFAR_100("CIFAR-100", "cifar100", 32, 3, 100, 50_000);

    private static final int TEST_COUNT = 10_000;

    private final String displayName;
    private final String folder;
    private final int side;
    private final int channels;
    private final int classes;
    private final int trainCount;

    ImageDataset(String displayName, String folder, int side, int channels, int classes, int trainCount) {
        this.displayName = displayName;
        this.folder = folder;
        this.side = side;
        this.channels = channels;
        this.classes = classes;
        this.trainCount = trainCount;
    }

    /**
     * The name as people write it.
     *
     * @return such as "Fashion-MNIST"
     */
    public String displayName() {
        return displayName;
    }

    /**
     * The folder that holds the data set below a data directory and in the cache.
     *
     * @return such as "fashion-mnist"
     */
    public String folder() {
        return folder;
    }

    /**
     * Rows of an image.
     *
     * @return pixels
     */
    public int height() {
        return side;
    }

    /**
     * Columns of an image.
     *
     * @return pixels
     */
    public int width() {
        return side;
    }

    /**
     * Channels of an image.
     *
     * @return 1 (grey) or 3 (red, green, blue)
     */
    public int channels() {
        return channels;
    }

    /**
     * The number of classes.
     *
     * @return 10 or 100
     */
    public int classes() {
        return classes;
    }

    /**
     * Training images of the complete data set. A user's directory may hold fewer.
     *
     * @return images
     */
    public int trainCount() {
        return trainCount;
    }

    /**
     * Test images of the complete data set. A user's directory may hold fewer.
     *
     * @return images
     */
    public int testCount() {
        return TEST_COUNT;
    }

    /**
     * What the classes are called, by label.
     *
     * @return {@link #classes()} names
     */
    public List<String> classNames() {
        return ClassNames.of(this);
    }

    boolean isIdx() {
        return channels == 1;
    }
}
