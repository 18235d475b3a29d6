package io.github.dl4jngd.datasets;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds a data set. It looks, in this order, in
 *
 * <ol>
 *   <li>the directory given with {@link Builder#data(Path)}: what is missing there is an error, never silently
 *   replaced;
 *   <li>the directory in the environment variable {@code NGD_DATA}: what is missing there is warned about;
 *   <li>the cache, {@code ~/.cache/dl4j-ngd} unless {@link Builder#cache(Path)} names another folder;
 *   <li>the data set's public mirrors, unless offline ({@link Builder#offline(boolean)} or {@code NGD_OFFLINE=1}), from
 *       where it goes to the cache;
 *   <li>otherwise it draws {@link SyntheticImages synthetic images} of the same shape, and says so in one warning
 *       (SLF4J, unless {@link Builder#announce(boolean)} is false) and in {@link LoadedDataset#origin()}.
 * </ol>
 *
 * <p><b>Layout of a directory.</b> The files lie in a folder {@code mnist}, {@code fashion-mnist}, {@code cifar10} or
 * {@code cifar100} (or {@code cifar-10-batches-bin}, {@code cifar-100-binary}), or in the directory itself, each with
 * its official name, gzipped ({@code .gz}) or not. MNIST and Fashion-MNIST call their files the same: keep them in
 * their folders. Of CIFAR-10's five training files those that are present are read. Such files are checked for format
 * and consistency, not for being the official ones.
 *
 * <p><b>Downloads</b> are checked against the published MD5 checksums: of the uncompressed files for MNIST, of the
 * gzipped files for Fashion-MNIST, of the tar.gz archives for CIFAR-10 and CIFAR-100, where no others are published. A
 * file is moved to its name in the cache only after that check; an interrupted download is continued or started again
 * by the next run. A mirror that cannot be reached is given up after a few seconds.
 */
public final class DatasetLoader {

    /** The environment variable that names a directory with data. */
    public static final String DATA_VARIABLE = "NGD_DATA";

    /** The environment variable that forbids downloads where it is 1 or true. */
    public static final String OFFLINE_VARIABLE = "NGD_OFFLINE";

    private static final Logger LOG = LoggerFactory.getLogger(DatasetLoader.class);

    private final ImageDataset dataset;
    private final Path data;
    private final DatasetCache cache;
    private final RemoteDataset remote;
    private final boolean officialCounts;
    private final boolean offline;
    private final boolean progress;
    private final boolean announce;
    private final Downloader.Limits limits;
    private final long seed;
    private final int syntheticTrain;
    private final int syntheticTest;
    private final UnaryOperator<String> environment;

    private DatasetLoader(Builder options) {
        this.dataset = options.dataset;
        this.data = options.data;
        this.cache = new DatasetCache(options.dataset, options.cache);
        this.remote = options.remote;
        this.officialCounts = options.officialCounts;
        this.offline = options.isOffline();
        this.progress = options.progress;
        this.announce = options.announce;
        this.limits = options.limits;
        this.seed = options.seed;
        this.syntheticTrain = options.syntheticTrain;
        this.syntheticTest = options.syntheticTest;
        this.environment = options.environment;
    }

    /**
     * Starts a configuration.
     *
     * @param dataset what to load
     * @return a builder with the defaults
     */
    public static Builder builder(ImageDataset dataset) {
        return new Builder(dataset);
    }

    /**
     * Finds and reads the data set.
     *
     * @return training and test images, and where they came from
     * @throws MalformedDataException where a file of the given directory or of {@code $NGD_DATA} is truncated, damaged
     *     or of another kind
     * @throws IOException where the given directory lacks the data set, a file cannot be read, or the thread is
     *     interrupted
     */
    public LoadedDataset load() throws IOException {
        if (data != null) {
            return read(explicitFiles(), "given with --data");
        }
        List<String> tried = new ArrayList<>();
        Optional<DatasetFiles> fromEnvironment = environmentFiles(tried);
        if (fromEnvironment.isPresent()) {
            return read(fromEnvironment.get(), "$" + DATA_VARIABLE);
        }
        Optional<LoadedDataset> cached = readCache(tried);
        if (cached.isPresent()) {
            return cached.get();
        }
        Optional<LoadedDataset> downloaded = download(tried);
        return downloaded.isPresent() ? downloaded.get() : synthesize(tried);
    }

    private DatasetFiles explicitFiles() throws IOException {
        if (!Files.isDirectory(data)) {
            throw new IOException("the data directory " + data + " does not exist or is no directory");
        }
        return DatasetFiles.locate(dataset, data)
                .orElseThrow(() -> new IOException("no complete " + dataset.displayName() + " found: looked for "
                        + DatasetFiles.lookedFor(dataset, data)));
    }

    private Optional<DatasetFiles> environmentFiles(List<String> tried) {
        String value = environment.apply(DATA_VARIABLE);
        if (value == null || value.isBlank()) {
            return Optional.empty();
        }
        Optional<DatasetFiles> found;
        String reason;
        try {
            Path directory = Path.of(value);
            found = DatasetFiles.locate(dataset, directory);
            reason = "looked for " + DatasetFiles.lookedFor(dataset, directory);
        } catch (InvalidPathException e) {
            found = Optional.empty();
            reason = e.getMessage();
        }
        if (found.isEmpty()) {
            LOG.warn("${} has no complete {}: {}", DATA_VARIABLE, dataset.displayName(), reason);
            tried.add("$" + DATA_VARIABLE + " (" + value + ") lacks it");
        }
        return found;
    }

    private Optional<LoadedDataset> readCache(List<String> tried) throws IOException {
        Optional<DatasetFiles> files = cache.find(remote);
        if (files.isEmpty()) {
            tried.add("the cache " + cache.folder() + " lacks it");
            return Optional.empty();
        }
        try {
            return Optional.of(readOfficial(files.get(), "cache"));
        } catch (MalformedDataException e) {
            LOG.warn("the cached {} is damaged and is removed: {}", dataset.displayName(), e.getMessage());
            tried.add("the cache " + cache.folder() + " was damaged");
            cache.discard(remote);
            return Optional.empty();
        }
    }

    private Optional<LoadedDataset> download(List<String> tried) throws InterruptedIOException {
        if (offline) {
            tried.add("downloads are switched off");
            return Optional.empty();
        }
        try {
            Downloader downloader = new Downloader(limits, progress);
            DatasetFiles files = cache.fetch(remote, downloader);
            return Optional.of(readOfficial(files, "downloaded"));
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            Downloader.throwIfInterrupted(e);
            LOG.debug("download of {} failed", dataset.displayName(), e);
            tried.add("the download failed (" + e.getMessage() + ")");
            return Optional.empty();
        }
    }

    private LoadedDataset synthesize(List<String> tried) throws IOException {
        LabelledImages train = SyntheticImages.train(dataset, syntheticTrain, seed);
        LabelledImages test = SyntheticImages.test(dataset, syntheticTest, seed);
        String origin = "Synthetic images instead of %s (%d training, %d test, seed %d): %s."
                .formatted(dataset.displayName(), train.count(), test.count(), seed, String.join(", ", tried));
        if (announce) {
            LOG.warn("{}", origin);
        }
        return new LoadedDataset(dataset, train, test, origin, true);
    }

    private LoadedDataset read(DatasetFiles files, String how) throws IOException {
        LabelledImages train = files.readTrain();
        LabelledImages test = files.readTest();
        String origin = "%s from %s (%s): %d training and %d test images."
                .formatted(dataset.displayName(), files.folder(), how, train.count(), test.count());
        if (announce) {
            LOG.info("{}", origin);
        }
        return new LoadedDataset(dataset, train, test, origin, false);
    }

    /** Files of the cache must be the official ones in number, too. */
    private LoadedDataset readOfficial(DatasetFiles files, String how) throws IOException {
        LoadedDataset loaded = read(files, how);
        int train = loaded.train().count();
        int test = loaded.test().count();
        if (officialCounts && (train != dataset.trainCount() || test != dataset.testCount())) {
            throw new MalformedDataException(
                    files.folder().toString(),
                    dataset.trainCount() + " training and " + dataset.testCount() + " test images",
                    train + " and " + test);
        }
        return loaded;
    }

    /** Configuration of a {@link DatasetLoader}. */
    public static final class Builder {

        /** Synthetic training images where no other number is given. */
        public static final int DEFAULT_SYNTHETIC_TRAIN = 12_000;

        /** Synthetic test images where no other number is given. */
        public static final int DEFAULT_SYNTHETIC_TEST = 2_000;

        private final ImageDataset dataset;
        private Path data;
        private Path cache = Path.of(System.getProperty("user.home"), ".cache", "dl4j-ngd");
        private long seed = 1L;
        private boolean progress;
        private boolean announce = true;
        private Boolean offline;
        private int syntheticTrain = DEFAULT_SYNTHETIC_TRAIN;
        private int syntheticTest = DEFAULT_SYNTHETIC_TEST;
        private UnaryOperator<String> environment = System::getenv;
        private RemoteDataset remote;
        private boolean officialCounts = true;
        private Downloader.Limits limits = Downloader.Limits.DEFAULT;

        private Builder(ImageDataset dataset) {
            this.dataset = Objects.requireNonNull(dataset, "dataset");
            this.remote = RemoteDataset.of(dataset);
        }

        /**
         * The directory to read from, and no other place.
         *
         * @param directory see the class comment for its layout; null (the default) to look elsewhere
         * @return this
         */
        public Builder data(Path directory) {
            this.data = directory;
            return this;
        }

        /**
         * Sets where downloads are kept.
         *
         * @param folder created where it does not exist; the default is {@code ~/.cache/dl4j-ngd}
         * @return this
         */
        public Builder cache(Path folder) {
            this.cache = Objects.requireNonNull(folder, "folder");
            return this;
        }

        /**
         * Determines synthetic images. Real ones do not depend on it.
         *
         * @param seed the default is 1
         * @return this
         */
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Shows a progress bar on standard error while downloading.
         *
         * @param progress the default is false
         * @return this
         */
        public Builder progress(boolean progress) {
            this.progress = progress;
            return this;
        }

        /**
         * Whether the log says where the images are from. A program that shows {@link LoadedDataset#origin()} itself
         * would say it twice.
         *
         * @param announce the default is true
         * @return this
         */
        public Builder announce(boolean announce) {
            this.announce = announce;
            return this;
        }

        /**
         * Whether to do without downloads.
         *
         * @param offline the default is what the environment variable {@code NGD_OFFLINE} says
         * @return this
         */
        public Builder offline(boolean offline) {
            this.offline = offline;
            return this;
        }

        /**
         * How many synthetic images to draw where nothing else is found.
         *
         * @param train training images; the default is {@value #DEFAULT_SYNTHETIC_TRAIN}
         * @param test test images; the default is {@value #DEFAULT_SYNTHETIC_TEST}
         * @return this
         */
        public Builder syntheticCounts(int train, int test) {
            this.syntheticTrain = train;
            this.syntheticTest = test;
            return this;
        }

        /** Replaces the environment, for tests. */
        Builder environment(UnaryOperator<String> environment) {
            this.environment = environment;
            return this;
        }

        /** Replaces what is downloaded, for tests: files of any count. */
        Builder remote(RemoteDataset remote, Downloader.Limits limits) {
            this.remote = remote;
            this.limits = limits;
            this.officialCounts = false;
            return this;
        }

        private boolean isOffline() {
            if (offline != null) {
                return offline;
            }
            String value = environment.apply(OFFLINE_VARIABLE);
            return "1".equals(value) || "true".equalsIgnoreCase(value);
        }

        /**
         * Checks the configuration.
         *
         * @return a loader; nothing is read yet
         * @throws IllegalArgumentException where a number of synthetic images is below 1
         */
        public DatasetLoader build() {
            if (syntheticTrain < 1 || syntheticTest < 1) {
                throw new IllegalArgumentException(
                        "there must be at least one synthetic image each for training and test, got " + syntheticTrain
                                + " and " + syntheticTest);
            }
            return new DatasetLoader(this);
        }
    }
}
