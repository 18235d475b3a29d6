package io.github.dl4jngd.testing;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** What a version of Deeplearning4j itself fails on, so that there is nothing of its own to compare with. */
public enum KnownDefect {

    /** Its dense layers hand {@code layer_norm} a gain of shape [1, n], which wants [n]: every forward pass throws. */
    LAYER_NORMALISATION_IN_DENSE_LAYERS("1.0.0-M1.1"),

    /** It refuses to pool with a window that is larger than what is left of its input, in its forward pass. */
    POOLING_WINDOWS_LARGER_THAN_THEIR_INPUT("1.0.0-M1.1"),

    /**
     * It reads parameters of shape [1, P] alone, and 1.0.0-M2.1 writes them as [P]: files of the later line are not its
     * own.
     */
    FILES_OF_THE_LATER_LINE("1.0.0-M1.1");

    private final String version;

    KnownDefect(String version) {
        this.version = version;
    }

    /** Skips the test that calls it, by this name, under the version that has the defect. */
    public void skip() {
        assumeFalse(version.equals(deeplearning4j()), () -> "Deeplearning4j " + version + " itself fails: " + name());
    }

    private static String deeplearning4j() {
        Properties properties = new Properties();
        try (InputStream in = MultiLayerNetwork.class.getResourceAsStream(
                "/META-INF/maven/org.deeplearning4j/deeplearning4j-nn/pom.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version");
    }
}
