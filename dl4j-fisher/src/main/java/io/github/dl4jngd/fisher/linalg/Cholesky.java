package io.github.dl4jngd.fisher.linalg;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The factorisation A + εI = L Lᵀ of a symmetric positive definite matrix, with ε = {@link #jitter()}, zero unless
 * asked for.
 *
 * <p>"A" below stands for the matrix that was factorised, jitter included. Arrays are of A's data type. Immutable, and
 * safe to share between threads.
 */
public interface Cholesky {

    /**
     * L, [n, n], with zeros above its diagonal. The array is shared, not copied: {@code dup()} it before modifying it.
     *
     * @return the lower Cholesky factor
     */
    INDArray lower();

    /**
     * X = A⁻¹ B. Costs 2 n² k flops.
     *
     * @param b [n, k] or [n], of A's data type; not modified
     * @return a new array of b's shape
     * @throws IllegalArgumentException if b's shape or data type does not fit
     * @throws LinearAlgebraException if b contains NaN or an infinity
     */
    INDArray solve(INDArray b);

    /**
     * A⁻¹, exactly symmetric. Costs 2 n³/3 flops from OpenBLAS and in Java, 2 n³ from the portable provider. Where A⁻¹
     * B is what is wanted, {@link #solve} is cheaper and more accurate.
     *
     * @return a new array [n, n]
     */
    INDArray inverse();

    /**
     * log det A = 2 Σᵢ log Lᵢᵢ, summed in float64. Costs n logarithms.
     *
     * @return the natural logarithm of A's determinant
     */
    double logDeterminant();

    /**
     * The absolute amount ε that was added to A's diagonal.
     *
     * @return ε, 0 if none
     */
    double jitter();

    /**
     * Estimates 1 / (‖A‖₁ ‖A⁻¹‖₁) from a few solves. The estimate is an upper bound, rarely more than three times too
     * large. Costs about 10 n² flops.
     *
     * @return the reciprocal condition number, in [0, 1]
     * @see <a href="https://doi.org/10.1145/50063.214386">Higham, FORTRAN codes for estimating the one-norm of a real
     *     or complex matrix, ACM TOMS 14, 1988</a>
     */
    double reciprocalCondition();
}
