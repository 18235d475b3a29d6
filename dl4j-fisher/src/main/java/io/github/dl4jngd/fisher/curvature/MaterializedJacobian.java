package io.github.dl4jngd.fisher.curvature;

import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The rows of a layer as the matrix itself, for layers with few parameters or without a cheaper form. */
public final class MaterializedJacobian implements LayerJacobian {

    private final ParameterBlock block;
    private final INDArray matrix;

    /**
     * Keeps the matrix, without copying it.
     *
     * @param block the layer's parameters
     * @param matrix J̃_l, [rows, P_l], columns in the order of the block's columns
     */
    public MaterializedJacobian(ParameterBlock block, INDArray matrix) {
        if (matrix.rank() != 2 || matrix.size(1) != block.parameters()) {
            throw new IllegalArgumentException("Layer " + block.name() + ": expected rows of " + block.parameters()
                    + " parameters, got " + Arrays.toString(matrix.shape()));
        }
        this.block = block;
        this.matrix = matrix;
    }

    /**
     * Puts rows below one another.
     *
     * @param parts at least one, of the same layer
     * @return all rows, in the order of the parts
     */
    public static MaterializedJacobian concatenate(List<MaterializedJacobian> parts) {
        return parts.size() == 1
                ? parts.get(0)
                : new MaterializedJacobian(
                        parts.get(0).block,
                        Nd4j.concat(0, parts.stream().map(part -> part.matrix).toArray(INDArray[]::new)));
    }

    @Override
    public ParameterBlock block() {
        return block;
    }

    @Override
    public long rows() {
        return matrix.size(0);
    }

    @Override
    public INDArray gram(DataType dataType) {
        INDArray wide = matrix.castTo(dataType);
        return wide.mmul(wide.transpose());
    }

    @Override
    public INDArray transposeTimes(INDArray coefficients) {
        return coefficients
                .reshape('c', 1, rows())
                .mmul(matrix)
                .reshape('c', block.units(), block.inputs())
                .transpose();
    }

    @Override
    public INDArray times(INDArray tangent) {
        INDArray column = tangent.dup('f').reshape('f', block.parameters(), 1);
        return matrix.mmul(column).reshape('c', new long[] {rows()});
    }

    @Override
    public INDArray toDense() {
        return matrix;
    }

    /** The rows of one unit, [rows, inputs]. */
    INDArray unit(long unit) {
        return matrix.get(
                NDArrayIndex.all(), NDArrayIndex.interval(unit * block.inputs(), (unit + 1) * block.inputs()));
    }

    @Override
    public MaterializedJacobian castTo(DataType dataType) {
        return matrix.dataType() == dataType ? this : new MaterializedJacobian(block, matrix.castTo(dataType));
    }
}
