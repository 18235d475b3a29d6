package io.github.dl4jngd.datasets;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * The IDX format of MNIST: big-endian, a magic number (0, 0, type, number of dimensions), the dimensions as 32-bit
 * integers, then the values in row-major order. Images are unsigned bytes (type 8) in three dimensions, labels unsigned
 * bytes in one.
 */
final class IdxFormat {

    static final int IMAGES_MAGIC = 0x00000803;
    static final int LABELS_MAGIC = 0x00000801;
    private static final int LARGEST_SIDE = 1 << 14;

    private IdxFormat() {}

    /** Pixels as read from an image file. */
    static final class Images {
        final int count;
        final int height;
        final int width;
        final byte[] pixels;

        private Images(int count, int height, int width, byte[] pixels) {
            this.count = count;
            this.height = height;
            this.width = width;
            this.pixels = pixels;
        }
    }

    static Images readImages(BinaryInput in) throws IOException {
        expectMagic(in, IMAGES_MAGIC);
        int count = readCount(in, "images");
        int height = readSide(in, "height");
        int width = readSide(in, "width");
        long total = (long) count * height * width;
        String what = "%d bytes (header of 16, then %d images of %d×%d)".formatted(16 + total, count, height, width);
        byte[] pixels = in.readBytes(total, what);
        in.expectEnd(what);
        return new Images(count, height, width, pixels);
    }

    static byte[] readLabels(BinaryInput in) throws IOException {
        expectMagic(in, LABELS_MAGIC);
        int count = readCount(in, "labels");
        String what = "%d bytes (header of 8, then %d labels)".formatted(8L + count, count);
        byte[] labels = in.readBytes(count, what);
        in.expectEnd(what);
        return labels;
    }

    /**
     * Reads both files of a set, checks them against each other and the labels against the number of classes (0:
     * largest label + 1).
     */
    static LabelledImages read(BinaryInput imagesIn, BinaryInput labelsIn, int classes) throws IOException {
        byte[] labels = readLabels(labelsIn);
        Images images = readImages(imagesIn);
        if (labels.length != images.count) {
            throw labelsIn.malformed(
                    images.count + " labels, one for each image of " + imagesIn.name(), labels.length + " labels");
        }
        int largest = 0;
        for (int i = 0; i < labels.length; i++) {
            int label = labels[i] & 0xff;
            largest = Math.max(largest, label);
            if (classes > 0 && label >= classes) {
                throw labelsIn.malformed("labels 0 to " + (classes - 1), "label " + label + " at index " + i);
            }
        }
        return LabelledImages.wrap(
                images.height, images.width, 1, classes > 0 ? classes : largest + 1, images.pixels, labels);
    }

    /** Writes the image file. */
    static void writeImages(LabelledImages images, OutputStream stream) throws IOException {
        if (images.channels() != 1) {
            throw new IllegalArgumentException(
                    "IDX image files hold one channel, these images have " + images.channels());
        }
        DataOutputStream out = new DataOutputStream(stream);
        out.writeInt(IMAGES_MAGIC);
        out.writeInt(images.count());
        out.writeInt(images.height());
        out.writeInt(images.width());
        for (int i = 0; i < images.count(); i++) {
            out.write(images.rawPixels(), images.rawOffset(i), images.pixelsPerImage());
        }
        out.flush();
    }

    /** Writes the label file. */
    static void writeLabels(LabelledImages images, OutputStream stream) throws IOException {
        DataOutputStream out = new DataOutputStream(stream);
        out.writeInt(LABELS_MAGIC);
        out.writeInt(images.count());
        for (int i = 0; i < images.count(); i++) {
            out.writeByte(images.label(i));
        }
        out.flush();
    }

    /** Tells an image file from a label file; anything else is an error. */
    static boolean isImages(BinaryInput in) throws IOException {
        String what = "an IDX image or label file";
        int magic = in.readInt(what);
        if (magic != IMAGES_MAGIC && magic != LABELS_MAGIC) {
            throw in.malformed(what, "magic number " + hex(magic));
        }
        return magic == IMAGES_MAGIC;
    }

    private static void expectMagic(BinaryInput in, int expected) throws IOException {
        String what = "%s (magic number %s)".formatted(describe(expected), hex(expected));
        int magic = in.readInt(what);
        if (magic != expected) {
            throw in.malformed(what, "%s (magic number %s)".formatted(describe(magic), hex(magic)));
        }
    }

    private static int readCount(BinaryInput in, String what) throws IOException {
        int count = in.readInt("the number of " + what);
        if (count < 1) {
            throw in.malformed("at least one of its " + what, "a count of " + Integer.toUnsignedString(count));
        }
        return count;
    }

    private static int readSide(BinaryInput in, String what) throws IOException {
        int side = in.readInt("the images' " + what);
        if (side < 1 || side > LARGEST_SIDE) {
            throw in.malformed("an image " + what + " between 1 and " + LARGEST_SIDE, Integer.toUnsignedString(side));
        }
        return side;
    }

    private static String describe(int magic) {
        return switch (magic) {
            case IMAGES_MAGIC -> "an IDX image file";
            case LABELS_MAGIC -> "an IDX label file";
            default -> "something else";
        };
    }

    private static String hex(int magic) {
        return "0x%08x".formatted(magic);
    }
}
