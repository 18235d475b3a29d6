package io.github.dl4jngd.cli.spectrum;

import io.github.dl4jngd.datasets.ImageDataset;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/**
 * The options of {@code ngd spectrum} that name a network of the user's. Where an option was not given, its field is
 * null.
 */
final class ModelOptions {

    /** What says how random networks are made, which means nothing of a given one. */
    static final List<String> CONTRADICTED = List.of(
            "--activation",
            "--weight-variance",
            "--bias-variance",
            "--no-bias",
            "--layers",
            "--dtype",
            "--width",
            "--outputs",
            "--normalization",
            "--seeds",
            "--quick");

    @Option(
            names = "--model",
            required = true,
            paramLabel = "FILE",
            description = {
                "A network, random or trained, in Deeplearning4j's format, such as 'ngd train' leaves (model-*.zip).",
                "Its matrix is that of its own loss at the first --samples training images."
            })
    private Path file;

    @Option(
            names = "--dataset",
            paramLabel = "NAME",
            completionCandidates = Names.class,
            converter = ByFolder.class,
            description = "Images for it: ${COMPLETION-CANDIDATES}. Default: by its first layer, mnist or cifar10.")
    private ImageDataset dataset;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = {
                "Folder with the data set's files.",
                "Default: $NGD_DATA, else the cache, else a download, else synthetic images."
            })
    private Path data;

    @Option(
            names = "--spark",
            paramLabel = "MASTER",
            description = {
                "Products with the matrix on Apache Spark: local[2], spark://HOST:PORT, … For many images; lambda_max and trace alone."
            })
    private String spark;

    @Option(
            names = "--spark-folder",
            paramLabel = "DIR",
            description =
                    "Folder that all machines find under this path, for the images. Default: a temporary one here.")
    private Path sparkFolder;

    private static List<String> names() {
        return Arrays.stream(ImageDataset.values()).map(ImageDataset::folder).toList();
    }

    /** For the help. */
    private static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return names().iterator();
        }
    }

    /** By the name of its folder. */
    private static final class ByFolder implements ITypeConverter<ImageDataset> {
        @Override
        public ImageDataset convert(String name) {
            return Arrays.stream(ImageDataset.values())
                    .filter(dataset -> dataset.folder().equalsIgnoreCase(name.strip()))
                    .findFirst()
                    .orElseThrow(() ->
                            new TypeConversionException("'" + name + "' is none of " + String.join(", ", names())));
        }
    }

    Path file() {
        return file;
    }

    /** The one asked for, or the one whose images fit. */
    ImageDataset dataset(ModelFile model) {
        return dataset != null ? dataset : model.dataset();
    }

    Path data() {
        return data;
    }

    /** Spark's master, or null for this machine alone. */
    String spark() {
        return spark;
    }

    Path sparkFolder() {
        return sparkFolder;
    }
}
