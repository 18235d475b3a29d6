package io.github.dl4jngd.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** Sets how much is logged; {@code logback.xml} starts with warnings only. */
final class Logging {

    private Logging() {}

    /** Logs what this project and Deeplearning4j say about themselves. */
    static void raise() {
        level(org.slf4j.Logger.ROOT_LOGGER_NAME, Level.INFO);
        level("io.github.dl4jngd", Level.DEBUG);
    }

    private static void level(String logger, Level level) {
        if (LoggerFactory.getLogger(logger) instanceof Logger logback) {
            logback.setLevel(level);
        }
    }
}
