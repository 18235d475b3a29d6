package io.github.dl4jngd.spectral.estimate;

import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Spectral density by stochastic Lanczos quadrature: for a random direction v the eigenvalues θ_i of T and the squared
 * first components τ_i² of its eigenvectors are the Gauss quadrature of v's spectral measure, whose mean over v is the
 * density.
 *
 * <p>Full reorthogonalisation. Costs vectors · steps products and a basis of {@code steps} vectors. Source: Ubaru, Chen
 * &amp; Saad, SIAM J. Matrix Anal. Appl. 2017; Ghorbani, Krishnan &amp; Xiao, ICML 2019.
 *
 * @param vectors how many random directions, at least one; two and more for standard errors
 * @param steps the number of quadrature nodes for each, at least one
 * @param seed of the directions
 */
public record LanczosQuadrature(int vectors, int steps, long seed) {

    /**
     * Checks the ranges.
     *
     * @param vectors how many random directions
     * @param steps nodes for each
     * @param seed of the directions
     */
    public LanczosQuadrature {
        if (vectors < 1 || steps < 1) {
            throw new IllegalArgumentException(
                    "Lanczos quadrature needs at least one vector and one step, got " + vectors + " and " + steps);
        }
    }

    /**
     * Estimates the density.
     *
     * @param operator A
     * @return nodes and weights of every direction
     * @throws ArithmeticException if a product is not finite
     */
    public SpectralDensity estimate(SymmetricOperator operator) {
        SplittableRandom random = new SplittableRandom(seed);
        List<SpectralDensity.Quadrature> quadratures = new ArrayList<>();
        for (int i = 0; i < vectors; i++) {
            try (LanczosProcess process = new LanczosProcess(operator, RandomVectors.unit(operator, random), random)) {
                do {
                    process.step();
                    // beyond an invariant subspace the measure of this direction has nothing
                } while (process.tridiagonal().size() < steps
                        && !process.isExhausted()
                        && process.tridiagonal().lastBeta() > 0);
                Tridiagonal.Decomposition ritz = process.tridiagonal().decompose(LinearAlgebra.best());
                List<Double> nodes = new ArrayList<>();
                List<Double> weights = new ArrayList<>();
                for (int j = 0; j < ritz.size(); j++) {
                    nodes.add(ritz.value(j));
                    weights.add(ritz.entry(0, j) * ritz.entry(0, j));
                }
                quadratures.add(new SpectralDensity.Quadrature(nodes, weights));
            }
        }
        return new SpectralDensity(operator.dimension(), quadratures);
    }
}
