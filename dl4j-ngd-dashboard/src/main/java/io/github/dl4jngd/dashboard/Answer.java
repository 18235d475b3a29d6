package io.github.dl4jngd.dashboard;

/** What is at a path of the page. */
final class Answer {

    private final String type;
    private final byte[] bytes;

    Answer(String type, byte[] bytes) {
        this.type = type;
        this.bytes = bytes;
    }

    /** Its media type. */
    String type() {
        return type;
    }

    /** What is in it; not to be changed. */
    byte[] bytes() {
        return bytes;
    }
}
