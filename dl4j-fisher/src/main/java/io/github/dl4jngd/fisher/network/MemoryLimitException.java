package io.github.dl4jngd.fisher.network;

import java.io.Serial;

/** What was asked for needs more memory than its limit. */
public final class MemoryLimitException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * With a message that names the amounts.
     *
     * @param message what needs how much, and what to do
     */
    public MemoryLimitException(String message) {
        super(message);
    }
}
