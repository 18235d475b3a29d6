package io.github.dl4jngd.fisher.curvature;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Diagonals of square matrices. */
final class Matrices {

    private Matrices() {}

    /** A view of the diagonal of a matrix [n, n] that is not itself a view with an odd layout. */
    static INDArray diagonal(INDArray matrix) {
        long n = matrix.size(0);
        return Nd4j.create(
                matrix.data(), new long[] {n}, new long[] {matrix.stride(0) + matrix.stride(1)}, matrix.offset(), 'c');
    }

    /** Adds to the diagonal in place. */
    static INDArray addToDiagonal(INDArray matrix, double value) {
        if (value != 0) {
            diagonal(matrix).addi(value);
        }
        return matrix;
    }

    static double trace(INDArray matrix) {
        return diagonal(matrix).sumNumber().doubleValue();
    }

    static double meanDiagonal(INDArray matrix) {
        return trace(matrix) / matrix.size(0);
    }

    /** Columns from … to − 1, the matrix itself where these are all. */
    static INDArray columns(INDArray matrix, long from, long to) {
        return from == 0 && to == matrix.size(1)
                ? matrix
                : matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to));
    }
}
