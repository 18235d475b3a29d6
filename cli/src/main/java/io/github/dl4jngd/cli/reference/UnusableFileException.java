package io.github.dl4jngd.cli.reference;

import java.nio.file.Path;

/**
 * A reference file that cannot be used: something is missing, of the wrong shape, or of a kind that is not supported.
 */
public final class UnusableFileException extends Exception {

    private static final long serialVersionUID = 1L;

    /**
     * Says what is wrong with a file.
     *
     * @param file the file
     * @param message what was expected and what was found, naming the key
     */
    public UnusableFileException(Path file, String message) {
        super(file + ": " + message);
    }

    /**
     * The same, with what revealed it.
     *
     * @param file the file
     * @param message what was expected and what was found, naming the key
     * @param cause the cause
     */
    public UnusableFileException(Path file, String message, Throwable cause) {
        super(file + ": " + message, cause);
    }
}
