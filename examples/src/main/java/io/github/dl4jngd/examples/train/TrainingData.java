package io.github.dl4jngd.examples.train;

import io.github.dl4jngd.datasets.ImageDataSetIterator;
import io.github.dl4jngd.datasets.LabelledImages;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** Training and test images as minibatches of flat rows in [0, 1] with one-hot targets. */
record TrainingData(LabelledImages train, LabelledImages test, DataType dataType) {

    private static final int EVALUATION_BATCH = 1000;

    /** The training images in minibatches, shuffled anew in every epoch; the order depends on the seed alone. */
    DataSetIterator minibatches(int batchSize, long seed) {
        return ImageDataSetIterator.builder(train)
                .batchSize(batchSize)
                .shuffle(seed)
                .dataType(dataType)
                .build();
    }

    /** All training images once, for evaluation. */
    DataSetIterator trainingSet() {
        return inOrder(train);
    }

    /** All test images once, for evaluation. */
    DataSetIterator testSet() {
        return inOrder(test);
    }

    private DataSetIterator inOrder(LabelledImages images) {
        return ImageDataSetIterator.builder(images)
                .batchSize(EVALUATION_BATCH)
                .dataType(dataType)
                .build();
    }

    /** The same with the first training images only. */
    TrainingData limit(int examples) {
        return new TrainingData(train.limit(examples), test, dataType);
    }

    int inputs() {
        return train.pixelsPerImage();
    }

    int classes() {
        return train.classes();
    }
}
