package io.github.dl4jngd.fisher.jacobian;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer whose block of the Fisher information matrix is approximated by a Kronecker product A ⊗ G. */
public interface KroneckerFactored extends LayerJacobian {

    /**
     * The same layer at the first samples alone: its factors are then means over fewer samples.
     *
     * @param count at most how many
     * @return this layer where there are no more
     */
    KroneckerFactored firstSamples(long count);

    /**
     * The factor of the layer's inputs.
     *
     * @param sharing how positions that share weights enter
     * @return A, [inputs, inputs]
     */
    default INDArray inputFactor(WeightSharing sharing) {
        return inputFactor(sharing, 0, block().inputs());
    }

    /**
     * A diagonal block of the factor of the layer's inputs.
     *
     * @param sharing how positions that share weights enter
     * @param from the first input
     * @param to the input after the last
     * @return A's rows and columns from … to − 1
     */
    INDArray inputFactor(WeightSharing sharing, long from, long to);

    /**
     * The factor of the layer's back-propagated cotangents.
     *
     * @param sharing how positions that share weights enter
     * @return G, [units, units]
     */
    INDArray outputFactor(WeightSharing sharing);

    /**
     * The mean squares of the rows in the bases of the factors' eigenvectors: the diagonal of (U_A ⊗ U_G)ᵀ F_l (U_A ⊗
     * U_G), (1/N) Σ_rows (U_Aᵀ R U_G)∘² with a row as a matrix R [inputs, units].
     *
     * @param inputBases U_A, the columns of its diagonal blocks, which together have as many rows as there are inputs
     * @param outputBasis U_G, [units, units]
     * @return S, [inputs, units]
     */
    INDArray secondMoments(List<INDArray> inputBases, INDArray outputBasis);
}
