package io.github.dl4jngd.datasets;

import io.github.dl4jngd.datasets.internal.paint.SplitMix64;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Minibatches of {@link LabelledImages}.
 *
 * <p>Features are [N, C·H·W] or [N, C, H, W] ({@link Layout}), targets [N, k] or [N, 1] ({@link Targets}), both of the
 * configured data type.
 *
 * <p><b>Order.</b> Without {@link Builder#shuffle(long)} every epoch is in the images' order. With it, epoch k = 0, 1,
 * … is in an order that is a function of the seed, k and the number of images alone. {@link #reset()} begins the next
 * epoch, also where the present one was not read to its end; where nothing of it was read yet, reset does nothing (DL4J
 * resets before and after use, which must not change what a network is trained on). Which images are served never
 * changes.
 *
 * <p>The iterator reads shared immutable data; it is itself for one thread at a time.
 *
 * @serial exclude
 */
@SuppressWarnings("InvalidBlockTag") // @serial exclude is for classes, whatever Error Prone says
public final class ImageDataSetIterator implements DataSetIterator {

    private static final long serialVersionUID = 1L;
    private static final int ROWS_AT_ONCE = 4096;

    private final LabelledImages images;
    private final PixelScaling scaling;
    private final int batchSize;
    private final boolean shuffled;
    private final long seed;
    private final Targets targets;
    private final Layout layout;
    private final DataType dataType;
    private final boolean dropLast;

    private final int[] order;
    private int epoch;
    private int cursor;
    private DataSetPreProcessor preProcessor;

    private ImageDataSetIterator(Builder builder, LabelledImages images) {
        this.images = images;
        this.scaling = PixelScaling.of(
                builder.normalization, builder.normalizationFrom == null ? images : builder.normalizationFrom);
        this.batchSize = builder.batchSize;
        this.shuffled = builder.seed != null;
        this.seed = shuffled ? builder.seed : 0L;
        this.targets = builder.targets;
        this.layout = builder.layout;
        this.dataType = builder.dataType;
        this.dropLast = builder.dropLast;
        this.order = new int[images.count()];
        startEpoch(0);
    }

    /**
     * Starts a configuration.
     *
     * @param images what to serve
     * @return a builder with the defaults
     */
    public static Builder builder(LabelledImages images) {
        return new Builder(images);
    }

    /** {@inheritDoc} */
    @Override
    public boolean hasNext() {
        return dropLast ? cursor + batchSize <= order.length : cursor < order.length;
    }

    /**
     * The next minibatch of this epoch.
     *
     * @return a new data set, pre-processed where a pre-processor is set
     * @throws NoSuchElementException at the end of the epoch
     */
    @Override
    public DataSet next() {
        if (!hasNext()) {
            throw endOfEpoch();
        }
        return next(batchSize);
    }

    /**
     * The next images of this epoch, in a minibatch of another size.
     *
     * @param num how many; fewer are returned at the end of the epoch
     * @return a new data set, pre-processed where a pre-processor is set
     * @throws NoSuchElementException at the end of the epoch
     */
    @Override
    public DataSet next(int num) {
        if (num < 1) {
            throw new IllegalArgumentException("a minibatch has at least one image, asked for " + num);
        }
        if (cursor >= order.length) {
            throw endOfEpoch();
        }
        int end = (int) Math.min(order.length, (long) cursor + num);
        int[] chosen = Arrays.copyOfRange(order, cursor, end);
        cursor = end;
        return preProcessed(new DataSet(shaped(features(chosen)), targets(chosen)));
    }

    /**
     * Everything as one data set, in the images' order whatever the shuffling. Does not move the iterator.
     *
     * @return a new data set, pre-processed where a pre-processor is set
     */
    public DataSet all() {
        int count = images.count();
        INDArray features = Nd4j.createUninitialized(dataType, count, images.pixelsPerImage());
        for (int begin = 0; begin < count; begin += ROWS_AT_ONCE) {
            int end = Math.min(count, begin + ROWS_AT_ONCE);
            features.get(NDArrayIndex.interval(begin, end), NDArrayIndex.all()).assign(features(range(begin, end)));
        }
        return preProcessed(new DataSet(shaped(features), targets(range(0, count))));
    }

    /** Begins the next epoch, unless nothing of the present one was read. */
    @Override
    public void reset() {
        if (cursor > 0) {
            startEpoch(epoch + 1);
        }
    }

    /**
     * Begins an epoch, so that training can be taken up where it was left.
     *
     * @param k the epoch, from 0
     */
    public void startEpoch(int k) {
        if (k < 0) {
            throw new IllegalArgumentException("epochs are counted from 0, got " + k);
        }
        epoch = k;
        cursor = 0;
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        if (shuffled) {
            SplitMix64.stream(seed, k).shuffle(order);
        }
    }

    /**
     * The present epoch.
     *
     * @return counted from 0
     */
    public int epoch() {
        return epoch;
    }

    /**
     * The images served, after class subset and limit.
     *
     * @return in their order
     */
    public LabelledImages images() {
        return images;
    }

    /** {@inheritDoc} */
    @Override
    public int inputColumns() {
        return images.pixelsPerImage();
    }

    /** {@inheritDoc} */
    @Override
    public int totalOutcomes() {
        return targets == Targets.ONE_HOT ? images.classes() : 1;
    }

    /** {@inheritDoc} */
    @Override
    public boolean resetSupported() {
        return true;
    }

    /** {@inheritDoc} */
    @Override
    public boolean asyncSupported() {
        return true;
    }

    /** {@inheritDoc} */
    @Override
    public int batch() {
        return batchSize;
    }

    /** {@inheritDoc} */
    @Override
    public void setPreProcessor(DataSetPreProcessor preProcessor) {
        this.preProcessor = preProcessor;
    }

    /** {@inheritDoc} */
    @Override
    public DataSetPreProcessor getPreProcessor() {
        return preProcessor;
    }

    /**
     * The names of the classes, by label.
     *
     * @return as many as there are classes, also where {@link #totalOutcomes()} is 1
     */
    @Override
    public List<String> getLabels() {
        return images.classNames();
    }

    private NoSuchElementException endOfEpoch() {
        return new NoSuchElementException(
                "epoch " + epoch + " of " + order.length + " images is over; reset() begins the next");
    }

    private INDArray features(int[] chosen) {
        int columns = images.pixelsPerImage();
        if (dataType == DataType.FLOAT) {
            float[] values = new float[Math.multiplyExact(chosen.length, columns)];
            for (int i = 0; i < chosen.length; i++) {
                scaling.write(images, chosen[i], values, i * columns);
            }
            return Nd4j.createFromArray(values).reshape('c', chosen.length, columns);
        }
        double[] values = new double[Math.multiplyExact(chosen.length, columns)];
        for (int i = 0; i < chosen.length; i++) {
            scaling.write(images, chosen[i], values, i * columns);
        }
        return Nd4j.createFromArray(values).reshape('c', chosen.length, columns);
    }

    private INDArray shaped(INDArray flat) {
        return layout == Layout.FLAT
                ? flat
                : flat.reshape('c', flat.size(0), images.channels(), images.height(), images.width());
    }

    private INDArray targets(int[] chosen) {
        int columns = totalOutcomes();
        double[] values = new double[Math.multiplyExact(chosen.length, columns)];
        for (int i = 0; i < chosen.length; i++) {
            int label = images.label(chosen[i]);
            if (targets == Targets.ONE_HOT) {
                values[i * columns + label] = 1.0;
            } else {
                values[i] = label - 0.5;
            }
        }
        INDArray column = Nd4j.createFromArray(values).reshape('c', chosen.length, columns);
        return column.castTo(dataType);
    }

    private DataSet preProcessed(DataSet batch) {
        batch.setLabelNames(getLabels());
        if (preProcessor != null) {
            preProcessor.preProcess(batch);
        }
        return batch;
    }

    private static int[] range(int begin, int end) {
        int[] values = new int[end - begin];
        for (int i = 0; i < values.length; i++) {
            values[i] = begin + i;
        }
        return values;
    }

    /** Configuration of an {@link ImageDataSetIterator}. */
    public static final class Builder {

        /** Minibatch size where none is given. */
        public static final int DEFAULT_BATCH_SIZE = 128;

        private final LabelledImages images;
        private int batchSize = DEFAULT_BATCH_SIZE;
        private Long seed;
        private int[] classes;
        private Integer limit;
        private Normalization normalization = Normalization.UNIT_INTERVAL;
        private LabelledImages normalizationFrom;
        private Targets targets = Targets.ONE_HOT;
        private Layout layout = Layout.FLAT;
        private DataType dataType = DataType.FLOAT;
        private boolean dropLast;

        private Builder(LabelledImages images) {
            this.images = Objects.requireNonNull(images, "images");
        }

        /**
         * Size of a minibatch.
         *
         * @param images at least 1; the default is {@value #DEFAULT_BATCH_SIZE}
         * @return this
         */
        public Builder batchSize(int images) {
            this.batchSize = images;
            return this;
        }

        /**
         * Shuffles each epoch anew. The default is the images' order.
         *
         * @param seed determines all epochs
         * @return this
         */
        public Builder shuffle(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Serves some classes only, numbered anew in the order given: the first class of this list is column 0 of
         * one-hot targets.
         *
         * @param classes labels, each once
         * @return this
         */
        public Builder classes(int... classes) {
            this.classes = classes.clone();
            return this;
        }

        /**
         * Serves the first images only, counted after the class subset.
         *
         * @param images at least 1; all where there are no more
         * @return this
         */
        public Builder limit(int images) {
            this.limit = images;
            return this;
        }

        /**
         * What becomes of pixel values.
         *
         * @param normalization the default is {@link Normalization#UNIT_INTERVAL}
         * @return this
         */
        public Builder normalization(Normalization normalization) {
            this.normalization = Objects.requireNonNull(normalization, "normalization");
            return this;
        }

        /**
         * The images whose statistics {@link Normalization#STANDARDIZE} uses, as they are (no class subset, no limit):
         * pass the training images to the iterator over the test images. Other normalisations ignore it.
         *
         * @param reference images with as many channels; the default is what this iterator serves
         * @return this
         */
        public Builder normalizationFrom(LabelledImages reference) {
            this.normalizationFrom = Objects.requireNonNull(reference, "reference");
            return this;
        }

        /**
         * How labels become targets.
         *
         * @param targets the default is {@link Targets#ONE_HOT}
         * @return this
         */
        public Builder targets(Targets targets) {
            this.targets = Objects.requireNonNull(targets, "targets");
            return this;
        }

        /**
         * Shape of the features.
         *
         * @param layout the default is {@link Layout#FLAT}
         * @return this
         */
        public Builder layout(Layout layout) {
            this.layout = Objects.requireNonNull(layout, "layout");
            return this;
        }

        /**
         * Data type of features and targets.
         *
         * @param dataType FLOAT (the default) or DOUBLE
         * @return this
         */
        public Builder dataType(DataType dataType) {
            this.dataType = Objects.requireNonNull(dataType, "dataType");
            return this;
        }

        /**
         * Leaves out a last minibatch that is smaller than the others.
         *
         * @param dropLast the default is false
         * @return this
         */
        public Builder dropLast(boolean dropLast) {
            this.dropLast = dropLast;
            return this;
        }

        /**
         * Checks the configuration.
         *
         * @return an iterator at the beginning of epoch 0
         * @throws IllegalArgumentException where an option is out of range or two contradict each other
         */
        public ImageDataSetIterator build() {
            if (batchSize < 1) {
                throw new IllegalArgumentException("the batch size must be at least 1, got " + batchSize);
            }
            if (dataType != DataType.FLOAT && dataType != DataType.DOUBLE) {
                throw new IllegalArgumentException("the data type must be FLOAT or DOUBLE, got " + dataType);
            }
            LabelledImages served = classes == null ? images : images.subset(classes);
            served = limit == null ? served : served.limit(limit);
            if (targets == Targets.PLUS_MINUS_HALF && served.classes() != 2) {
                throw new IllegalArgumentException("targets of ±½ need two classes, there are " + served.classes()
                        + ": choose two with classes(a, b)");
            }
            if (normalizationFrom != null && normalizationFrom.channels() != served.channels()) {
                throw new IllegalArgumentException("the normalisation's reference has " + normalizationFrom.channels()
                        + " channels, the images have " + served.channels());
            }
            if (dropLast && served.count() < batchSize) {
                throw new IllegalArgumentException("dropLast leaves nothing of " + served.count()
                        + " images at batch size " + batchSize + ": choose a smaller batch");
            }
            return new ImageDataSetIterator(this, served);
        }
    }
}
