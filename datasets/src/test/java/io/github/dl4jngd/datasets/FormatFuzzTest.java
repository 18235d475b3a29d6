package io.github.dl4jngd.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.testing.Fuzzing;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.datavec.api.writable.NDArrayWritable;
import org.datavec.api.writable.Writable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged IDX and CIFAR files are refused as malformed, or what is read from them is what they hold. */
@Timeout(value = 500, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FormatFuzzTest {

    private static final int FEW = 100;
    private static final int MANY = 6_000;
    private static final int IMAGES_HEADER = 16;
    private static final int LABELS_HEADER = 8;

    private static final byte[] IMAGES =
            Fixtures.binary(new int[] {IdxFormat.IMAGES_MAGIC, 5, 4, 3}, Fixtures.pattern(60));
    private static final byte[] LABELS =
            Fixtures.binary(new int[] {IdxFormat.LABELS_MAGIC, 5}, new byte[] {0, 1, 2, 9, 4});

    /** Reads input from files below a folder, and checks what it read. */
    @FunctionalInterface
    private interface FileReader {
        void read(Path folder, byte[] input) throws IOException;
    }

    @TempDir
    private Path folder;

    Stream<Fuzzing> readers() {
        Stream.Builder<Fuzzing> all = Stream.builder();
        addFile(all, "IDX images", IMAGES, FormatFuzzTest::readImages);
        addFile(all, "IDX labels", LABELS, FormatFuzzTest::readLabels);
        addFile(all, "CIFAR-10", cifar(1), FormatFuzzTest::readCifar10);
        addFile(all, "CIFAR-100", cifar(2), FormatFuzzTest::readCifar100);
        byte[] records = cifar(1);
        add(all, "stream of CIFAR-10", damage -> damage.on(records), FormatFuzzTest::readRecord);
        return all.build();
    }

    private void addFile(Stream.Builder<Fuzzing> all, String name, byte[] sound, FileReader reader) {
        byte[] zipped = Fixtures.gzip(sound);
        add(all, name, damage -> damage.on(sound), reader);
        add(all, name + " within gzip", damage -> Fixtures.gzip(damage.on(sound)), reader);
        add(all, name + ", gzipped", damage -> damage.on(zipped), reader);
    }

    private void add(Stream.Builder<Fuzzing> all, String name, Fuzzing.Input input, FileReader reader) {
        all.add(new Fuzzing(name, input, bytes -> reader.read(folder, bytes), MalformedDataException.class));
    }

    @ParameterizedTest
    @MethodSource("readers")
    void damagedFilesAreRefusedOrReadAsTheyAre(Fuzzing fuzzing) throws Exception {
        fuzzing.run(FEW);
    }

    @ParameterizedTest
    @MethodSource("readers")
    @Tag("slow")
    void manyDamagedFilesAreRefusedOrReadAsTheyAre(Fuzzing fuzzing) throws Exception {
        fuzzing.run(MANY);
    }

    private static void readImages(Path folder, byte[] input) throws IOException {
        LabelledImages images = LabelledImages.readIdx(
                Files.write(folder.resolve("images"), input), Files.write(folder.resolve("labels"), LABELS), 10);
        byte[] plain = plain(input);
        assertThat(images.count()).isEqualTo(5);
        assertThat(images.rawPixels())
                .hasSize(5 * images.height() * images.width())
                .isEqualTo(Arrays.copyOfRange(plain, IMAGES_HEADER, plain.length));
    }

    private static void readLabels(Path folder, byte[] input) throws IOException {
        LabelledImages images = LabelledImages.readIdx(
                Files.write(folder.resolve("images"), IMAGES), Files.write(folder.resolve("labels"), input), 10);
        assertThat(images.labels()).hasSize(5).containsExactly(unsigned(plain(input), LABELS_HEADER));
        assertThat(Arrays.stream(images.labels()).max().orElseThrow()).isLessThan(10);
    }

    private static void readCifar10(Path folder, byte[] input) throws IOException {
        Path file = Files.write(folder.resolve("cifar"), input);
        check(LabelledImages.readCifar10(List.of(file)), plain(input), 1, 0);
    }

    private static void readCifar100(Path folder, byte[] input) throws IOException {
        Path file = Files.write(folder.resolve("cifar"), input);
        check(LabelledImages.readCifar100(file, CifarLabels.COARSE), plain(input), 2, 0);
        check(LabelledImages.readCifar100(file, CifarLabels.FINE), plain(input), 2, 1);
    }

    private static void check(LabelledImages images, byte[] records, int labels, int chosen) {
        int size = labels + CifarFormat.PIXELS;
        assertThat(images.count()).isPositive().isEqualTo(records.length / size);
        for (int i = 0; i < images.count(); i++) {
            int start = i * size;
            assertThat(images.label(i)).isEqualTo(records[start + chosen]).isBetween(0, images.classes() - 1);
            assertThat(Arrays.copyOfRange(
                            images.rawPixels(), images.rawOffset(i), images.rawOffset(i) + CifarFormat.PIXELS))
                    .isEqualTo(Arrays.copyOfRange(records, start + labels, start + size));
        }
    }

    private static void readRecord(Path folder, byte[] input) throws IOException {
        try (CifarRecordReader reader = new CifarRecordReader()) {
            List<Writable> record =
                    reader.record(URI.create("memory:record"), new DataInputStream(new ByteArrayInputStream(input)));
            assertThat(record.get(1).toInt()).isEqualTo(input[0]).isBetween(0, 9);
            assertThat(((NDArrayWritable) record.get(0)).get().ravel().toIntVector())
                    .containsExactly(Arrays.copyOf(unsigned(input, 1), CifarFormat.PIXELS));
        }
    }

    private static byte[] plain(byte[] input) throws IOException {
        boolean gzipped = input.length > 1 && input[0] == 0x1f && input[1] == (byte) 0x8b;
        return gzipped ? new GZIPInputStream(new ByteArrayInputStream(input)).readAllBytes() : input;
    }

    private static int[] unsigned(byte[] bytes, int from) {
        int[] values = new int[bytes.length - from];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes[from + i] & 0xff;
        }
        return values;
    }

    /** Two records of so many labels. */
    private static byte[] cifar(int labels) {
        int size = labels + CifarFormat.PIXELS;
        byte[] records = Fixtures.pattern(2 * size);
        Arrays.fill(records, 0, labels, (byte) 3);
        Arrays.fill(records, size, size + labels, (byte) 7);
        return records;
    }
}
