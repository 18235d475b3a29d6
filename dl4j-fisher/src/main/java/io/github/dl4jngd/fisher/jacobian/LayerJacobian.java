package io.github.dl4jngd.fisher.jacobian;

import io.github.dl4jngd.fisher.internal.Products;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One layer's columns J̃_l of J̃ = SᵀJ, kept in factored form.
 *
 * <p>Rows belong to pairs (k, n) of a cotangent and a sample, k-major: row k N + n; where one cotangent for the whole
 * minibatch is one row, to cotangents. Coefficients of rows are arrays of any shape with that many entries in row-major
 * order, such as [K, N], parameter vectors the layer's own flat segment [P_l] in the model's order.
 */
public interface LayerJacobian {

    /**
     * The layer's parameters.
     *
     * @return where they lie and the matrix they are seen as
     */
    ParameterBlock block();

    /**
     * The layer's name.
     *
     * @return a name for messages
     */
    default String name() {
        return block().name();
    }

    /**
     * The number of the layer's parameters P_l.
     *
     * @return P_l
     */
    default long parameters() {
        return block().parameters();
    }

    /**
     * The number of rows.
     *
     * @return K N, or K
     */
    long rows();

    /**
     * The Gram matrix of the rows. Cost 2 (KN)² out + 2 N² in flops for a dense layer.
     *
     * @param dataType the type in which it is accumulated and returned
     * @return J̃_l J̃_lᵀ, [rows, rows] (not divided by N)
     */
    INDArray gram(DataType dataType);

    /**
     * Combines the rows.
     *
     * @param coefficients q, one for each row, of the Jacobian's own type
     * @return J̃_lᵀ q, [inputs, units]
     */
    INDArray transposeTimes(INDArray coefficients);

    /**
     * Applies the rows.
     *
     * @param tangent v_l, [inputs, units]
     * @return J̃_l v_l, [rows]
     */
    INDArray times(INDArray tangent);

    /**
     * The matrix itself, for tests and small networks. Memory KN P_l.
     *
     * @return J̃_l, [rows, P_l], columns in the order of the matrix's columns
     */
    INDArray toDense();

    /**
     * The same layer where several samples in a row are parts of one, such as the time steps of a sequence: their rows
     * are added up. Where a row sums over all samples already, the rows stay.
     *
     * @param parts how many samples in a row make up one
     * @return the layer with N/parts samples
     */
    LayerJacobian joined(long parts);

    /**
     * The sum of the squares of all entries, this layer's part of N times the trace of F.
     *
     * @return ‖J̃_l‖²
     */
    default double squaredNorm() {
        return Products.squaredNorm(toDense());
    }

    /**
     * The same rows in another type.
     *
     * @param dataType the type
     * @return this if it has that type already, else a converted copy
     */
    LayerJacobian castTo(DataType dataType);
}
