package io.github.dl4jngd.fisher.linalg;

import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.bytedeco.javacpp.DoublePointer;

/**
 * LAPACK from OpenBLAS, on the memory of ND4J's CPU arrays. Nothing but {@link Providers} may name this class: its
 * dependency is optional.
 */
final class OpenBlasLinearAlgebra extends LapackLinearAlgebra {

    private OpenBlasLinearAlgebra() {
        super(new OpenBlasFloat(), new OpenBlasDouble());
    }

    /**
     * Creates the provider.
     *
     * @throws LinkageError if OpenBLAS, or LAPACK within it, is missing
     * @throws LinearAlgebraException if its results are wrong, saying what to do
     */
    static LinearAlgebra create() {
        try (DoublePointer four = new DoublePointer(4.0)) {
            new OpenBlasDouble().potrf(1, four, 0);
        }
        LinearAlgebra created = new OpenBlasLinearAlgebra();
        SelfTest.failure(created).ifPresent(failure -> {
            throw new LinearAlgebraException("OpenBLAS " + OpenBlasKernels.version() + " " + failure
                    + ": its kernels for this CPU are wrong. "
                    + OpenBlasKernels.remedy(OpenBlasKernels.recommended().orElse("HASWELL")));
        });
        return created;
    }

    @Override
    public String name() {
        return "openblas";
    }

    @Override
    <T> T runLu(Callable<T> task) {
        return Workers.onLargeStack(task);
    }

    @Override
    <T> T runConcurrently(Supplier<T> task) {
        return OpenBlasThreads.callSingleThreaded(task);
    }
}
