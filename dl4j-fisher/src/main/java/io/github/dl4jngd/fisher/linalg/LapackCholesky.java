package io.github.dl4jngd.fisher.linalg;

import java.lang.ref.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A factorisation by LAPACK.
 *
 * @param <S> what holds the numbers
 */
final class LapackCholesky<S> implements Cholesky {

    private final Lapack<S> lapack;
    private final int n;
    private final INDArray lower;
    private final S factor;
    private final double norm1;

    private LapackCholesky(Lapack<S> lapack, int n, INDArray lower, S factor, double norm1) {
        this.lapack = lapack;
        this.n = n;
        this.lower = lower;
        this.factor = factor;
        this.norm1 = norm1;
    }

    static <S> LapackCholesky<S> factorise(Lapack<S> lapack, int n, INDArray a) {
        INDArray copy = a.dup('c');
        try {
            S storage = lapack.storage(copy);
            double norm1 = lapack.symmetricNorm1(n, storage);
            int info = lapack.potrf(n, storage, 0);
            Arguments.requireAccepted("potrf", info);
            if (info > 0) {
                throw Arguments.notPositiveDefinite(a, info);
            }
            lapack.clearUpper(n, storage);
            INDArray lower = lapack.array(storage, copy);
            return new LapackCholesky<>(lapack, n, lower, storage, norm1);
        } finally {
            Reference.reachabilityFence(copy);
        }
    }

    @Override
    public INDArray lower() {
        return lower;
    }

    @Override
    public INDArray solve(INDArray b) {
        Arguments.requireRightHandSide(b, n, lower.dataType());
        INDArray x = b.dup('f');
        try {
            S storage = lapack.storage(x);
            lapack.potrs(n, LapackLinearAlgebra.columns(b, 1), factor, 0, storage, 0);
            return lapack.array(storage, x);
        } finally {
            Reference.reachabilityFence(x);
            Reference.reachabilityFence(lower);
        }
    }

    @Override
    public INDArray inverse() {
        INDArray copy = lower.dup('c');
        try {
            S storage = lapack.storage(copy);
            lapack.potri(n, storage);
            lapack.mirrorLower(n, storage);
            return lapack.array(storage, copy);
        } finally {
            Reference.reachabilityFence(copy);
        }
    }

    @Override
    public double logDeterminant() {
        return Arguments.logDeterminant(lower);
    }

    @Override
    public double jitter() {
        return 0;
    }

    @Override
    public double reciprocalCondition() {
        try {
            return lapack.pocon(n, factor, norm1);
        } finally {
            Reference.reachabilityFence(lower);
        }
    }
}
