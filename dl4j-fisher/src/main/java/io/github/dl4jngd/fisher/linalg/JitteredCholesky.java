package io.github.dl4jngd.fisher.linalg;

import io.github.dl4jngd.fisher.internal.Diagonals;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A factorisation of A + jitter · I. */
record JitteredCholesky(Cholesky factorisation, double jitter) implements Cholesky {

    /** Amounts grow by powers of a factor: this keeps the rounding of those powers from dropping the last one. */
    private static final double SLACK = 1 + 1e-9;

    static Cholesky factorise(LinearAlgebra provider, INDArray a, Jitter jitter) {
        NotPositiveDefiniteException failure;
        try {
            return provider.cholesky(a);
        } catch (NotPositiveDefiniteException e) {
            failure = e;
        }
        double meanDiagonal = Diagonals.of(a).meanNumber().doubleValue();
        List<Double> tried = new ArrayList<>(List.of(0.0));
        if (jitter.initial() > 0 && meanDiagonal > 0) {
            double rounding = Arguments.unitRoundoff(a.dataType());
            for (double relative = jitter.initial();
                    relative <= jitter.maximum() * SLACK;
                    relative *= jitter.factor()) {
                if (relative < rounding) {
                    continue;
                }
                double amount = relative * meanDiagonal;
                tried.add(amount);
                try {
                    INDArray shifted = a.dup();
                    Diagonals.of(shifted).addi(amount);
                    return new JitteredCholesky(provider.cholesky(shifted), amount);
                } catch (NotPositiveDefiniteException e) {
                    failure = e;
                }
            }
        }
        throw new NotPositiveDefiniteException(
                failure.getMessage() + "; added to its diagonal (mean " + meanDiagonal + ") in turn: " + tried
                        + ". A larger maximum in Jitter allows more",
                failure.order(),
                failure.batchMember(),
                failure);
    }

    @Override
    public INDArray lower() {
        return factorisation.lower();
    }

    @Override
    public INDArray solve(INDArray b) {
        return factorisation.solve(b);
    }

    @Override
    public INDArray inverse() {
        return factorisation.inverse();
    }

    @Override
    public double logDeterminant() {
        return factorisation.logDeterminant();
    }

    @Override
    public double reciprocalCondition() {
        return factorisation.reciprocalCondition();
    }
}
