package io.github.dl4jngd.fisher.linalg;

import java.util.function.Supplier;
import org.bytedeco.openblas.global.openblas;

/**
 * OpenBLAS's number of threads, which is one setting for the process, ND4J's matrix products included.
 *
 * <p>Many small factorisations run several times faster from Java threads if OpenBLAS starts none of its own. While any
 * caller needs that the number is 1; the last to leave restores what the first had found.
 */
final class OpenBlasThreads {

    private static final Object LOCK = new Object();
    private static int callers;
    private static int saved;

    private OpenBlasThreads() {}

    static <T> T callSingleThreaded(Supplier<T> task) {
        enter();
        try {
            return task.get();
        } finally {
            leave();
        }
    }

    private static void enter() {
        synchronized (LOCK) {
            if (callers++ == 0) {
                saved = openblas.blas_get_num_threads();
                openblas.blas_set_num_threads(1);
            }
        }
    }

    private static void leave() {
        synchronized (LOCK) {
            if (--callers == 0) {
                openblas.blas_set_num_threads(saved);
            }
        }
    }
}
