package io.github.dl4jngd.ngd;

/** A step that cannot be taken for what its numbers are; what becomes of it is the {@link FailurePolicy}'s to say. */
final class NumericalFailureException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NumericalFailureException(String message) {
        super(message);
    }

    NumericalFailureException(String message, Throwable cause) {
        super(message, cause);
    }
}
