package io.github.dl4jngd.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.spectral.listener.FisherSpectrumListener;
import io.github.dl4jngd.spectral.listener.IsotropyListener;
import io.github.dl4jngd.spectral.sink.Sink;
import io.github.dl4jngd.testing.Pause;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.shade.jackson.databind.JsonNode;

/** What a program sees of the page that it opens. */
class DashboardTest {

    @TempDir
    Path parent;

    private Dashboard open() {
        return Dashboard.open(parent.resolve("runs"), 0);
    }

    private static JsonNode run(Dashboard dashboard, String name) throws IOException {
        for (int i = 0; i < 100; i++) {
            for (JsonNode each :
                    Http.get(dashboard.address(), "/api/runs").json().path("runs")) {
                if (each.path("name").asText().equals(name)) {
                    return Http.get(dashboard.address(), "/api/runs/" + each.path("number"))
                            .json();
                }
            }
            Pause.briefly();
        }
        throw new AssertionError("there is no run " + name);
    }

    private static List<String> names(Dashboard dashboard) throws IOException {
        return Http.get(dashboard.address(), "/api/runs").json().path("runs").findValuesAsText("name");
    }

    @Test
    void readingsOfAModelAreARun() throws IOException {
        try (Dashboard dashboard = open()) {
            MultiLayerNetwork network = Training.network(new Sgd(1.0));
            NaturalGradient.attach(network, Kfac.defaults());
            network.addListeners(dashboard.listeners("kfac"));
            Training.train(network, 60);

            JsonNode run = run(dashboard, "kfac");

            assertThat(run.at("/series/spectrum/columns/iteration").toString()).isEqualTo("[0,50]");
            assertThat(run.at("/series/spectrum/columns/lambda_max/1").asDouble())
                    .isPositive();
            assertThat(run.at("/series/spectrum/columns").toString()).contains("lambda_max_of_");
            assertThat(run.at("/series/steps/columns/iteration")).hasSizeGreaterThan(5);
            assertThat(run.at("/series/steps/columns/damping/0").asDouble()).isPositive();
        }
    }

    /** Of a model without a natural gradient nothing is said of its steps. */
    @Test
    void aModelWithoutANaturalGradientHasNoSteps() throws IOException {
        try (Dashboard dashboard = open()) {
            MultiLayerNetwork network = Training.network(new Adam(0.01));
            network.addListeners(dashboard.listeners("adam"));
            Training.train(network, 20);

            JsonNode run = run(dashboard, "adam");

            assertThat(run.at("/series/steps/columns/iteration")).isEmpty();
            assertThat(run.path("readings").asInt()).isEqualTo(1);
        }
    }

    /** Somebody looks at the page all the time. */
    @Test
    void trainingIsBitForBitWhatItIsWithoutThePage() throws Exception {
        for (boolean kfac : new boolean[] {false, true}) {
            INDArray without = Training.train(network(kfac), 120);
            INDArray with;
            AtomicBoolean done = new AtomicBoolean();
            try (Dashboard dashboard = Dashboard.open(parent.resolve("runs " + kfac), 0)) {
                Thread looks = new Thread(() -> {
                    while (!done.get()) {
                        try {
                            Http.get(dashboard.address(), "/api/runs");
                            Http.get(dashboard.address(), "/api/runs/0");
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }
                });
                looks.start();
                MultiLayerNetwork network = network(kfac);
                network.addListeners(dashboard.listeners("run"));
                with = Training.train(network, 120);
                assertThat(dashboard.folder().resolve("run.jsonl")).content().hasLineCount(kfac ? 15 : 3);
                done.set(true);
                looks.join();
            }

            assertThat(with).isEqualTo(without);
        }
    }

    private static MultiLayerNetwork network(boolean kfac) {
        MultiLayerNetwork network = Training.network(new Sgd(kfac ? 1.0 : 0.1));
        if (kfac) {
            NaturalGradient.attach(network, Kfac.defaults());
        }
        return network;
    }

    @Test
    void listenersOfOnesOwnShareARun() throws IOException {
        try (Dashboard dashboard = open()) {
            MultiLayerNetwork network = Training.network(new Sgd(1.0));
            NaturalGradient.attach(network, Kfac.defaults());
            FisherSpectrumListener spectrum = FisherSpectrumListener.builder()
                    .every(5)
                    .sink(dashboard.run("mine"))
                    .build();
            IsotropyListener steps =
                    IsotropyListener.builder().sink(dashboard.run("mine")).build();
            network.addListeners(spectrum, steps);
            Training.train(network, 11);
            spectrum.close();
            Training.train(network, 2);
            steps.close();

            assertThat(names(dashboard)).containsExactly("mine");
            JsonNode run = run(dashboard, "mine");
            assertThat(run.at("/series/spectrum/columns/iteration").toString()).isEqualTo("[0,5,10]");
            assertThat(run.at("/series/steps/columns/iteration")).hasSizeGreaterThan(11);
        }
    }

    @Test
    void aRunOfBeforeStays() throws IOException {
        for (int i = 0; i < 3; i++) {
            try (Dashboard dashboard = open();
                    Sink sink = dashboard.run("a/b")) {
                assertThat(sink).isNotNull();
            }
        }

        try (Stream<Path> files = Files.list(parent.resolve("runs"))) {
            assertThat(files)
                    .extracting(file -> file.getFileName().toString())
                    .containsExactlyInAnyOrder("a_b.jsonl", "a_b (2).jsonl", "a_b (3).jsonl");
        }
        try (Dashboard dashboard = open()) {
            assertThat(names(dashboard)).containsExactlyInAnyOrder("a/b", "a/b (2)", "a/b (3)");
        }
    }

    /** Names are text: they lead to no other folder, and come to the page as they are. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "sgd 0.3",
                "../../etc/passwd",
                "..",
                ".",
                "",
                "con",
                "a\0b",
                "<img src=x onerror=alert(1)>",
                "\"'\\&\u2028\n",
                "\u202eevil \ud83d\ude00 שלום",
                "/absolute",
                "C:\\Windows"
            })
    void anyTextIsAName(String name) throws IOException {
        try (Dashboard dashboard = open()) {
            dashboard.run(name).close();

            assertThat(names(dashboard)).containsExactly(name);
        }
        assertThat(parent).isDirectoryNotContaining(file -> !file.endsWith("runs"));
    }

    @Test
    void aLongNameIsWholeOnThePage() throws IOException {
        String name = "long ".repeat(100);
        try (Dashboard dashboard = open()) {
            dashboard.run(name).close();

            assertThat(names(dashboard)).containsExactly(name);
        }
    }

    @Test
    void takesTheNextPortWhereOneIsTaken() throws IOException {
        try (Dashboard first = Dashboard.open(parent.resolve("first"));
                Dashboard second = Dashboard.open(parent.resolve("second"))) {
            assertThat(first.address().getPort()).isBetween(Dashboard.DEFAULT_PORT, Dashboard.DEFAULT_PORT + 18);
            assertThat(second.address().getPort()).isGreaterThan(first.address().getPort());
            assertThat(Http.get(second.address(), "/").status()).isEqualTo(200);
        }
    }

    @Test
    void saysWhereAPortIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatExceptionOfType(UncheckedIOException.class)
                    .isThrownBy(() -> Dashboard.open(parent, taken.getLocalPort()))
                    .withMessageContaining("port " + taken.getLocalPort() + " of this machine is taken")
                    .withMessageContaining("choose another");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dashboard.open(parent, 65_536))
                .withMessageContaining("got 65536");
    }

    @Test
    void saysWhereAFileIsInTheWay() throws IOException {
        Path file = Files.writeString(parent.resolve("file"), "");

        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> Dashboard.open(file, 0))
                .withMessageContaining("Cannot open the page");
    }

    @Test
    void closingEndsAllThreadsAndFreesThePort() throws IOException {
        List<Thread> before = Training.threads();
        Dashboard dashboard = open();
        int port = dashboard.address().getPort();
        Http.get(dashboard.address(), "/");
        assertThat(Training.programThreads(before)).isEmpty();
        assertThat(Training.threads()).anyMatch(thread -> thread.getName().startsWith("dashboard"));
        Sink sink = dashboard.run("a");

        dashboard.close();
        dashboard.close();
        sink.close();

        for (int i = 0; i < 100 && !serving(before).isEmpty(); i++) {
            Pause.briefly(); // a thread whose work is over takes a moment to end
        }
        assertThat(serving(before)).isEmpty();
        try (ServerSocket free = new ServerSocket()) {
            free.setReuseAddress(true);
            free.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            assertThat(free.isBound()).isTrue();
        }
        assertThatIllegalStateException().isThrownBy(() -> dashboard.run("b"));
    }

    private static List<String> serving(List<Thread> before) {
        return Training.threads().stream()
                .filter(thread -> !before.contains(thread))
                .map(Thread::getName)
                .filter(name -> name.startsWith("dashboard") || name.startsWith("HTTP"))
                .toList();
    }

    /** The folder's own, where nothing is said. */
    @Test
    void opensOnAFolderThatStays() throws IOException {
        Path folder;
        try (Dashboard dashboard = Dashboard.open()) {
            folder = dashboard.folder();
            dashboard.run("a").close();
        }
        try {
            assertThat(folder.resolve("a.jsonl")).exists();
        } finally {
            Files.deleteIfExists(folder.resolve("a.jsonl"));
            Files.deleteIfExists(folder);
        }
    }
}
