package io.github.dl4jngd.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.datasets.FileServer.Behaviour;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class DownloaderTest {

    private static final Downloader.Limits LIMITS =
            new Downloader.Limits(Duration.ofSeconds(2), Duration.ofSeconds(4), Duration.ofMillis(400));

    @TempDir
    Path folder;

    private final byte[] bytes = randomBytes(300_000, 1);
    private FileServer server;

    @BeforeEach
    void start() throws IOException {
        server = new FileServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void downloadsIntoPlace() throws IOException {
        download(file(server.serve("a", bytes, Behaviour.SOUND)));
        assertComplete();
    }

    @Test
    void continuesWhatAnInterruptedRunLeft() throws IOException {
        Files.write(part(), Arrays.copyOf(bytes, 100_000));
        download(file(server.serve("a", bytes, Behaviour.SOUND)));
        assertThat(server.requests()).containsExactly("/a bytes=100000-");
        assertComplete();
    }

    @Test
    void startsAgainWhereTheServerHasNoRanges() throws IOException {
        Files.write(part(), Arrays.copyOf(bytes, 100_000));
        download(file(server.serve("a", bytes, Behaviour.WITHOUT_RANGES)));
        assertThat(server.requests()).hasSize(1);
        assertComplete();
    }

    @ParameterizedTest
    @EnumSource(
            value = Behaviour.class,
            names = {"WRONG_RANGE", "ABSURD_RANGE"})
    void startsAgainWhereTheServerSendsAnotherRange(Behaviour behaviour) throws IOException {
        Files.write(part(), Arrays.copyOf(bytes, 100_000));
        download(file(server.serve("a", bytes, behaviour)));
        assertThat(server.requests()).containsExactly("/a bytes=100000-", "/a");
        assertComplete();
    }

    @Test
    void startsAgainWhereThePartWasDamaged() throws IOException {
        Files.write(part(), randomBytes(100_000, 2));
        download(file(server.serve("a", bytes, Behaviour.SOUND)));
        assertThat(server.requests()).containsExactly("/a bytes=100000-", "/a");
        assertComplete();
    }

    @Test
    void aPartThatIsAllThereOnlyNeedsItsChecksum() throws IOException {
        Files.write(part(), bytes);
        download(file(server.serve("a", bytes, Behaviour.SOUND)));
        assertComplete();
    }

    @Test
    void aPartThatIsTooLongIsThrownAway() throws IOException {
        Files.write(part(), randomBytes(400_000, 2));
        download(file(server.serve("a", bytes, Behaviour.SOUND)));
        assertComplete();
    }

    @Test
    void continuesAfterABrokenConnection() throws IOException {
        download(file(server.serve("a", bytes, Behaviour.BREAKS_OFF)));
        assertThat(server.requests()).hasSizeGreaterThan(2).startsWith("/a");
        assertThat(server.requests().subList(1, server.requests().size())).allMatch(r -> r.startsWith("/a bytes="));
        assertComplete();
    }

    @Test
    void aStalledConnectionIsGivenUp() throws IOException {
        download(file(server.serve("a", bytes, Behaviour.STALLS), server.serve("b", bytes, Behaviour.SOUND)));
        assertThat(server.requests()).first().isEqualTo("/a");
        assertComplete();
    }

    @Test
    void triesTheNextMirror() throws IOException {
        download(file(
                server.serve("forbidden", bytes, Behaviour.FORBIDDEN),
                server.uri("missing"),
                URI.create("http://localhost:" + closedPort() + "/a"),
                server.serve("wrong", randomBytes(300_000, 3), Behaviour.SOUND),
                server.serve("right", bytes, Behaviour.SOUND)));
        assertThat(server.requests()).containsExactly("/forbidden", "/missing", "/wrong", "/right");
        assertComplete();
    }

    @Test
    void wrongBytesLeaveNothing() throws IOException {
        RemoteFile file = file(server.serve("a", randomBytes(300_000, 3), Behaviour.SOUND));
        assertThatThrownBy(() -> download(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/a: expected MD5 " + Fixtures.md5(bytes) + ", found MD5 ");
        assertThat(files()).isEmpty();
    }

    @Test
    void nothingIsDownloadedWithoutAChecksum() {
        List<URI> mirrors = List.of(server.serve("a", bytes, Behaviour.SOUND));
        assertThatNullPointerException()
                .isThrownBy(() -> new RemoteFile("data", mirrors, null, 1 << 20))
                .withMessageContaining("data has no checksum");
    }

    @Test
    void everyMirrorsReasonIsTold() throws IOException {
        RemoteFile file = file(server.serve("a", bytes, Behaviour.FORBIDDEN), server.uri("b"));
        assertThatThrownBy(() -> download(file))
                .hasMessageContaining("/a: HTTP status 403")
                .hasMessageContaining("/b: HTTP status 404");
        assertThat(files()).isEmpty();
    }

    @Test
    void anInterruptedDownloadLeavesNoFileUnderItsName() throws IOException {
        byte[] large = randomBytes(3_000_000, 1);
        RemoteFile file = new RemoteFile(
                "data",
                List.of(server.serve("a", large, Behaviour.STALLS)),
                Checksum.stored(Fixtures.md5(large)),
                1 << 22);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> download(file)).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void moreThanAllowedIsRefused() throws IOException {
        RemoteFile file = new RemoteFile(
                "data",
                List.of(server.serve("a", bytes, Behaviour.SOUND)),
                Checksum.stored(Fixtures.md5(bytes)),
                200_000);
        assertThatThrownBy(() -> download(file)).hasMessageContaining("offers 300000 bytes, more than 200000");
        assertThat(files()).isEmpty();
    }

    @Test
    void anUnwritableTargetIsNamedAndNoOtherMirrorTried() throws IOException {
        Files.createDirectory(part());
        Files.write(part().resolve("in the way"), new byte[1]);
        RemoteFile file = file(
                server.serve("a", bytes, Behaviour.WITHOUT_RANGES), server.serve("b", bytes, Behaviour.WITHOUT_RANGES));
        assertThatThrownBy(() -> download(file)).hasMessageContaining("cannot write " + part());
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void checksumsMayBeOfTheUncompressedBytes() throws IOException {
        byte[] zipped = Fixtures.gzip(bytes);
        RemoteFile file = new RemoteFile(
                "data",
                List.of(
                        server.serve("cut", Arrays.copyOf(zipped, 1000), Behaviour.SOUND),
                        server.serve("a", zipped, Behaviour.SOUND)),
                Checksum.uncompressed(Fixtures.md5(bytes)),
                1 << 20);
        download(file);
        assertThat(folder.resolve("data")).hasBinaryContent(zipped);
    }

    @Test
    void compressedBytesMayNotGrowBeyondBounds() throws IOException {
        byte[] zeros = new byte[1 << 20];
        URI uri = server.serve("a", Fixtures.gzip(zeros), Behaviour.SOUND);
        RemoteFile bomb =
                new RemoteFile("data", List.of(uri), Checksum.uncompressed(Fixtures.md5(zeros)), zeros.length - 1);
        assertThatThrownBy(() -> download(bomb)).hasMessageContaining("expected at most 1048575 bytes, found more");
        assertThat(files()).isEmpty();
    }

    @Test
    void anAddressWhereNobodyAnswersIsGivenUpSoon() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            RemoteFile file = file(URI.create("http://localhost:" + silent.getLocalPort() + "/a"));
            Downloader.Limits limits =
                    new Downloader.Limits(Duration.ofMillis(300), Duration.ofMillis(600), Duration.ofMillis(300));
            assertThatThrownBy(() -> new Downloader(limits, false).download(file, folder))
                    .hasMessageContaining("timed out");
        }
    }

    private void download(RemoteFile file) throws IOException {
        new Downloader(LIMITS, false).download(file, folder);
    }

    private RemoteFile file(URI... mirrors) {
        return new RemoteFile("data", List.of(mirrors), Checksum.stored(Fixtures.md5(bytes)), 1 << 20);
    }

    private Path part() {
        return folder.resolve("data.part");
    }

    private void assertComplete() throws IOException {
        assertThat(folder.resolve("data")).hasBinaryContent(bytes);
        assertThat(files()).containsExactly("data");
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(path -> path.getFileName().toString()).toList();
        }
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static byte[] randomBytes(int length, long seed) {
        byte[] random = new byte[length];
        new Random(seed).nextBytes(random);
        return random;
    }
}
