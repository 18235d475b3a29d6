package io.github.dl4jngd.datasets;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Closes a stream on which nothing has arrived for a while: {@code java.net.http} has no time limit for a response's
 * body.
 */
final class StallGuard implements Closeable {

    private final InputStream in;
    private final long limitNanos;
    private final ScheduledExecutorService timer;
    private volatile long lastProgress = System.nanoTime();
    private volatile boolean tripped;

    @SuppressWarnings("FutureReturnValueIgnored") // ends with the executor
    StallGuard(InputStream in, Duration limit) {
        this.in = in;
        this.limitNanos = limit.toNanos();
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "dl4j-ngd-download-watch");
            thread.setDaemon(true);
            return thread;
        });
        long period = Math.max(1, limit.toMillis() / 4);
        timer.scheduleWithFixedDelay(this::check, period, period, TimeUnit.MILLISECONDS);
    }

    void progress() {
        lastProgress = System.nanoTime();
    }

    boolean tripped() {
        return tripped;
    }

    private void check() {
        if (System.nanoTime() - lastProgress < limitNanos) {
            return;
        }
        tripped = true;
        try {
            in.close();
        } catch (IOException e) {
            // The reader sees the closed stream, which is all that is wanted.
            timer.shutdown();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
