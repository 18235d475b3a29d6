package io.github.dl4jngd.fisher.linalg;

import java.util.Optional;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A symmetric matrix that is known by its products with vectors alone.
 *
 * <p>It acts on a subspace of dimension {@link #dimension()} of the vectors of length {@link #length()}: a Fisher
 * information matrix of one layer maps whole parameter vectors and is zero outside that layer. Estimators draw their
 * starting vectors in the subspace, so that the zeros outside are not among the eigenvalues.
 */
public interface SymmetricOperator {

    /**
     * A matrix from a function that multiplies by it.
     *
     * @param length the length of the vectors
     * @param dataType the type of the vectors
     * @param product from v, which it does not modify, to A v, a new array
     * @return the matrix on all vectors of that length
     */
    static SymmetricOperator of(long length, DataType dataType, UnaryOperator<INDArray> product) {
        return new SymmetricOperator() {
            @Override
            public long length() {
                return length;
            }

            @Override
            public DataType dataType() {
                return dataType;
            }

            @Override
            public INDArray times(INDArray vector) {
                return product.apply(vector);
            }
        };
    }

    /**
     * The length of the vectors.
     *
     * @return the number of entries
     */
    long length();

    /**
     * The number of eigenvalues.
     *
     * @return the dimension of the subspace; the length by default
     */
    default long dimension() {
        return length();
    }

    /**
     * The type of the vectors.
     *
     * @return float32 or float64
     */
    DataType dataType();

    /**
     * Multiplies the matrix with a vector.
     *
     * @param vector v, [length], in the subspace; not modified
     * @return A v, a new array in the subspace
     */
    INDArray times(INDArray vector);

    /**
     * Multiplies the matrix with a vector into an array that there is already, as an iteration does that keeps its
     * vectors.
     *
     * @param vector v, [length], in the subspace; not modified
     * @param result [length], overwritten with A v; another array than v
     */
    default void times(INDArray vector, INDArray result) {
        result.assign(times(vector));
    }

    /**
     * The same matrix where vectors are short: A = X Xᵀ has the eigenvalues of the dual XᵀX, but for zeros.
     *
     * @return the dual, for iterations that need eigenvalues, and vectors only in the end; empty by default
     */
    default Optional<Dual> dual() {
        return Optional.empty();
    }

    /**
     * The dual XᵀX of a matrix X Xᵀ. For w of length one and λ = wᵀXᵀXw the vector v = Xw/√λ has length one and a
     * residual of ‖Av − λv‖ ≤ √(λ_max/λ) ‖XᵀXw − λw‖, so that what has converged here has converged there.
     */
    interface Dual extends SymmetricOperator {

        /**
         * Xᵀ v.
         *
         * @param primal v, of the matrix's own length; not modified
         * @return [length]
         */
        INDArray fromPrimal(INDArray primal);

        /**
         * X w.
         *
         * @param vector w, [length]; not modified
         * @return a vector of the matrix's own length and subspace
         */
        INDArray toPrimal(INDArray vector);
    }

    /**
     * The orthogonal projection onto the subspace.
     *
     * @param vector any vector, [length]; may be modified
     * @return the projection
     */
    default INDArray project(INDArray vector) {
        return vector;
    }
}
