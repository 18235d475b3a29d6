package io.github.dl4jngd.fisher.jacobian;

import io.github.dl4jngd.fisher.internal.Scratch;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The rows of a layer as the matrix itself, for layers with few parameters or without a cheaper form. */
public final class FormedJacobian implements UnitRows {

    /** How many elements of rows are converted at a time. */
    private static final long CHUNK_ELEMENTS = 1L << 22;

    private final ParameterBlock block;
    private final INDArray matrix;
    private final boolean coupled;

    /**
     * Keeps the matrix, without copying it, of samples of their own.
     *
     * @param block the layer's parameters
     * @param matrix J̃_l, [rows, P_l], columns in the order of the block's columns
     */
    public FormedJacobian(ParameterBlock block, INDArray matrix) {
        this(block, matrix, false);
    }

    /**
     * Keeps the matrix, without copying it.
     *
     * @param block the layer's parameters
     * @param matrix J̃_l, [rows, P_l], columns in the order of the block's columns
     * @param coupled whether a row is the sum over all samples
     */
    public FormedJacobian(ParameterBlock block, INDArray matrix, boolean coupled) {
        if (matrix.rank() != 2 || matrix.size(1) != block.parameters()) {
            throw new IllegalArgumentException("Layer " + block.name() + ": expected rows of " + block.parameters()
                    + " parameters, got " + Arrays.toString(matrix.shape()));
        }
        this.block = block;
        this.matrix = matrix;
        this.coupled = coupled;
    }

    @Override
    public ParameterBlock block() {
        return block;
    }

    @Override
    public long rows() {
        return matrix.size(0);
    }

    /** Converts some columns at a time. */
    @Override
    @SuppressWarnings("try") // scopes are resources that are never named
    public INDArray gram(DataType dataType) {
        INDArray gram = Nd4j.create(dataType, new long[] {rows(), rows()}, 'f');
        long step = Math.max(1, CHUNK_ELEMENTS / rows());
        for (long from = 0; from < matrix.size(1); from += step) {
            long to = Math.min(matrix.size(1), from + step);
            try (Scratch ignored = Scratch.open()) {
                INDArray columns = matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to))
                        .castTo(dataType)
                        .dup('f');
                Nd4j.gemm(columns, columns, gram, false, true, 1, 1);
            }
        }
        return gram;
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

    /** A view at all inputs. */
    @Override
    public INDArray unit(long unit) {
        return matrix.get(
                NDArrayIndex.all(), NDArrayIndex.interval(unit * block.inputs(), (unit + 1) * block.inputs()));
    }

    @Override
    public INDArray gather(INDArray tangent) {
        return tangent;
    }

    @Override
    public INDArray spread(INDArray values) {
        return values;
    }

    @Override
    public FormedJacobian joined(long parts) {
        return coupled
                ? this
                : new FormedJacobian(
                        block,
                        matrix.dup('c')
                                .reshape('c', rows() / parts, parts, block.parameters())
                                .sum(1));
    }

    @Override
    public FormedJacobian castTo(DataType dataType) {
        return matrix.dataType() == dataType ? this : new FormedJacobian(block, matrix.castTo(dataType), coupled);
    }
}
