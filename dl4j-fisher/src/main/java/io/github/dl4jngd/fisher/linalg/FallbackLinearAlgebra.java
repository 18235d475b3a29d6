package io.github.dl4jngd.fisher.linalg;

import io.github.dl4jngd.fisher.internal.Diagonals;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A provider that tries harder where it is allowed to: a matrix that is not positive definite, with jitter, in its own
 * type is factorised in float64; if not so either, with its eigenvalues clipped from below at {@value #FLOOR} of the
 * largest.
 *
 * <p>What is allowed is so for the calling thread; nothing is at first.
 */
public final class FallbackLinearAlgebra implements LinearAlgebra {

    /** The smallest eigenvalue left, relative to the largest. */
    public static final double FLOOR = 1e-8;

    /** What is allowed. */
    public enum Allowed {
        /** Nothing beyond the provider's own. */
        NOTHING,
        /** Factorisations in float64. */
        FLOAT64,
        /** These, and clipped eigenvalues. */
        CLIPPED_EIGENVALUES
    }

    private final LinearAlgebra provider;
    private final ThreadLocal<Allowed> allowed = ThreadLocal.withInitial(() -> Allowed.NOTHING);

    /**
     * Allows nothing yet.
     *
     * @param provider what factorises
     */
    public FallbackLinearAlgebra(LinearAlgebra provider) {
        this.provider = provider;
    }

    /**
     * Sets what the calling thread is allowed from now on.
     *
     * @param remedies what is allowed
     */
    public void allow(Allowed remedies) {
        allowed.set(remedies);
    }

    @Override
    public String name() {
        return provider.name();
    }

    @Override
    public Cholesky cholesky(INDArray a) {
        return provider.cholesky(a);
    }

    @Override
    public Cholesky cholesky(INDArray a, Jitter jitter) {
        // OpenBLAS factorises NaN without complaint
        if (!Double.isFinite(Diagonals.of(a).sumNumber().doubleValue())) {
            throw new LinearAlgebraException("the matrix " + Arguments.shape(a) + " has entries that are not finite");
        }
        NotPositiveDefiniteException failure;
        try {
            return provider.cholesky(a, jitter);
        } catch (NotPositiveDefiniteException e) {
            failure = e;
        }
        if (allowed.get().compareTo(Allowed.FLOAT64) >= 0 && a.dataType() != DataType.DOUBLE) {
            try {
                return new Narrowed(provider.cholesky(a.castTo(DataType.DOUBLE), jitter), a.dataType());
            } catch (NotPositiveDefiniteException e) {
                failure.addSuppressed(e);
            }
        }
        if (allowed.get() == Allowed.CLIPPED_EIGENVALUES) {
            return new Narrowed(provider.cholesky(clipped(a.castTo(DataType.DOUBLE)), jitter), a.dataType());
        }
        throw failure;
    }

    @Override
    public double invert(INDArray a, Jitter jitter) {
        try {
            return provider.invert(a, jitter);
        } catch (NotPositiveDefiniteException e) {
            if (allowed.get() == Allowed.NOTHING) {
                throw e;
            }
            return LinearAlgebra.super.invert(a, jitter);
        }
    }

    /** V max(Λ, floor) Vᵀ; the identity for a matrix without positive eigenvalues. */
    private INDArray clipped(INDArray a) {
        SymmetricEigen eigen = provider.symmetricEigen(a);
        double largest = eigen.values().maxNumber().doubleValue();
        return largest > 0
                ? eigen.reconstruct(value -> Math.max(value, FLOOR * largest))
                : Nd4j.eye(a.size(0)).castTo(DataType.DOUBLE);
    }

    @Override
    public SymmetricEigen symmetricEigen(INDArray a) {
        return provider.symmetricEigen(a);
    }

    @Override
    public GeneralSolution solve(INDArray a, INDArray b) {
        return provider.solve(a, b);
    }

    /** One by one where one of them cannot be factorised as it is. */
    @Override
    public INDArray solveBatch(INDArray a, INDArray b) {
        try {
            return provider.solveBatch(a, b);
        } catch (NotPositiveDefiniteException e) {
            if (allowed.get() == Allowed.NOTHING) {
                throw e;
            }
        }
        INDArray x = b.dup();
        for (long i = 0; i < a.size(0); i++) {
            INDArrayIndex[] member = new INDArrayIndex[b.rank()];
            Arrays.fill(member, NDArrayIndex.all());
            member[0] = NDArrayIndex.point(i);
            INDArray matrix = a.get(NDArrayIndex.point(i), NDArrayIndex.all(), NDArrayIndex.all());
            x.get(member)
                    .assign(cholesky(matrix.dup(), Jitter.defaults())
                            .solve(b.get(member).dup()));
        }
        return x;
    }

    @Override
    public INDArray solveScaled(INDArray k, INDArray scales, INDArray shifts, INDArray b) {
        try {
            return provider.solveScaled(k, scales, shifts, b);
        } catch (NotPositiveDefiniteException e) {
            if (allowed.get() == Allowed.NOTHING) {
                throw e;
            }
            return ScaledSystems.solveByBatches(this, k, scales, shifts, b);
        }
    }

    /** A factorisation in float64 whose results have the matrix's type. */
    private record Narrowed(Cholesky wide, DataType dataType) implements Cholesky {

        @Override
        public INDArray lower() {
            return wide.lower().castTo(dataType);
        }

        @Override
        public INDArray solve(INDArray b) {
            return wide.solve(b.castTo(DataType.DOUBLE)).castTo(dataType);
        }

        @Override
        public INDArray inverse() {
            return wide.inverse().castTo(dataType);
        }

        @Override
        public double logDeterminant() {
            return wide.logDeterminant();
        }

        @Override
        public double jitter() {
            return wide.jitter();
        }

        @Override
        public double reciprocalCondition() {
            return wide.reciprocalCondition();
        }
    }
}
