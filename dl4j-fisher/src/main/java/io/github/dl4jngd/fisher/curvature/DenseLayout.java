package io.github.dl4jngd.fisher.curvature;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * How a dense layer's parameters lie in its flat segment: W [in, out] column-major, then b [out] where it has a bias.
 *
 * @param inputs the size of ã: in, or in + 1 with a bias
 * @param outputs the number of units
 * @param bias whether the last row of [W; bᵀ] is a bias
 */
public record DenseLayout(long inputs, long outputs, boolean bias) {

    /**
     * The number of parameters.
     *
     * @return P_l
     */
    public long parameters() {
        return inputs * outputs;
    }

    private long weights() {
        return bias ? (inputs - 1) * outputs : inputs * outputs;
    }

    /**
     * The layer's segment of a parameter vector as the matrix [W; bᵀ].
     *
     * @param parameters the layer's segment, [P_l]
     * @return [in(+1), out]: a view where the layer has no bias, else a copy
     */
    public INDArray unflatten(INDArray parameters) {
        if (!bias) {
            return parameters.reshape('f', inputs, outputs);
        }
        INDArray matrix = Nd4j.createUninitialized(parameters.dataType(), new long[] {inputs, outputs}, 'f');
        weightRows(matrix).assign(weightsOf(parameters));
        biasRow(matrix).assign(biasOf(parameters));
        return matrix;
    }

    /**
     * The inverse of {@link #unflatten(INDArray)}.
     *
     * @param matrix [W; bᵀ], [in(+1), out]
     * @return the layer's segment, [P_l]
     */
    public INDArray flatten(INDArray matrix) {
        if (!bias) {
            return (matrix.ordering() == 'f' && !matrix.isView() ? matrix : matrix.dup('f'))
                    .reshape('f', new long[] {parameters()});
        }
        INDArray flat = Nd4j.createUninitialized(matrix.dataType(), parameters());
        weightsOf(flat).assign(weightRows(matrix));
        biasOf(flat).assign(biasRow(matrix));
        return flat;
    }

    private INDArray weightRows(INDArray matrix) {
        return matrix.get(NDArrayIndex.interval(0, inputs - 1), NDArrayIndex.all());
    }

    private INDArray biasRow(INDArray matrix) {
        return matrix.get(NDArrayIndex.interval(inputs - 1, inputs), NDArrayIndex.all());
    }

    private INDArray weightsOf(INDArray flat) {
        return flat.get(NDArrayIndex.interval(0, weights())).reshape('f', inputs - 1, outputs);
    }

    private INDArray biasOf(INDArray flat) {
        return flat.get(NDArrayIndex.interval(weights(), weights() + outputs)).reshape('c', 1, outputs);
    }
}
