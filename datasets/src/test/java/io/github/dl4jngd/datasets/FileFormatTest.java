package io.github.dl4jngd.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading and writing IDX and CIFAR files, sound and damaged. */
class FileFormatTest {

    private static final int IMAGES = 0x803;
    private static final int LABELS = 0x801;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"", ".gz"})
    void idxRoundTrip(String suffix) throws IOException {
        LabelledImages images = Fixtures.images(2000, 28, 1, 10, 3);
        Path imageFile = folder.resolve("images" + suffix);
        Path labelFile = folder.resolve("labels" + suffix);
        images.writeIdx(imageFile, labelFile);

        LabelledImages read = LabelledImages.readIdx(imageFile, labelFile);

        assertThat(read.pixels()).isEqualTo(images.pixels());
        assertThat(read.labels()).isEqualTo(images.labels());
        assertThat(read.classes()).isEqualTo(10);
        assertThat(LabelledImages.readIdx(imageFile, labelFile, 12).classes()).isEqualTo(12);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".gz"})
    void cifarRoundTrip(String suffix) throws IOException {
        LabelledImages ten = Fixtures.images(700, 32, 3, 10, 3);
        Path file = folder.resolve("ten.bin" + suffix);
        ten.writeCifar(file);
        LabelledImages twice = LabelledImages.readCifar10(List.of(file, file));
        assertThat(twice.count()).isEqualTo(1400);
        assertThat(twice.limit(700).pixels()).isEqualTo(ten.pixels());
        assertThat(twice.image(1399)).isEqualTo(ten.image(699));
        assertThat(twice.label(1399)).isEqualTo(9);

        LabelledImages hundred = Fixtures.images(300, 32, 3, 100, 3);
        hundred.writeCifar(file);
        LabelledImages fine = LabelledImages.readCifar100(file, CifarLabels.FINE);
        LabelledImages coarse = LabelledImages.readCifar100(file, CifarLabels.COARSE);
        assertThat(fine.pixels()).isEqualTo(hundred.pixels());
        assertThat(fine.labels()).isEqualTo(hundred.labels());
        assertThat(coarse.classes()).isEqualTo(20);
        assertThat(coarse.labels())
                .isEqualTo(
                        Arrays.stream(hundred.labels()).map(label -> label / 5).toArray());
    }

    @Test
    void writersRefuseOtherShapes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fixtures.images(5, 32, 3, 10, 1).writeIdx(folder.resolve("a"), folder.resolve("b")))
                .withMessageContaining("one channel");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fixtures.images(5, 28, 1, 10, 1).writeCifar(folder.resolve("a")))
                .withMessageContaining("3×32×32");
    }

    static Stream<Arguments> damagedImageFiles() {
        byte[] sound = Fixtures.binary(new int[] {IMAGES, 3, 2, 2}, new byte[12]);
        byte[] zipped = Fixtures.gzip(sound);
        byte[] flipped = zipped.clone();
        flipped[zipped.length - 6] ^= 0x55;
        byte[] brokenHeader = zipped.clone();
        brokenHeader[2] = 99;
        byte[] brokenBlock = zipped.clone();
        brokenBlock[10] = (byte) 0xff;
        return Stream.of(
                Arguments.of("empty", new byte[0], "end of the file after 0 bytes"),
                Arguments.of("half a magic number", new byte[] {0, 0}, "end of the file after 2 bytes"),
                Arguments.of(
                        "labels instead of images",
                        Fixtures.binary(new int[] {LABELS, 3}, new byte[3]),
                        "found an IDX label file (magic number 0x00000801)"),
                Arguments.of(
                        "a picture", new byte[] {(byte) 0x89, 'P', 'N', 'G', 0, 0, 0, 0}, "magic number 0x89504e47"),
                Arguments.of("no dimensions", Fixtures.binary(new int[] {IMAGES}), "the number of images"),
                Arguments.of(
                        "no images",
                        Fixtures.binary(new int[] {IMAGES, 0, 2, 2}),
                        "at least one of its images, found a count of 0"),
                Arguments.of(
                        "negative count",
                        Fixtures.binary(new int[] {IMAGES, -1, 2, 2}, new byte[12]),
                        "found a count of 4294967295"),
                Arguments.of(
                        "no height",
                        Fixtures.binary(new int[] {IMAGES, 3, 0, 2}, new byte[12]),
                        "image height between 1"),
                Arguments.of(
                        "huge width",
                        Fixtures.binary(new int[] {IMAGES, 3, 2, Integer.MAX_VALUE}, new byte[12]),
                        "image width between 1 and 16384, found 2147483647"),
                Arguments.of(
                        "truncated",
                        Arrays.copyOf(sound, 20),
                        "expected 28 bytes (header of 16, then 3 images of 2×2), found the end of the file after 20 bytes"),
                Arguments.of("too long", Arrays.copyOf(sound, 29), "found more data after byte 28"),
                Arguments.of(
                        "promises two gigabytes",
                        Fixtures.binary(new int[] {IMAGES, 2_000_000, 32, 32}, new byte[100]),
                        "found the end of the file after 116 bytes"),
                Arguments.of(
                        "promises more than an array",
                        Fixtures.binary(new int[] {IMAGES, Integer.MAX_VALUE, 16384, 16384}, new byte[100]),
                        "expected at most 2147483639 bytes of data"),
                Arguments.of("gzip cut off", Arrays.copyOf(zipped, zipped.length - 12), "complete gzip stream"),
                Arguments.of(
                        "gzip without its trailer", Arrays.copyOf(zipped, zipped.length - 4), "complete gzip stream"),
                Arguments.of("gzip with a wrong checksum", flipped, "sound gzip stream, found damaged data"),
                Arguments.of("gzip of an unknown method", brokenHeader, "a damaged gzip header"),
                Arguments.of("gzip header only", Arrays.copyOf(zipped, 5), "a damaged gzip header"),
                Arguments.of("gzip with a bad block", brokenBlock, "sound gzip stream, found damaged data"),
                Arguments.of(
                        "gzip promising two gigabytes",
                        Fixtures.gzip(Fixtures.binary(new int[] {IMAGES, 2_000_000, 32, 32}, new byte[100])),
                        "found the end of the file after 116 bytes"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damagedImageFiles")
    void damagedImageFilesAreNamed(String what, byte[] bytes, String message) throws IOException {
        Path images = Files.write(folder.resolve("train-images"), bytes);
        Path labels = Files.write(folder.resolve("train-labels"), Fixtures.binary(new int[] {LABELS, 3}, new byte[3]));

        assertThatThrownBy(() -> LabelledImages.readIdx(images, labels))
                .as(what)
                .isInstanceOf(MalformedDataException.class)
                .hasMessageStartingWith(images.toString())
                .hasMessageContaining("expected")
                .hasMessageContaining(message);
    }

    static Stream<Arguments> damagedLabelFiles() {
        return Stream.of(
                Arguments.of(
                        "images instead of labels",
                        Fixtures.binary(new int[] {IMAGES, 3, 2, 2}, new byte[12]),
                        "found an IDX image file"),
                Arguments.of("truncated", Fixtures.binary(new int[] {LABELS, 3}, new byte[2]), "after 10 bytes"),
                Arguments.of(
                        "too long", Fixtures.binary(new int[] {LABELS, 3}, new byte[4]), "more data after byte 11"),
                Arguments.of(
                        "another count",
                        Fixtures.binary(new int[] {LABELS, 4}, new byte[4]),
                        "expected 3 labels, one for each image of"),
                Arguments.of(
                        "a label out of range",
                        Fixtures.binary(new int[] {LABELS, 3}, (byte) 0, (byte) 10, (byte) 1),
                        "expected labels 0 to 9, found label 10 at index 1"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damagedLabelFiles")
    void damagedLabelFilesAreNamed(String what, byte[] bytes, String message) throws IOException {
        Path images =
                Files.write(folder.resolve("train-images"), Fixtures.binary(new int[] {IMAGES, 3, 2, 2}, new byte[12]));
        Path labels = Files.write(folder.resolve("train-labels"), bytes);

        assertThatThrownBy(() -> LabelledImages.readIdx(images, labels, 10))
                .as(what)
                .isInstanceOfSatisfying(
                        MalformedDataException.class, e -> assertThat(e.file()).isEqualTo(labels.toString()))
                .hasMessageContaining(message);
    }

    static Stream<Arguments> damagedCifarFiles() {
        byte[] wrongLabel = new byte[2 * 3073];
        wrongLabel[3073] = 10;
        return Stream.of(
                Arguments.of("empty", new byte[0], "found an empty file"),
                Arguments.of(
                        "truncated", new byte[3073 * 300 + 17], "found the end of the file 17 bytes into record 300"),
                Arguments.of("CIFAR-100", new byte[3074 * 3], "3 bytes into record 3"),
                Arguments.of("a label out of range", wrongLabel, "expected labels 0 to 9"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damagedCifarFiles")
    void damagedCifarFilesAreNamed(String what, byte[] bytes, String message) throws IOException {
        Path file = Files.write(folder.resolve("data_batch_1.bin"), bytes);

        assertThatThrownBy(() -> LabelledImages.readCifar10(List.of(file)))
                .as(what)
                .isInstanceOf(MalformedDataException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message);
    }

    @Test
    void cifar100ChecksBothLabels() throws IOException {
        byte[] record = new byte[3074];
        record[0] = 20;
        Path file = Files.write(folder.resolve("train.bin"), record);
        assertThatThrownBy(() -> LabelledImages.readCifar100(file, CifarLabels.FINE))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("labels 0 to 19 at byte 0");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> LabelledImages.readCifar10(List.of(folder.resolve("nothing"))))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("nothing");
        assertThatIllegalArgumentException().isThrownBy(() -> LabelledImages.readCifar10(List.of()));
    }
}
