package io.github.dl4jngd.datasets;

import java.io.Serializable;

/** A {@link Normalization} ready for use: a table of 256 values for each channel, or a factor for each image. */
final class PixelScaling implements Serializable {

    private static final long serialVersionUID = 1L;
    private static final int LEVELS = 256;

    /** [channel · 256 + pixel value]. */
    private final double[] table;

    private final float[] floatTable;
    private final boolean unitNorm;

    private PixelScaling(double[] table, boolean unitNorm) {
        this.table = table;
        this.floatTable = new float[table.length];
        for (int i = 0; i < table.length; i++) {
            floatTable[i] = (float) table[i];
        }
        this.unitNorm = unitNorm;
    }

    static PixelScaling of(Normalization normalization, LabelledImages reference) {
        double[] table = new double[reference.channels() * LEVELS];
        for (int channel = 0; channel < reference.channels(); channel++) {
            double shift = 0.0;
            double scale = normalization == Normalization.UNIT_INTERVAL ? 255.0 : 1.0;
            if (normalization == Normalization.STANDARDIZE) {
                long[] histogram = histogram(reference, channel);
                shift = mean(histogram);
                double deviation = standardDeviation(histogram, shift);
                scale = deviation > 0 ? deviation : 1.0;
            }
            for (int level = 0; level < LEVELS; level++) {
                table[channel * LEVELS + level] = (level - shift) / scale;
            }
        }
        return new PixelScaling(table, normalization == Normalization.UNIT_NORM);
    }

    void write(LabelledImages images, int image, float[] target, int offset) {
        byte[] pixels = images.rawPixels();
        int in = images.rawOffset(image);
        int length = images.pixelsPerImage();
        if (unitNorm) {
            double factor = inverseNorm(pixels, in, length);
            for (int p = 0; p < length; p++) {
                target[offset + p] = (float) ((pixels[in + p] & 0xff) * factor);
            }
            return;
        }
        int plane = images.height() * images.width();
        for (int channel = 0; channel < images.channels(); channel++) {
            int begin = channel * plane;
            for (int p = begin; p < begin + plane; p++) {
                target[offset + p] = floatTable[channel * LEVELS + (pixels[in + p] & 0xff)];
            }
        }
    }

    void write(LabelledImages images, int image, double[] target, int offset) {
        byte[] pixels = images.rawPixels();
        int in = images.rawOffset(image);
        int length = images.pixelsPerImage();
        double factor = unitNorm ? inverseNorm(pixels, in, length) : 1.0;
        int plane = images.height() * images.width();
        for (int channel = 0; channel < images.channels(); channel++) {
            int begin = channel * plane;
            for (int p = begin; p < begin + plane; p++) {
                target[offset + p] = table[channel * LEVELS + (pixels[in + p] & 0xff)] * factor;
            }
        }
    }

    private static double inverseNorm(byte[] pixels, int offset, int length) {
        long sum = 0;
        for (int p = offset; p < offset + length; p++) {
            int value = pixels[p] & 0xff;
            sum += (long) value * value;
        }
        return sum == 0 ? 0.0 : 1.0 / Math.sqrt((double) sum);
    }

    private static long[] histogram(LabelledImages images, int channel) {
        long[] histogram = new long[LEVELS];
        byte[] pixels = images.rawPixels();
        int plane = images.height() * images.width();
        for (int i = 0; i < images.count(); i++) {
            int begin = images.rawOffset(i) + channel * plane;
            for (int p = begin; p < begin + plane; p++) {
                histogram[pixels[p] & 0xff]++;
            }
        }
        return histogram;
    }

    private static double mean(long[] histogram) {
        long count = 0;
        long sum = 0;
        for (int level = 0; level < LEVELS; level++) {
            count += histogram[level];
            sum += histogram[level] * level;
        }
        return (double) sum / (double) count;
    }

    private static double standardDeviation(long[] histogram, double mean) {
        long count = 0;
        double sum = 0;
        for (int level = 0; level < LEVELS; level++) {
            count += histogram[level];
            sum += (double) histogram[level] * (level - mean) * (level - mean);
        }
        return Math.sqrt(sum / (double) count);
    }
}
