package io.github.dl4jngd.fisher.internal;

import java.util.List;
import java.util.function.BinaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Products with a block-diagonal matrix B that is given by its square blocks and never formed. No blocks are the
 * identity, whose product is the matrix itself and no copy.
 */
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
        if (blocks.isEmpty()) {
            return matrix;
        }
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
     * B M.
     *
     * @param blocks the blocks of B, n rows in all
     * @param matrix M, [n, m]
     * @return [n, m]
     */
    public static INDArray times(List<INDArray> blocks, INDArray matrix) {
        return onRows(blocks, matrix, Products::times);
    }

    /**
     * Bᵀ M.
     *
     * @param blocks the blocks of B, n rows in all
     * @param matrix M, [n, m]
     * @return [n, m]
     */
    public static INDArray transposedTimes(List<INDArray> blocks, INDArray matrix) {
        return onRows(blocks, matrix, Products::transposedTimes);
    }

    private static INDArray onRows(List<INDArray> blocks, INDArray matrix, BinaryOperator<INDArray> product) {
        if (blocks.isEmpty()) {
            return matrix;
        }
        if (blocks.size() == 1) {
            return product.apply(blocks.get(0), matrix);
        }
        INDArray result = Nd4j.createUninitialized(matrix.dataType(), matrix.shape(), 'f');
        long from = 0;
        for (INDArray block : blocks) {
            long to = from + block.size(0);
            INDArray own = matrix.get(NDArrayIndex.interval(from, to), NDArrayIndex.all());
            result.get(NDArrayIndex.interval(from, to), NDArrayIndex.all()).assign(product.apply(block, own.dup('f')));
            from = to;
        }
        return result;
    }
}
