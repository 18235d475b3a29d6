package io.github.dl4jngd.fisher.curvature;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What K-FAC keeps across steps, as checkpoints need it.
 *
 * @param blocks one for each block that has been observed, in the order of the network
 * @param pendingFailed whether inverses that were being made have failed, which is told when they are adopted
 */
public record KfacState(List<Block> blocks, boolean pendingFailed) {

    /**
     * Of one block.
     *
     * @param name the layer's name
     * @param kronecker whether it has Kronecker factors, or unit-wise blocks in their place
     * @param weight the weight 1 − βᵗ of the means
     * @param means those of A's blocks and of G (of the unit-wise blocks), without bias correction
     * @param inverses in the same order, those in use; empty if there are none yet
     * @param jitter that the inverses in use needed
     * @param pending in the same order, inverses that are not used yet; empty if none were begun
     * @param pendingJitter that the pending inverses needed
     */
    public record Block(
            String name,
            boolean kronecker,
            double weight,
            List<INDArray> means,
            List<INDArray> inverses,
            double jitter,
            List<INDArray> pending,
            double pendingJitter) {}
}
