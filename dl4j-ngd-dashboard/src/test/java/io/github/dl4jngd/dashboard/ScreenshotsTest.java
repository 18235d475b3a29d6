package io.github.dl4jngd.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.datasets.DatasetLoader;
import io.github.dl4jngd.datasets.ImageDataSetIterator;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.LoadedDataset;
import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.spectral.listener.FisherSpectrumListener;
import io.github.dl4jngd.spectral.listener.IsotropyListener;
import io.github.dl4jngd.testing.Browser;
import io.github.dl4jngd.testing.Pause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * The pictures of the page in the guide, of a perceptron on MNIST that SGD, K-FAC and Adam train:
 * {@code -Dscreenshots.write=FOLDER} writes them. MNIST is looked for in {@code NGD_DATA} and {@code ../shared/data}.
 */
@Tag("browser")
@EnabledIfSystemProperty(named = "screenshots.write", matches = ".+")
class ScreenshotsTest {

    private static final int STEPS = 150;
    private static final int EVERY = 10;

    @TempDir
    Path folder;

    @Test
    void writesThePictures() throws IOException {
        Path pictures = Files.createDirectories(Path.of(System.getProperty("screenshots.write")));
        LoadedDataset mnist = mnist();
        assertThat(mnist.synthetic()).as("MNIST itself is here").isFalse();
        try (Browser browser = Browser.start();
                Dashboard dashboard = Dashboard.open(folder, 0)) {
            browser.size(1100, 1500);
            train(dashboard, "adam 0.001", new Adam(0.001), false, mnist);
            shoot(browser, dashboard, pictures.resolve("live-adam.png"));
            train(dashboard, "kfac", new Sgd(1.0), true, mnist);
            shoot(browser, dashboard, pictures.resolve("live-kfac.png"));
            train(dashboard, "sgd 0.3", new Sgd(0.3), false, mnist);
            shoot(browser, dashboard, pictures.resolve("live-sgd.png"));
            assertThat(browser.complaints()).isEmpty();
        }
    }

    private static LoadedDataset mnist() throws IOException {
        Path shared = List.of(Path.of("../shared/data/mnist"), Path.of("../../shared/data/mnist")).stream()
                .filter(Files::isDirectory)
                .findFirst()
                .orElse(null);
        return DatasetLoader.builder(ImageDataset.MNIST).data(shared).build().load();
    }

    private static void train(Dashboard dashboard, String name, IUpdater updater, boolean kfac, LoadedDataset mnist) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(updater)
                .activation(Activation.TANH)
                .list(
                        new DenseLayer.Builder()
                                .name("first")
                                .nIn(784)
                                .nOut(128)
                                .build(),
                        new DenseLayer.Builder()
                                .name("second")
                                .nIn(128)
                                .nOut(64)
                                .build(),
                        new OutputLayer.Builder().name("out").nIn(64).nOut(10).build())
                .build());
        network.init();
        if (kfac) {
            NaturalGradient.attach(network, Kfac.defaults());
        }
        FisherSpectrumListener spectrum = FisherSpectrumListener.builder()
                .every(EVERY)
                .perLayer()
                .sink(dashboard.run(name))
                .build();
        network.addListeners(spectrum);
        if (kfac) {
            network.addListeners(IsotropyListener.builder()
                    .every(2)
                    .sink(dashboard.run(name))
                    .build());
        }
        ImageDataSetIterator images = ImageDataSetIterator.builder(mnist.train())
                .batchSize(128)
                .limit(128 * STEPS)
                .shuffle(1)
                .build();
        while (images.hasNext()) {
            network.fit(images.next());
        }
        assertThat(spectrum.failures()).isZero();
    }

    private static void shoot(Browser browser, Dashboard dashboard, Path picture) throws IOException {
        browser.open(dashboard.address());
        browser.await("iteration", () -> browser.data("iteration"), text -> text.equals("" + (STEPS - EVERY)));
        Pause.briefly();
        // which says in which folder for temporary files the runs are
        browser.run("document.querySelector('footer').hidden = true");
        Files.write(picture, browser.picture());
    }
}
