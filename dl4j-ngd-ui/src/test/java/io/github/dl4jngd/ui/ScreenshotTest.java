package io.github.dl4jngd.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.spectral.listener.FisherSpectrumListener;
import io.github.dl4jngd.spectral.sink.StatsStorageSink;
import io.github.dl4jngd.testing.Browser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.core.storage.StatsStorage;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.ui.model.stats.StatsListener;
import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The picture of the tab in the guide, of a small perceptron: {@code -Dscreenshots.write=FOLDER} writes it. */
@Tag("browser")
@EnabledIfSystemProperty(named = "screenshots.write", matches = ".+")
class ScreenshotTest {

    private static final double RATE = 1.5;
    private static final int STEPS = 150;
    private static final int EVERY = 5;

    @Test
    void writesThePicture() throws IOException {
        Path pictures = Files.createDirectories(Path.of(System.getProperty("screenshots.write")));
        StatsStorage storage = new InMemoryStatsStorage();
        String session = "sgd " + RATE;
        try (Ui ui = Ui.singleSession();
                Browser browser = Browser.start()) {
            ui.attach(storage);
            MultiLayerNetwork network = Training.network(RATE);
            network.setListeners(
                    new StatsListener(storage, null, null, session, null),
                    FisherSpectrumListener.builder()
                            .every(EVERY)
                            .perLayer()
                            .sink(new StatsStorageSink(storage, session))
                            .build());
            Training.train(network, STEPS);

            browser.size(1300, 760);
            browser.open(ui.address(Tab.path()));
            browser.awaitData("iteration", "" + (STEPS - EVERY));
            Files.write(pictures.resolve("live-ui.png"), browser.picture());
            assertThat(browser.complaints()).isEmpty();
        }
    }
}
