package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.jacobian.LinearMap;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The Fisher information matrix F = (1/N) Σ_n J_nᵀ H_n J_n as a matrix-free symmetric operator on [P].
 *
 * <p>One product costs one jvp and one vjp.
 */
public final class FisherOperator {

    private final LinearMap jacobian;
    private final OutputMetric metric;

    /**
     * Pairs a Jacobian with the metric at the same outputs.
     *
     * @param jacobian J
     * @param metric H at the outputs that J belongs to
     */
    public FisherOperator(LinearMap jacobian, OutputMetric metric) {
        this.jacobian = jacobian;
        this.metric = metric;
    }

    /**
     * Multiplies by F.
     *
     * @param vector v, [P]; not modified
     * @return F v = Jᵀ H J v / N, [P]
     */
    public INDArray times(INDArray vector) {
        return jacobian.vjp(metric.times(jacobian.jvp(vector))).divi(jacobian.samples());
    }

    /**
     * The size of the matrix.
     *
     * @return P
     */
    public long size() {
        return jacobian.parameters();
    }
}
