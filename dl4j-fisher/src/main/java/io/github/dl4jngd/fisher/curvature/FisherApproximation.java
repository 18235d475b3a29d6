package io.github.dl4jngd.fisher.curvature;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An approximation F̂ of the Fisher information matrix and the solution of (F̂ + ρI) v = g.
 *
 * <p>Order of calls: {@link #observe(FisherRoot)} with a minibatch, then {@link #naturalGradient(Damping)} for that
 * minibatch's own gradient or {@link #solve(INDArray, Damping)} for any other. Vectors are flat, [P], in the root's
 * parameterisation; entries of frozen parameters are zero in every result.
 */
public interface FisherApproximation extends AutoCloseable {

    /**
     * Takes in a minibatch.
     *
     * @param root J̃ of the minibatch; kept until the next call where the method works on one minibatch
     */
    void observe(FisherRoot root);

    /**
     * The direction (F̂ + ρI)⁻¹ g for the gradient g = J̃ᵀq/N of the last observed minibatch, in the q-form, which does
     * not cancel at small ρ and holds at ρ = 0 where the Gram matrix is invertible.
     *
     * @param damping how much is added to the diagonal, ρ ≥ 0
     * @return v, [P], with what the solution took
     * @throws IllegalStateException if nothing was observed or the root has no q (Monte-Carlo)
     */
    Direction naturalGradient(Damping damping);

    /**
     * The direction (F̂ + ρI)⁻¹ g for any g.
     *
     * @param gradient g, [P]; not modified
     * @param damping how much is added to the diagonal, ρ &gt; 0 (the dual form of this formula divides by ρ)
     * @return v, [P], with what the solution took
     */
    Direction solve(INDArray gradient, Damping damping);

    /**
     * F̂ itself, for tests and small networks.
     *
     * @return F̂, [P, P], undamped
     */
    INDArray toDense();

    /** Releases what lives across steps. */
    @Override
    default void close() {}
}
