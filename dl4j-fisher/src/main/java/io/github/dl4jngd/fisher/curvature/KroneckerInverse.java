package io.github.dl4jngd.fisher.curvature;

/** How Kronecker factors are inverted. */
public enum KroneckerInverse {
    /** Explicit inverses of the damped factors by Cholesky factorisation: the fastest. */
    CHOLESKY,
    /** Eigendecompositions of the factors: slower, and negative rounding noise is clipped, so it cannot fail. */
    EIGEN
}
