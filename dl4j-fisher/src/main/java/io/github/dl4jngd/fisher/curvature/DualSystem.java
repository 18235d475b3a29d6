package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.internal.Diagonals;
import io.github.dl4jngd.fisher.linalg.Cholesky;
import io.github.dl4jngd.fisher.linalg.Jitter;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The damped dual system (Θ + ρI) s = q of one block, Θ = J̃J̃ᵀ/N, [KN, KN], always in float64.
 *
 * <p>A Gram matrix squares the condition number of J̃; in float32 its small eigenvalues are rounding noise and the
 * Cholesky factorisation fails at the dampings natural gradients are used with. It is small beside the network, so
 * float64 costs little.
 */
final class DualSystem {

    /** Fractions of the mean diagonal, from float64's rounding up. */
    private static final Jitter JITTER = new Jitter(1e-14, 10, 1e-6);

    private final LinearAlgebra linearAlgebra;
    private final INDArray gram;

    /**
     * @param linearAlgebra factorisations
     * @param gram Θ, [KN, KN], float64; taken over
     */
    DualSystem(LinearAlgebra linearAlgebra, INDArray gram) {
        this.linearAlgebra = linearAlgebra;
        this.gram = gram;
    }

    INDArray gram() {
        return gram;
    }

    double damping(Damping damping) {
        return damping.relative() ? damping.of(Diagonals.mean(gram)) : damping.value();
    }

    Cholesky factorize(double rho) {
        return linearAlgebra.cholesky(Diagonals.add(gram.dup(), rho), JITTER);
    }

    /** Coefficients [K, N] as one float64 column. */
    static INDArray stack(INDArray coefficients) {
        return coefficients.castTo(DataType.DOUBLE).reshape('c', coefficients.length(), 1);
    }

    /** The inverse of {@link #stack}, in the given type. */
    static INDArray unstack(INDArray column, INDArray like) {
        INDArray values = column.castTo(like.dataType());
        return (values.ordering() == 'c' ? values : values.dup('c')).reshape('c', like.shape());
    }

    static INDArray zeros(FisherRoot root, DataType dataType) {
        return Nd4j.create(dataType, root.parameters());
    }
}
