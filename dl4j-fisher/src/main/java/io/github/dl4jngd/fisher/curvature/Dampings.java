package io.github.dl4jngd.fisher.curvature;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Checks and small steps that every approximation shares. */
final class Dampings {

    private Dampings() {}

    static FisherRoot requireObserved(FisherRoot root) {
        if (root == null) {
            throw new IllegalStateException("No minibatch has been observed yet");
        }
        return root;
    }

    static double requirePositive(double rho) {
        if (!(rho > 0)) {
            throw new IllegalArgumentException(
                    "Solving for an arbitrary gradient divides by the damping, which must be positive, was " + rho);
        }
        return rho;
    }

    /** Sets the entries of parameters that belong to no layer of the root to zero. */
    static void clearFrozen(INDArray vector, FisherRoot root) {
        long end = 0;
        for (LayerJacobian layer : root.layers()) {
            clear(vector, end, layer.parameterOffset());
            end = layer.parameterOffset() + layer.parameters();
        }
        clear(vector, end, root.parameters());
    }

    private static void clear(INDArray vector, long from, long to) {
        if (to > from) {
            vector.get(NDArrayIndex.interval(from, to)).assign(0);
        }
    }
}
