package io.github.dl4jngd.spectral.sink;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs readings at level info. */
public final class LogSink implements Sink {

    private static final Logger log = LoggerFactory.getLogger(LogSink.class);

    /** Creates a sink that logs under its own class. */
    public LogSink() {}

    @Override
    public void accept(Reading reading) {
        log.info("{}", reading);
    }
}
