package io.github.dl4jngd.fisher.linalg;

import io.github.dl4jngd.fisher.internal.Diagonals;
import io.github.dl4jngd.fisher.internal.Products;
import org.nd4j.linalg.api.blas.BlasException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * ND4J's own operations, of which few can be used. Arrays stay on the device: only scalars, eigenvalues and, on
 * failure, diagonals come to the host.
 *
 * <ul>
 *   <li>{@code Lapack.potrf}, {@code syev} and {@code geqrf} call LAPACK on a CPU and cuSOLVER on a GPU. {@code getrf}
 *       would be cheaper than {@code geqrf}, but overruns Java's default stack on a CPU.
 *   <li>The operation {@code triangular_solve} is right but slow for many right-hand sides: see {@link
 *       BlockedTriangularSolver}.
 *   <li>The operations {@code cholesky} and {@code qr} take seconds for n = 300; {@code qr} crashes for n = 1.
 * </ul>
 */
final class PortableLinearAlgebra implements LinearAlgebra {

    @Override
    public String name() {
        return "portable";
    }

    @Override
    public Cholesky cholesky(INDArray a) {
        Arguments.requireSquare(a);
        INDArray lower = a.dup('f');
        try {
            Nd4j.getBlasWrapper().lapack().potrf(lower, true);
        } catch (BlasException e) {
            // On a CPU the code is LAPACK's info; on a GPU it is the status of a call that failed.
            if (!Nd4j.getEnvironment().isCPU() || e.getErrorCode() <= 0) {
                throw new LinearAlgebraException(
                        "the Cholesky factorisation of the matrix " + Arguments.shape(a) + " of " + a.dataType()
                                + " failed in ND4J's potrf: " + e.getMessage(),
                        e);
            }
            throw Arguments.notPositiveDefinite(a, e.getErrorCode());
        } catch (Error e) {
            // BaseLapack throws a bare Error for a positive info.
            if (e.getClass() != Error.class) {
                throw e;
            }
            throw Arguments.notPositiveDefinite(a, BatchedCholesky.firstFailedOrder(lower));
        }
        if (!BatchedCholesky.allPositive(Diagonals.of(lower))) {
            throw Arguments.notPositiveDefinite(a, BatchedCholesky.firstFailedOrder(lower));
        }
        return new PortableCholesky(lower, symmetricNorm1(a));
    }

    /** Column sums of |A|, from the lower triangle's column and row sums, which both contain the diagonal. */
    private static double symmetricNorm1(INDArray a) {
        INDArray lower = NativeOperations.lowerTriangle(a);
        return lower.norm1(0)
                .add(lower.norm1(1))
                .subi(Transforms.abs(Diagonals.of(lower), true))
                .maxNumber()
                .doubleValue();
    }

    @Override
    public SymmetricEigen symmetricEigen(INDArray a) {
        int n = Arguments.requireSquare(a);
        SymmetricEigen eigen = syev(a, n);
        // ND4J's syev leaves its eigenvalues zero now and then; of a matrix that is not zero they are not
        return isZero(eigen.values()) && !isZero(a) ? new JavaLinearAlgebra().symmetricEigen(a) : eigen;
    }

    private static boolean isZero(INDArray array) {
        return Products.squaredNorm(array) == 0;
    }

    private static SymmetricEigen syev(INDArray a, int n) {
        INDArray vectors = a.dup('f');
        INDArray values = Nd4j.create(a.dataType(), n);
        try {
            Nd4j.getBlasWrapper().lapack().syev('V', 'L', vectors, values);
        } catch (BlasException e) {
            throw new LinearAlgebraException(
                    "the symmetric eigenvalue iteration failed for the matrix " + Arguments.shape(a) + " of "
                            + a.dataType() + " in ND4J's syev: " + e.getMessage()
                            + ". Scale the matrix, or decompose it in float64",
                    e);
        }
        return new SymmetricEigen(values, vectors);
    }

    @Override
    public GeneralSolution solve(INDArray a, INDArray b) {
        int n = Arguments.requireSquare(a);
        Arguments.requireRightHandSide(b, n, a.dataType());
        INDArray q = a.dup('f');
        INDArray r = Nd4j.create(a.dataType(), new long[] {n, n}, 'f');
        Nd4j.getBlasWrapper().lapack().geqrf(q, r);
        if (Transforms.abs(Diagonals.of(r), true).minNumber().doubleValue() == 0) {
            Arguments.requireRegular(a, 0);
        }
        BlockedTriangularSolver rTransposed = new BlockedTriangularSolver(r.transpose());
        INDArray qTransposed = q.transpose();
        double inverseNorm1 = ConditionEstimate.inverseNorm1(
                n,
                a.dataType(),
                v -> rTransposed.solveTransposed(qTransposed.mmul(v)),
                v -> q.mmul(rTransposed.solve(v)));
        double reciprocalCondition =
                ConditionEstimate.reciprocal(a.norm1(0).maxNumber().doubleValue(), inverseNorm1);
        Arguments.requireRegular(a, reciprocalCondition);
        INDArray columns = b.reshape(n, LapackLinearAlgebra.columns(b, 1));
        INDArray x = rTransposed.solveTransposed(qTransposed.mmul(columns));
        return new GeneralSolution(x.reshape(b.shape()), reciprocalCondition);
    }

    @Override
    public INDArray solveBatch(INDArray a, INDArray b) {
        int n = Arguments.requireSquareBatch(a);
        Arguments.requireRightHandSideBatch(b, a.size(0), n, a.dataType());
        INDArray upper = BatchedCholesky.factorise(a);
        INDArray columns = b.dup('c').reshape('c', a.size(0), n, LapackLinearAlgebra.columns(b, 2));
        INDArray y = NativeOperations.solveUpperTransposed(upper, columns);
        return NativeOperations.solveUpper(upper, y).reshape(b.shape());
    }
}
