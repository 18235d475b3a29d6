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
     */
    static LinearAlgebra create() {
        try (DoublePointer four = new DoublePointer(4.0)) {
            new OpenBlasDouble().potrf(1, four, 0);
        }
        return new OpenBlasLinearAlgebra();
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
