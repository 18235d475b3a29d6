package io.github.dl4jngd.fisher.linalg;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Daemon threads for LAPACK, one per core, which end when idle.
 *
 * <p>Their stacks are large because OpenBLAS's LU overruns Java's default of 1 MB and takes the process with it. They
 * work on raw memory only: an array allocated by them would land in a workspace of theirs, not of the caller's.
 */
final class Workers {

    private static final int COUNT = Runtime.getRuntime().availableProcessors();
    private static final long STACK_BYTES = 64L << 20;
    private static final long IDLE_SECONDS = 30;
    private static final ThreadPoolExecutor POOL = pool();

    private Workers() {}

    private static ThreadPoolExecutor pool() {
        AtomicInteger count = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                COUNT, COUNT, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread =
                            new Thread(top(), task, "dl4j-ngd-linalg-" + count.incrementAndGet(), STACK_BYTES, false);
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Whoever runs a program in a thread group of its own and waits for that to end need not wait for idle threads. */
    private static ThreadGroup top() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return group;
    }

    /** How many there are. */
    static int count() {
        return COUNT;
    }

    /** Runs a task on a thread with a large stack and waits for it. */
    static <T extends @Nullable Object> T onLargeStack(Callable<T> task) {
        return await(POOL.submit(task));
    }

    /** A task that returned something other than 0. */
    record Failure(int index, int info) {}

    /**
     * Runs task(0) … task(count − 1) over all cores until one returns something other than 0.
     *
     * @return the failure of the lowest index; null if all returned 0
     */
    static @Nullable Failure firstFailure(int count, IntUnaryOperator task) {
        if (count == 1) {
            int info = task.applyAsInt(0);
            return info == 0 ? null : new Failure(0, info);
        }
        AtomicInteger next = new AtomicInteger();
        List<Future<@Nullable Failure>> running = new ArrayList<>();
        for (int worker = 0; worker < Math.min(COUNT, count); worker++) {
            running.add(POOL.submit(() -> {
                // Indices are handed out in ascending order, so every index below a failed one is in good hands.
                for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                    int info = task.applyAsInt(i);
                    if (info != 0) {
                        next.set(count);
                        return new Failure(i, info);
                    }
                }
                return null;
            }));
        }
        @Nullable Failure first = null;
        for (@Nullable Failure failure : awaitAll(running)) {
            if (failure != null && (first == null || failure.index() < first.index())) {
                first = failure;
            }
        }
        return first;
    }

    /** Waits for all before it throws what one of them threw: they work on the caller's memory. */
    private static <T extends @Nullable Object> List<T> awaitAll(List<Future<T>> tasks) {
        List<T> results = new ArrayList<>();
        RuntimeException failure = null;
        for (Future<T> task : tasks) {
            try {
                results.add(await(task));
            } catch (LinearAlgebraException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
        return results;
    }

    /** Waits even if interrupted, for the same reason, and leaves the interruption pending. */
    private static <T extends @Nullable Object> T await(Future<T> task) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof LinearAlgebraException failure) {
                        throw failure;
                    }
                    throw new LinearAlgebraException("a worker thread failed: " + e.getCause(), e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
