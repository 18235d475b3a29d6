package io.github.dl4jngd.dashboard.internal;

/** What is at a path of the page. */
public final class Answer {

    private final String type;
    private final byte[] bytes;

    /**
     * An answer.
     *
     * @param type its media type
     * @param bytes what is in it; not to be changed
     */
    public Answer(String type, byte[] bytes) {
        this.type = type;
        this.bytes = bytes;
    }

    /**
     * Its media type.
     *
     * @return such as {@code text/css; charset=utf-8}
     */
    public String type() {
        return type;
    }

    /**
     * What is in it.
     *
     * @return its bytes; not to be changed
     */
    public byte[] bytes() {
        return bytes;
    }
}
