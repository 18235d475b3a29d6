package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.jacobian.Jacobian;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The Fisher information matrix F = (1/N) Σ_n J_nᵀ H_n J_n of one minibatch as a matrix-free symmetric operator on [P].
 *
 * <p>One product costs one jvp and one vjp.
 */
public final class FisherOperator implements SymmetricOperator {

    private final Jacobian jacobian;
    private final UnaryOperator<INDArray> metric;
    /** What products are divided by; 1 where the metric has its weight already. */
    private final int divisor;

    private FisherOperator(Jacobian jacobian, UnaryOperator<INDArray> metric, int divisor) {
        this.jacobian = jacobian;
        this.metric = metric;
        this.divisor = divisor;
    }

    /**
     * Pairs a Jacobian with the metric at the same outputs.
     *
     * @param jacobian J
     * @param metric H at the outputs that J belongs to
     */
    public FisherOperator(Jacobian jacobian, OutputMetric metric) {
        this(jacobian, metric::times, jacobian.samples());
    }

    /**
     * One minibatch's summand Jᵀ M J of a matrix that is a sum over several.
     *
     * @param jacobian J
     * @param metric from d, [N, C], to M d, such as H d divided by the number of all samples
     * @return the summand
     */
    public static FisherOperator weighted(Jacobian jacobian, UnaryOperator<INDArray> metric) {
        return new FisherOperator(jacobian, metric, 1);
    }

    @Override
    public long length() {
        return jacobian.parameters();
    }

    @Override
    public DataType dataType() {
        return jacobian.dataType();
    }

    /**
     * Multiplies by F.
     *
     * @param vector v, [P]; not modified
     * @return F v = Jᵀ H J v / N, [P], a new array
     */
    @Override
    public INDArray times(INDArray vector) {
        return jacobian.vjp(cotangent(vector));
    }

    @Override
    public void times(INDArray vector, INDArray result) {
        jacobian.vjp(cotangent(vector), result);
    }

    /** H J v/N: divided here, where there are N C numbers and not P. */
    private INDArray cotangent(INDArray vector) {
        INDArray product = metric.apply(jacobian.jvp(vector));
        return divisor == 1 ? product : product.div(divisor);
    }
}
