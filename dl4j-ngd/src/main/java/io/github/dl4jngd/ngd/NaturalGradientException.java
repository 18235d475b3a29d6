package io.github.dl4jngd.ngd;

/** A step that could not be taken; parameters and updater state are as they were before it. */
public final class NaturalGradientException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * With a message that names the iteration and what was wrong.
     *
     * @param message the message
     */
    public NaturalGradientException(String message) {
        super(message);
    }

    /**
     * With a message and a cause.
     *
     * @param message the message
     * @param cause the cause
     */
    public NaturalGradientException(String message, Throwable cause) {
        super(message, cause);
    }
}
