package io.github.dl4jngd.fisher.backend;

/** The GPU has no code in the CUDA build that is on the class path. */
public class UnsupportedDeviceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception for a device that the build cannot run.
     *
     * @param message which GPU, which build, what to use instead
     */
    public UnsupportedDeviceException(String message) {
        super(message);
    }
}
