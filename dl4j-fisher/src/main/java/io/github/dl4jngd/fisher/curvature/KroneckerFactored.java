package io.github.dl4jngd.fisher.curvature;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer whose block of the Fisher information matrix is approximated by a Kronecker product A ⊗ G. */
public interface KroneckerFactored extends LayerJacobian {

    /**
     * The factor of the layer's inputs.
     *
     * @param sharing how positions that share weights enter
     * @return A, [inputs, inputs]
     */
    INDArray inputFactor(WeightSharing sharing);

    /**
     * The factor of the layer's back-propagated cotangents.
     *
     * @param sharing how positions that share weights enter
     * @return G, [units, units]
     */
    INDArray outputFactor(WeightSharing sharing);
}
