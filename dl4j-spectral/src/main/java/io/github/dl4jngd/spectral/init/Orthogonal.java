package io.github.dl4jngd.spectral.init;

import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The orthogonal matrix nearest to a given one, uniformly distributed for a Gaussian matrix. */
final class Orthogonal {

    private Orthogonal() {}

    /**
     * The polar factor: orthonormal columns where the matrix is tall, rows where it is wide.
     *
     * @param matrix [m, n] of full rank
     * @return A (AᵀA)^{−1/2} or (AAᵀ)^{−1/2} A, of A's type
     */
    static INDArray of(INDArray matrix) {
        INDArray wide = matrix.castTo(DataType.DOUBLE);
        boolean tall = wide.size(0) >= wide.size(1);
        INDArray gram = tall ? wide.transpose().mmul(wide) : wide.mmul(wide.transpose());
        INDArray root = LinearAlgebra.best().symmetricEigen(gram).reconstruct(value -> 1 / Math.sqrt(value));
        return (tall ? wide.mmul(root) : root.mmul(wide)).castTo(matrix.dataType());
    }
}
