package io.github.dl4jngd.datasets;

import java.io.IOException;

/**
 * A data file that is truncated, corrupt or not what it should be. The message names the file, what was expected and
 * what was found.
 *
 * @serial exclude
 */
@SuppressWarnings("InvalidBlockTag") // @serial exclude is for classes, whatever Error Prone says
public final class MalformedDataException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String file;

    MalformedDataException(String file, String expected, String found) {
        this(file, expected, found, null);
    }

    MalformedDataException(String file, String expected, String found, Throwable cause) {
        super(file + ": expected " + expected + ", found " + found, cause);
        this.file = file;
    }

    /**
     * The file in question.
     *
     * @return its path or URI
     */
    public String file() {
        return file;
    }
}
