package io.github.dl4jngd.spectral.estimate;

import io.github.dl4jngd.fisher.internal.Scratch;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Power iteration for the largest eigenvalue of a positive semi-definite matrix: v ← A v/‖A v‖, λ = vᵀA v.
 *
 * <p>It stops where ‖A v − λ v‖ ≤ tolerance · λ, or where λ itself has converged although v has not, as it does among
 * nearly equal eigenvalues: λ grows with every iteration, and its last two increments, continued as a geometric series,
 * add less than a hundredth of tolerance · λ, twice in a row. An iteration is one product with A. Source: Golub &amp;
 * Van Loan, <em>Matrix Computations</em>, 4th edition, §8.2.1; increments by Aitken.
 *
 * @param tolerance relative, above zero
 * @param maxIterations at least one
 * @param seed of the random start where none is given
 */
public record PowerIteration(double tolerance, int maxIterations, long seed) {

    /** The default tolerance, which gives three digits of 2/λ_max. */
    public static final double DEFAULT_TOLERANCE = 1e-3;

    /** Enough where the largest eigenvalue is a tenth of a per cent above the next. */
    public static final int DEFAULT_MAX_ITERATIONS = 1000;

    static final long DEFAULT_SEED = 1;

    /**
     * Checks the ranges.
     *
     * @param tolerance relative, above zero
     * @param maxIterations at least one
     * @param seed of the random start
     */
    public PowerIteration {
        if (!(tolerance > 0) || maxIterations < 1) {
            throw new IllegalArgumentException("A power iteration needs a tolerance above zero and at least one "
                    + "iteration, got " + tolerance + " and " + maxIterations);
        }
    }

    /**
     * An iteration with the default tolerance.
     *
     * @return the defaults
     */
    public static PowerIteration defaults() {
        return new PowerIteration(DEFAULT_TOLERANCE, DEFAULT_MAX_ITERATIONS, DEFAULT_SEED);
    }

    /**
     * The same iteration with another tolerance.
     *
     * @param relative the tolerance
     * @return a copy
     */
    public PowerIteration withTolerance(double relative) {
        return new PowerIteration(relative, maxIterations, seed);
    }

    /**
     * Estimates from a random start.
     *
     * @param operator A
     * @return the estimate
     * @throws ArithmeticException if a product is not finite
     */
    public LargestEigenvalue estimate(SymmetricOperator operator) {
        return estimate(operator, null);
    }

    /**
     * Estimates from a vector, such as the last estimate's.
     *
     * @param operator A
     * @param start where to start, [length], or null for a random direction; not modified
     * @return the estimate
     * @throws ArithmeticException if a product is not finite
     */
    @SuppressWarnings("try") // the scope is a resource that is never named
    public LargestEigenvalue estimate(SymmetricOperator operator, INDArray start) {
        INDArray v = start == null
                ? RandomVectors.unit(operator, new SplittableRandom(seed))
                : operator.project(start.castTo(operator.dataType()).dup());
        RandomVectors.normalize(v);
        try (Scratch ignored = Scratch.open()) {
            return iterate(operator, v);
        }
    }

    /** Iterates from v, [length], of length one; modified to the eigenvector. */
    @SuppressWarnings("try") // the scope is a resource that is never named
    private LargestEigenvalue iterate(SymmetricOperator operator, INDArray v) {
        INDArray product = Nd4j.createUninitialized(v.dataType(), v.length());
        INDArray residual = Nd4j.createUninitialized(v.dataType(), v.length());
        Convergence convergence = new Convergence(tolerance, 1);
        for (int iteration = 1; ; iteration++) {
            try (Scratch ignored = Scratch.open()) {
                operator.times(v, product);
                double norm = RandomVectors.norm(product);
                if (!Double.isFinite(norm)) {
                    throw new ArithmeticException("A product with the matrix is " + norm
                            + "; look for NaN or infinity in the data and the parameters");
                }
                if (norm == 0) {
                    return new LargestEigenvalue(0, 0, 0, iteration, true, v);
                }
                double value = RandomVectors.dot(v, product);
                // ‖Av − λv‖² = ‖Av‖² − λ² for ‖v‖ = 1, but without its cancellation
                residual.assign(product);
                RandomVectors.add(residual, -value, v);
                double relative = RandomVectors.norm(residual) / Math.abs(value);
                boolean converged = convergence.reached(value, relative);
                if (converged || iteration == maxIterations) {
                    return new LargestEigenvalue(value, relative, convergence.error(relative), iteration, converged, v);
                }
                product.mul(1 / norm, v);
            }
        }
    }
}
