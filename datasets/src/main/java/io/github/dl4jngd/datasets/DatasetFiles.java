package io.github.dl4jngd.datasets;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The files of a data set, found below a directory. */
final class DatasetFiles {

    private final ImageDataset dataset;
    private final Path folder;
    private final List<Path> train;
    private final List<Path> test;

    private DatasetFiles(ImageDataset dataset, Path folder, List<Path> train, List<Path> test) {
        this.dataset = dataset;
        this.folder = folder;
        this.train = train;
        this.test = test;
    }

    Path folder() {
        return folder;
    }

    /** Looks in the data set's own folder, in the folder its archive unpacks to, and in the directory itself. */
    static Optional<DatasetFiles> locate(ImageDataset dataset, Path directory) {
        for (Path folder : folders(dataset, directory)) {
            List<Path> train = found(folder, trainNames(dataset));
            List<Path> test = found(folder, testNames(dataset));
            int needed =
                    dataset == ImageDataset.CIFAR_10 ? 1 : trainNames(dataset).size();
            if (train.size() >= needed && test.size() == testNames(dataset).size()) {
                return Optional.of(new DatasetFiles(dataset, folder, train, test));
            }
        }
        return Optional.empty();
    }

    /** What {@link #locate} looks for, for messages. */
    static String lookedFor(ImageDataset dataset, Path directory) {
        List<String> names = new ArrayList<>(trainNames(dataset));
        names.addAll(testNames(dataset));
        return "%s (each with or without .gz%s) in %s"
                .formatted(
                        String.join(", ", names),
                        dataset == ImageDataset.CIFAR_10 ? ", at least one data_batch" : "",
                        String.join(
                                " or ",
                                folders(dataset, directory).stream()
                                        .map(Path::toString)
                                        .toList()));
    }

    LabelledImages readTrain() throws IOException {
        return read(train);
    }

    LabelledImages readTest() throws IOException {
        return read(test);
    }

    private LabelledImages read(List<Path> files) throws IOException {
        LabelledImages images =
                switch (dataset) {
                    case MNIST, FASHION_MNIST -> LabelledImages.readIdx(files.get(0), files.get(1), dataset.classes());
                    case CIFAR_10 -> LabelledImages.readCifar10(files);
                    case CIFAR_100 -> LabelledImages.readCifar100(files.get(0), CifarLabels.FINE);
                };
        if (images.height() != dataset.height() || images.width() != dataset.width()) {
            throw new MalformedDataException(
                    files.get(0).toString(),
                    "%s images of %d×%d".formatted(dataset.displayName(), dataset.height(), dataset.width()),
                    "images of %d×%d".formatted(images.height(), images.width()));
        }
        return images.named(dataset.classNames());
    }

    private static Set<Path> folders(ImageDataset dataset, Path directory) {
        Set<Path> folders = new LinkedHashSet<>();
        folders.add(directory.resolve(dataset.folder()));
        switch (dataset) {
            case CIFAR_10 -> folders.add(directory.resolve("cifar-10-batches-bin"));
            case CIFAR_100 -> folders.add(directory.resolve("cifar-100-binary"));
            case MNIST, FASHION_MNIST -> {}
        }
        folders.add(directory);
        return folders;
    }

    private static List<String> trainNames(ImageDataset dataset) {
        return switch (dataset) {
            case MNIST, FASHION_MNIST -> List.of("train-images-idx3-ubyte", "train-labels-idx1-ubyte");
            case CIFAR_10 ->
                List.of(
                        "data_batch_1.bin",
                        "data_batch_2.bin",
                        "data_batch_3.bin",
                        "data_batch_4.bin",
                        "data_batch_5.bin");
            case CIFAR_100 -> List.of("train.bin");
        };
    }

    private static List<String> testNames(ImageDataset dataset) {
        return switch (dataset) {
            case MNIST, FASHION_MNIST -> List.of("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");
            case CIFAR_10 -> List.of("test_batch.bin");
            case CIFAR_100 -> List.of("test.bin");
        };
    }

    private static List<Path> found(Path folder, List<String> names) {
        List<Path> found = new ArrayList<>();
        for (String name : names) {
            // Some tools unpack "…-idx3-ubyte" as "….idx3-ubyte".
            String dotted = name.replace("-idx", ".idx");
            for (String candidate : new String[] {name, name + ".gz", dotted, dotted + ".gz"}) {
                if (Files.isRegularFile(folder.resolve(candidate))) {
                    found.add(folder.resolve(candidate));
                    break;
                }
            }
        }
        return found;
    }
}
