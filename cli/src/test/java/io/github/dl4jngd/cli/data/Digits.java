package io.github.dl4jngd.cli.data;

import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.LabelledImages;
import io.github.dl4jngd.datasets.LoadedDataset;
import java.util.Random;

/** Tiny images that are easy to tell apart: class k has its row k bright. */
public final class Digits {

    public static final int SIDE = 6;
    public static final int CLASSES = 4;

    private Digits() {}

    public static LoadedDataset dataset(int train, int test) {
        return new LoadedDataset(ImageDataset.MNIST, images(train, 1), images(test, 2), "made for this test", true);
    }

    public static LabelledImages images(int count, long seed) {
        Random random = new Random(seed);
        byte[] pixels = new byte[count * SIDE * SIDE];
        random.nextBytes(pixels);
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = random.nextInt(CLASSES);
            for (int p = 0; p < SIDE * SIDE; p++) {
                int pixel = i * SIDE * SIDE + p;
                boolean bright = p / SIDE == labels[i];
                pixels[pixel] = (byte) (Byte.toUnsignedInt(pixels[pixel]) / 4 + (bright ? 128 : 0));
            }
        }
        return LabelledImages.of(SIDE, SIDE, 1, CLASSES, pixels, labels);
    }
}
