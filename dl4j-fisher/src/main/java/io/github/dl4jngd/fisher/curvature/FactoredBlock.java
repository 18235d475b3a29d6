package io.github.dl4jngd.fisher.curvature;

import org.nd4j.linalg.api.ndarray.INDArray;

/** What K-FAC keeps of one layer across steps: averaged factors and their damped inverses. */
interface FactoredBlock {

    ParameterBlock parameters();

    /** Averages in a minibatch. */
    void observe(LayerJacobian layer, long samples);

    /** Inverts the averaged factors. */
    void refresh(Damping damping);

    boolean isInverted();

    /** The jitter that the last factorisations needed. */
    double jitter();

    /** ρ. */
    double damping(Damping damping);

    /** (F̂_l + ρI)⁻¹ M for M [inputs, units], with the inverses of the last refresh. */
    INDArray solve(INDArray matrix);

    /** (F̂_l + ρI)⁻¹ J̃_lᵀq/N, [inputs, units], from the layer's own factors at this minibatch, in float64. */
    INDArray naturalGradient(LayerJacobian layer, INDArray residual, long samples, Damping damping);

    /** F̂_l M, undamped. */
    INDArray multiply(INDArray matrix);
}
