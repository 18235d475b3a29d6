package io.github.dl4jngd.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.offset;

import io.github.dl4jngd.dashboard.internal.Page;
import io.github.dl4jngd.dashboard.internal.Readings;
import io.github.dl4jngd.spectral.listener.FisherSpectrumListener;
import io.github.dl4jngd.testing.Browser;
import io.github.dl4jngd.testing.Pause;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.NoAlertPresentException;
import org.openqa.selenium.WindowType;

/** The page in a real browser. */
@Tag("browser")
class PageTest {

    /** In the order of the network. */
    private static final Map<String, Double> LAYERS = new LinkedHashMap<>();

    static {
        LAYERS.put("0 (first)", 0.6);
        LAYERS.put("1 (second)", 0.1);
        LAYERS.put("2 (out)", 0.3);
    }

    private static Browser browser;

    @TempDir
    Path folder;

    private PageServer server;

    @BeforeAll
    static void startBrowser() {
        browser = Browser.start();
    }

    @AfterAll
    static void endBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = new PageServer(Page.of(folder), 0);
        browser.open(URI.create("about:blank"));
        browser.complaints();
        browser.requests();
        browser.size(1360, 1800);
        browser.dark(false);
    }

    /** Whatever was shown, the page had nothing to complain of and asked nobody else. */
    @AfterEach
    void stop() {
        try {
            assertThat(browser.complaints()).isEmpty();
            assertThat(browser.requests())
                    .filteredOn(address -> !address.startsWith("data:") && !address.startsWith("about:"))
                    .allSatisfy(address -> assertThat(address).startsWith("http://127.0.0.1:"));
        } finally {
            server.close();
        }
    }

    private void open() {
        browser.open(server.address());
    }

    private Path file(String name) {
        return folder.resolve(name + ".jsonl");
    }

    // ---- while a model trains

    @Test
    void saysWhatTheLastReadingSaysWhileAModelTrains() throws IOException {
        try (Dashboard dashboard = Dashboard.open(folder.resolve("live"), 0)) {
            browser.open(dashboard.address());
            browser.run("window.sameDocument = true");
            MultiLayerNetwork network =
                    Training.network(new Sgd(new MapSchedule(ScheduleType.ITERATION, Map.of(0, 0.02, 40, 50.0))));
            network.addListeners(FisherSpectrumListener.builder()
                    .every(10)
                    .perLayer()
                    .sink(dashboard.run("jump"))
                    .build());
            Path lines = dashboard.folder().resolve("jump.jsonl");

            Training.train(network, 11);
            browser.awaitData("readings", "2");
            assertShows(last(lines), "stable");
            Training.train(network, 10);
            browser.awaitData("readings", "3");
            assertShows(last(lines), "stable");

            Training.train(network, 20);
            long jumped = System.nanoTime();
            browser.awaitData("iteration", "40");
            double seconds = (System.nanoTime() - jumped) / 1e9;
            assertShows(last(lines), "beyond");
            assertThat(browser.text("words")).isEqualTo("BEYOND the boundary");
            assertThat(seconds)
                    .as("seconds until the page said so, on a busy machine")
                    .isLessThan(6);
            assertThat(browser.run("return window.sameDocument")).isEqualTo(true);
        }
    }

    private static JsonNode last(Path lines) throws IOException {
        List<String> all = Files.readAllLines(lines);
        return new ObjectMapper().readTree(all.get(all.size() - 1));
    }

    private static void assertShows(JsonNode reading, String verdict) {
        double ratio = reading.path("rate_over_boundary").asDouble();
        String shown = browser.text("ratio");
        assertThat(Double.parseDouble(shown.replace("×", ""))).isEqualTo(ratio, offset(0.006 * ratio));
        assertThat(browser.run("return document.getElementById('verdict').className"))
                .isEqualTo("card " + verdict);
        String sharpest = "";
        double most = 0;
        for (var fields = reading.fields(); fields.hasNext(); ) {
            var field = fields.next();
            if (field.getKey().startsWith("lambda_max_of_") && field.getValue().asDouble() > most) {
                most = field.getValue().asDouble();
                sharpest = field.getKey().substring("lambda_max_of_".length());
            }
        }
        assertThat(browser.text("layer")).isEqualTo(sharpest);
    }

    // ---- verdicts

    @ParameterizedTest
    @CsvSource({
        "0.3, stable, stable, 0.3×",
        "0.956, near, near the boundary, 0.956×",
        "4.2, beyond, BEYOND the boundary, 4.2×",
        "NaN, unknown, no boundary known, ''"
    })
    void saysTheVerdictInWordsAndColour(double ratio, String kind, String words, String shown) throws IOException {
        Readings.spectrum(0, ratio).layers(LAYERS).appendTo(file("a"));
        open();

        browser.awaitData("readings", "1");

        assertThat(browser.text("ratio")).isEqualTo(shown);
        assertThat(browser.text("words")).isEqualTo(words);
        assertThat(browser.run("return document.getElementById('verdict').className"))
                .isEqualTo("card " + kind);
        assertThat(browser.text("rule")).isEqualTo("Sgd: 2/λ_max");
    }

    @Test
    void namesTheLayerThatIsBeyondByItself() throws IOException {
        Readings.spectrum(0, 2).layers(LAYERS).appendTo(file("a"));
        open();

        browser.awaitText("layer", "0 (first)"::equals);

        assertThat(browser.text("layer-ratio")).isEqualTo("1.2×");
        assertThat(browser.text("layer-remark")).isEqualTo("its block is beyond by itself");
    }

    @Test
    void saysHowManyOfTheLastReadingsWereBeyond() throws IOException {
        for (int i = 0; i < 12; i++) {
            Readings.spectrum(i, i % 2 == 0 ? 1.2 : 0.8).appendTo(file("counted"));
        }
        Readings.spectrum(0, 1.1)
                .with("beyond_lately", Map.of("beyond", 6, "of", 10))
                .appendTo(file("told"));
        open();

        browser.awaitText("lately", text -> text.matches("beyond in [56] of the last 10 readings"));
        choose("counted");
        browser.awaitText("lately", "beyond in 5 of the last 10 readings"::equals);
        choose("told");
        browser.awaitText("lately", "beyond in 6 of the last 10 readings"::equals);
    }

    /** The comparison with 2/λ_max says nothing of a step that is preconditioned. */
    @Test
    void doesNotJudgeANaturalGradientByAnOlderBuildsRatio() throws IOException {
        Readings.spectrum(0, 4.2)
                .without("boundary")
                .without("rule")
                .without("rule_text")
                .without("updater")
                .with("natural_gradient_step", 0.5)
                .appendTo(file("kfac"));
        open();

        browser.awaitData("readings", "1");

        assertThat(browser.text("words")).isEqualTo("no boundary known");
        assertThat(browser.text("rule")).contains("an older build");
    }

    @Test
    void judgesANaturalGradientByItsPreconditionedMatrix() throws IOException {
        Readings.spectrum(0, 0.7)
                .with("preconditioned_lambda_max", 1.4)
                .with("natural_gradient_step", 1)
                .with("rule", "natural gradient")
                .with("rule_text", "2/λ_max of (F̂ + ρ)⁻¹F")
                .appendTo(file("kfac"));
        open();

        browser.awaitText("words", "near the boundary"::equals);

        assertThat(browser.run("return document.querySelector('#sharpness b').textContent"))
                .isEqualTo("λ_max, preconditioned and where it would be unstable");
    }

    /** What a kept step's boundary says is shown, and not shaded. */
    @Test
    void judgesAFittedStepAlongItself() throws IOException {
        for (int i = 0; i < 5; i++) {
            Readings.spectrum(10 * i, 0.5)
                    .layers(LAYERS)
                    .without("rate_over_boundary_of_0 (first)")
                    .with("rate_over_kept_step_boundary_of_0 (first)", 1.2)
                    .with("rate_over_kept_step_boundary", 1.34)
                    .with("preconditioned_lambda_max", 2.68)
                    .with("natural_gradient_step", 1)
                    .with("rule", "natural gradient")
                    .with("rule_text", "2 × the step to the minibatch's minimum along it")
                    .appendTo(file("kfac"));
        }
        open();

        browser.awaitText("words", "stable"::equals);

        assertThat(browser.text("ratio")).isEqualTo("0.5×");
        assertThat(browser.text("layer")).isEqualTo("0 (first)");
        assertThat(browser.text("layer-remark")).isEqualTo("1.2× its boundary if the step were kept");
        assertThat(browser.run("return document.querySelector('#sharpness b').textContent"))
                .isEqualTo("λ_max, preconditioned and where it would be unstable if the step were kept");
        assertThat(browser.run("return document.querySelector('#layers b').textContent"))
                .isEqualTo("Rate over each layer’s own boundary if the step were kept");
    }

    private static void choose(String run) {
        browser.driver().findElements(By.cssSelector("#run option")).stream()
                .filter(option -> option.getText().equals(run))
                .findFirst()
                .orElseThrow()
                .click();
    }

    // ---- what is drawn

    @ParameterizedTest
    @CsvSource({"1360, false", "400, false", "1360, true", "400, true"})
    void drawsLinesAndCells(int width, boolean dark) throws IOException {
        for (int i = 0; i < 10; i++) {
            Readings.spectrum(10 * i, i < 5 ? 0.05 : 9).layers(LAYERS).appendTo(file("a"));
            Readings.step(10 * i).appendTo(file("a"));
        }
        Readings.spectrum(0, 0.5)
                .with("density", List.of(Map.of("nodes", List.of(0.1, 20), "weights", List.of(0.9, 0.1))))
                .appendTo(file("b"));
        browser.size(width, 1800);
        browser.dark(dark);
        open();
        browser.await(
                "runs",
                () -> browser.driver()
                        .findElements(By.cssSelector("#run option"))
                        .size(),
                n -> n == 2);
        choose("a");
        browser.awaitData("readings", "20");

        List<Long> below = browser.pixel("layers", 0.22, 0.2);
        List<Long> beyond = browser.pixel("layers", 0.73, 0.24);
        assertThat(below.get(2)).as("blue of %s", below).isGreaterThan(below.get(0) + 40);
        assertThat(beyond.get(0)).as("red of %s", beyond).isGreaterThan(beyond.get(2) + 40);
        assertThat(browser.count("sharpness", 213, 94, 0))
                .as("points of the line")
                .isGreaterThan(100);
        assertThat(browser.count("sharpness", 0, 114, 178))
                .as("points of the boundary")
                .isGreaterThan(100);
        List<String> titles = titles();
        assertThat(titles)
                .contains("λ_max and 2/η", "Rate over each layer’s own boundary", "Rate over its boundary, all runs")
                .contains("Loss", "Damping ρ and step", "Isotropy: α̂ and anisotropy", "Reduction ratio");
        assertThat((Long) browser.run("return document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(width);
        choose("b");
        browser.await("titles", PageTest::titles, now -> now.contains("Eigenvalues above λ, at iteration 0"));
        assertThat(titles()).doesNotContain("Damping ρ and step");
    }

    private static List<String> titles() {
        @SuppressWarnings("unchecked")
        List<String> titles = (List<String>) browser.run(
                "return [...document.querySelectorAll('figure:not([hidden]) b')].map(each => each.textContent)");
        return titles;
    }

    @Test
    void numbersOfNoKnownNameHaveTheirOwnChart() throws IOException {
        for (int i = 0; i < 3; i++) {
            Readings.spectrum(i, 0.5).with("forgetting of task 1", 0.1 * i).appendTo(file("a"));
        }
        open();
        browser.awaitData("readings", "3");

        assertThat(titles()).contains("forgetting of task 1");
    }

    @Test
    void goesByKeyFromReadingToReading() throws IOException {
        for (int i = 0; i < 5; i++) {
            Readings.spectrum(10 * i, 0.5).layers(LAYERS).appendTo(file("a"));
        }
        open();
        browser.awaitData("readings", "5");
        var plot = browser.driver().findElement(By.cssSelector("#layers .plot"));

        plot.sendKeys(Keys.ARROW_LEFT);
        assertThat(readout()).isEqualTo("iteration 40, 0 (first): 0.3×");
        plot.sendKeys(Keys.ARROW_LEFT, Keys.ARROW_LEFT);
        assertThat(readout()).startsWith("iteration 20,");
        plot.sendKeys(Keys.ARROW_RIGHT);
        assertThat(readout()).startsWith("iteration 30,");
        // the chart above is in step
        assertThat(browser.run("return document.querySelector('#sharpness .u-value').textContent"))
                .isEqualTo("30");
    }

    private static String readout() {
        return (String) browser.run("return document.querySelector('#layers .readout').textContent");
    }

    // ---- whatever a file has

    @Test
    void namesAreTextWhateverTheyAre() throws IOException {
        List<String> names = List.of(
                "<img src=x onerror=alert(1)>",
                "\"'><script>alert(2)</script>",
                "a\u202eb \u05e9\u05dc\u05d5\u05dd \ud83d\ude00",
                "${alert(3)} {{4}} \\u003cb\\u003e",
                "__proto__",
                "long ".repeat(100).strip());
        Map<String, Double> layers = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            layers.put(names.get(i), 1.0 / (i + 2));
        }
        try (Dashboard dashboard = Dashboard.open(folder, 0)) {
            for (String name : names) {
                dashboard.run(name).close();
            }
            try (var files = Files.list(folder)) {
                for (Path each : files.toList()) {
                    Readings.spectrum(0, 0.5)
                            .layers(layers)
                            .with("updater", names.get(0))
                            .with("rule_text", names.get(1))
                            .with("matrix", names.get(0))
                            .with(names.get(3), 5)
                            .with(names.get(0), 5)
                            .appendTo(each);
                }
            }
        }
        open();
        browser.awaitData("readings", "1");
        for (String name : names) {
            browser.run(
                    """
                    const select = document.getElementById('run');
                    select.value = [...select.options].find(each => each.title === arguments[0]).value;
                    select.dispatchEvent(new Event('change'));
                    """,
                    name);
            browser.awaitText("layer", names.get(0)::equals);
        }

        @SuppressWarnings("unchecked")
        List<String> compared = (List<String>)
                browser.run("return [...document.querySelectorAll('#compared bdi')].map(each => each.textContent)");
        assertThat(compared).containsExactlyInAnyOrderElementsOf(names);
        assertThat(browser.text("rule")).isEqualTo(names.get(0) + ": " + names.get(1));
        assertThat(browser.text("about")).startsWith(names.get(0));
        assertThat((Long) browser.run("return document.querySelectorAll('img, main script, header script').length"))
                .isZero();
        assertThat(browser.driver().getTitle()).doesNotContain("alert");
        assertThatExceptionOfType(NoAlertPresentException.class)
                .isThrownBy(() -> browser.driver().switchTo().alert());
        assertThat((Long) browser.run("return document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(1360);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"iteration\":0,\"epoch\":0,\"lambda_max\":null}",
                "{\"iteration\":0,\"lambda_max\":1}",
                "{\"iteration\":0,\"lambda_max\":0,\"rate_over_boundary\":0,\"rate\":0,\"boundary\":0}",
                "{\"iteration\":0,\"lambda_max\":-5,\"rate_over_boundary\":-3,\"lambda_max_of_a\":-1}",
                "{\"iteration\":0,\"lambda_max\":1e308,\"rate_over_boundary\":1e308,\"rate\":1e-300}",
                "{\"iteration\":0,\"lambda_max\":1,\"rate_over_boundary\":null,\"lambda_max_of_a\":0.5}",
                "{\"iteration\":0,\"lambda_max\":1,\"rule\":{\"a\":1},\"rule_text\":[1],\"verdict\":\"x\","
                        + "\"updater\":true,\"beyond_lately\":\"many\",\"density\":\"none\",\"matrix\":7}",
                "{\"iteration\":0,\"lambda_max\":1,\"density\":[{\"nodes\":[null],\"weights\":[]},null,3]}",
                "{\"iteration\":0,\"lambda_max\":1,\"density\":[{\"nodes\":[],\"weights\":[]}]}",
                "{\"iteration\":2147483647,\"epoch\":2147483647,\"lambda_max\":1,\"loss\":-3}",
                "{\"iteration\":0,\"lambda_max\":1,\"__proto__\":{\"a\":1},\"constructor\":1,\"toString\":2}",
                "{\"iteration\":0,\"loss\":null,\"alpha\":null,\"damping\":0,\"step\":-1}"
            })
    void takesAnyReading(String line) throws IOException {
        Files.writeString(file("odd"), line + "\n" + line.replace("\"iteration\":0", "\"iteration\":7") + "\n");
        open();

        browser.await("readings", () -> browser.data("readings"), text -> text.matches("[12]"));

        assertThat(browser.data("state")).isEqualTo("training");
        assertThat(browser.text("words")).isNotEqualTo("undefined");
    }

    @Test
    void waitsForTheFirstRunAndTheFirstReading() throws IOException {
        open();
        browser.awaitText("nothing", text -> text.startsWith("There is no run yet."));
        assertThat(browser.text("state")).contains("Waiting for a run in ");

        Files.createFile(file("a"));
        browser.awaitText("nothing", text -> text.startsWith("No reading yet."));

        Readings.spectrum(0, 0.6).appendTo(file("a"));
        browser.awaitData("readings", "1");
        assertThat(browser.text("words")).isEqualTo("near the boundary");
    }

    @Test
    void showsTheRunThatTheAddressNames() throws IOException {
        String hostile = "b & <i>c</i>";
        try (Dashboard dashboard = Dashboard.open(folder.resolve("live"), 0)) {
            Readings.spectrum(0, 0.6).appendTo(dashboard.folder().resolve("first.jsonl"));
            browser.open(dashboard.address().resolve("?run=" + URLEncoder.encode(hostile, StandardCharsets.UTF_8)));
            browser.awaitData("readings", "1");
            assertThat(browser.text("words")).isEqualTo("near the boundary");

            FisherSpectrumListener listener = FisherSpectrumListener.builder()
                    .every(10)
                    .sink(dashboard.run(hostile))
                    .build();
            MultiLayerNetwork network = Training.network(new Sgd(50));
            network.addListeners(listener);
            Training.train(network, 11);
            browser.awaitText("words", "BEYOND the boundary"::equals);
            Readings.spectrum(0, 0.6).appendTo(dashboard.folder().resolve("third.jsonl"));
            browser.await(
                    "runs",
                    () -> browser.driver()
                            .findElements(By.cssSelector("#run option"))
                            .size(),
                    n -> n == 3);
            assertThat(browser.run("return document.getElementById('run').selectedOptions[0].text"))
                    .isEqualTo(hostile);
        }
    }

    /** Fifty layers would be seven million numbers. */
    @Test
    void showsAHundredThousandReadings() throws IOException {
        String line = Readings.spectrum(0, 0.25).layers(LAYERS).line();
        try (BufferedWriter writer = Files.newBufferedWriter(file("long"), StandardCharsets.UTF_8)) {
            for (int i = 0; i < 100_000; i++) {
                String ratio = i == 66_666 ? "7.5" : "0.25";
                writer.write(line.replace("\"iteration\":0", "\"iteration\":" + i)
                        .replace("\"rate_over_boundary\":0.25", "\"rate_over_boundary\":" + ratio));
            }
        }
        open();

        browser.awaitData("readings", "100000");

        assertThat(browser.text("about")).contains("each point is the worst of 128 readings");
        assertThat(
                        (Double)
                                browser.run(
                                        """
                        return fetch('/api/runs/0').then(answer => answer.json())
                          .then(run => Math.max(...run.series.spectrum.columns.rate_over_boundary));
                        """))
                .isEqualTo(7.5);
        long busy = busyMilliseconds();
        Pause.briefly();
        for (int i = 0; i < 60; i++) {
            Pause.briefly();
        }
        assertThat(busyMilliseconds() - busy)
                .as("milliseconds of work in three seconds without news")
                .isLessThan(900);
    }

    private static long busyMilliseconds() {
        browser.driver().executeCdpCommand("Performance.enable", Map.of());
        @SuppressWarnings("unchecked")
        List<Map<String, Object>> metrics = (List<Map<String, Object>>) browser.driver()
                .executeCdpCommand("Performance.getMetrics", Map.of())
                .get("metrics");
        return metrics.stream()
                .filter(metric -> metric.get("name").equals("TaskDuration"))
                .mapToLong(metric -> Math.round(1000 * ((Number) metric.get("value")).doubleValue()))
                .sum();
    }

    // ---- servers and tabs that come and go

    @Test
    void goesOnWhereTheServerIsStoppedAndStarted() throws IOException {
        Readings.spectrum(0, 0.6).appendTo(file("a"));
        Readings.spectrum(0, 0.5).appendTo(file("b"));
        open();
        browser.await(
                "runs",
                () -> browser.driver()
                        .findElements(By.cssSelector("#run option"))
                        .size(),
                n -> n == 2);
        choose("a");
        browser.awaitData("readings", "1");
        int port = server.address().getPort();

        server.close();
        browser.awaitData("state", "lost");
        assertThat(browser.text("state")).isEqualTo("The server does not answer; trying again");
        assertThat(browser.text("words")).isEqualTo("near the boundary");
        Readings.spectrum(10, 0.6).appendTo(file("a"));
        server = new PageServer(Page.of(folder), port);

        browser.awaitData("readings", "2");
        browser.awaitData("state", "training");
        assertThat(browser.run("return document.getElementById('run').selectedOptions[0].text"))
                .isEqualTo("a");
        Readings.spectrum(20, 0.7).appendTo(file("a"));
        browser.awaitData("readings", "3");
        assertThat(browser.complaints())
                .allMatch(each -> each.contains("ERR_CONNECTION_REFUSED")
                        || each.contains("ERR_CONNECTION_RESET")
                        || each.contains("ERR_EMPTY_RESPONSE"));
    }

    @Test
    void eightTabsAndOneThatWasHidden() throws IOException {
        Readings.spectrum(0, 0.5).appendTo(file("a"));
        List<String> tabs = new ArrayList<>();
        String first = browser.driver().getWindowHandle();
        try {
            for (int i = 0; i < 8; i++) {
                browser.driver().switchTo().newWindow(WindowType.TAB);
                tabs.add(browser.driver().getWindowHandle());
                open();
                browser.awaitData("readings", "1");
            }
            Readings.spectrum(10, 0.9).appendTo(file("a"));
            for (String tab : tabs) {
                browser.driver().switchTo().window(tab);
                browser.awaitData("readings", "2");
                assertThat(browser.complaints()).isEmpty();
            }
            hide(true);
            Readings.spectrum(20, 1.9).appendTo(file("a"));
            for (int i = 0; i < 50; i++) {
                Pause.briefly();
            }
            assertThat(browser.data("readings"))
                    .as("a hidden page asks for nothing")
                    .isEqualTo("2");
            hide(false);
            browser.awaitData("readings", "3");
            assertThat(browser.text("words")).isEqualTo("BEYOND the boundary");
        } finally {
            for (String tab : tabs) {
                browser.driver().switchTo().window(tab);
                browser.driver().close();
            }
            browser.driver().switchTo().window(first);
        }
    }

    /** A browser without windows hides no tab: the page is told so. */
    private static void hide(boolean hidden) {
        browser.run(
                """
                Object.defineProperty(document, 'hidden', {value: arguments[0], configurable: true});
                document.dispatchEvent(new Event('visibilitychange'));
                """,
                hidden);
    }

    // ---- several runs

    /** Writes readings as another process does, and is killed within a line. */
    static final class OtherProcess {

        public static void main(String... args) throws Exception {
            Path file = Path.of(args[0]);
            for (int i = 0; i < 3; i++) {
                Readings.spectrum(10 * i, 0.4).appendTo(file);
                Thread.sleep(300);
            }
            Files.writeString(file, Readings.spectrum(30, 0.4).line().substring(0, 60), StandardOpenOption.APPEND);
            Runtime.getRuntime().halt(9);
        }
    }

    @Test
    void runsOfOtherProcessesSideBySide() throws Exception {
        Path finished = Files.createDirectory(folder.resolve("finished"));
        Files.writeString(finished.resolve("run.json"), "{\"status\":\"finished\",\"command\":\"ngd train\"}");
        Files.writeString(
                finished.resolve("training.csv"),
                "method,seed,epoch,step,seconds,train_loss,test_loss\nsgd,1,0,0,0,2.3,2.4\nsgd,1,1,10,1,1.1,1.2\n");
        Files.writeString(
                finished.resolve("sharpness-sgd.csv"),
                """
                iteration,epoch,lambda_max,two_over_lambda_max,boundary,rate,rate_over_boundary
                0,0,10,0.2,0.2,0.1,0.5
                10,1,30,0.0667,0.0667,0.1,1.5
                """);
        open();
        browser.awaitData("readings", "4");
        browser.awaitData("state", "finished");
        assertThat(browser.text("words")).isEqualTo("BEYOND the boundary");
        assertThat(titles()).contains("Loss").doesNotContain("Rate over its boundary, all runs");

        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        OtherProcess.class.getName(),
                        file("running").toString())
                .inheritIO()
                .start();
        try {
            // a run that has just begun is shown, as long as nobody has chosen
            browser.awaitData("readings", "3");
            browser.awaitData("state", "training");
            assertThat(other.waitFor()).isEqualTo(9);
        } finally {
            other.destroyForcibly();
        }

        assertThat(browser.text("when")).isEqualTo("20 · 0");
        assertThat(titles()).contains("Rate over its boundary, all runs");
        assertThat(browser.count("all-ratios", 0, 114, 178)).isPositive();
        assertThat(browser.count("all-ratios", 213, 94, 0)).isPositive();
        choose("finished/sgd");
        browser.awaitText("words", "BEYOND the boundary"::equals);
        browser.driver().findElement(By.cssSelector("#compared input")).sendKeys(Keys.SPACE);
        browser.await("lines", () -> browser.count("all-ratios", 213, 94, 0), count -> count == 0);
    }
}
