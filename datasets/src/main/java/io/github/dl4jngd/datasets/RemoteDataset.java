package io.github.dl4jngd.datasets;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What to download for a data set.
 *
 * @param files the files
 * @param archiveEntries where the one file is a tar.gz: the entries to take out of it, with their sizes in bytes
 */
record RemoteDataset(List<RemoteFile> files, Map<String, Long> archiveEntries) {

    private static final List<String> MNIST = List.of(
            "https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/");
    private static final List<String> FASHION = List.of("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/");
    private static final List<String> CIFAR = List.of("https://www.cs.toronto.edu/~kriz/");

    private static final String[] IDX_FILES = {
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz"
    };
    /** Digests are those of the uncompressed files. */
    private static final String[] MNIST_MD5 = {
        "6bbc9ace898e44ae57da46a324031adb",
        "a25bea736e30d166cdddb491f175f624",
        "2646ac647ad5339dbf082846283269ea",
        "27ae3e4e09519cfbb04c329615203637"
    };
    /** Digests are those of the gzipped files: the project's page publishes no others. */
    private static final String[] FASHION_MD5 = {
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79",
        "bb300cfdad3c16e7a12a480ee83cd310"
    };
    /** Digests are those of the tar.gz archives: the data set's page publishes no others. */
    private static final String CIFAR_10_MD5 = "c32a1d4ab5d03f1284b67883e8d87530";

    private static final String CIFAR_100_MD5 = "03b5dce01913d631647c71ecec9e9cb8";

    private static final long MOST_BYTES = 256L << 20;

    RemoteDataset {
        files = List.copyOf(files);
        archiveEntries = new LinkedHashMap<>(archiveEntries);
    }

    static RemoteDataset of(ImageDataset dataset) {
        return switch (dataset) {
            case MNIST -> idx(MNIST, MNIST_MD5, Checksum.Scope.UNCOMPRESSED);
            case FASHION_MNIST -> idx(FASHION, FASHION_MD5, Checksum.Scope.STORED);
            case CIFAR_10 -> {
                Map<String, Long> entries = new LinkedHashMap<>();
                for (int i = 1; i <= 5; i++) {
                    entries.put("cifar-10-batches-bin/data_batch_" + i + ".bin", 30_730_000L);
                }
                entries.put("cifar-10-batches-bin/test_batch.bin", 30_730_000L);
                yield archive("cifar-10-binary.tar.gz", CIFAR_10_MD5, entries);
            }
            case CIFAR_100 ->
                archive(
                        "cifar-100-binary.tar.gz",
                        CIFAR_100_MD5,
                        Map.of("cifar-100-binary/train.bin", 153_700_000L, "cifar-100-binary/test.bin", 30_740_000L));
        };
    }

    private static RemoteDataset idx(List<String> mirrors, String[] md5, Checksum.Scope scope) {
        List<RemoteFile> files = new ArrayList<>();
        for (int i = 0; i < IDX_FILES.length; i++) {
            files.add(new RemoteFile(
                    IDX_FILES[i], resolve(mirrors, IDX_FILES[i]), new Checksum(md5[i], scope), MOST_BYTES));
        }
        return new RemoteDataset(files, Map.of());
    }

    private static RemoteDataset archive(String name, String md5, Map<String, Long> entries) {
        return new RemoteDataset(
                List.of(new RemoteFile(name, resolve(CIFAR, name), Checksum.stored(md5), MOST_BYTES)), entries);
    }

    private static List<URI> resolve(List<String> mirrors, String name) {
        return mirrors.stream().map(base -> URI.create(base + name)).toList();
    }
}
