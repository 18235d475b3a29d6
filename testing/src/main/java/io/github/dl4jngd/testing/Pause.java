package io.github.dl4jngd.testing;

/** Waiting in tests that ask again and again whether something has happened. */
public final class Pause {

    private static final long MILLISECONDS = 50;

    private Pause() {}

    /** Waits a moment. */
    public static void briefly() {
        try {
            Thread.sleep(MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
