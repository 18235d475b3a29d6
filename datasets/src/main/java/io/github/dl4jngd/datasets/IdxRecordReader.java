package io.github.dl4jngd.datasets;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.datavec.api.conf.Configuration;
import org.datavec.api.split.InputSplit;
import org.datavec.api.writable.Writable;

/**
 * DataVec reader of IDX image files (MNIST, Fashion-MNIST) with their label files, gzipped or not.
 *
 * <p>A record is [features, label]: an NDArrayWritable of FLOAT pixel values 0 … 255, [1, 1, H, W] or [1, H·W], and an
 * IntWritable.
 *
 * <p>Each image file among the locations of the {@link InputSplit} (recognised by its magic number) is read with the
 * label file that is called the same with "labels" for "images" and "idx1" for "idx3", with or without {@code .gz};
 * where the split has one file of each kind, they belong together whatever they are called. The files are read when the
 * reader is initialised; records are then served from memory. The configuration keys {@link #IMAGES} and
 * {@link #LABELS} name two files instead of the split, which may then be null.
 *
 * @serial exclude
 */
@SuppressWarnings("InvalidBlockTag") // @serial exclude is for classes, whatever Error Prone says
public final class IdxRecordReader extends ImageRecordReader {

    /** Configuration key: URI of the image file. */
    public static final String IMAGES = NAME_SPACE + ".idx.images";

    /** Configuration key: URI of the label file. */
    public static final String LABELS = NAME_SPACE + ".idx.labels";

    /** Configuration key: number of classes; largest label plus one where absent. */
    public static final String CLASSES = NAME_SPACE + ".idx.classes";

    private static final long serialVersionUID = 1L;

    private int classes;

    /** Features [1, 1, H, W]. */
    public IdxRecordReader() {
        this(Layout.CHANNELS_FIRST);
    }

    /**
     * Chooses the shape of the features.
     *
     * @param layout shape of the features
     */
    public IdxRecordReader(Layout layout) {
        super(layout);
    }

    /** {@inheritDoc} */
    @Override
    public void setConf(Configuration configuration) {
        super.setConf(configuration);
        classes = configuration == null ? 0 : configuration.getInt(CLASSES, 0);
        if (classes < 0 || classes > 256) {
            throw new IllegalArgumentException(CLASSES + " must be between 1 and 256, got " + classes);
        }
    }

    @Override
    List<Part> read(InputSplit split) throws IOException {
        Configuration conf = getConf();
        if (conf != null && conf.get(IMAGES) != null) {
            if (conf.get(LABELS) == null) {
                throw new IllegalArgumentException(IMAGES + " is set and " + LABELS + " is not");
            }
            return List.of(read(URI.create(conf.get(IMAGES)), URI.create(conf.get(LABELS))));
        }
        List<URI> images = new ArrayList<>();
        List<URI> labels = new ArrayList<>();
        for (URI uri : split.locations()) {
            try (BinaryInput in = open(uri)) {
                if (IdxFormat.isImages(in)) {
                    images.add(uri);
                } else {
                    labels.add(uri);
                }
            }
        }
        List<Part> parts = new ArrayList<>();
        for (URI uri : images) {
            parts.add(read(uri, labelsOf(uri, images.size(), labels)));
        }
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("no IDX image file among " + List.of(split.locations()));
        }
        return parts;
    }

    private Part read(URI images, URI labels) throws IOException {
        try (BinaryInput imagesIn = open(images);
                BinaryInput labelsIn = open(labels)) {
            return new Part(images, IdxFormat.read(imagesIn, labelsIn, classes));
        }
    }

    private static URI labelsOf(URI images, int imageFiles, List<URI> labels) {
        String wanted = plainName(images).replace("images", "labels").replace("idx3", "idx1");
        for (URI candidate : labels) {
            if (plainName(candidate).equals(wanted)) {
                return candidate;
            }
        }
        if (imageFiles == 1 && labels.size() == 1) {
            return labels.get(0);
        }
        throw new IllegalArgumentException(
                "no label file for " + images + ": looked for " + wanted + " or " + wanted + ".gz in " + labels);
    }

    private static String plainName(URI uri) {
        String name = uri.toString();
        return name.toLowerCase(Locale.ROOT).endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    }

    /**
     * Not supported: an image and its label are in two files.
     *
     * @throws UnsupportedOperationException always
     */
    @Override
    public List<Writable> record(URI uri, DataInputStream stream) {
        throw new UnsupportedOperationException("an IDX record needs two files: initialise the reader with both");
    }
}
