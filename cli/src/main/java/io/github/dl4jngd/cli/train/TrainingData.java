package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.datasets.ImageDataSetIterator;
import io.github.dl4jngd.datasets.LabelledImages;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** Training and test images as minibatches with one-hot targets. */
record TrainingData(LabelledImages train, LabelledImages test, DataForm form, LabelledImages reference) {

    TrainingData(LabelledImages train, LabelledImages test, DataForm form) {
        this(train, test, form, train);
    }

    /**
     * The training images in minibatches, shuffled anew in every epoch; order and augmentation depend on the seed
     * alone.
     */
    DataSetIterator minibatches(int batchSize, long seed) {
        DataSetIterator minibatches =
                builder(train).batchSize(batchSize).shuffle(seed).build();
        if (form.augmented()) {
            minibatches.setPreProcessor(new FlipAndShift(seed));
        }
        return withTargets(minibatches);
    }

    /** All training images once, for evaluation. */
    DataSetIterator trainingSet() {
        return inOrder(form.evaluationBatch());
    }

    /** All training images once, as they are. */
    DataSetIterator inOrder(int batchSize) {
        return withTargets(builder(train).batchSize(batchSize).build());
    }

    /** All training images at once. */
    DataSet whole() {
        return inOrder(train.count()).next();
    }

    /** All test images once, for evaluation. */
    DataSetIterator testSet() {
        return withTargets(builder(test).batchSize(form.evaluationBatch()).build());
    }

    /** A reconstruction's targets are its images. */
    private DataSetIterator withTargets(DataSetIterator minibatches) {
        if (form.scoring() == Scoring.RECONSTRUCTION) {
            minibatches.setPreProcessor(minibatch -> minibatch.setLabels(minibatch.getFeatures()));
        }
        return minibatches;
    }

    private ImageDataSetIterator.Builder builder(LabelledImages images) {
        return ImageDataSetIterator.builder(images)
                .layout(form.layout())
                .normalization(form.normalization())
                .normalizationFrom(reference)
                .dataType(form.dataType());
    }

    /** The same with the first training images only. */
    TrainingData limit(int examples) {
        return new TrainingData(train.limit(examples), test, form, reference);
    }

    int inputs() {
        return train.pixelsPerImage();
    }

    int classes() {
        return train.classes();
    }
}
