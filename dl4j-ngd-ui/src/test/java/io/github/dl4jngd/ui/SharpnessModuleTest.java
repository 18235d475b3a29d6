package io.github.dl4jngd.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.spectral.listener.FisherSpectrumListener;
import io.github.dl4jngd.spectral.sink.StatsStorageSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.deeplearning4j.core.storage.Persistable;
import org.deeplearning4j.core.storage.StatsStorage;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.ui.api.UIModule;
import org.deeplearning4j.ui.model.stats.StatsListener;
import org.deeplearning4j.ui.model.storage.FileStatsStorage;
import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.databind.JsonNode;

/** What the tab answers in Deeplearning4j's UI, over the wire. */
class SharpnessModuleTest {

    private static final String TAB = "/train/sharpness/";
    private static final List<String> LANGUAGES = List.of("en", "de", "ja", "ko", "ru", "zh");
    private static final List<String> PAGES = List.of("overview", "model", "system");

    @TempDir
    Path folder;

    private static StatsStorage storage(String session, int readings) throws IOException {
        StatsStorage storage = new InMemoryStatsStorage();
        StatsStorageSink sink = new StatsStorageSink(storage, session);
        for (int i = 0; i < readings; i++) {
            sink.accept(Numbers.spectrum(i, 0.5));
        }
        return storage;
    }

    private static List<String> names(Ui ui, String tab) throws IOException {
        List<String> names = new ArrayList<>();
        ui.json(tab + "api/runs")
                .path("runs")
                .forEach(run -> names.add(run.path("name").asText()));
        return names;
    }

    /** All of the first run that is called so. */
    private static JsonNode run(Ui ui, String tab, String name) throws IOException {
        for (JsonNode run : ui.json(tab + "api/runs").path("runs")) {
            if (run.path("name").asText().equals(name)) {
                String path = tab + "api/runs/" + run.path("number").asInt();
                JsonNode found = ui.json(path);
                while (found.path("more").asBoolean()) {
                    found = ui.json(path);
                }
                return found;
            }
        }
        throw new AssertionError("no run is called " + name);
    }

    @Test
    void theUiFindsItByItself() {
        assertThat(ServiceLoader.load(UIModule.class)).hasAtLeastOneElementOfType(SharpnessModule.class);
    }

    @Test
    void servesThePageAndItsReadings() throws Exception {
        try (Ui ui = Ui.singleSession()) {
            ui.attach(storage("sgd", 3));

            HttpResponse<String> page = ui.get(TAB);
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.body()).contains("href=\"../overview\"", "tab.css", "id=\"verdict\"", ">System</a>");
            assertRules(page);
            for (String part :
                    List.of("dashboard.js", "charts.js", "dashboard.css", "tab.css", "uplot.js", "icon.svg")) {
                assertThat(ui.get(TAB + part).statusCode()).as(part).isEqualTo(200);
                assertRules(ui.get(TAB + part));
            }
            JsonNode run = run(ui, TAB, "sgd");
            assertThat(run.path("readings").asInt()).isEqualTo(3);
            assertThat(run.at("/series/spectrum/latest/values/rate_over_boundary")
                            .asDouble())
                    .isEqualTo(0.5);
            assertThat(run.at("/series/spectrum/latest/details/updater").asText())
                    .isEqualTo("Sgd");
        }
    }

    private static void assertRules(HttpResponse<String> answer) {
        assertThat(answer.headers().firstValue("content-security-policy").orElse(""))
                .contains("default-src 'none'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(answer.headers().firstValue("x-content-type-options")).contains("nosniff");
        assertThat(answer.headers().firstValue("cache-control")).contains("no-store");
        assertThat(answer.headers().firstValue("access-control-allow-origin")).isEmpty();
    }

    /** A page that asks relative to where it is has to be in a folder. */
    @Test
    void leadsToThePageWithItsSlash() throws Exception {
        try (Ui ui = Ui.singleSession()) {
            HttpResponse<String> answer = ui.get("/train/sharpness");

            assertThat(answer.statusCode()).isEqualTo(302);
            assertThat(answer.headers().firstValue("location")).contains(TAB);
        }
    }

    @Test
    void eachSessionHasThePageInMultiSessionMode() throws Exception {
        try (Ui ui = Ui.multiSession()) {
            ui.attach(storage("a b/c", 1));
            ui.attach(storage("other", 1));
            String tab = "/train/a%20b%2Fc/sharpness/";

            assertThat(ui.get(tab).statusCode()).isEqualTo(200);
            assertThat(names(ui, tab)).containsExactlyInAnyOrder("a b/c", "other");
            assertThat(ui.get("/train/a%20b%2Fc/sharpness").headers().firstValue("location"))
                    .contains(tab + "?run=a%20b%2Fc");
            assertThat(ui.get("/train/unknown/sharpness/").statusCode()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "dashboard.html",
                "tab.css/",
                "api/",
                "api/runs/1",
                "api/runs/-1",
                "../../secret",
                "%2e%2e/%2e%2e/secret",
                "..%2fsecret",
                "META-INF/MANIFEST.MF"
            })
    void knowsAFixedMapOfPathsAlone(String path) throws Exception {
        try (Ui ui = Ui.singleSession()) {
            ui.attach(storage("sgd", 1));

            HttpResponse<String> answer = ui.get(TAB + path);

            assertThat(answer.statusCode()).isEqualTo(404);
            assertThat(answer.body()).doesNotContain("sgd", "Manifest");
        }
    }

    @Test
    void answersOnlyGet() throws Exception {
        try (Ui ui = Ui.singleSession()) {
            ui.attach(storage("sgd", 1));

            for (String method : List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS")) {
                HttpResponse<String> answer = ui.send(method, TAB + "api/runs");
                assertThat(answer.statusCode()).as(method).isGreaterThanOrEqualTo(404);
                assertThat(answer.body()).doesNotContain("sgd");
            }
        }
    }

    @Test
    void twoSinksInOneSessionLoseNothing() throws Exception {
        StatsStorage storage = new InMemoryStatsStorage();
        StatsStorageSink spectrum = new StatsStorageSink(storage, "both");
        StatsStorageSink steps = new StatsStorageSink(storage, "both");
        try (Ui ui = Ui.singleSession()) {
            ui.attach(storage);
            for (int i = 0; i < 165; i++) {
                spectrum.accept(Numbers.spectrum(i, 0.5));
                steps.accept(Numbers.step(i));
            }

            Ui.await("330 readings", () -> {
                JsonNode run = names(ui, TAB).isEmpty() ? null : run(ui, TAB, "both");
                return run != null && run.path("readings").asInt() == 330;
            });
            JsonNode run = run(ui, TAB, "both");
            assertThat(run.at("/series/spectrum/columns/iteration")).hasSize(165);
            assertThat(run.at("/series/steps/columns/alpha")).hasSize(165);
        }
    }

    @Test
    void readsMoreThanGoesIntoOneAnswer() throws Exception {
        try (Ui ui = Ui.singleSession()) {
            ui.attach(storage("long", 4_500));

            JsonNode run = run(ui, TAB, "long");

            assertThat(run.path("readings").asInt()).isEqualTo(4_500);
            assertThat(run.at("/series/spectrum/latest/iteration").asInt()).isEqualTo(4_499);
        }
    }

    @Test
    void whatIsStoredTwiceIsShownOnce() throws Exception {
        StatsStorage first = new InMemoryStatsStorage();
        StatsStorage second = new InMemoryStatsStorage();
        List<StatsStorageSink> sinks = List.of(
                new StatsStorageSink(first, "same"),
                new StatsStorageSink(first, "same"),
                new StatsStorageSink(second, "same"));
        for (int i = 0; i < 20; i++) {
            for (StatsStorageSink sink : sinks) {
                sink.accept(Numbers.spectrum(i, 0.5));
            }
        }
        try (Ui ui = Ui.singleSession()) {
            ui.attach(first);
            ui.attach(second);

            assertThat(names(ui, TAB)).containsExactly("same");
            assertThat(run(ui, TAB, "same").path("readings").asInt()).isEqualTo(20);
        }
    }

    @Test
    void aStorageThatIsAttachedLaterIsReadInOrder() throws Exception {
        StatsStorage early = storage("run", 10);
        StatsStorage late = new InMemoryStatsStorage();
        StatsStorageSink sink = new StatsStorageSink(late, "run");
        for (int i = 10; i < 20; i++) {
            sink.accept(Numbers.spectrum(i, 0.5));
        }
        try (Ui ui = Ui.singleSession()) {
            ui.attach(late);
            assertThat(run(ui, TAB, "run").path("readings").asInt()).isEqualTo(10);
            ui.attach(early);

            Ui.await("20 readings", () -> run(ui, TAB, "run").path("readings").asInt() == 20);
            assertThat(run(ui, TAB, "run").at("/series/spectrum/columns/iteration"))
                    .hasSize(20);

            ui.detach(early);
            ui.detach(late);
            Ui.await("no run", () -> names(ui, TAB).isEmpty());
        }
    }

    @Test
    void aFileIsReadThatWasReopened() throws Exception {
        Path file = folder.resolve("stats.dl4j");
        StatsStorage written = new FileStatsStorage(file.toFile());
        StatsStorageSink sink = new StatsStorageSink(written, "finished");
        for (int i = 0; i < 25; i++) {
            sink.accept(Numbers.spectrum(i, 1.5));
        }
        written.close();
        StatsStorage reopened = new FileStatsStorage(file.toFile());
        try (Ui ui = Ui.singleSession()) {
            ui.attach(reopened);

            assertThat(run(ui, TAB, "finished").path("readings").asInt()).isEqualTo(25);
            assertThat(run(ui, TAB, "finished")
                            .at("/series/spectrum/latest/values/rate_over_boundary")
                            .asDouble())
                    .isEqualTo(1.5);
        } finally {
            reopened.close();
        }
    }

    @Test
    void hostileNamesStayText() throws Exception {
        String hostile = "<img src=x onerror=alert(1)>\"' ../\u202e😀";
        try (Ui ui = Ui.singleSession()) {
            ui.attach(storage(hostile, 1));

            assertThat(names(ui, TAB)).containsExactly(hostile);
            assertThat(ui.get(TAB).body()).doesNotContain("onerror");
        }
        try (Ui ui = Ui.multiSession()) {
            ui.attach(storage(hostile, 1));
            String link = Tab.path(hostile);

            assertThat(link).doesNotContain("<", "\"", "'", "\u202e");
            assertThat(ui.get(link).statusCode()).isEqualTo(200);
            assertThat(ui.get(link).body()).doesNotContain("onerror");
        }
    }

    @Test
    void theEntryIsOnAllPagesInAllLanguages() throws Exception {
        try (Ui ui = Ui.singleSession()) {
            ui.attach(storage("sgd", 1));
            for (String language : LANGUAGES) {
                ui.get("/setlang/" + language);
                for (String page : PAGES) {
                    assertThat(ui.get("/train/" + page).body())
                            .as("%s in %s", page, language)
                            .containsOnlyOnce("href=\"" + TAB + "\"");
                }
            }
        }
    }

    @Test
    void theEntryIsOnAllPagesOfASessionInAllLanguages() throws Exception {
        StatsStorage storage = new InMemoryStatsStorage();
        watched(storage, "first");
        try (Ui ui = Ui.multiSession()) {
            ui.attach(storage);
            watched(storage, "later");
            for (String session : List.of("first", "later")) {
                Ui.await(
                        "pages of " + session,
                        () -> ui.get("/train/" + session + "/overview").body().contains("Sharpness"));
                for (String language : LANGUAGES) {
                    ui.get("/setlang/" + session + "/" + language);
                    for (String page : PAGES) {
                        assertThat(ui.get("/train/" + session + "/" + page).body())
                                .as("%s of %s in %s", page, session, language)
                                .containsOnlyOnce("href=\"sharpness\"");
                    }
                }
            }
        }
    }

    /** Deeplearning4j has pages of the sessions alone that its own listener has told it of. */
    private static void watched(StatsStorage storage, String session) {
        MultiLayerNetwork network = Training.network(0.1);
        network.setListeners(new StatsListener(storage, null, null, session, null));
        Training.train(network, 1);
    }

    /** A storage that fails whoever asks it for readings, and only them. */
    private static final class Failing extends InMemoryStatsStorage {
        @Override
        public int getNumUpdateRecordsFor(String session, String type, String worker) {
            if (type.equals(StatsStorageSink.TYPE)) {
                throw new IllegalStateException("on purpose");
            }
            return super.getNumUpdateRecordsFor(session, type, worker);
        }

        @Override
        public long[] getAllUpdateTimes(String session, String type, String worker) {
            if (type.equals(StatsStorageSink.TYPE)) {
                throw new IllegalAccessError("on purpose");
            }
            return super.getAllUpdateTimes(session, type, worker);
        }
    }

    /** Deeplearning4j has one thread that tells all modules of news, which an exception would end. */
    @Test
    void anErrorLeavesTheOtherPagesUpdating() throws Exception {
        StatsStorage failing = new Failing();
        try (Ui ui = Ui.singleSession()) {
            ui.attach(failing);
            ui.attach(storage("whole", 1));
            new StatsStorageSink(failing, "broken").accept(Numbers.spectrum(0, 0.5));

            assertThat(names(ui, TAB)).containsExactly("whole");
            for (String session : List.of("first", "second")) {
                watched(failing, session);
                Ui.await("session " + session, () -> ui.json("/train/sessions/info")
                        .has(session));
            }
            assertThat(run(ui, TAB, "whole").path("readings").asInt()).isEqualTo(1);
        }
    }

    /** Such as one of a class that this program does not have. */
    @Test
    void aReadingThatCannotBeHadHidesNoOther() throws Exception {
        StatsStorage storage = new InMemoryStatsStorage() {
            private long bad;

            @Override
            public Persistable getUpdate(String session, String type, String worker, long time) {
                long[] times = getAllUpdateTimes(session, type, worker);
                bad = bad == 0 ? times[times.length / 2] : bad;
                if (time == bad) {
                    throw new IllegalStateException("on purpose");
                }
                return super.getUpdate(session, type, worker, time);
            }
        };
        StatsStorageSink sink = new StatsStorageSink(storage, "most");
        for (int i = 0; i < 11; i++) {
            sink.accept(Numbers.spectrum(i, 0.5));
        }
        try (Ui ui = Ui.singleSession()) {
            ui.attach(storage);

            Ui.await("10 readings", () -> run(ui, TAB, "most").path("readings").asInt() == 10);
            assertThat(run(ui, TAB, "most").path("left_out").asInt()).isEqualTo(1);
        }
    }

    @Test
    void aStorageThatIsClosedHidesNoOther() throws Exception {
        StatsStorage closed = new FileStatsStorage(folder.resolve("closed").toFile());
        new StatsStorageSink(closed, "gone").accept(Numbers.spectrum(0, 0.5));
        try (Ui ui = Ui.singleSession()) {
            ui.attach(closed);
            assertThat(run(ui, TAB, "gone").path("readings").asInt()).isEqualTo(1);
            closed.close();
            StatsStorage open = storage("open", 2);
            ui.attach(open);

            Ui.await("the other", () -> names(ui, TAB).equals(List.of("open")));
            assertThat(run(ui, TAB, "open").path("readings").asInt()).isEqualTo(2);
        }
    }

    /** Bit for bit, with the tab asked all the while. */
    @Test
    void trainingIsWhatItIsWithoutTheTab() throws Exception {
        MultiLayerNetwork alone = Training.network(0.1);
        INDArray expected = Training.train(alone, 30);
        StatsStorage storage = new InMemoryStatsStorage();
        try (Ui ui = Ui.singleSession()) {
            ui.attach(storage);
            MultiLayerNetwork watched = Training.network(0.1);
            watched.setListeners(
                    new StatsListener(storage),
                    FisherSpectrumListener.builder()
                            .every(2)
                            .perLayer()
                            .sink(new StatsStorageSink(storage, "watched"))
                            .build());
            AtomicBoolean over = new AtomicBoolean();
            CompletableFuture<Integer> asking = CompletableFuture.supplyAsync(() -> {
                int answers = 0;
                while (!over.get()) {
                    try {
                        answers += ui.get(TAB + "api/runs").statusCode() == 200 ? 1 : 0;
                        ui.get(TAB + "api/runs/0");
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
                return answers;
            });

            INDArray parameters = Training.train(watched, 30);

            over.set(true);
            assertThat(asking.get()).isPositive();
            assertThat(parameters).isEqualTo(expected);
            Ui.await(
                    "15 readings",
                    () -> run(ui, TAB, "watched").path("readings").asInt() == 15);
        }
    }
}
