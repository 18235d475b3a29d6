package io.github.dl4jngd.spark;

import io.github.dl4jngd.fisher.network.shard.LocalShards;
import io.github.dl4jngd.fisher.network.shard.Shard;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.nd4j.linalg.dataset.DataSet;
import scala.Tuple2;

/**
 * Data in shards of some hundred samples: numbered, each with the same samples whatever the number of partitions and
 * executors, read where they are worked on.
 *
 * <p>The driver holds indices and no data. {@link #persist()} keeps shards on executors; one that is lost is read
 * again.
 * Data without masks, of networks with one input and one output.
 */
public final class Shards {

    private static final String FILE = "shard-%06d.bin";

    private final JavaSparkContext spark;
    private final JavaRDD<StoredShard> shards;
    /** Null until it was asked for. */
    private Layout layout;

    /** Null until it was asked for. */
    private Shard example;

    /** Where shards lie, by their index. */
    static final class Layout {

        private final int[] partitions;
        private final long[] samples;

        private Layout(int count) {
            this.partitions = new int[count];
            this.samples = new long[count];
        }

        int partition(int shard) {
            return partitions[shard];
        }

        long samples(int shard) {
            return samples[shard];
        }
    }

    private Shards(JavaSparkContext spark, JavaRDD<StoredShard> shards) {
        this.spark = spark;
        this.shards = shards;
    }

    /**
     * Shards that a function reads.
     *
     * @param spark the context
     * @param count the number of shards
     * @param partitions the number of tasks a job has, such as the number of cores; no result depends on it
     * @param reader reads a shard, on executors
     * @return the shards; nothing is read yet
     */
    public static Shards of(JavaSparkContext spark, int count, int partitions, ShardReader reader) {
        if (count < 1 || partitions < 1) {
            throw new IllegalArgumentException(
                    "There must be at least one shard and one partition, got " + count + " and " + partitions);
        }
        List<Integer> indices = IntStream.range(0, count).boxed().toList();
        JavaRDD<StoredShard> shards = spark.parallelize(indices, Math.min(count, partitions))
                .map(index -> StoredShard.of(index, reader.read(index)));
        return new Shards(spark, shards);
    }

    /**
     * Shards of examples in their order: the elements' order in the RDD, and that of examples within an element. Moves
     * the data once, by a shuffle.
     *
     * @param examples data sets of one or more examples each; the RDD must give the same whenever it is computed
     * @param samples of a shard, the last of fewer where they do not come out even
     * @return the shards, in as many partitions as the RDD has
     */
    public static Shards of(JavaRDD<DataSet> examples, int samples) {
        if (samples < 1) {
            throw new IllegalArgumentException("A shard needs at least one sample, got " + samples);
        }
        JavaPairRDD<Integer, Tuple2<Long, StoredShard>> placed = examples.flatMap(
                        data -> singles(data).iterator())
                .zipWithIndex()
                .mapToPair(example -> new Tuple2<>(
                        Math.toIntExact(example._2() / samples), new Tuple2<>(example._2(), example._1())));
        JavaRDD<StoredShard> shards =
                placed.groupByKey(examples.getNumPartitions()).map(group -> merged(group._1(), group._2()));
        return new Shards(JavaSparkContext.fromSparkContext(examples.context()), shards);
    }

    private static List<StoredShard> singles(DataSet data) {
        return LocalShards.cut(data, 1).stream().map(StoredShard::of).toList();
    }

    private static StoredShard merged(int index, Iterable<Tuple2<Long, StoredShard>> examples) {
        List<Tuple2<Long, StoredShard>> ordered = new ArrayList<>();
        examples.forEach(ordered::add);
        ordered.sort(Comparator.comparing(Tuple2::_1));
        return StoredShard.of(
                index,
                DataSet.merge(
                        ordered.stream().map(example -> example._2().data()).toList()));
    }

    /**
     * Writes a data set as files, one a shard, that {@link #files} reads.
     *
     * @param data features and labels, without masks
     * @param samples of a shard
     * @param folder where every executor will find them under the same path; made where it is missing
     * @return the number of shards
     * @throws IOException when writing fails
     */
    public static int write(DataSet data, int samples, Path folder) throws IOException {
        Files.createDirectories(folder);
        List<Shard> shards = LocalShards.cut(data, samples);
        for (Shard shard : shards) {
            Path file = folder.resolve(String.format(Locale.ROOT, FILE, shard.index()));
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file));
                    ObjectOutputStream objects = new ObjectOutputStream(out)) {
                objects.writeObject(StoredShard.of(shard));
            }
        }
        return shards.size();
    }

    /**
     * Shards from the files of {@link #write}.
     *
     * @param spark the context
     * @param folder a path that driver and executors have in common: of this machine, or of a file system that is
     *     mounted everywhere
     * @param partitions the number of tasks a job has
     * @return the shards; nothing but the folder's list has been read
     * @throws IOException if there are none
     */
    public static Shards files(JavaSparkContext spark, Path folder, int partitions) throws IOException {
        int count;
        try (Stream<Path> files = Files.list(folder)) {
            count = Math.toIntExact(
                    files.filter(file -> file.getFileName().toString().matches("shard-\\d{6}\\.bin"))
                            .count());
        }
        if (count == 0) {
            throw new FileNotFoundException("There are no shards in " + folder + "; Shards.write makes some");
        }
        String path = folder.toAbsolutePath().toString();
        List<Integer> indices = IntStream.range(0, count).boxed().toList();
        return new Shards(
                spark, spark.parallelize(indices, Math.min(count, partitions)).map(index -> read(path, index)));
    }

    private static StoredShard read(String folder, int index) throws IOException, ClassNotFoundException {
        Path file = Path.of(folder, String.format(Locale.ROOT, FILE, index));
        try (ObjectInputStream objects = new ObjectInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            return (StoredShard) objects.readObject();
        }
    }

    /**
     * Keeps shards on executors once they have been read, in memory and, where that does not suffice, on their disks.
     *
     * @return this
     */
    public Shards persist() {
        shards.persist(StorageLevel.MEMORY_AND_DISK());
        return this;
    }

    /** Lets go of what {@link #persist()} keeps. */
    public void unpersist() {
        shards.unpersist(false);
    }

    /**
     * The same shards in other partitions. No result depends on them.
     *
     * @param partitions the number of tasks a job has
     * @return the shards, not persisted
     */
    public Shards partitions(int partitions) {
        return new Shards(spark, shards.repartition(partitions));
    }

    /**
     * The number of shards.
     *
     * @return at least 1; the first call reads all shards
     */
    public int count() {
        return layout().partitions.length;
    }

    /**
     * The number of samples.
     *
     * @return N; the first call reads all shards
     */
    public long samples() {
        long samples = 0;
        for (long own : layout().samples) {
            samples += own;
        }
        return samples;
    }

    /**
     * Minibatches of whole shards, in an order that is drawn anew in every epoch.
     *
     * @param samples about how many a minibatch has: as many shards as come next to it, at least one
     * @param seed of the orders
     * @return the minibatches of any number of epochs
     */
    public Minibatches minibatches(int samples, long seed) {
        if (samples < 1) {
            throw new IllegalArgumentException("A minibatch needs at least one sample, got " + samples);
        }
        double each = (double) samples() / count();
        return new Minibatches(this, (int) Math.max(1, Math.min(count(), Math.round(samples / each))), seed);
    }

    /** Shards that make up one step each, epoch by epoch. */
    public static final class Minibatches {

        private final Shards shards;
        private final int size;
        private final long seed;

        private Minibatches(Shards shards, int size, long seed) {
            this.shards = shards;
            this.size = size;
            this.seed = seed;
        }

        Shards shards() {
            return shards;
        }

        /**
         * The number of steps in an epoch.
         *
         * @return at least 1; the last has fewer shards where they do not come out even
         */
        public int steps() {
            return (shards.count() + size - 1) / size;
        }

        /**
         * An epoch's minibatches.
         *
         * @param epoch from 0
         * @return the indices of each one's shards; every shard is in one
         */
        public List<List<Integer>> epoch(int epoch) {
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, shards.count()).boxed().toList());
            Collections.shuffle(order, new Random(seed * 31 + epoch));
            List<List<Integer>> minibatches = new ArrayList<>();
            for (int from = 0; from < order.size(); from += size) {
                minibatches.add(List.copyOf(order.subList(from, Math.min(order.size(), from + size))));
            }
            return minibatches;
        }
    }

    JavaSparkContext spark() {
        return spark;
    }

    JavaRDD<StoredShard> rdd() {
        return shards;
    }

    /** The first sample. */
    Shard example() {
        if (example == null) {
            example = LocalShards.cut(shards.first().data(), 1).get(0);
        }
        return example;
    }

    /** Where shards lie, by a job that reads them. */
    Layout layout() {
        if (layout == null) {
            List<long[]> found = shards.mapPartitionsWithIndex(
                            (partition, own) -> {
                                List<long[]> lines = new ArrayList<>();
                                own.forEachRemaining(
                                        shard -> lines.add(new long[] {shard.index(), partition, shard.samples()}));
                                return lines.iterator();
                            },
                            true)
                    .collect();
            Layout lying = new Layout(found.size());
            for (long[] line : found) {
                int index = Math.toIntExact(line[0]);
                if (index >= found.size() || lying.samples[index] > 0) {
                    throw new IllegalStateException(
                            "Shard " + index + " of " + found.size()
                                    + " is there twice, or another is missing: the RDD must give the same whenever it is computed");
                }
                lying.partitions[index] = Math.toIntExact(line[1]);
                lying.samples[index] = line[2];
            }
            layout = lying;
        }
        return layout;
    }
}
