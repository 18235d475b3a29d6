package io.github.dl4jngd.fisher.linalg;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The decomposition A = V Λ Vᵀ of a symmetric matrix.
 *
 * @param values Λ's diagonal [n], ascending
 * @param vectors V [n, n], orthogonal; column j belongs to value j
 */
public record SymmetricEigen(INDArray values, INDArray vectors) {

    /**
     * f(A) = V f(Λ) Vᵀ, for instance A⁻¹ for f(λ) = 1/λ. Costs 2 n³ flops. The eigenvalues, not the vectors, are
     * brought to the host.
     *
     * @param f applied to each eigenvalue, in float64
     * @return a new array [n, n] of A's data type
     */
    public INDArray reconstruct(DoubleUnaryOperator f) {
        double[] mapped = Arrays.stream(values.dup().data().asDouble()).map(f).toArray();
        INDArray row = Nd4j.createFromArray(mapped).castTo(values.dataType()).reshape(1, mapped.length);
        return vectors.mul(row).mmul(vectors.transpose());
    }
}
