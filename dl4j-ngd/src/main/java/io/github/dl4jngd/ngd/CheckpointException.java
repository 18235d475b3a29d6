package io.github.dl4jngd.ngd;

import java.io.IOException;

/** A file that is no checkpoint, is damaged, of another version, or of another model; nothing has been changed. */
public final class CheckpointException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * With a message that names the file and what is wrong.
     *
     * @param message the message
     */
    public CheckpointException(String message) {
        super(message);
    }

    /**
     * With a message and a cause.
     *
     * @param message the message
     * @param cause the cause
     */
    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }
}
