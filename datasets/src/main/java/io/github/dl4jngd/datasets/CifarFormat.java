package io.github.dl4jngd.datasets;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The binary format of CIFAR: records without a header. CIFAR-10 has one label byte, CIFAR-100 a coarse and a fine one;
 * 3072 bytes follow, the red, green and blue planes of 32×32 pixels in row-major order.
 */
enum CifarFormat {
    CIFAR_10(new int[] {10}, 0),
    CIFAR_100_COARSE(new int[] {20, 100}, 0),
    CIFAR_100_FINE(new int[] {20, 100}, 1);

    static final int SIDE = 32;
    static final int CHANNELS = 3;
    static final int PIXELS = SIDE * SIDE * CHANNELS;
    private static final int RECORDS_AT_ONCE = 256;
    /** Keeps pixels within one array. */
    private static final int MOST_RECORDS = Integer.MAX_VALUE / PIXELS - 1;

    @SuppressWarnings("ImmutableEnumChecker") // private and never written
    private final int[] labelRanges;

    private final int chosen;

    CifarFormat(int[] labelRanges, int chosen) {
        this.labelRanges = labelRanges;
        this.chosen = chosen;
    }

    static CifarFormat of(CifarLabels labels) {
        return labels == CifarLabels.FINE ? CIFAR_100_FINE : CIFAR_100_COARSE;
    }

    int classes() {
        return labelRanges[chosen];
    }

    int recordBytes() {
        return labelRanges.length + PIXELS;
    }

    /** Reads all records. Memory grows with what was read. */
    LabelledImages read(BinaryInput in) throws IOException {
        byte[] buffer = new byte[RECORDS_AT_ONCE * recordBytes()];
        byte[] pixels = new byte[buffer.length];
        byte[] labels = new byte[RECORDS_AT_ONCE];
        int count = 0;
        int read;
        do {
            read = in.readAtMost(buffer, 0, buffer.length);
            int records = read / recordBytes();
            if (read % recordBytes() != 0) {
                throw in.malformed(
                        "records of %d bytes".formatted(recordBytes()),
                        "the end of the file %d bytes into record %d".formatted(read % recordBytes(), count + records));
            }
            if (count + records > MOST_RECORDS) {
                throw in.malformed("at most " + MOST_RECORDS + " records", "more");
            }
            if (count + records > labels.length) {
                int capacity = (int) Math.min(MOST_RECORDS, 2L * (count + records));
                pixels = Arrays.copyOf(pixels, capacity * PIXELS);
                labels = Arrays.copyOf(labels, capacity);
            }
            for (int r = 0; r < records; r++) {
                labels[count] = (byte) label(in, buffer, r * recordBytes(), count);
                ByteBuffer.wrap(pixels).put(count * PIXELS, buffer, r * recordBytes() + labelRanges.length, PIXELS);
                count++;
            }
        } while (read == buffer.length);
        if (count == 0) {
            throw in.malformed("records of %d bytes".formatted(recordBytes()), "an empty file");
        }
        return LabelledImages.wrap(
                SIDE, SIDE, CHANNELS, classes(), Arrays.copyOf(pixels, count * PIXELS), Arrays.copyOf(labels, count));
    }

    /** The one record in these bytes. */
    LabelledImages readRecord(String name, byte[] bytes) throws IOException {
        if (bytes.length < recordBytes()) {
            throw new MalformedDataException(name, "a record of " + recordBytes() + " bytes", bytes.length + " bytes");
        }
        try (BinaryInput in = BinaryInput.uncompressed(name, new ByteArrayInputStream(bytes))) {
            return read(in);
        }
    }

    private int label(BinaryInput in, byte[] buffer, int offset, int record) throws MalformedDataException {
        for (int i = 0; i < labelRanges.length; i++) {
            int label = buffer[offset + i] & 0xff;
            if (label >= labelRanges[i]) {
                throw in.malformed(
                        "labels 0 to %d at byte %d of each record of %d bytes"
                                .formatted(labelRanges[i] - 1, i, recordBytes()),
                        "%d in record %d".formatted(label, record));
            }
        }
        return buffer[offset + chosen] & 0xff;
    }

    /** Writes records; a coarse label goes with a fine one as fine/5, the superclasses of the synthetic images. */
    void write(LabelledImages images, OutputStream out) throws IOException {
        if (images.pixelsPerImage() != PIXELS || images.channels() != CHANNELS || this == CIFAR_100_COARSE) {
            throw new IllegalArgumentException("CIFAR files hold 3×32×32 images with their finest labels, not "
                    + images.channels() + "×" + images.height() + "×" + images.width());
        }
        byte[] header = new byte[labelRanges.length];
        for (int i = 0; i < images.count(); i++) {
            int label = images.label(i);
            if (label >= classes()) {
                throw new IllegalArgumentException("label " + label + " of image " + i + " exceeds " + (classes() - 1));
            }
            header[chosen] = (byte) label;
            if (chosen == 1) {
                header[0] = (byte) (label / 5);
            }
            out.write(header);
            out.write(images.rawPixels(), images.rawOffset(i), PIXELS);
        }
        out.flush();
    }
}
