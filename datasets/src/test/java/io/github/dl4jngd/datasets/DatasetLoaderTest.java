package io.github.dl4jngd.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.dl4jngd.datasets.FileServer.Behaviour;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

@Timeout(60)
class DatasetLoaderTest {

    private static final Downloader.Limits LIMITS =
            new Downloader.Limits(Duration.ofSeconds(2), Duration.ofSeconds(4), Duration.ofMillis(400));

    @TempDir
    Path temporary;

    private final Map<String, String> environment = new HashMap<>();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(DatasetLoader.class);

    @BeforeEach
    void listen() {
        logger.setLevel(Level.INFO);
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
        logger.setLevel(null);
    }

    @ParameterizedTest
    @EnumSource(ImageDataset.class)
    void readsADirectoryWithTheDatasetsFolder(ImageDataset dataset) throws IOException {
        Fixtures.write(dataset, temporary.resolve("data").resolve(dataset.folder()), 120, 110, ".gz");
        LoadedDataset loaded =
                loader(dataset).data(temporary.resolve("data")).build().load();
        check(loaded, dataset, 120, 110);
        assertThat(loaded.origin()).contains(dataset.folder()).contains("--data");
        assertThat(loaded.train().classNames()).isEqualTo(dataset.classNames());
    }

    @ParameterizedTest
    @EnumSource(ImageDataset.class)
    void readsADirectoryWithTheFilesThemselves(ImageDataset dataset) throws IOException {
        Fixtures.write(dataset, temporary.resolve("files"), 120, 110, "");
        check(loader(dataset).data(temporary.resolve("files")).build().load(), dataset, 120, 110);
    }

    @Test
    void readsUnpackedArchivesAndDottedNames() throws IOException {
        Fixtures.write(ImageDataset.CIFAR_100, temporary.resolve("cifar-100-binary"), 120, 110, "");
        check(loader(ImageDataset.CIFAR_100).data(temporary).build().load(), ImageDataset.CIFAR_100, 120, 110);

        Path mnist = temporary.resolve("mnist");
        Fixtures.write(ImageDataset.MNIST, mnist, 20, 10, "");
        try (Stream<Path> files = Files.list(mnist)) {
            for (Path file : files.toList()) {
                Files.move(file, mnist.resolve(file.getFileName().toString().replace("-idx", ".idx")));
            }
        }
        check(loader(ImageDataset.MNIST).data(temporary).build().load(), ImageDataset.MNIST, 20, 10);
    }

    @Test
    void readsAsManyCifarBatchesAsThereAre() throws IOException {
        Fixtures.write(ImageDataset.CIFAR_10, temporary, 20, 10, "");
        Files.copy(temporary.resolve("data_batch_1.bin"), temporary.resolve("data_batch_4.bin"));
        check(loader(ImageDataset.CIFAR_10).data(temporary).build().load(), ImageDataset.CIFAR_10, 40, 10);
    }

    @Test
    void anExplicitDirectoryIsNeverReplaced() throws IOException {
        Fixtures.write(ImageDataset.MNIST, temporary.resolve("mnist"), 20, 10, "");
        environment.put("NGD_DATA", temporary.toString());
        Path empty = Files.createDirectory(temporary.resolve("empty"));
        assertThatThrownBy(() -> loader(ImageDataset.MNIST).data(empty).build().load())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte")
                .hasMessageContaining(empty.resolve("mnist").toString());
        assertThatThrownBy(() -> loader(ImageDataset.MNIST)
                        .data(temporary.resolve("nowhere"))
                        .build()
                        .load())
                .hasMessageContaining("nowhere does not exist");
        Files.delete(temporary.resolve("mnist").resolve("t10k-labels-idx1-ubyte"));
        assertThatThrownBy(
                        () -> loader(ImageDataset.MNIST).data(temporary).build().load())
                .hasMessageContaining("no complete MNIST");
    }

    @Test
    void anExplicitDirectoryIsCheckedForShape() throws IOException {
        Fixtures.write(ImageDataset.MNIST, temporary, 20, 10, "");
        Fixtures.images(20, 27, 1, 10, 1)
                .writeIdx(temporary.resolve("train-images-idx3-ubyte"), temporary.resolve("train-labels-idx1-ubyte"));
        assertThatThrownBy(
                        () -> loader(ImageDataset.MNIST).data(temporary).build().load())
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("expected MNIST images of 28×28, found images of 27×27");
    }

    @Test
    void theEnvironmentsDirectoryComesNext() throws IOException {
        Fixtures.write(ImageDataset.MNIST, temporary.resolve("mnist"), 20, 10, "");
        environment.put("NGD_DATA", temporary.toString());
        LoadedDataset loaded = loader(ImageDataset.MNIST).build().load();
        check(loaded, ImageDataset.MNIST, 20, 10);
        assertThat(loaded.origin()).contains("$NGD_DATA");
    }

    @Test
    void whatTheEnvironmentsDirectoryLacksIsWarnedAbout() throws IOException {
        environment.put("NGD_DATA", temporary.toString());
        LoadedDataset loaded =
                loader(ImageDataset.FASHION_MNIST).offline(true).build().load();
        assertThat(loaded.synthetic()).isTrue();
        assertThat(warnings()).hasSize(2);
        assertThat(warnings().get(0)).contains("$NGD_DATA has no complete Fashion-MNIST");
    }

    @Test
    void damagedFilesOfTheEnvironmentsDirectoryAreAnError() throws IOException {
        Fixtures.write(ImageDataset.MNIST, temporary.resolve("mnist"), 20, 10, "");
        Files.write(temporary.resolve("mnist").resolve("t10k-images-idx3-ubyte"), new byte[3]);
        environment.put("NGD_DATA", temporary.toString());
        assertThatThrownBy(() -> loader(ImageDataset.MNIST).build().load())
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("t10k-images-idx3-ubyte");
    }

    @ParameterizedTest
    @EnumSource(ImageDataset.class)
    void withNothingElseImagesAreSyntheticAndOneLineSaysSo(ImageDataset dataset) throws IOException {
        LoadedDataset loaded = loader(dataset)
                .offline(true)
                .syntheticCounts(150, 100)
                .seed(9)
                .build()
                .load();
        assertThat(loaded.synthetic()).isTrue();
        assertThat(loaded.train().count()).isEqualTo(150);
        assertThat(loaded.train().pixels())
                .isEqualTo(SyntheticImages.train(dataset, 150, 9).pixels());
        assertThat(loaded.test().pixels())
                .isEqualTo(SyntheticImages.test(dataset, 100, 9).pixels());
        assertThat(loaded.origin())
                .startsWith("Synthetic images instead of " + dataset.displayName())
                .contains("downloads are switched off")
                .doesNotContain("\n");
        assertThat(warnings()).containsExactly(loaded.origin());
    }

    @Test
    void aProgramThatShowsTheOriginKeepsItOutOfTheLog() throws IOException {
        LoadedDataset loaded = loader(ImageDataset.MNIST)
                .offline(true)
                .syntheticCounts(20, 10)
                .announce(false)
                .build()
                .load();
        assertThat(loaded.origin()).startsWith("Synthetic images instead of MNIST");
        assertThat(warnings()).isEmpty();
    }

    @Test
    void theEnvironmentMayForbidDownloads() throws IOException {
        environment.put("NGD_OFFLINE", "1");
        try (FileServer server = new FileServer()) {
            RemoteDataset remote = mnist(server, Behaviour.SOUND);
            LoadedDataset loaded = DatasetLoader.builder(ImageDataset.MNIST)
                    .environment(environment::get)
                    .cache(temporary.resolve("cache"))
                    .syntheticCounts(10, 10)
                    .remote(remote, LIMITS)
                    .build()
                    .load();
            assertThat(loaded.synthetic()).isTrue();
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void downloadsToTheCacheOnce() throws IOException {
        try (FileServer server = new FileServer()) {
            RemoteDataset remote = mnist(server, Behaviour.SOUND);
            check(online(ImageDataset.MNIST, remote).build().load(), ImageDataset.MNIST, 30, 20);
            assertThat(server.requests()).hasSize(4);
            LoadedDataset again =
                    online(ImageDataset.MNIST, remote).offline(true).build().load();
            check(again, ImageDataset.MNIST, 30, 20);
            assertThat(again.origin()).contains("cache");
            assertThat(server.requests()).hasSize(4);
        }
    }

    @Test
    void aFailedDownloadLeavesNothingThatIsTrustedLater() throws IOException {
        try (FileServer server = new FileServer()) {
            RemoteDataset broken = mnist(server, Behaviour.STALLS);
            LoadedDataset loaded = online(ImageDataset.MNIST, broken).build().load();
            assertThat(loaded.synthetic()).isTrue();
            assertThat(loaded.origin()).contains("the download failed (http://localhost");
            assertThat(loaded.origin()).contains("nothing arrived");
            assertThat(online(ImageDataset.MNIST, broken)
                            .offline(true)
                            .build()
                            .load()
                            .synthetic())
                    .isTrue();

            RemoteDataset sound = mnist(server, Behaviour.SOUND);
            check(online(ImageDataset.MNIST, sound).build().load(), ImageDataset.MNIST, 30, 20);
        }
    }

    @Test
    void soundFilesOfAnotherChecksumAreNeverUsed() throws IOException {
        try (FileServer server = new FileServer()) {
            RemoteDataset official = mnist(server, Behaviour.SOUND);
            Path others = temporary.resolve("others");
            Fixtures.write(ImageDataset.MNIST, others, 31, 21, ".gz");
            for (RemoteFile file : official.files()) {
                server.serve(file.name(), Files.readAllBytes(others.resolve(file.name())), Behaviour.SOUND);
            }
            LoadedDataset loaded = online(ImageDataset.MNIST, official).build().load();
            assertThat(loaded.synthetic()).isTrue();
            assertThat(loaded.origin()).contains("expected MD5");
            assertThat(temporary.resolve("cache/mnist")).isDirectoryNotContaining("glob:*.gz*");
        }
    }

    @Test
    void progressGoesToStandardError() throws IOException {
        PrintStream standardError = System.err;
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        try (FileServer server = new FileServer();
                PrintStream replaced = new PrintStream(shown, true, StandardCharsets.UTF_8)) {
            System.setErr(replaced);
            online(ImageDataset.MNIST, mnist(server, Behaviour.SOUND))
                    .progress(true)
                    .build()
                    .load();
        } finally {
            System.setErr(standardError);
        }
        assertThat(shown.toString(StandardCharsets.UTF_8)).contains("train-images-idx3-ubyte.gz");
    }

    @Test
    void aDamagedCacheIsDownloadedAgain() throws IOException {
        try (FileServer server = new FileServer()) {
            RemoteDataset remote = mnist(server, Behaviour.SOUND);
            online(ImageDataset.MNIST, remote).build().load();
            Path file = temporary.resolve("cache").resolve("mnist").resolve("train-images-idx3-ubyte.gz");
            byte[] bytes = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(bytes, bytes.length - 10));
            check(online(ImageDataset.MNIST, remote).build().load(), ImageDataset.MNIST, 30, 20);
            assertThat(warnings()).hasSize(1);
            assertThat(warnings().get(0)).contains("damaged").contains(file.toString());
            assertThat(file).hasBinaryContent(bytes);
        }
    }

    @Test
    void aCacheOfOtherCountsIsNotTheOfficialOne() throws IOException {
        Fixtures.write(ImageDataset.MNIST, temporary.resolve("cache").resolve("mnist"), 20, 10, ".gz");
        LoadedDataset loaded = loader(ImageDataset.MNIST).offline(true).build().load();
        assertThat(loaded.synthetic()).isTrue();
        assertThat(warnings().get(0)).contains("expected 60000 training and 10000 test images, found 20 and 10");
    }

    @Test
    void downloadsAndUnpacksArchives() throws IOException {
        try (FileServer server = new FileServer()) {
            RemoteDataset remote = cifar100(server, cifar100(200, 100), Behaviour.BREAKS_OFF);
            check(online(ImageDataset.CIFAR_100, remote).build().load(), ImageDataset.CIFAR_100, 200, 100);
            assertThat(temporary.resolve("cache/cifar100/cifar.tar.gz")).doesNotExist();
            check(
                    online(ImageDataset.CIFAR_100, remote).offline(true).build().load(),
                    ImageDataset.CIFAR_100,
                    200,
                    100);
        }
    }

    @Test
    void anArchiveLeftInTheCacheIsCheckedAgain() throws IOException {
        byte[] archive = cifar100(200, 100);
        Path left = temporary.resolve("cache/cifar100/cifar.tar.gz");
        Files.createDirectories(left.getParent());
        try (FileServer server = new FileServer()) {
            RemoteDataset remote = cifar100(server, archive, Behaviour.SOUND);
            Files.write(left, cifar100(100, 200));
            check(online(ImageDataset.CIFAR_100, remote).build().load(), ImageDataset.CIFAR_100, 200, 100);
            assertThat(server.requests()).containsExactly("/cifar.tar.gz");

            Files.delete(temporary.resolve("cache/cifar100/train.bin"));
            Files.write(left, archive);
            check(online(ImageDataset.CIFAR_100, remote).build().load(), ImageDataset.CIFAR_100, 200, 100);
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void aCacheThatCannotBeWrittenIsNamed() throws IOException {
        Files.write(temporary.resolve("cache"), new byte[1]);
        try (FileServer server = new FileServer()) {
            LoadedDataset loaded = online(ImageDataset.MNIST, mnist(server, Behaviour.SOUND))
                    .build()
                    .load();
            assertThat(loaded.synthetic()).isTrue();
            assertThat(loaded.origin())
                    .contains("the download failed")
                    .contains(temporary.resolve("cache").toString());
        }
    }

    @Test
    void anInterruptedLoadIsNoReasonForSyntheticImages() throws IOException {
        try (FileServer server = new FileServer()) {
            DatasetLoader loader =
                    online(ImageDataset.MNIST, mnist(server, Behaviour.SOUND)).build();
            Thread.currentThread().interrupt();
            assertThatThrownBy(loader::load).isInstanceOf(InterruptedIOException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void everyDatasetHasChecksumsAndSecureOrCheckedMirrors() {
        for (ImageDataset dataset : ImageDataset.values()) {
            for (RemoteFile file : RemoteDataset.of(dataset).files()) {
                assertThat(file.checksum().md5()).matches("[0-9a-f]{32}");
                assertThat(file.mirrors()).isNotEmpty().allMatch(uri -> uri.toString()
                        .endsWith("/" + file.name()));
            }
            assertThat(dataset.classNames()).hasSize(dataset.classes()).doesNotHaveDuplicates();
        }
    }

    @Test
    void refusesNoSyntheticImages() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> loader(ImageDataset.MNIST).syntheticCounts(0, 1).build())
                .withMessageContaining("at least one");
    }

    private DatasetLoader.Builder loader(ImageDataset dataset) {
        return DatasetLoader.builder(dataset)
                .environment(environment::get)
                .cache(temporary.resolve("cache"))
                .offline(true)
                .syntheticCounts(10, 10);
    }

    private DatasetLoader.Builder online(ImageDataset dataset, RemoteDataset remote) {
        return loader(dataset).offline(false).remote(remote, LIMITS);
    }

    private RemoteDataset mnist(FileServer server, Behaviour behaviour) throws IOException {
        Path source = temporary.resolve("source");
        Fixtures.write(ImageDataset.MNIST, source, 30, 20, ".gz");
        List<RemoteFile> files = new ArrayList<>();
        for (RemoteFile official : RemoteDataset.of(ImageDataset.MNIST).files()) {
            byte[] bytes = Files.readAllBytes(source.resolve(official.name()));
            URI uri = server.serve(official.name(), bytes, behaviour);
            files.add(new RemoteFile(official.name(), List.of(uri), Checksum.stored(Fixtures.md5(bytes)), 1 << 20));
        }
        return new RemoteDataset(files, Map.of());
    }

    /** An archive of so many images. */
    private byte[] cifar100(int train, int test) throws IOException {
        Path source = temporary.resolve("source");
        Fixtures.write(ImageDataset.CIFAR_100, source, train, test, "");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            put(tar, "cifar-100-binary/train.bin", Files.readAllBytes(source.resolve("train.bin")));
            put(tar, "cifar-100-binary/test.bin", Files.readAllBytes(source.resolve("test.bin")));
        }
        return Fixtures.gzip(bytes.toByteArray());
    }

    /** Of 200 training and 100 test images. */
    private static RemoteDataset cifar100(FileServer server, byte[] archive, Behaviour behaviour) {
        URI uri = server.serve("cifar.tar.gz", archive, behaviour);
        Checksum checksum = Checksum.stored(Fixtures.md5(archive));
        long record = CifarFormat.CIFAR_100_FINE.recordBytes();
        return new RemoteDataset(
                List.of(new RemoteFile("cifar.tar.gz", List.of(uri), checksum, 1 << 22)),
                Map.of("cifar-100-binary/train.bin", 200 * record, "cifar-100-binary/test.bin", 100 * record));
    }

    private static void put(TarArchiveOutputStream tar, String name, byte[] bytes) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    private static void check(LoadedDataset loaded, ImageDataset dataset, int train, int test) {
        assertThat(loaded.synthetic()).as(loaded.origin()).isFalse();
        assertThat(loaded.dataset()).isEqualTo(dataset);
        assertThat(loaded.train().count()).isEqualTo(train);
        assertThat(loaded.test().count()).isEqualTo(test);
        assertThat(loaded.train().image(3))
                .isEqualTo(SyntheticImages.train(dataset, 10, 7).image(3));
        assertThat(loaded.test().labels())
                .isEqualTo(SyntheticImages.test(dataset, test, 7).labels());
        assertThat(loaded.train().classes()).isEqualTo(dataset.classes());
    }

    private List<String> warnings() {
        return log.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }
}
