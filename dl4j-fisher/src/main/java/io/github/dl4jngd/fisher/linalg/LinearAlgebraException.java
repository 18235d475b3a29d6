package io.github.dl4jngd.fisher.linalg;

import org.jspecify.annotations.Nullable;

/** A factorisation or solve that failed because of the numbers given to it, or for lack of a provider. */
public class LinearAlgebraException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception with a message.
     *
     * @param message what was wrong, what was expected, what to do
     */
    public LinearAlgebraException(String message) {
        super(message);
    }

    /**
     * Creates an exception with a message and a cause.
     *
     * @param message what was wrong, what was expected, what to do
     * @param cause what led to it; null if unknown
     */
    public LinearAlgebraException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
