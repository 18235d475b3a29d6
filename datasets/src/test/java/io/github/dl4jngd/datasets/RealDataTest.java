package io.github.dl4jngd.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The real files, where a developer has them. */
class RealDataTest {

    @Test
    void mnistIsComplete() throws IOException {
        Path data = Fixtures.realData();
        Assumptions.assumeTrue(Files.isDirectory(data.resolve("mnist")), "no real MNIST");

        LoadedDataset mnist =
                DatasetLoader.builder(ImageDataset.MNIST).data(data).build().load();

        assertThat(mnist.synthetic()).isFalse();
        assertThat(mnist.train().count()).isEqualTo(60_000);
        assertThat(mnist.test().count()).isEqualTo(10_000);
        assertThat(histogram(mnist.train()))
                .containsExactly(5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949);
        assertThat(histogram(mnist.test())).containsExactly(980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009);
        assertThat(Arrays.copyOf(mnist.train().labels(), 5)).containsExactly(5, 0, 4, 1, 9);
    }

    @Test
    void mnistHasThePublishedChecksums() throws IOException {
        Path data = Fixtures.realData();
        for (RemoteFile file : RemoteDataset.of(ImageDataset.MNIST).files()) {
            Path path = data.resolve("mnist").resolve(file.name());
            Assumptions.assumeTrue(Files.isRegularFile(path), "no real MNIST");
            file.checksum().verify(path, path.toString(), file.maxBytes());
        }
    }

    @Test
    void cifar10SubsetIsBalanced() throws IOException {
        Path data = Fixtures.realData();
        Assumptions.assumeTrue(Files.isDirectory(data.resolve("cifar10")), "no real CIFAR-10");

        LoadedDataset cifar =
                DatasetLoader.builder(ImageDataset.CIFAR_10).data(data).build().load();

        int[] train = histogram(cifar.train());
        assertThat(train).containsOnly(cifar.train().count() / 10);
        assertThat(histogram(cifar.test())).containsOnly(cifar.test().count() / 10);
        assertThat(cifar.train().classNames()).first().isEqualTo("airplane");
    }

    private static int[] histogram(LabelledImages images) {
        int[] counts = new int[images.classes()];
        for (int label : images.labels()) {
            counts[label]++;
        }
        return counts;
    }
}
