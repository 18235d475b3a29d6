package io.github.dl4jngd.fisher.curvature;

/**
 * How averaged Kronecker factors are inverted; solutions from one minibatch's own factors always use Cholesky
 * factorisations.
 */
public enum KroneckerInverse {
    /** Explicit inverses of the damped factors by Cholesky factorisation: the fastest. */
    CHOLESKY,
    /**
     * Eigendecompositions of the factors: slower, and negative rounding noise is clipped; without damping, eigenvalues
     * at rounding level are left out (pseudo-inverse).
     */
    EIGEN
}
