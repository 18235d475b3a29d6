package io.github.dl4jngd.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class ImageDataSetIteratorTest {

    private static final double TEST_F32 = 1e-6;
    private static final double TEST_F64 = 1e-12;

    private final LabelledImages images = Fixtures.images(23, 4, 3, 5, 1);
    /** One pixel each, which tells the image. */
    private final LabelledImages numbered = numbered(100);

    @Test
    void servesFileOrderInBatches() {
        ImageDataSetIterator iterator =
                ImageDataSetIterator.builder(images).batchSize(10).build();

        List<Long> sizes = new ArrayList<>();
        int at = 0;
        while (iterator.hasNext()) {
            DataSet batch = iterator.next();
            sizes.add(batch.getFeatures().size(0));
            for (int i = 0; i < batch.getFeatures().size(0); i++, at++) {
                byte[] expected = images.image(at);
                for (int p = 0; p < expected.length; p++) {
                    assertThat(batch.getFeatures().getDouble(i, p))
                            .isEqualTo((expected[p] & 0xff) / 255.0, within(TEST_F32));
                }
                assertThat(batch.getLabels().getDouble(i, images.label(at))).isEqualTo(1.0);
            }
            assertThat(batch.getLabels().sumNumber().doubleValue())
                    .isEqualTo((double) batch.getLabels().size(0));
        }
        assertThat(sizes).containsExactly(10L, 10L, 3L);
        assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
        assertThatThrownBy(() -> iterator.next(1)).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void tellsWhatItIs() {
        ImageDataSetIterator iterator =
                ImageDataSetIterator.builder(images).batchSize(10).build();
        assertThat(iterator.inputColumns()).isEqualTo(48);
        assertThat(iterator.totalOutcomes()).isEqualTo(5);
        assertThat(iterator.batch()).isEqualTo(10);
        assertThat(iterator.resetSupported()).isTrue();
        assertThat(iterator.asyncSupported()).isTrue();
        assertThat(iterator.getLabels()).containsExactly("0", "1", "2", "3", "4");
        assertThat(iterator.getPreProcessor()).isNull();
    }

    @Test
    void epochsAreAFunctionOfSeedAndNumber() {
        ImageDataSetIterator iterator = shuffled(3);
        List<List<Integer>> orders = new ArrayList<>();
        for (int epoch = 0; epoch < 3; epoch++) {
            assertThat(iterator.epoch()).isEqualTo(epoch);
            orders.add(epochOf(iterator));
            iterator.reset();
        }
        assertThat(new HashSet<>(orders)).hasSize(3);
        for (List<Integer> order : orders) {
            assertThat(new HashSet<>(order)).hasSize(100);
        }

        ImageDataSetIterator again = shuffled(3);
        again.next();
        again.reset(); // in the middle of epoch 0
        again.reset(); // nothing was read: still epoch 1
        assertThat(again.epoch()).isEqualTo(1);
        assertThat(epochOf(again)).isEqualTo(orders.get(1));
        again.startEpoch(0);
        assertThat(epochOf(again)).isEqualTo(orders.get(0));
        assertThat(epochOf(shuffled(4))).isNotEqualTo(orders.get(0));
    }

    @Test
    void shufflingDoesNotChangeWhichImagesAreServed() {
        ImageDataSetIterator iterator = ImageDataSetIterator.builder(numbered)
                .normalization(Normalization.NONE)
                .limit(10)
                .shuffle(5)
                .build();
        for (int epoch = 0; epoch < 4; epoch++) {
            Set<Integer> served = new HashSet<>(epochOf(iterator));
            assertThat(served).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
            iterator.reset();
        }
    }

    @Test
    void classesComeBeforeTheLimit() {
        ImageDataSetIterator iterator = ImageDataSetIterator.builder(images)
                .classes(3, 0)
                .limit(4)
                .normalization(Normalization.NONE)
                .build();
        DataSet batch = iterator.next();

        assertThat(batch.getLabels().shape()).containsExactly(4, 2);
        assertThat(batch.getLabels().toFloatMatrix()).isDeepEqualTo(new float[][] {{0, 1}, {1, 0}, {0, 1}, {1, 0}});
        assertThat(batch.getFeatures().getDouble(1, 7)).isEqualTo(images.image(3)[7] & 0xff);
        assertThat(iterator.getLabels()).containsExactly("3", "0");
        assertThat(iterator.images().count()).isEqualTo(4);
    }

    @Test
    void twoClassesMayBePlusAndMinusHalf() {
        ImageDataSetIterator iterator = ImageDataSetIterator.builder(images)
                .classes(3, 0)
                .targets(Targets.PLUS_MINUS_HALF)
                .dataType(DataType.DOUBLE)
                .build();
        INDArray targets = iterator.next().getLabels();
        assertThat(targets.shape()).containsExactly(9, 1);
        assertThat(targets.dataType()).isEqualTo(DataType.DOUBLE);
        assertThat(targets.getDouble(0, 0)).isEqualTo(0.5);
        assertThat(targets.getDouble(1, 0)).isEqualTo(-0.5);
        assertThat(iterator.totalOutcomes()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Normalization.class)
    void floatAndDoubleAndAllAgree(Normalization normalization) {
        for (Layout layout : Layout.values()) {
            DataSet single = ImageDataSetIterator.builder(images)
                    .normalization(normalization)
                    .layout(layout)
                    .shuffle(1)
                    .build()
                    .all();
            DataSet twice = ImageDataSetIterator.builder(images)
                    .normalization(normalization)
                    .layout(layout)
                    .dataType(DataType.DOUBLE)
                    .build()
                    .next();
            assertThat(single.getFeatures().shape())
                    .isEqualTo(layout == Layout.FLAT ? new long[] {23, 48} : new long[] {23, 3, 4, 4});
            assertThat(single.getFeatures().dataType()).isEqualTo(DataType.FLOAT);
            assertThat(single.getFeatures()
                            .castTo(DataType.DOUBLE)
                            .sub(twice.getFeatures())
                            .amaxNumber()
                            .doubleValue())
                    .isLessThan(300 * TEST_F32);
            assertThat(single.getLabels().castTo(DataType.DOUBLE)).isEqualTo(twice.getLabels());
        }
    }

    @Test
    void allIsInOrderAcrossItsChunks() {
        LabelledImages many = Fixtures.images(10_001, 3, 1, 7, 9);
        DataSet all = ImageDataSetIterator.builder(many)
                .normalization(Normalization.NONE)
                .build()
                .all();
        float[][] features = all.getFeatures().toFloatMatrix();
        for (int i = 0; i < many.count(); i++) {
            assertThat(features[i][5]).isEqualTo(many.pixel(i, 0, 1, 2));
        }
        assertThat(all.getLabels().argMax(1).toIntVector()).isEqualTo(many.labels());
    }

    @Test
    void standardizeUsesTheReferencesStatisticsOfEachChannel() {
        LabelledImages reference = Fixtures.images(50, 4, 3, 5, 2);
        INDArray served = ImageDataSetIterator.builder(reference)
                .normalization(Normalization.STANDARDIZE)
                .layout(Layout.CHANNELS_FIRST)
                .dataType(DataType.DOUBLE)
                .build()
                .all()
                .getFeatures();
        for (double mean : served.mean(0, 2, 3).toDoubleVector()) {
            assertThat(mean).isEqualTo(0, within(TEST_F64));
        }
        for (double deviation : served.std(false, 0, 2, 3).toDoubleVector()) {
            assertThat(deviation).isEqualTo(1, within(TEST_F64));
        }

        ImageDataSetIterator test = ImageDataSetIterator.builder(images)
                .normalization(Normalization.STANDARDIZE)
                .normalizationFrom(reference)
                .classes(1, 2)
                .dataType(DataType.DOUBLE)
                .build();
        double[] red = new double[50 * 16];
        for (int i = 0; i < red.length; i++) {
            red[i] = reference.pixel(i / 16, 0, i % 16 / 4, i % 4);
        }
        double mean = Arrays.stream(red).average().orElseThrow();
        double variance =
                Arrays.stream(red).map(p -> (p - mean) * (p - mean)).average().orElseThrow();
        assertThat(test.next().getFeatures().getDouble(0, 3))
                .isEqualTo((images.pixel(1, 0, 0, 3) - mean) / Math.sqrt(variance), within(TEST_F64));
    }

    @Test
    void constantChannelsAreOnlyCentredAndZeroImagesStayZero() {
        LabelledImages constant = LabelledImages.of(2, 2, 1, 1, new byte[] {7, 7, 7, 7}, new int[1]);
        assertThat(ImageDataSetIterator.builder(constant)
                        .normalization(Normalization.STANDARDIZE)
                        .build()
                        .next()
                        .getFeatures()
                        .toFloatVector())
                .containsOnly(0f);
        LabelledImages zero = LabelledImages.of(2, 2, 1, 1, new byte[4], new int[1]);
        assertThat(ImageDataSetIterator.builder(zero)
                        .normalization(Normalization.UNIT_NORM)
                        .build()
                        .next()
                        .getFeatures()
                        .toFloatVector())
                .containsOnly(0f);
    }

    @Test
    void unitNormIsOfEachImage() {
        INDArray features = ImageDataSetIterator.builder(images)
                .normalization(Normalization.UNIT_NORM)
                .dataType(DataType.DOUBLE)
                .build()
                .all()
                .getFeatures();
        for (double norm : features.norm2(1).toDoubleVector()) {
            assertThat(norm).isEqualTo(1, within(TEST_F64));
        }
        assertThat(features.getDouble(2, 5) / features.getDouble(2, 6))
                .isEqualTo((images.image(2)[5] & 0xff) / (double) (images.image(2)[6] & 0xff), within(TEST_F64));
    }

    @Test
    void dropLastLeavesOutTheSmallerBatch() {
        ImageDataSetIterator iterator = ImageDataSetIterator.builder(images)
                .batchSize(10)
                .dropLast(true)
                .build();
        iterator.next();
        iterator.next();
        assertThat(iterator.hasNext()).isFalse();
        assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void preProcessorsAreApplied() {
        ImageDataSetIterator iterator = ImageDataSetIterator.builder(images).build();
        iterator.setPreProcessor(batch -> batch.getFeatures().assign(3));
        assertThat(iterator.next().getFeatures().meanNumber().doubleValue()).isEqualTo(3);
        assertThat(iterator.all().getFeatures().meanNumber().doubleValue()).isEqualTo(3);
        assertThat(iterator.getPreProcessor()).isNotNull();
    }

    @Test
    void survivesSerialisation() throws Exception {
        ImageDataSetIterator iterator = shuffled(3);
        iterator.next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(iterator);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            ImageDataSetIterator copy = (ImageDataSetIterator) in.readObject();
            assertThat(epochOf(copy)).isEqualTo(epochOf(iterator));
        }
    }

    @Test
    void refusesContradictions() {
        ImageDataSetIterator.Builder builder = ImageDataSetIterator.builder(images);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> ImageDataSetIterator.builder(images).batchSize(0).build())
                .withMessageContaining("batch size");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.targets(Targets.PLUS_MINUS_HALF).build())
                .withMessageContaining("two classes, there are 5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDataSetIterator.builder(images)
                        .dataType(DataType.INT32)
                        .build())
                .withMessageContaining("FLOAT or DOUBLE");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        ImageDataSetIterator.builder(images).dropLast(true).build())
                .withMessageContaining("dropLast");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDataSetIterator.builder(images)
                        .normalizationFrom(numbered)
                        .build())
                .withMessageContaining("1 channels");
    }

    private ImageDataSetIterator shuffled(long seed) {
        return ImageDataSetIterator.builder(numbered)
                .batchSize(7)
                .normalization(Normalization.NONE)
                .shuffle(seed)
                .build();
    }

    private static List<Integer> epochOf(ImageDataSetIterator iterator) {
        List<Integer> order = new ArrayList<>();
        while (iterator.hasNext()) {
            for (float pixel : iterator.next().getFeatures().dup().data().asFloat()) {
                order.add((int) pixel);
            }
        }
        return order;
    }

    private static LabelledImages numbered(int count) {
        byte[] pixels = new byte[count];
        for (int i = 0; i < count; i++) {
            pixels[i] = (byte) i;
        }
        return LabelledImages.of(1, 1, 1, 2, pixels, new int[count]);
    }
}
