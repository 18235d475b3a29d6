package io.github.dl4jngd.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.HashSet;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SyntheticImagesTest {

    @ParameterizedTest
    @EnumSource(ImageDataset.class)
    void haveTheShapeAndEveryClass(ImageDataset dataset) {
        LabelledImages images = SyntheticImages.train(dataset, 200, 1);
        assertThat(images.count()).isEqualTo(200);
        assertThat(images.height()).isEqualTo(dataset.height());
        assertThat(images.width()).isEqualTo(dataset.width());
        assertThat(images.channels()).isEqualTo(dataset.channels());
        assertThat(images.classes()).isEqualTo(dataset.classes());
        assertThat(new HashSet<>(images.classNames())).hasSize(dataset.classes());
        assertThat(Arrays.stream(images.labels())
                        .limit(dataset.classes())
                        .distinct()
                        .count())
                .isEqualTo(dataset.classes());
    }

    @ParameterizedTest
    @EnumSource(ImageDataset.class)
    void areAFunctionOfTheSeedAlone(ImageDataset dataset) throws Exception {
        LabelledImages images = SyntheticImages.train(dataset, 300, 5);
        ForkJoinPool oneThread = new ForkJoinPool(1);
        try {
            LabelledImages alone = oneThread
                    .submit(() -> SyntheticImages.train(dataset, 300, 5))
                    .get();
            assertThat(alone.pixels()).isEqualTo(images.pixels());
            assertThat(alone.labels()).isEqualTo(images.labels());
        } finally {
            oneThread.shutdown();
        }
        assertThat(SyntheticImages.train(dataset, 100, 5).pixels())
                .isEqualTo(images.limit(100).pixels());
        assertThat(SyntheticImages.train(dataset, 300, 6).pixels()).isNotEqualTo(images.pixels());
        assertThat(SyntheticImages.test(dataset, 300, 5).pixels()).isNotEqualTo(images.pixels());
    }

    @ParameterizedTest
    @EnumSource(ImageDataset.class)
    void noImageIsEmptyOrTwiceThere(ImageDataset dataset) {
        LabelledImages images = SyntheticImages.train(dataset, 1000, 2);
        HashSet<Integer> seen = new HashSet<>();
        for (int i = 0; i < images.count(); i++) {
            byte[] pixels = images.image(i);
            assertThat(seen.add(Arrays.hashCode(pixels))).isTrue();
            int bright = 0;
            for (byte pixel : pixels) {
                bright += (pixel & 0xff) > 40 ? 1 : 0;
            }
            assertThat(bright).as("image %d of class %d", i, images.label(i)).isGreaterThan(12);
        }
    }

    @Test
    void refuseImpossibleCounts() {
        assertThatIllegalArgumentException().isThrownBy(() -> SyntheticImages.train(ImageDataset.MNIST, 0, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyntheticImages.test(ImageDataset.CIFAR_10, Integer.MAX_VALUE, 1));
    }

    /** A linear classifier has to be clearly worse than a network with a hidden layer, and both better than chance. */
    @ParameterizedTest
    @CsvSource({"MNIST, 0.1", "FASHION_MNIST, 0.08", "CIFAR_10, 0.1"})
    void needMoreThanALinearModel(ImageDataset dataset, double gap) {
        LabelledImages train = SyntheticImages.train(dataset, 3000, 1);
        LabelledImages test = SyntheticImages.test(dataset, 1000, 1);
        double linear = accuracy(train, test, 0);
        double mlp = accuracy(train, test, 64);
        assertThat(linear).isGreaterThan(2.0 / dataset.classes());
        assertThat(mlp).isGreaterThan(linear + gap);
    }

    private static double accuracy(LabelledImages train, LabelledImages test, int hidden) {
        PixelScaling scaling = PixelScaling.of(Normalization.STANDARDIZE, train);
        PlainNetwork network = new PlainNetwork(train.pixelsPerImage(), hidden, train.classes());
        float[] input = new float[train.pixelsPerImage()];
        for (int epoch = 0; epoch < 8; epoch++) {
            float rate = 0.003f * (8 - epoch) / 8;
            for (int i = 0; i < train.count(); i++) {
                scaling.write(train, i, input, 0);
                network.train(input, train.label(i), rate);
            }
        }
        int right = 0;
        for (int i = 0; i < test.count(); i++) {
            scaling.write(test, i, input, 0);
            right += network.predict(input) == test.label(i) ? 1 : 0;
        }
        return right / (double) test.count();
    }
}
