package io.github.dl4jngd.spectral.listener;

import io.github.dl4jngd.spectral.sink.Reading;
import io.github.dl4jngd.spectral.sink.Sink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Several sinks, of which one that fails is reported, closed and left out from then on. */
final class Sinks implements Sink {

    private static final Logger log = LoggerFactory.getLogger(Sinks.class);

    private final List<Sink> sinks;

    /** Takes sinks in the order in which they get readings. */
    Sinks(List<Sink> sinks) {
        this.sinks = new ArrayList<>(sinks);
    }

    /** What is done with each sink. */
    @FunctionalInterface
    private interface Action {
        void on(Sink sink) throws IOException;
    }

    private void each(Action action, String what) {
        for (Iterator<Sink> all = sinks.iterator(); all.hasNext(); ) {
            Sink sink = all.next();
            try {
                action.on(sink);
            } catch (IOException | RuntimeException | LinkageError | InternalError | OutOfMemoryError e) {
                // errors too: drawing fails with them where Java has no fonts
                all.remove();
                log.warn(
                        "{} failed {} and gets nothing further; training goes on",
                        sink.getClass().getSimpleName(),
                        what,
                        e);
                closeQuietly(sink);
            }
        }
    }

    private static void closeQuietly(Sink sink) {
        try {
            sink.close();
        } catch (IOException | RuntimeException | LinkageError | InternalError | OutOfMemoryError e) {
            log.debug("closing a failed sink", e);
        }
    }

    @Override
    public void accept(Reading reading) {
        each(sink -> sink.accept(reading), "at iteration " + reading.iteration());
    }

    @Override
    public void flush() {
        each(Sink::flush, "to write");
    }

    @Override
    public void close() {
        each(Sink::close, "to close");
        sinks.clear();
    }
}
