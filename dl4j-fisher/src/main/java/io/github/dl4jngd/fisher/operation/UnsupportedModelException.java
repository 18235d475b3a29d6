package io.github.dl4jngd.fisher.operation;

/** A model, layer, loss or setting that no rule covers; nothing has been changed when it is thrown. */
public final class UnsupportedModelException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /**
     * With a message that names what is not supported and what is.
     *
     * @param message the message
     */
    public UnsupportedModelException(String message) {
        super(message);
    }
}
