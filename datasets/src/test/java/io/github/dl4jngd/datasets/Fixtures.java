package io.github.dl4jngd.datasets;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;

/** Files and images made up for tests, from a seed. */
final class Fixtures {

    private Fixtures() {}

    /** Random pixels; image i has label i mod classes. */
    static LabelledImages images(int count, int side, int channels, int classes, long seed) {
        byte[] pixels = new byte[count * side * side * channels];
        new Random(seed).nextBytes(pixels);
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = i % classes;
        }
        return LabelledImages.of(side, side, channels, classes, pixels, labels);
    }

    /** Big-endian integers, then bytes. */
    static byte[] binary(int[] header, byte... body) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            for (int value : header) {
                out.writeInt(value);
            }
            out.write(body);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes that differ from their neighbours. */
    static byte[] pattern(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (37 * i);
        }
        return bytes;
    }

    static byte[] gzip(byte[] bytes) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                gzip.write(bytes);
            }
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String md5(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes a small data set in its files; suffix "" or ".gz". */
    static void write(ImageDataset dataset, Path folder, int train, int test, String suffix) throws IOException {
        Files.createDirectories(folder);
        LabelledImages trainImages = SyntheticImages.train(dataset, train, 7);
        LabelledImages testImages = SyntheticImages.test(dataset, test, 7);
        if (dataset.isIdx()) {
            trainImages.writeIdx(
                    folder.resolve("train-images-idx3-ubyte" + suffix),
                    folder.resolve("train-labels-idx1-ubyte" + suffix));
            testImages.writeIdx(
                    folder.resolve("t10k-images-idx3-ubyte" + suffix),
                    folder.resolve("t10k-labels-idx1-ubyte" + suffix));
        } else if (dataset == ImageDataset.CIFAR_10) {
            trainImages.writeCifar(folder.resolve("data_batch_1.bin" + suffix));
            testImages.writeCifar(folder.resolve("test_batch.bin" + suffix));
        } else {
            trainImages.writeCifar(folder.resolve("train.bin" + suffix));
            testImages.writeCifar(folder.resolve("test.bin" + suffix));
        }
    }

    /** The folder of real data, or the test is skipped. */
    static Path realData() {
        String variable = System.getenv("NGD_DATA");
        Path folder = variable == null ? Path.of("..", "..", "shared", "data") : Path.of(variable);
        Assumptions.assumeTrue(
                Files.isDirectory(folder), "no real data: set NGD_DATA to a directory with mnist/ and cifar10/");
        return folder;
    }
}
