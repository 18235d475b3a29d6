package io.github.dl4jngd.dashboard;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that answer requests, daemons all. A request has a few seconds, then its thread is interrupted, which
 * cuts its connection: a client that sends or takes bytes one by one cannot keep a thread. While there are very many
 * such clients, further requests are cut at once.
 */
final class Workers implements Executor, AutoCloseable {

    private static final int MOST = 256;
    private static final Duration IDLE = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofSeconds(8);

    private final ThreadPoolExecutor pool;
    private final ScheduledExecutorService watch;

    Workers() {
        pool = new ThreadPoolExecutor(
                0, MOST, IDLE.toMillis(), TimeUnit.MILLISECONDS, new SynchronousQueue<>(), daemons("dashboard"));
        watch = Executors.newSingleThreadScheduledExecutor(daemons("dashboard-watch"));
    }

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public void execute(Runnable task) {
        pool.execute(() -> watched(task));
    }

    private void watched(Runnable task) {
        Limit limit = new Limit(Thread.currentThread());
        Future<?> alarm = watch.schedule(limit::strike, LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        try {
            task.run();
        } finally {
            limit.lift();
            alarm.cancel(false);
        }
    }

    /** Interrupts a thread, but not any more once its task is done. */
    private static final class Limit {

        private final Thread thread;
        private boolean lifted;

        Limit(Thread thread) {
            this.thread = thread;
        }

        synchronized void strike() {
            if (!lifted) {
                thread.interrupt();
            }
        }

        synchronized void lift() {
            lifted = true;
            Thread.interrupted(); // the thread's next task is not to blame
        }
    }

    @Override
    public void close() {
        pool.shutdownNow();
        watch.shutdownNow();
        try {
            pool.awaitTermination(5, TimeUnit.SECONDS);
            watch.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
