package io.github.dl4jngd.cli.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The versions that the build wrote into {@code version.properties}. */
public final class Versions {

    private static final Properties PROPERTIES = load();

    private Versions() {}

    private static Properties load() {
        Properties properties = new Properties();
        try (InputStream in = Versions.class.getResourceAsStream("version.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }

    /**
     * This project's version.
     *
     * @return such as {@code 0.1.0}
     */
    public static String project() {
        return PROPERTIES.getProperty("project");
    }

    /**
     * The version of Deeplearning4j it was built against.
     *
     * @return such as {@code 1.0.0-M2.1}
     */
    public static String deeplearning4j() {
        return PROPERTIES.getProperty("deeplearning4j");
    }
}
