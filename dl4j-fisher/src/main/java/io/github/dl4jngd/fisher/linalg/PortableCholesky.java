package io.github.dl4jngd.fisher.linalg;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A factorisation by ND4J, solved by blocks. */
final class PortableCholesky implements Cholesky {

    private final INDArray lower;
    private final double norm1;
    private final BlockedTriangularSolver solver;

    PortableCholesky(INDArray lower, double norm1) {
        this.lower = lower;
        this.norm1 = norm1;
        this.solver = new BlockedTriangularSolver(lower);
    }

    @Override
    public INDArray lower() {
        return lower;
    }

    @Override
    public INDArray solve(INDArray b) {
        long n = lower.size(0);
        Arguments.requireRightHandSide(b, n, lower.dataType());
        return solveColumns(b.reshape(n, LapackLinearAlgebra.columns(b, 1))).reshape(b.shape());
    }

    private INDArray solveColumns(INDArray b) {
        return solver.solveTransposed(solver.solve(b));
    }

    @Override
    public INDArray inverse() {
        INDArray inverse = solveColumns(Nd4j.eye(lower.size(0)).castTo(lower.dataType()));
        return inverse.add(inverse.transpose()).divi(2);
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
        return ConditionEstimate.reciprocal(
                norm1,
                ConditionEstimate.inverseNorm1(
                        lower.size(0), lower.dataType(), this::solveColumns, this::solveColumns));
    }
}
