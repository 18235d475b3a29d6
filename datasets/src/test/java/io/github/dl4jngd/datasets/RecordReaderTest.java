package io.github.dl4jngd.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import org.datavec.api.conf.Configuration;
import org.datavec.api.records.Record;
import org.datavec.api.records.metadata.RecordMetaData;
import org.datavec.api.records.reader.RecordReader;
import org.datavec.api.split.CollectionInputSplit;
import org.datavec.api.split.FileSplit;
import org.datavec.api.writable.IntWritable;
import org.datavec.api.writable.NDArrayWritable;
import org.datavec.api.writable.Writable;
import org.deeplearning4j.datasets.datavec.RecordReaderDataSetIterator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

class RecordReaderTest {

    @TempDir
    Path folder;

    private final LabelledImages digits = Fixtures.images(30, 28, 1, 10, 1);
    private final LabelledImages photographs = Fixtures.images(30, 32, 3, 10, 2);
    private Path idx;
    private Path cifar;

    @BeforeEach
    void writeFiles() throws Exception {
        idx = Files.createDirectory(folder.resolve("idx"));
        cifar = Files.createDirectory(folder.resolve("cifar"));
        digits.writeIdx(idx.resolve("train-images-idx3-ubyte.gz"), idx.resolve("train-labels-idx1-ubyte"));
        photographs.writeCifar(cifar.resolve("a.bin"));
        photographs.writeCifar(cifar.resolve("b.bin.gz"));
    }

    @Test
    void idxRecordsAreFeaturesAndLabel() throws Exception {
        try (RecordReader reader = new IdxRecordReader()) {
            reader.initialize(new FileSplit(idx.toFile()));
            int count = 0;
            while (reader.hasNext()) {
                List<Writable> record = reader.next();
                INDArray features = ((NDArrayWritable) record.get(0)).get();
                assertThat(features.shape()).containsExactly(1, 1, 28, 28);
                assertThat(features.getInt(0, 0, 3, 4)).isEqualTo(digits.pixel(count, 0, 3, 4));
                assertThat(((IntWritable) record.get(1)).get()).isEqualTo(digits.label(count));
                count++;
            }
            assertThat(count).isEqualTo(30);
            assertThat(reader.getLabels()).hasSize(10);
            assertThatThrownBy(reader::next).isInstanceOf(NoSuchElementException.class);
            reader.reset();
            assertThat(reader.next(50)).hasSize(30);
        }
    }

    @Test
    void idxFilesMayBeNamedByTheConfiguration() throws Exception {
        Configuration conf = new Configuration();
        conf.set(
                IdxRecordReader.IMAGES,
                idx.resolve("train-images-idx3-ubyte.gz").toUri().toString());
        conf.set(
                IdxRecordReader.LABELS,
                idx.resolve("train-labels-idx1-ubyte").toUri().toString());
        conf.setInt(IdxRecordReader.CLASSES, 12);
        IdxRecordReader reader = new IdxRecordReader(Layout.FLAT);
        reader.initialize(conf, null);
        assertThat(((NDArrayWritable) reader.next().get(0)).get().shape()).containsExactly(1, 784);
        assertThat(reader.getLabels()).hasSize(12);
        assertThat(reader.getConf()).isSameAs(conf);
    }

    @Test
    void idxPairsAreFoundByName() throws Exception {
        digits.limit(5).writeIdx(idx.resolve("t10k-images-idx3-ubyte"), idx.resolve("t10k-labels-idx1-ubyte.gz"));
        IdxRecordReader reader = new IdxRecordReader();
        reader.initialize(new FileSplit(idx.toFile()));
        assertThat(reader.next(100)).hasSize(35);

        Files.move(idx.resolve("t10k-labels-idx1-ubyte.gz"), idx.resolve("others"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reader.initialize(new FileSplit(idx.toFile())))
                .withMessageContaining("no label file for")
                .withMessageContaining("t10k-labels-idx1-ubyte.gz");
    }

    @Test
    void idxRefusesOtherFiles() throws Exception {
        Files.write(idx.resolve("notes.txt"), "no data".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThatThrownBy(() -> new IdxRecordReader().initialize(new FileSplit(idx.toFile())))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("notes.txt")
                .hasMessageContaining("an IDX image or label file");
    }

    @Test
    void cifarReadsAllFilesOfTheSplit() throws Exception {
        CifarRecordReader reader = new CifarRecordReader();
        reader.initialize(new FileSplit(cifar.toFile()));
        List<List<Writable>> records = reader.next(100);
        assertThat(records).hasSize(60);
        assertThat(((NDArrayWritable) records.get(31).get(0)).get().getInt(0, 2, 5, 6))
                .isEqualTo(photographs.pixel(1, 2, 5, 6));
    }

    @Test
    void metaDataLeadsBackToTheRecord() throws Exception {
        CifarRecordReader reader = new CifarRecordReader();
        reader.initialize(new FileSplit(cifar.toFile()));
        List<RecordMetaData> metaData = new ArrayList<>();
        List<Record> records = new ArrayList<>();
        while (reader.hasNext()) {
            records.add(reader.nextRecord());
            metaData.add(records.get(records.size() - 1).getMetaData());
        }
        List<Record> loaded = reader.loadFromMetaData(metaData);
        for (int i = 0; i < records.size(); i++) {
            assertThat(loaded.get(i).getRecord()).isEqualTo(records.get(i).getRecord());
        }
        assertThat(reader.loadFromMetaData(metaData.get(45)).getRecord())
                .isEqualTo(records.get(45).getRecord());
        assertThat(metaData.get(45).getURI().toString()).endsWith("b.bin.gz");

        CifarRecordReader other = new CifarRecordReader();
        other.initialize(new CollectionInputSplit(List.of(cifar.resolve("a.bin").toUri())));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> other.loadFromMetaData(metaData.get(45)))
                .withMessageContaining("not among the files");
    }

    @Test
    void cifar100FormatsAreChosenByConstructorOrConfiguration() throws Exception {
        LabelledImages hundred = Fixtures.images(120, 32, 3, 100, 3);
        Path file = folder.resolve("train.bin");
        hundred.writeCifar(file);
        CifarRecordReader fine = new CifarRecordReader(Layout.FLAT, CifarLabels.FINE);
        fine.initialize(new FileSplit(file.toFile()));
        assertThat(fine.next(120).get(99).get(1).toInt()).isEqualTo(99);

        Configuration conf = new Configuration();
        conf.set(CifarRecordReader.FORMAT, "cifar100-coarse");
        CifarRecordReader coarse = new CifarRecordReader();
        coarse.initialize(conf, new FileSplit(file.toFile()));
        assertThat(coarse.next(120).get(99).get(1).toInt()).isEqualTo(19);

        conf.set(CifarRecordReader.FORMAT, "cifar1000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> coarse.setConf(conf))
                .withMessageContaining("cifar1000");
    }

    @Test
    void cifarReadsSingleRecordsFromAStream() throws Exception {
        byte[] bytes = Files.readAllBytes(cifar.resolve("a.bin"));
        CifarRecordReader reader = new CifarRecordReader();
        DataInputStream stream = new DataInputStream(new ByteArrayInputStream(bytes));
        reader.record(folder.toUri(), stream);
        List<Writable> second = reader.record(folder.toUri(), stream);
        assertThat(second.get(1).toInt()).isEqualTo(1);
        assertThat(((NDArrayWritable) second.get(0)).get().getInt(0, 1, 0, 0)).isEqualTo(photographs.pixel(1, 1, 0, 0));
        DataInputStream cut = new DataInputStream(new ByteArrayInputStream(Arrays.copyOf(bytes, 99)));
        assertThatThrownBy(() -> reader.record(folder.toUri(), cut))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("99 bytes");
        assertThatThrownBy(() -> new IdxRecordReader().record(folder.toUri(), stream))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void deeplearning4jsOwnIteratorTakesTheReaders() throws Exception {
        CifarRecordReader reader = new CifarRecordReader();
        reader.initialize(new FileSplit(cifar.toFile()));
        check(new RecordReaderDataSetIterator(reader, 8, 1, 10), photographs, 60, 3, 32);
        IdxRecordReader idxReader = new IdxRecordReader();
        idxReader.initialize(new FileSplit(idx.toFile()));
        check(new RecordReaderDataSetIterator(idxReader, 8, 1, 10), digits, 30, 1, 28);
    }

    private static void check(DataSetIterator iterator, LabelledImages images, int total, int channels, int side) {
        for (int epoch = 0; epoch < 2; epoch++) {
            int count = 0;
            while (iterator.hasNext()) {
                DataSet batch = iterator.next();
                for (int i = 0; i < batch.getFeatures().size(0); i++, count++) {
                    int image = count % images.count();
                    assertThat(batch.getFeatures().slice(i).shape()).containsExactly(channels, side, side);
                    assertThat(batch.getFeatures().getInt(i, channels - 1, 2, 3))
                            .isEqualTo(images.pixel(image, channels - 1, 2, 3));
                    assertThat(batch.getLabels().getDouble(i, images.label(image)))
                            .isEqualTo(1.0);
                    assertThat(batch.getLabels().size(1)).isEqualTo(10);
                }
            }
            assertThat(count).isEqualTo(total);
            iterator.reset();
        }
    }
}
