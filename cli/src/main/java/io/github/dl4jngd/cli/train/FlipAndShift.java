package io.github.dl4jngd.cli.train;

import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The usual augmentation for CIFAR: half of the images mirrored, each shifted by up to four pixels either way with
 * zeros coming in (He et al. 2016, §4.2). Works on NCHW minibatches; what is drawn depends on the seed and on how many
 * minibatches came before.
 */
final class FlipAndShift implements DataSetPreProcessor {

    private static final long serialVersionUID = 1L;
    private static final int SHIFT = 4;

    private final SplittableRandom random;

    FlipAndShift(long seed) {
        this.random = new SplittableRandom(seed);
    }

    @Override
    public void preProcess(DataSet minibatch) {
        INDArray images = minibatch.getFeatures();
        if (images.rank() != 4) {
            throw new IllegalArgumentException(
                    "expected images [N, channels, height, width], found rank " + images.rank());
        }
        DataType dataType = images.dataType();
        float[] from = images.castTo(DataType.FLOAT).dup('c').data().asFloat();
        float[] to = new float[from.length];
        int n = (int) images.size(0);
        int channels = (int) images.size(1);
        int height = (int) images.size(2);
        int width = (int) images.size(3);
        for (int image = 0; image < n; image++) {
            boolean flip = random.nextBoolean();
            int down = random.nextInt(-SHIFT, SHIFT + 1);
            int right = random.nextInt(-SHIFT, SHIFT + 1);
            for (int channel = 0; channel < channels; channel++) {
                int plane = (image * channels + channel) * height * width;
                for (int y = Math.max(0, down); y < Math.min(height, height + down); y++) {
                    for (int x = Math.max(0, right); x < Math.min(width, width + right); x++) {
                        int column = flip ? width - 1 - (x - right) : x - right;
                        to[plane + y * width + x] = from[plane + (y - down) * width + column];
                    }
                }
            }
        }
        minibatch.setFeatures(Nd4j.createFromArray(to).castTo(dataType).reshape('c', n, channels, height, width));
    }
}
