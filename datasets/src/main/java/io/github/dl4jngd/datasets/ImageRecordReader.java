package io.github.dl4jngd.datasets;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.datavec.api.conf.Configuration;
import org.datavec.api.records.Record;
import org.datavec.api.records.metadata.RecordMetaData;
import org.datavec.api.records.metadata.RecordMetaDataIndex;
import org.datavec.api.records.reader.BaseRecordReader;
import org.datavec.api.split.InputSplit;
import org.datavec.api.writable.IntWritable;
import org.datavec.api.writable.NDArrayWritable;
import org.datavec.api.writable.Writable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What the two record readers share: they read their files when initialised and serve records from memory. */
abstract class ImageRecordReader extends BaseRecordReader {

    private static final long serialVersionUID = 1L;

    /** A file and its images. */
    record Part(URI uri, LabelledImages images) implements java.io.Serializable {
        private static final long serialVersionUID = 1L;
    }

    private final Layout layout;
    private ArrayList<Part> parts = new ArrayList<>();
    private int part;
    private int image;

    @SuppressWarnings("serial") // Hadoop's idea of a configuration, not serialised
    private transient Configuration conf;

    ImageRecordReader(Layout layout) {
        this.layout = layout;
    }

    /** Reads what the split and the configuration (may be null) name. */
    abstract List<Part> read(InputSplit split) throws IOException;

    @Override
    public void initialize(InputSplit split) throws IOException, InterruptedException {
        super.initialize(split);
        parts = new ArrayList<>(read(split));
        reset();
    }

    @Override
    public void initialize(Configuration configuration, InputSplit split) throws IOException, InterruptedException {
        setConf(configuration);
        initialize(split);
    }

    /** Opens a location of a split; the caller closes it. */
    final BinaryInput open(URI uri) throws IOException {
        return BinaryInput.of(uri.toString(), streamCreatorFn.apply(uri));
    }

    @Override
    public boolean hasNext() {
        return part < parts.size();
    }

    @Override
    public List<Writable> next() {
        List<Writable> next = peek();
        advance();
        return next;
    }

    @Override
    public boolean batchesSupported() {
        return true;
    }

    @Override
    public List<List<Writable>> next(int num) {
        List<List<Writable>> batch = new ArrayList<>();
        while (batch.size() < num && hasNext()) {
            batch.add(next());
        }
        return batch;
    }

    @Override
    public Record nextRecord() {
        List<Writable> next = peek();
        RecordMetaData metaData = new RecordMetaDataIndex(image, parts.get(part).uri(), getClass());
        advance();
        return new org.datavec.api.records.impl.Record(next, metaData);
    }

    @Override
    public Record loadFromMetaData(RecordMetaData metaData) throws IOException {
        return loadFromMetaData(List.of(metaData)).get(0);
    }

    @Override
    public List<Record> loadFromMetaData(List<RecordMetaData> metaData) throws IOException {
        List<Record> records = new ArrayList<>();
        for (RecordMetaData wanted : metaData) {
            if (!(wanted instanceof RecordMetaDataIndex index)) {
                throw new IllegalArgumentException(
                        "meta data of this reader's nextRecord() is needed (RecordMetaDataIndex), got " + wanted);
            }
            LabelledImages images = parts.stream()
                    .filter(candidate -> candidate.uri().equals(index.getURI()))
                    .findFirst()
                    .map(Part::images)
                    .orElseThrow(() -> new IllegalArgumentException(
                            index.getURI() + " is not among the files that this reader was initialised with"));
            if (index.getIndex() < 0 || index.getIndex() >= images.count()) {
                throw new IllegalArgumentException(
                        index.getURI() + " has records 0 to " + (images.count() - 1) + ", not " + index.getIndex());
            }
            records.add(new org.datavec.api.records.impl.Record(record(images, (int) index.getIndex()), wanted));
        }
        return records;
    }

    /** Names of the classes. */
    @Override
    public List<String> getLabels() {
        return parts.isEmpty() ? List.of() : parts.get(0).images().classNames();
    }

    @Override
    public void reset() {
        part = 0;
        image = 0;
    }

    @Override
    public boolean resetSupported() {
        return true;
    }

    @Override
    public void setConf(Configuration configuration) {
        conf = configuration;
    }

    @Override
    public Configuration getConf() {
        return conf;
    }

    @Override
    public void close() {
        // Files are closed as soon as they are read.
    }

    /** Features [1, C, H, W] or [1, C·H·W] of the pixel values 0 … 255, and the label. */
    final List<Writable> record(LabelledImages images, int index) {
        float[] values = new float[images.pixelsPerImage()];
        byte[] pixels = images.rawPixels();
        int offset = images.rawOffset(index);
        for (int p = 0; p < values.length; p++) {
            values[p] = pixels[offset + p] & 0xff;
        }
        INDArray flat = Nd4j.createFromArray(values);
        INDArray features = layout == Layout.FLAT
                ? flat.reshape('c', 1, values.length)
                : flat.reshape('c', 1, images.channels(), images.height(), images.width());
        List<Writable> record = new ArrayList<>();
        record.add(new NDArrayWritable(features));
        record.add(new IntWritable(images.label(index)));
        return record;
    }

    private List<Writable> peek() {
        if (!hasNext()) {
            throw new NoSuchElementException(
                    parts.isEmpty() ? "the reader was not initialised" : "all records were read; reset() starts again");
        }
        Part current = parts.get(part);
        List<Writable> record = record(current.images(), image);
        invokeListeners(record);
        return record;
    }

    private void advance() {
        image++;
        if (image == parts.get(part).images().count()) {
            part++;
            image = 0;
        }
    }
}
