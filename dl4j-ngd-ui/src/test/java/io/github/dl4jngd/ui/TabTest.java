package io.github.dl4jngd.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.github.dl4jngd.spectral.listener.FisherSpectrumListener;
import io.github.dl4jngd.spectral.sink.StatsStorageSink;
import io.github.dl4jngd.spectral.sink.StoredReading;
import io.github.dl4jngd.testing.Browser;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.deeplearning4j.core.storage.StatsStorage;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.ui.model.stats.StatsListener;
import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.By;
import org.openqa.selenium.NoAlertPresentException;
import org.openqa.selenium.WebElement;

/** The tab in a real browser, while a model trains that Deeplearning4j's own listener watches, too. */
@Tag("browser")
class TabTest {

    private static final String SESSION = "session <b>1</b>";

    private static Browser browser;

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
    void forget() {
        browser.open(URI.create("about:blank"));
        browser.complaints();
        browser.requests();
        browser.size(1360, 1400);
    }

    private static MultiLayerNetwork network(StatsStorage storage, String session) {
        MultiLayerNetwork network = Training.network(0.1);
        network.setListeners(
                new StatsListener(storage, null, null, session, null),
                FisherSpectrumListener.builder()
                        .every(5)
                        .perLayer()
                        .sink(new StatsStorageSink(storage, session))
                        .build());
        return network;
    }

    private static StoredReading last(StatsStorage storage, String session) {
        return (StoredReading) storage.getLatestUpdate(session, StatsStorageSink.TYPE, "spectrum");
    }

    private static void assertShows(StoredReading reading) {
        double ratio = reading.values().get("rate_over_boundary");
        browser.awaitData("iteration", "" + reading.iteration());
        assertThat(Double.parseDouble(browser.text("ratio").replace("×", ""))).isEqualTo(ratio, offset(0.006 * ratio));
        assertThat(browser.run("return document.getElementById('verdict').className"))
                .isEqualTo("card " + reading.details().get("verdict"));
    }

    /** Whatever the page was, it had nothing to complain of and asked nobody else. */
    private static void assertNothingWasWrong() {
        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.requests())
                .filteredOn(address -> !address.startsWith("data:") && !address.startsWith("about:"))
                .allSatisfy(address -> assertThat(address).startsWith("http://localhost:"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEntryLeadsFromEachPageToTheVerdictAndBack(boolean multiSession) throws IOException {
        StatsStorage storage = new InMemoryStatsStorage();
        try (Ui ui = multiSession ? Ui.multiSession() : Ui.singleSession()) {
            ui.attach(storage);
            new StatsStorageSink(storage, "another").accept(Numbers.spectrum(0, 0.1));
            Training.train(network(storage, SESSION), 11);
            String pages = multiSession ? Tab.path(SESSION).replaceFirst("sharpness/.*", "") : "/train/";
            Ui.await("the session", () -> ui.get(pages + "overview").body().contains("Sharpness"));

            for (String page : List.of("overview", "model", "system")) {
                browser.open(ui.address(pages + page));
                WebElement entry = browser.driver().findElement(By.partialLinkText("Sharpness"));
                assertThat(entry.isDisplayed()).as(page).isTrue();
                assertThat(browser.complaints()).as("complaints of " + page).isEmpty();
                entry.click();
                browser.awaitText("ratio", text -> text.endsWith("×"));
                assertThat(browser.driver().findElements(By.cssSelector("#run option")))
                        .hasSize(2);
                choose(SESSION);
                assertShows(last(storage, SESSION));
                assertNothingWasWrong();

                browser.driver().findElement(By.cssSelector("#dl4j a")).click();
                browser.await("the way back", () -> browser.driver().getCurrentUrl(), url -> url.endsWith("/overview"));
            }
            if (multiSession) {
                browser.open(ui.address(Tab.path(SESSION)));
                browser.awaitText("ratio", text -> text.endsWith("×"));
                assertThat(browser.run("return document.getElementById('run').selectedOptions[0].text"))
                        .isEqualTo(SESSION);
            }
            assertThat(alert()).isFalse();
        }
    }

    private static void choose(String name) {
        browser.run(
                """
                const run = document.getElementById('run');
                run.value = Array.from(run.options).find((each) => each.text === arguments[0]).value;
                run.dispatchEvent(new Event('change'));
                """,
                name);
    }

    private static boolean alert() {
        try {
            browser.driver().switchTo().alert();
            return true;
        } catch (NoAlertPresentException e) {
            return false;
        }
    }

    @Test
    void followsTheTraining() throws IOException {
        StatsStorage storage = new InMemoryStatsStorage();
        try (Ui ui = Ui.singleSession()) {
            ui.attach(storage);
            MultiLayerNetwork network = network(storage, "live");
            Training.train(network, 10);
            browser.open(ui.address(Tab.path()));
            browser.awaitData("readings", "2");
            assertShows(last(storage, "live"));

            network.setLearningRate(50);
            Training.train(network, 1);

            browser.awaitData("readings", "3");
            assertShows(last(storage, "live"));
            assertThat(browser.text("words")).isEqualTo("BEYOND the boundary");
            assertThat(browser.text("layer")).isNotEqualTo("–");
            assertNothingWasWrong();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1360, 400})
    void thePageFitsBesideTheBar(int width) throws IOException {
        StatsStorage storage = new InMemoryStatsStorage();
        new StatsStorageSink(storage, "sgd").accept(Numbers.spectrum(0, 0.7));
        new StatsStorageSink(storage, "sgd").accept(Numbers.spectrum(10, 0.8));
        try (Ui ui = Ui.singleSession()) {
            ui.attach(storage);
            browser.size(width, 900);
            browser.open(ui.address(Tab.path()));
            browser.awaitText("words", "near the boundary"::equals);

            assertThat(browser.run("return document.documentElement.scrollWidth <= window.innerWidth"))
                    .isEqualTo(true);
            assertThat(browser.run("const bar = document.getElementById('dl4j').getBoundingClientRect();"
                            + "const page = document.getElementById('verdict').getBoundingClientRect();"
                            + "return page.left >= bar.right || page.top >= bar.bottom"))
                    .isEqualTo(true);
            assertNothingWasWrong();
        }
    }
}
