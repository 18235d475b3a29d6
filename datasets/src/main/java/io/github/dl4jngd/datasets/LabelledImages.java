package io.github.dl4jngd.datasets;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;

/**
 * Images of one shape with a class label each, in a fixed order. Immutable: what goes in is copied, what comes out is a
 * copy.
 *
 * <p>A pixel is an unsigned byte. An image is stored as its channel planes one after the other, each in row-major order
 * (the order of CIFAR's files, and DL4J's NCHW). {@link #subset(int...)} and {@link #limit(int)} are views that share
 * the pixels.
 *
 * @serial exclude
 */
@SuppressWarnings("InvalidBlockTag") // @serial exclude is for classes, whatever Error Prone says
public final class LabelledImages implements Serializable {

    private static final long serialVersionUID = 1L;
    private static final int MOST_CLASSES = 256;

    private final int height;
    private final int width;
    private final int channels;
    private final String[] classNames;
    private final byte[] pixels;
    /** The label of each image of this view. */
    private final byte[] labels;
    /** The place in which each image of this view is stored; null where image i is the i-th stored. */
    private final int[] rows;

    private LabelledImages(
            int height, int width, int channels, String[] classNames, byte[] pixels, byte[] labels, int[] rows) {
        this.height = height;
        this.width = width;
        this.channels = channels;
        this.classNames = classNames;
        this.pixels = pixels;
        this.labels = labels;
        this.rows = rows;
    }

    /** Takes over arrays that were checked by a reader. */
    static LabelledImages wrap(int height, int width, int channels, int classes, byte[] pixels, byte[] labels) {
        return new LabelledImages(
                height, width, channels, ClassNames.numbered(classes).toArray(new String[0]), pixels, labels, null);
    }

    /**
     * Images from arrays, which are copied.
     *
     * @param height rows
     * @param width columns
     * @param channels planes
     * @param classes number of classes, at most 256
     * @param pixels count · channels · height · width unsigned bytes
     * @param labels one label in 0 … classes-1 for each image
     * @return the images
     * @throws IllegalArgumentException where sizes or labels do not fit, or there is no image
     */
    public static LabelledImages of(int height, int width, int channels, int classes, byte[] pixels, int[] labels) {
        if (height < 1 || width < 1 || channels < 1 || classes < 1 || classes > MOST_CLASSES) {
            throw new IllegalArgumentException(
                    "height %d, width %d, channels %d and classes %d must be positive, classes at most %d"
                            .formatted(height, width, channels, classes, MOST_CLASSES));
        }
        long wanted = (long) labels.length * channels * height * width;
        if (labels.length == 0 || pixels.length != wanted) {
            throw new IllegalArgumentException(
                    "%d labels of %d×%d×%d images need %d pixels and at least one image, got %d"
                            .formatted(labels.length, channels, height, width, wanted, pixels.length));
        }
        byte[] bytes = new byte[labels.length];
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException(
                        "label %d of image %d is not in 0 to %d".formatted(labels[i], i, classes - 1));
            }
            bytes[i] = (byte) labels[i];
        }
        return wrap(height, width, channels, classes, pixels.clone(), bytes);
    }

    /**
     * Reads an IDX image file and its IDX label file, each gzipped or not. There are as many classes as the largest
     * label plus one.
     *
     * @param images the file of images (unsigned bytes in three dimensions)
     * @param labels the file of labels (unsigned bytes in one dimension)
     * @return the images in file order
     * @throws MalformedDataException where a file is truncated, damaged, of another kind, or they do not fit together
     * @throws IOException where a file cannot be read
     */
    public static LabelledImages readIdx(Path images, Path labels) throws IOException {
        return readIdxFiles(images, labels, 0);
    }

    /**
     * Reads an IDX image file and its IDX label file, each gzipped or not, with a known number of classes.
     *
     * @param images the file of images (unsigned bytes in three dimensions)
     * @param labels the file of labels (unsigned bytes in one dimension)
     * @param classes number of classes, at most 256; a larger label is an error
     * @return the images in file order
     * @throws MalformedDataException where a file is truncated, damaged, of another kind, or they do not fit together
     * @throws IOException where a file cannot be read
     */
    public static LabelledImages readIdx(Path images, Path labels, int classes) throws IOException {
        if (classes < 1 || classes > MOST_CLASSES) {
            throw new IllegalArgumentException("classes must be between 1 and " + MOST_CLASSES + ", got " + classes);
        }
        return readIdxFiles(images, labels, classes);
    }

    private static LabelledImages readIdxFiles(Path images, Path labels, int classes) throws IOException {
        try (BinaryInput imagesIn = BinaryInput.open(images);
                BinaryInput labelsIn = BinaryInput.open(labels)) {
            return IdxFormat.read(imagesIn, labelsIn, classes);
        }
    }

    /**
     * Reads CIFAR-10 binary files, gzipped or not, one after the other.
     *
     * @param files records of a label byte and 3072 pixels
     * @return the images in file order
     * @throws MalformedDataException where a file is truncated, damaged, or has a label above 9
     * @throws IOException where a file cannot be read
     */
    public static LabelledImages readCifar10(List<Path> files) throws IOException {
        if (files.isEmpty()) {
            throw new IllegalArgumentException("no CIFAR-10 file given");
        }
        List<LabelledImages> parts = new ArrayList<>();
        for (Path file : files) {
            parts.add(readCifar(file, CifarFormat.CIFAR_10));
        }
        return concatenate(parts);
    }

    /**
     * Reads a CIFAR-100 binary file, gzipped or not.
     *
     * @param file records of a coarse and a fine label byte and 3072 pixels
     * @param labels which label to keep
     * @return the images in file order, with 100 or 20 classes
     * @throws MalformedDataException where the file is truncated, damaged, or has a label out of range
     * @throws IOException where the file cannot be read
     */
    public static LabelledImages readCifar100(Path file, CifarLabels labels) throws IOException {
        return readCifar(file, CifarFormat.of(labels));
    }

    private static LabelledImages readCifar(Path file, CifarFormat format) throws IOException {
        try (BinaryInput in = BinaryInput.open(file)) {
            return format.read(in);
        }
    }

    /** All images of complete sets (no views) of the same shape and classes. */
    static LabelledImages concatenate(List<LabelledImages> parts) {
        LabelledImages first = parts.get(0);
        if (parts.size() == 1) {
            return first;
        }
        long total = parts.stream().mapToLong(LabelledImages::count).sum();
        if (total * first.pixelsPerImage() > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(total + " images are more than one array holds");
        }
        byte[] pixels = new byte[(int) total * first.pixelsPerImage()];
        byte[] labels = new byte[(int) total];
        int count = 0;
        for (LabelledImages part : parts) {
            System.arraycopy(part.pixels, 0, pixels, count * first.pixelsPerImage(), part.pixels.length);
            System.arraycopy(part.labels, 0, labels, count, part.labels.length);
            count += part.count();
        }
        return new LabelledImages(first.height, first.width, first.channels, first.classNames, pixels, labels, null);
    }

    /**
     * Writes the images of one channel as IDX files; a name ending in {@code .gz} makes a gzipped file. Existing files
     * are replaced.
     *
     * @param imagesFile where the images go
     * @param labelsFile where the labels go
     * @throws IOException where a file cannot be written
     * @throws IllegalArgumentException where the images have several channels
     */
    public void writeIdx(Path imagesFile, Path labelsFile) throws IOException {
        try (OutputStream out = create(imagesFile)) {
            IdxFormat.writeImages(this, out);
        }
        try (OutputStream out = create(labelsFile)) {
            IdxFormat.writeLabels(this, out);
        }
    }

    /**
     * Writes 3×32×32 images as a CIFAR-10 (ten classes or fewer) or CIFAR-100 (more) binary file; a name ending in
     * {@code .gz} makes a gzipped file. The coarse label of a CIFAR-100 record is the fine one divided by 5. An
     * existing file is replaced.
     *
     * @param file where the records go
     * @throws IOException where the file cannot be written
     * @throws IllegalArgumentException where the images have another shape or more than 100 classes
     */
    public void writeCifar(Path file) throws IOException {
        try (OutputStream out = create(file)) {
            (classes() <= 10 ? CifarFormat.CIFAR_10 : CifarFormat.CIFAR_100_FINE).write(this, out);
        }
    }

    private static OutputStream create(Path file) throws IOException {
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
        return file.toString().endsWith(".gz") ? new GZIPOutputStream(out, 1 << 16) : out;
    }

    /**
     * The number of images.
     *
     * @return at least 1
     */
    public int count() {
        return labels.length;
    }

    /**
     * Rows of an image.
     *
     * @return pixels
     */
    public int height() {
        return height;
    }

    /**
     * Columns of an image.
     *
     * @return pixels
     */
    public int width() {
        return width;
    }

    /**
     * Planes of an image.
     *
     * @return 1 for grey, 3 for red, green, blue
     */
    public int channels() {
        return channels;
    }

    /**
     * Number of classes; not all of them need occur.
     *
     * @return labels are in 0 … classes()-1
     */
    public int classes() {
        return classNames.length;
    }

    /**
     * What the classes are called.
     *
     * @return names by label; numbers where none are known
     */
    public List<String> classNames() {
        return List.of(classNames);
    }

    /**
     * channels · height · width.
     *
     * @return bytes of one image
     */
    public int pixelsPerImage() {
        return channels * height * width;
    }

    /**
     * The label of an image.
     *
     * @param image index in 0 … count()-1
     * @return in 0 … classes()-1
     */
    public int label(int image) {
        return labels[image] & 0xff;
    }

    /**
     * The labels of all images.
     *
     * @return a new array of count() labels
     */
    public int[] labels() {
        int[] copy = new int[labels.length];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = labels[i] & 0xff;
        }
        return copy;
    }

    /**
     * The pixels of an image.
     *
     * @param image index in 0 … count()-1
     * @return a new array of pixelsPerImage() unsigned bytes
     */
    public byte[] image(int image) {
        int offset = rawOffset(image);
        return Arrays.copyOfRange(pixels, offset, offset + pixelsPerImage());
    }

    /**
     * The pixels of all images.
     *
     * @return a new array of count() · pixelsPerImage() unsigned bytes
     */
    public byte[] pixels() {
        byte[] copy = new byte[count() * pixelsPerImage()];
        for (int i = 0; i < count(); i++) {
            System.arraycopy(pixels, rawOffset(i), copy, i * pixelsPerImage(), pixelsPerImage());
        }
        return copy;
    }

    /**
     * The value of one pixel.
     *
     * @param image index in 0 … count()-1
     * @param channel in 0 … channels()-1
     * @param row in 0 … height()-1, from the top
     * @param column in 0 … width()-1, from the left
     * @return 0 … 255
     * @throws IndexOutOfBoundsException where an index is out of range
     */
    public int pixel(int image, int channel, int row, int column) {
        Objects.checkIndex(channel, channels);
        Objects.checkIndex(row, height);
        Objects.checkIndex(column, width);
        return pixels[rawOffset(image) + (channel * height + row) * width + column] & 0xff;
    }

    /**
     * The images of some classes, in their order. Labels are numbered anew: class {@code keep[j]} becomes class j.
     *
     * @param keep labels to keep, each once
     * @return a view with {@code keep.length} classes
     * @throws IllegalArgumentException where a label is out of range or repeated, or no image is left
     */
    public LabelledImages subset(int... keep) {
        int[] newLabels = new int[classes()];
        Arrays.fill(newLabels, -1);
        String[] names = new String[keep.length];
        for (int j = 0; j < keep.length; j++) {
            if (keep[j] < 0 || keep[j] >= classes() || newLabels[keep[j]] >= 0) {
                throw new IllegalArgumentException("classes %s: %d is not in 0 to %d, or is given twice"
                        .formatted(Arrays.toString(keep), keep[j], classes() - 1));
            }
            newLabels[keep[j]] = j;
            names[j] = classNames[keep[j]];
        }
        int[] keptRows = new int[count()];
        byte[] keptLabels = new byte[count()];
        int kept = 0;
        for (int i = 0; i < count(); i++) {
            int label = newLabels[label(i)];
            if (label >= 0) {
                keptRows[kept] = row(i);
                keptLabels[kept] = (byte) label;
                kept++;
            }
        }
        if (kept == 0) {
            throw new IllegalArgumentException("no image is of the classes " + Arrays.toString(keep));
        }
        return new LabelledImages(
                height, width, channels, names, pixels, Arrays.copyOf(keptLabels, kept), Arrays.copyOf(keptRows, kept));
    }

    /**
     * The first images, in their order.
     *
     * @param n how many, at least 1; all where there are no more
     * @return a view
     * @throws IllegalArgumentException where n is below 1
     */
    public LabelledImages limit(int n) {
        if (n < 1) {
            throw new IllegalArgumentException("the limit must be at least 1, got " + n);
        }
        if (n >= count()) {
            return this;
        }
        return new LabelledImages(
                height,
                width,
                channels,
                classNames,
                pixels,
                Arrays.copyOf(labels, n),
                rows == null ? null : Arrays.copyOf(rows, n));
    }

    /** The same images with other names for the classes. */
    LabelledImages named(List<String> names) {
        if (names.size() != classes()) {
            throw new IllegalArgumentException(names.size() + " names for " + classes() + " classes");
        }
        return new LabelledImages(height, width, channels, names.toArray(new String[0]), pixels, labels, rows);
    }

    /** The stored pixels themselves, for readers within the package. */
    byte[] rawPixels() {
        return pixels;
    }

    /** The index at which an image begins in {@link #rawPixels()}. */
    int rawOffset(int image) {
        Objects.checkIndex(image, count());
        return row(image) * pixelsPerImage();
    }

    private int row(int image) {
        return rows == null ? image : rows[image];
    }

    @Override
    public String toString() {
        return "%d images of %d×%d×%d in %d classes".formatted(count(), channels, height, width, classes());
    }
}
