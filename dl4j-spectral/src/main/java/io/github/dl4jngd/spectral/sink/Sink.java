package io.github.dl4jngd.spectral.sink;

import java.io.IOException;

/** Takes the readings of a listener, on the training thread. */
public interface Sink extends AutoCloseable {

    /**
     * Takes a reading.
     *
     * @param reading what was read
     * @throws IOException when it cannot be kept; the sink is then closed and gets nothing further
     */
    void accept(Reading reading) throws IOException;

    /**
     * Brings everything taken so far to where it is kept; called at the end of epochs.
     *
     * @throws IOException when it cannot be kept
     */
    default void flush() throws IOException {}

    /**
     * Flushes and frees what the sink holds. Does nothing the second time.
     *
     * @throws IOException when something cannot be kept
     */
    @Override
    default void close() throws IOException {
        flush();
    }
}
