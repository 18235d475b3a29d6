package io.github.dl4jngd.fisher.linalg;

import io.github.dl4jngd.fisher.internal.Diagonals;
import java.lang.ref.Reference;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What the providers over a LAPACK have in common. */
abstract class LapackLinearAlgebra implements LinearAlgebra {

    private final Lapack<?> float32;
    private final Float64Lapack<?> float64;

    LapackLinearAlgebra(Lapack<?> float32, Float64Lapack<?> float64) {
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
        int n = Arguments.requireSquare(a);
        return LapackCholesky.factorise(lapack(a.dataType()), n, a);
    }

    @Override
    public final double invert(INDArray a, Jitter jitter) {
        int n = Arguments.requireSquare(a);
        return invert(lapack(a.dataType()), n, a) ? 0 : LinearAlgebra.super.invert(a, jitter);
    }

    /** A⁻¹ in A's place; false where A, as it was, is not positive definite. */
    private static <S> boolean invert(Lapack<S> lapack, int n, INDArray a) {
        INDArray diagonal = Diagonals.of(a).dup();
        try {
            S storage = lapack.storage(a);
            int info = lapack.potrf(n, storage, 0);
            Arguments.requireAccepted("potrf", info);
            if (info == 0) {
                lapack.potri(n, storage);
                lapack.mirrorLower(n, storage);
            } else {
                // a factorisation leaves the other triangle alone
                lapack.mirrorUpper(n, storage);
            }
            INDArray result = lapack.array(storage, a);
            if (result != a) {
                a.assign(result);
            }
            if (info > 0) {
                Diagonals.of(a).assign(diagonal);
            }
            return info == 0;
        } finally {
            Reference.reachabilityFence(a);
        }
    }

    @Override
    public final SymmetricEigen symmetricEigen(INDArray a) {
        int n = Arguments.requireSquare(a);
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
                        + Arguments.shape(a) + " of " + a.dataType() + " (LAPACK syevd, info " + info
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
        int n = Arguments.requireSquare(a);
        Arguments.requireRightHandSide(b, n, a.dataType());
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
                Arguments.requireAccepted("getrf", info);
                if (info > 0) {
                    return 0.0;
                }
                double estimate = lapack.gecon(n, luStorage, norm1);
                lapack.getrs(n, k, luStorage, pivots, xStorage);
                return estimate;
            });
            Arguments.requireRegular(a, reciprocalCondition);
            return new GeneralSolution(lapack.array(xStorage, x), reciprocalCondition);
        } finally {
            Reference.reachabilityFence(lu);
            Reference.reachabilityFence(x);
        }
    }

    @Override
    public final INDArray solveBatch(INDArray a, INDArray b) {
        int n = Arguments.requireSquareBatch(a);
        Arguments.requireRightHandSideBatch(b, a.size(0), n, a.dataType());
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
                Arguments.requireAccepted("potrf", failure.info());
                throw Arguments.notPositiveDefinite(a, failure.index(), failure.info());
            }
            INDArray solution = lapack.array(xStorage, x);
            return b.rank() == 2 ? solution : solution.permute(0, 2, 1).dup('c');
        } finally {
            Reference.reachabilityFence(factors);
            Reference.reachabilityFence(x);
        }
    }

    @Override
    public final INDArray solveScaled(INDArray k, INDArray scales, INDArray shifts, INDArray b) {
        int n = Arguments.requireSquare(k);
        if (k.dataType() != DataType.DOUBLE || scales.rank() != 2 || scales.size(1) != n) {
            throw new IllegalArgumentException(
                    "Expected a matrix of DOUBLE and one scale for each of its " + n + " rows, got " + k.dataType()
                            + " and scales of shape " + java.util.Arrays.toString(scales.shape()));
        }
        ScaledSystems.requireFinite(k, scales, shifts, b);
        return solveScaled(float64, k, scales, shifts.toDoubleVector(), b);
    }

    /** Every worker makes its matrices in a place of its own, small enough for the core's cache. */
    private <S> INDArray solveScaled(
            Float64Lapack<S> lapack, INDArray k, INDArray scales, double[] shifts, INDArray b) {
        int n = Math.toIntExact(k.size(0));
        int units = Math.toIntExact(scales.size(0));
        double[] kernel = doubles(lapack, k);
        double[] all = doubles(lapack, scales);
        double[] x = doubles(lapack, b);
        int places = Workers.count();
        long placeSize = (long) n * (n + 1);
        INDArray memory = Nd4j.createUninitialized(DataType.DOUBLE, places * placeSize);
        Queue<ScaledSystems.Place> free = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < places; i++) {
            free.add(new ScaledSystems.Place(i * placeSize, n));
        }
        try {
            S storage = lapack.storage(memory);
            Workers.Failure failure = runConcurrently(() -> Workers.firstFailure(units, unit -> {
                ScaledSystems.Place place = free.remove();
                try {
                    place.make(kernel, all, unit, shifts[unit], x);
                    int info = solve(lapack, storage, place);
                    place.take(all, unit, shifts[unit], x);
                    return place.size() < n && shifts[unit] < 0 ? 1 : info;
                } finally {
                    free.add(place);
                }
            }));
            if (failure != null) {
                Arguments.requireAccepted("posv", failure.info());
                INDArray matrix = ScaledSystems.matrices(
                                k, scales.getRow(failure.index(), true), Nd4j.createFromArray(shifts[failure.index()]))
                        .slice(0);
                throw Arguments.notPositiveDefinite(matrix, failure.info());
            }
            return Nd4j.createFromArray(x).reshape('c', units, n);
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /** Solves a place's system; returns 0, or the order of the leading minor that is not positive. */
    private static <S> int solve(Float64Lapack<S> lapack, S storage, ScaledSystems.Place place) {
        int size = place.size();
        if (size == 0) {
            return 0;
        }
        long vector = place.offset + (long) size * size;
        lapack.put(storage, place.offset, place.matrix, size * size);
        lapack.put(storage, vector, place.vector, size);
        int info = lapack.posv(size, storage, place.offset, storage, vector);
        lapack.get(storage, vector, place.vector, size);
        return info <= 0 ? info : place.row(info - 1) + 1;
    }

    /** An array's numbers by rows, in float64. */
    private static <S> double[] doubles(Float64Lapack<S> lapack, INDArray array) {
        INDArray rows = array.castTo(DataType.DOUBLE).dup('c');
        double[] values = new double[Math.toIntExact(rows.length())];
        try {
            lapack.get(lapack.storage(rows), 0, values, values.length);
            return values;
        } finally {
            Reference.reachabilityFence(rows);
        }
    }

    static int columns(INDArray b, int axis) {
        return b.rank() > axis ? Math.toIntExact(b.size(axis)) : 1;
    }
}
