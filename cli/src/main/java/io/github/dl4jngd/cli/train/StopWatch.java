package io.github.dl4jngd.cli.train;

/** A clock that can be stopped and started again. */
final class StopWatch {

    private static final double NANOSECONDS = 1e9;

    private long elapsed;
    private long started;
    private boolean running;

    void start() {
        started = System.nanoTime();
        running = true;
    }

    void stop() {
        elapsed += System.nanoTime() - started;
        running = false;
    }

    /** Seconds between all starts and stops so far; the clock must stand. */
    double seconds() {
        if (running) {
            throw new IllegalStateException("the clock is running");
        }
        return elapsed / NANOSECONDS;
    }
}
