package io.github.dl4jngd.fisher.linalg;

import java.lang.ref.Reference;
import java.util.concurrent.Callable;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What the providers over a LAPACK have in common. */
abstract class LapackLinearAlgebra implements LinearAlgebra {

    private final Lapack<?> float32;
    private final Lapack<?> float64;

    LapackLinearAlgebra(Lapack<?> float32, Lapack<?> float64) {
        this.float32 = float32;
        this.float64 = float64;
    }

    /** Runs an LU decomposition where it has the stack it needs. */
    abstract <T> T runLu(Callable<T> task);

    /** Runs a task that calls LAPACK from many threads. */
    abstract <T> T runConcurrently(Supplier<T> task);

    private Lapack<?> lapack(DataType type) {
        return type == DataType.FLOAT ? float32 : float64;
    }

    @Override
    public final Cholesky cholesky(INDArray a) {
        int n = Arrays2d.requireSquare(a);
        return LapackCholesky.factorise(lapack(a.dataType()), n, a);
    }

    @Override
    public final SymmetricEigen symmetricEigen(INDArray a) {
        int n = Arrays2d.requireSquare(a);
        return symmetricEigen(lapack(a.dataType()), n, a);
    }

    private static <S> SymmetricEigen symmetricEigen(Lapack<S> lapack, int n, INDArray a) {
        INDArray vectors = a.dup('c');
        INDArray values = Nd4j.create(a.dataType(), n);
        try {
            S vectorStorage = lapack.storage(vectors);
            S valueStorage = lapack.storage(values);
            int info = lapack.syevd(n, vectorStorage, valueStorage);
            if (info != 0) {
                throw new LinearAlgebraException("the symmetric eigenvalue iteration did not converge for the matrix "
                        + Arrays2d.shape(a) + " of " + a.dataType() + " (LAPACK syevd, info " + info
                        + "). Scale the matrix, or decompose it in float64");
            }
            return new SymmetricEigen(
                    lapack.array(valueStorage, values),
                    lapack.array(vectorStorage, vectors).transpose());
        } finally {
            Reference.reachabilityFence(vectors);
            Reference.reachabilityFence(values);
        }
    }

    @Override
    public final GeneralSolution solve(INDArray a, INDArray b) {
        int n = Arrays2d.requireSquare(a);
        Arrays2d.requireRightHandSide(b, n, a.dataType());
        return solve(lapack(a.dataType()), n, a, b);
    }

    private <S> GeneralSolution solve(Lapack<S> lapack, int n, INDArray a, INDArray b) {
        INDArray lu = a.dup('f');
        INDArray x = b.dup('f');
        try {
            int k = columns(b, 1);
            S luStorage = lapack.storage(lu);
            S xStorage = lapack.storage(x);
            double norm1 = lapack.generalNorm1(n, luStorage);
            double reciprocalCondition = runLu(() -> {
                int[] pivots = new int[n];
                int info = lapack.getrf(n, luStorage, pivots);
                Arrays2d.requireAccepted("getrf", info);
                if (info > 0) {
                    return 0.0;
                }
                double estimate = lapack.gecon(n, luStorage, norm1);
                lapack.getrs(n, k, luStorage, pivots, xStorage);
                return estimate;
            });
            Arrays2d.requireRegular(a, reciprocalCondition);
            return new GeneralSolution(lapack.array(xStorage, x), reciprocalCondition);
        } finally {
            Reference.reachabilityFence(lu);
            Reference.reachabilityFence(x);
        }
    }

    @Override
    public final INDArray solveBatch(INDArray a, INDArray b) {
        int n = Arrays2d.requireSquareBatch(a);
        Arrays2d.requireRightHandSideBatch(b, a.size(0), n, a.dataType());
        return solveBatch(lapack(a.dataType()), n, a, b);
    }

    private <S> INDArray solveBatch(Lapack<S> lapack, int n, INDArray a, INDArray b) {
        int batch = Math.toIntExact(a.size(0));
        int k = columns(b, 2);
        INDArray factors = a.dup('c');
        INDArray x = b.rank() == 2 ? b.dup('c') : b.permute(0, 2, 1).dup('c');
        try {
            S factorStorage = lapack.storage(factors);
            S xStorage = lapack.storage(x);
            IntUnaryOperator member = i -> {
                long offset = (long) i * n * n;
                int info = lapack.potrf(n, factorStorage, offset);
                return info != 0 ? info : lapack.potrs(n, k, factorStorage, offset, xStorage, (long) i * n * k);
            };
            Workers.Failure failure = batch == 1
                    ? Workers.firstFailure(1, member)
                    : runConcurrently(() -> Workers.firstFailure(batch, member));
            if (failure != null) {
                Arrays2d.requireAccepted("potrf", failure.info());
                throw Arrays2d.notPositiveDefinite(a, failure.index(), failure.info());
            }
            INDArray solution = lapack.array(xStorage, x);
            return b.rank() == 2 ? solution : solution.permute(0, 2, 1).dup('c');
        } finally {
            Reference.reachabilityFence(factors);
            Reference.reachabilityFence(x);
        }
    }

    static int columns(INDArray b, int axis) {
        return b.rank() > axis ? Math.toIntExact(b.size(axis)) : 1;
    }
}
