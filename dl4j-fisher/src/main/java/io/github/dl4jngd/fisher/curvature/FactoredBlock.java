package io.github.dl4jngd.fisher.curvature;

import org.nd4j.linalg.api.ndarray.INDArray;

/** What K-FAC keeps of one layer across steps: averaged factors and their damped inverses. */
interface FactoredBlock {

    ParameterBlock parameters();

    /** Averages in a minibatch. */
    void observe(LayerJacobian layer, long samples);

    /** Inverts the averaged factors as they are now; may run on another thread, while others are observed. */
    Inversion inversion(Damping damping);

    /** Inverts the averaged factors. */
    default void refresh(Damping damping) {
        inversion(damping).compute().run();
    }

    /** An inversion that has its own copy of what it inverts. */
    interface Inversion {
        /** Inverts, and returns what puts the result in the place of the last one. */
        Runnable compute();
    }

    boolean isInverted();

    /** The jitter that the last factorisations needed. */
    double jitter();

    /** ρ. */
    double damping(Damping damping);

    /** (F̂_l + ρI)⁻¹ M for M [inputs, units], with the inverses of the last refresh. */
    INDArray solve(INDArray matrix);

    /**
     * Whether a solution is cheaper from the rows of N samples than from the gradient they add up to, and by how many multiplications.
     *
     * @return what is saved; negative where the gradient is the better way, or the only one
     */
    long savedByRows(long samples);

    /**
     * (F̂_l + ρI)⁻¹ Σ_n ã_n ⊗ δ_n times a factor, with the inverses of the last refresh, into its place.
     *
     * @param rows ã and δ, one cotangent
     * @param flat [P]; modified where the block lies
     */
    void solve(DenseJacobian rows, double factor, INDArray flat);

    /** (F̂_l + ρI)⁻¹ J̃_lᵀq/N, [inputs, units], from the layer's own factors at this minibatch, in float64. */
    INDArray naturalGradient(LayerJacobian layer, INDArray residual, long samples, Damping damping);

    /** F̂_l M, undamped. */
    INDArray multiply(INDArray matrix);
}
