package io.github.dl4jngd.fisher.internal;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Products with a block-diagonal matrix B that is given by its square blocks and never formed. */
public final class BlockDiagonal {

    private BlockDiagonal() {}

    /**
     * M B.
     *
     * @param matrix M, [m, n]
     * @param blocks the blocks of B, n columns in all
     * @return [m, n]
     */
    public static INDArray times(INDArray matrix, List<INDArray> blocks) {
        if (blocks.size() == 1) {
            return Products.times(matrix, blocks.get(0));
        }
        INDArray result = Nd4j.createUninitialized(matrix.dataType(), matrix.shape(), 'f');
        long from = 0;
        for (INDArray block : blocks) {
            long to = from + block.size(0);
            INDArray own = matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to));
            result.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to)).assign(Products.times(own.dup('f'), block));
            from = to;
        }
        return result;
    }

    /**
     * Bᵀ M or B M.
     *
     * @param blocks the blocks of B, n rows in all
     * @param transposed whether B is transposed
     * @param matrix M, [n, m]
     * @return [n, m]
     */
    public static INDArray times(List<INDArray> blocks, boolean transposed, INDArray matrix) {
        if (blocks.size() == 1) {
            return product(blocks.get(0), transposed, matrix);
        }
        INDArray result = Nd4j.createUninitialized(matrix.dataType(), matrix.shape(), 'f');
        long from = 0;
        for (INDArray block : blocks) {
            long to = from + block.size(0);
            INDArray own = matrix.get(NDArrayIndex.interval(from, to), NDArrayIndex.all());
            result.get(NDArrayIndex.interval(from, to), NDArrayIndex.all())
                    .assign(product(block, transposed, own.dup('f')));
            from = to;
        }
        return result;
    }

    private static INDArray product(INDArray block, boolean transposed, INDArray matrix) {
        return transposed ? Products.transposedTimes(block, matrix) : Products.times(block, matrix);
    }
}
