package io.github.dl4jngd.fisher.linalg;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Dense factorisations and solves, float32 and float64.
 *
 * <p>Arguments may be in any order ('c' or 'f') and may be strided views; they are never modified
 * but by {@link #invert}. Results are new arrays of the arguments' data type, allocated in the caller's current
 * workspace if one is open and detached otherwise; a {@link Cholesky} lives as long as that workspace. Implementations
 * hold no state and may be called by several threads at once.
 *
 * <p>All methods throw {@link IllegalArgumentException} for shapes and data types that do not fit, and
 * {@link LinearAlgebraException} if an argument contains NaN or an infinity, so that neither ever reaches LAPACK.
 *
 * @see <a href="https://doi.org/10.1137/1.9780898719604">Anderson et al., LAPACK Users' Guide, 3rd edition, 1999</a>
 */
public interface LinearAlgebra {

    /**
     * The provider for the ND4J back end on the class path, chosen once, at the first call.
     *
     * <p>On a CPU this is OpenBLAS's LAPACK ("openblas") where it is on the class path, and LAPACK in Java ("java")
     * where it is not (macOS on ARM has an OpenBLAS without LAPACK). On any other back end it is ND4J's own operations
     * ("portable"), which keep arrays on the device. The system property {@code dl4jngd.linalg} overrides the choice.
     *
     * @return the provider
     * @throws LinearAlgebraException if {@code dl4jngd.linalg} names no provider, or OpenBLAS where it cannot be used
     */
    static LinearAlgebra best() {
        return Providers.best();
    }

    /**
     * The provider's name, a value that {@code dl4jngd.linalg} takes.
     *
     * @return openblas, portable or java
     */
    String name();

    /**
     * Factorises A = L Lᵀ. Costs n³/3 flops.
     *
     * @param a [n, n], symmetric up to rounding and positive definite; only its lower triangle is used
     * @return the factorisation
     * @throws NotPositiveDefiniteException if a leading minor is not positive
     */
    Cholesky cholesky(INDArray a);

    /**
     * Factorises A + εI = L Lᵀ for the first ε of {@code jitter} for which that succeeds, beginning with ε = 0. Costs
     * n³/3 flops for each ε tried; {@link Cholesky#jitter()} says which one it was.
     *
     * @param a [n, n], symmetric up to rounding and positive semi-definite up to rounding; only its lower triangle is
     *     used
     * @param jitter what to add to the diagonal, in units of its mean; values below the rounding of a's data type are
     *     skipped
     * @return the factorisation of A + εI
     * @throws NotPositiveDefiniteException if all of them fail; the message lists what was tried
     */
    default Cholesky cholesky(INDArray a, Jitter jitter) {
        return JitteredCholesky.factorise(this, a, jitter);
    }

    /**
     * Overwrites A with (A + εI)⁻¹ for the first ε of {@code jitter} for which A + εI can be factorised, beginning with
     * ε = 0. Costs n³ flops; over LAPACK in native memory no array beside A.
     *
     * @param a [n, n], symmetric up to rounding and positive semi-definite up to rounding, without gaps and no view; as
     *     it was where this throws
     * @param jitter as in {@link #cholesky(INDArray, Jitter)}
     * @return ε
     * @throws NotPositiveDefiniteException if all of them fail
     */
    default double invert(INDArray a, Jitter jitter) {
        Cholesky factorisation = cholesky(a, jitter);
        a.assign(factorisation.inverse());
        return factorisation.jitter();
    }

    /**
     * Decomposes A = V Λ Vᵀ with orthogonal V. Costs about 9 n³ flops.
     *
     * @param a [n, n], symmetric up to rounding; only its lower triangle is used
     * @return eigenvalues in ascending order, and eigenvectors
     * @throws LinearAlgebraException if the iteration does not converge
     */
    SymmetricEigen symmetricEigen(INDArray a);

    /**
     * Solves A X = B for a general matrix, by LU with partial pivoting or by QR. Costs 2 n³/3 (LU) or 8 n³/3 (QR,
     * which forms Q) + 2 n² k flops.
     *
     * @param a [n, n]
     * @param b [n, k] or [n]
     * @return X of b's shape, and an estimate of A's reciprocal condition number
     * @throws SingularMatrixException if A is singular to working precision: a pivot is zero, or the reciprocal
     *     condition number is below the data type's unit roundoff
     */
    GeneralSolution solve(INDArray a, INDArray b);

    /**
     * Solves Aᵢ xᵢ = bᵢ for many small symmetric positive definite matrices by Cholesky, over all cores. Costs B (n³/3
     * + 2 n² k) flops.
     *
     * @param a [B, n, n], each symmetric up to rounding and positive definite; only the lower triangles are used
     * @param b [B, n] or [B, n, k]
     * @return x of b's shape
     * @throws NotPositiveDefiniteException if one of the matrices is not positive definite; it names the first
     */
    INDArray solveBatch(INDArray a, INDArray b);

    /**
     * Solves (D_u K D_u + ρ_u I) x_u = b_u with D_u = diag(s_u) for many u, in float64 by Cholesky, over all cores:
     * systems that differ in their scales alone are never all in memory. A row with s = 0 touches no other: its
     * solution is b/ρ, or b where ρ is zero, too. Over LAPACK it is left out, and unit u costs n_u³/3 + 3 n_u² flops,
     * n_u the number of its scales other than zero.
     *
     * @param k K, [n, n], symmetric, of float64
     * @param scales s, [U, n]
     * @param shifts ρ, [U]
     * @param b [U, n]
     * @return x, [U, n]
     * @throws NotPositiveDefiniteException if one of the matrices is not positive definite
     */
    default INDArray solveScaled(INDArray k, INDArray scales, INDArray shifts, INDArray b) {
        return ScaledSystems.solveByBatches(this, k, scales, shifts, b);
    }
}
