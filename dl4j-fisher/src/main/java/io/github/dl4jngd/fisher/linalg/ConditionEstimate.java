package io.github.dl4jngd.fisher.linalg;

import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Hager and Higham's estimate of ‖A⁻¹‖₁ from a few solves, as in LAPACK's lacn2 (Higham, ACM TOMS 14, 1988, algorithm
 * 4.1): ascends ‖A⁻¹x‖₁ over the unit vectors and compares with one alternating vector.
 */
final class ConditionEstimate {

    private static final int MAX_ITERATIONS = 5;

    private ConditionEstimate() {}

    /** Both functions take and return [n, 1]. The result is a lower bound. */
    static double inverseNorm1(
            long n, DataType type, UnaryOperator<INDArray> solve, UnaryOperator<INDArray> solveTransposed) {
        double estimate = 0;
        INDArray x = Nd4j.valueArrayOf(new long[] {n, 1}, 1.0 / n, type);
        for (int i = 0; i < MAX_ITERATIONS; i++) {
            INDArray y = solve.apply(x);
            double norm = y.norm1Number().doubleValue();
            if (!Double.isFinite(norm)) {
                return Double.POSITIVE_INFINITY;
            }
            if (norm <= estimate) {
                break;
            }
            estimate = norm;
            INDArray signs = y.gte(0).castTo(type).muli(2).subi(1);
            INDArray z = solveTransposed.apply(signs);
            INDArray magnitudes = Transforms.abs(z, true).reshape(n);
            long steepest = Nd4j.argMax(magnitudes, 0).getLong(0);
            if (i > 0 && magnitudes.getDouble(steepest) <= z.mul(x).sumNumber().doubleValue()) {
                break;
            }
            x = Nd4j.create(type, n, 1);
            x.putScalar(steepest, 0, 1.0);
        }
        INDArray alternating = alternating(n, type);
        double other = 2 * solve.apply(alternating).norm1Number().doubleValue() / (3.0 * n);
        return Double.isFinite(other) ? Math.max(estimate, other) : Double.POSITIVE_INFINITY;
    }

    /** xᵢ = (−1)ⁱ (1 + i / (n − 1)). */
    private static INDArray alternating(long n, DataType type) {
        double[] x = new double[Math.toIntExact(n)];
        for (int i = 0; i < x.length; i++) {
            double magnitude = 1 + (double) i / Math.max(1, x.length - 1);
            x[i] = i % 2 == 0 ? magnitude : -magnitude;
        }
        return Nd4j.createFromArray(x).castTo(type).reshape(n, 1);
    }

    /** 1 / (‖A‖₁ ‖A⁻¹‖₁), 0 where that is not a number. */
    static double reciprocal(double norm1, double inverseNorm1) {
        double reciprocal = 1 / (norm1 * inverseNorm1);
        return Double.isNaN(reciprocal) ? 0 : Math.min(1, reciprocal);
    }
}
