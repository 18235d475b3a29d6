package io.github.dl4jngd.datasets;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.datavec.api.conf.Configuration;
import org.datavec.api.split.InputSplit;
import org.datavec.api.writable.Writable;

/**
 * DataVec reader of CIFAR-10 and CIFAR-100 binary files, gzipped or not.
 *
 * <p>A record is [features, label]: an NDArrayWritable of FLOAT pixel values 0 … 255, [1, 3, 32, 32] or [1, 3072], and
 * an IntWritable. The locations of the {@link InputSplit} are read in its order, when the reader is initialised;
 * records are then served from memory. The configuration key {@link #FORMAT} overrides the constructor's format.
 *
 * @serial exclude
 */
@SuppressWarnings("InvalidBlockTag") // @serial exclude is for classes, whatever Error Prone says
public final class CifarRecordReader extends ImageRecordReader {

    /** Configuration key: {@code cifar10}, {@code cifar100} (fine labels) or {@code cifar100-coarse}. */
    public static final String FORMAT = NAME_SPACE + ".cifar.format";

    private static final long serialVersionUID = 1L;

    private CifarFormat format;

    /** Reads CIFAR-10, features [1, 3, 32, 32]. */
    public CifarRecordReader() {
        this(Layout.CHANNELS_FIRST);
    }

    /**
     * Reads CIFAR-10.
     *
     * @param layout shape of the features
     */
    public CifarRecordReader(Layout layout) {
        super(layout);
        this.format = CifarFormat.CIFAR_10;
    }

    /**
     * Reads CIFAR-100.
     *
     * @param layout shape of the features
     * @param labels which label to keep
     */
    public CifarRecordReader(Layout layout, CifarLabels labels) {
        super(layout);
        this.format = CifarFormat.of(labels);
    }

    /** {@inheritDoc} */
    @Override
    public void setConf(Configuration configuration) {
        super.setConf(configuration);
        String name = configuration == null ? null : configuration.get(FORMAT);
        if (name != null) {
            format = switch (name) {
                case "cifar10" -> CifarFormat.CIFAR_10;
                case "cifar100" -> CifarFormat.CIFAR_100_FINE;
                case "cifar100-coarse" -> CifarFormat.CIFAR_100_COARSE;
                default ->
                    throw new IllegalArgumentException(
                            FORMAT + " must be cifar10, cifar100 or cifar100-coarse, got " + name);
            };
        }
    }

    @Override
    List<Part> read(InputSplit split) throws IOException {
        List<Part> parts = new ArrayList<>();
        for (URI uri : split.locations()) {
            try (BinaryInput in = open(uri)) {
                parts.add(new Part(uri, format.read(in)));
            }
        }
        return parts;
    }

    /**
     * Reads one record of a stream, which must not be gzipped.
     *
     * @param uri names the stream in errors
     * @param stream at the beginning of a record; left behind it
     * @return features and label
     * @throws MalformedDataException where the stream ends too early or the label is out of range
     */
    @Override
    public List<Writable> record(URI uri, DataInputStream stream) throws IOException {
        byte[] bytes = stream.readNBytes(format.recordBytes());
        return record(format.readRecord(String.valueOf(uri), bytes), 0);
    }
}
