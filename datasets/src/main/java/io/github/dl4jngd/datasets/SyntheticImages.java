package io.github.dl4jngd.datasets;

import io.github.dl4jngd.datasets.internal.paint.Painter;
import io.github.dl4jngd.datasets.internal.paint.SplitMix64;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Built-in images of the shapes of the real data sets, for use where those cannot be had.
 *
 * <ul>
 *   <li>for MNIST: digits drawn with a pen, randomly scaled, sheared, turned, moved, bent and thick;
 *   <li>for Fashion-MNIST: silhouettes of ten kinds of clothing with textures;
 *   <li>for CIFAR-10: ten shapes, textured, of colours that hint at the class, before textured backgrounds;
 *   <li>for CIFAR-100: five shapes × four textures × five colours; the fine label is 5 · (4 · shape + texture) +
 *       colour, so that dividing by 5 gives the 20 coarse ones.
 * </ul>
 *
 * <p>They are an exercise of their own: accuracies on them say nothing about the real data sets. Image i of a set is a
 * function of the data set, the seed, i, and whether it is for training or test; it does not depend on how many are
 * drawn, on the machine or on the number of threads. Classes are balanced: each stretch of {@code classes} images has
 * every class once. The images are written in the real data sets' file format and read back by the same readers.
 */
public final class SyntheticImages {

    private static final int TRAIN = 0;
    private static final int TEST = 1;
    private static final int LABELS = 2;
    private static final int PIXELS = 3;

    private SyntheticImages() {}

    /**
     * Draws training images.
     *
     * @param dataset the data set to stand in for
     * @param count how many, at least 1
     * @param seed determines them
     * @return the images, with class names of their own
     */
    public static LabelledImages train(ImageDataset dataset, int count, long seed) {
        return draw(dataset, count, seed, TRAIN);
    }

    /**
     * Test images, of the same distribution as the training images and independent of them.
     *
     * @param dataset the data set to stand in for
     * @param count how many, at least 1
     * @param seed the training images' seed
     * @return the images, with class names of their own
     */
    public static LabelledImages test(ImageDataset dataset, int count, long seed) {
        return draw(dataset, count, seed, TEST);
    }

    private static LabelledImages draw(ImageDataset dataset, int count, long seed, int split) {
        int size = dataset.channels() * dataset.height() * dataset.width();
        if (count < 1 || count > Integer.MAX_VALUE / size - 1) {
            throw new IllegalArgumentException(
                    "the number of images must be between 1 and " + (Integer.MAX_VALUE / size - 1) + ", got " + count);
        }
        byte[] labels = labels(dataset, count, seed, split);
        byte[] pixels = new byte[count * size];
        ThreadLocal<Painter> painters = ThreadLocal.withInitial(() -> painter(dataset));
        IntStream.range(0, count).parallel().forEach(i -> {
            SplitMix64 random = SplitMix64.stream(seed, dataset.folder().hashCode(), split, PIXELS, i);
            painters.get().paint(labels[i], random, pixels, i * size);
        });
        LabelledImages drawn = LabelledImages.wrap(
                dataset.height(), dataset.width(), dataset.channels(), dataset.classes(), pixels, labels);
        return throughFiles(dataset, drawn).named(classNames(dataset));
    }

    private static byte[] labels(ImageDataset dataset, int count, long seed, int split) {
        int[] block = IntStream.range(0, dataset.classes()).toArray();
        byte[] labels = new byte[count];
        for (int i = 0; i < count; i++) {
            int inBlock = i % block.length;
            if (inBlock == 0) {
                SplitMix64.stream(seed, dataset.folder().hashCode(), split, LABELS, i)
                        .shuffle(block);
            }
            labels[i] = (byte) block[inBlock];
        }
        return labels;
    }

    private static Painter painter(ImageDataset dataset) {
        return switch (dataset) {
            case MNIST -> Painter.digits();
            case FASHION_MNIST -> Painter.clothing();
            case CIFAR_10 -> Painter.shapes();
            case CIFAR_100 -> Painter.combinations();
        };
    }

    private static List<String> classNames(ImageDataset dataset) {
        return switch (dataset) {
            case MNIST, FASHION_MNIST -> dataset.classNames();
            case CIFAR_10 -> Painter.shapeNames();
            case CIFAR_100 -> Painter.combinationNames();
        };
    }

    /** Writes the images in the data set's format, and reads them as files are read. */
    private static LabelledImages throughFiles(ImageDataset dataset, LabelledImages drawn) {
        try {
            if (dataset.isIdx()) {
                ByteArrayOutputStream images = new ByteArrayOutputStream(16 + drawn.rawPixels().length);
                ByteArrayOutputStream labels = new ByteArrayOutputStream(8 + drawn.count());
                IdxFormat.writeImages(drawn, images);
                IdxFormat.writeLabels(drawn, labels);
                return IdxFormat.read(input(images), input(labels), drawn.classes());
            }
            CifarFormat format = dataset == ImageDataset.CIFAR_10 ? CifarFormat.CIFAR_10 : CifarFormat.CIFAR_100_FINE;
            ByteArrayOutputStream records = new ByteArrayOutputStream(drawn.count() * format.recordBytes());
            format.write(drawn, records);
            return format.read(input(records));
        } catch (IOException e) {
            throw new IllegalStateException("streams in memory do not fail", e);
        }
    }

    private static BinaryInput input(ByteArrayOutputStream written) {
        return BinaryInput.uncompressed("synthetic images", new ByteArrayInputStream(written.toByteArray()));
    }
}
