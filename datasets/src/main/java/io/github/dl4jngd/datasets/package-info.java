/**
 * Image data for training and for measurements: MNIST, Fashion-MNIST, CIFAR-10, CIFAR-100 and built-in synthetic images
 * of the same shapes.
 *
 * <p>{@link io.github.dl4jngd.datasets.DatasetLoader} finds a data set (given directory, {@code $NGD_DATA}, cache,
 * download, synthetic) and returns {@link io.github.dl4jngd.datasets.LabelledImages};
 * {@link io.github.dl4jngd.datasets.ImageDataSetIterator} turns those into DL4J minibatches.
 * {@link io.github.dl4jngd.datasets.IdxRecordReader} and {@link io.github.dl4jngd.datasets.CifarRecordReader} read the
 * same files for DataVec pipelines.
 *
 * <pre>{@code
 * LoadedDataset mnist = DatasetLoader.builder(ImageDataset.MNIST).seed(1).build().load();
 * DataSetIterator train = ImageDataSetIterator.builder(mnist.train())
 *         .batchSize(128)
 *         .shuffle(1)
 *         .normalization(Normalization.UNIT_INTERVAL)
 *         .build();
 * }</pre>
 */
package io.github.dl4jngd.datasets;
