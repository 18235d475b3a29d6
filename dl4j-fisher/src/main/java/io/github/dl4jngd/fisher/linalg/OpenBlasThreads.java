package io.github.dl4jngd.fisher.linalg;

import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.jspecify.annotations.Nullable;

/**
 * OpenBLAS's number of threads, which is one setting for the process, ND4J's matrix products included.
 *
 * <p>Many small factorisations run several times faster from Java threads if OpenBLAS starts none of its own. While any
 * caller needs that the number is 1; the last to leave restores what the first had found.
 */
final class OpenBlasThreads {

    private static final Object LOCK = new Object();
    private static final @Nullable Setter SETTER = Setter.find();
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
                set(1);
            }
        }
    }

    private static void leave() {
        synchronized (LOCK) {
            if (--callers == 0) {
                set(saved);
            }
        }
    }

    private static void set(int threads) {
        if (SETTER == null) {
            openblas.blas_set_num_threads(threads);
        } else {
            SETTER.call(threads);
        }
    }

    /** OpenBLAS's own function: JavaCPP's way to it looks for the library's files at every call. */
    private static final class Setter extends openblas_nolapack.SetNumThreads {

        /** The function, or null where another library, such as MKL, takes OpenBLAS's place. */
        static @Nullable Setter find() {
            Loader.load(openblas.class);
            Pointer address = Loader.addressof("openblas_set_num_threads");
            if (address == null || Loader.addressof("MKL_Set_Num_Threads") != null) {
                return null;
            }
            Setter setter = new Setter();
            setter.put(address);
            return setter;
        }
    }
}
