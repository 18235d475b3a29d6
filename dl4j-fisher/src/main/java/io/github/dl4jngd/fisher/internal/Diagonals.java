package io.github.dl4jngd.fisher.internal;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Diagonals of square matrices, as views: what is written to them is written to the matrices. */
public final class Diagonals {

    private Diagonals() {}

    /**
     * The diagonal of a matrix.
     *
     * @param matrix [n, n], not itself a view with an odd layout
     * @return a view, [n]
     */
    public static INDArray of(INDArray matrix) {
        return Nd4j.create(
                matrix.data(),
                new long[] {matrix.size(0)},
                new long[] {matrix.stride(0) + matrix.stride(1)},
                matrix.offset(),
                'c');
    }

    /**
     * The diagonals of a stack of matrices.
     *
     * @param stack [m, n, n], row-major without gaps
     * @return a view, [m, n]
     */
    public static INDArray ofEach(INDArray stack) {
        long n = stack.size(1);
        return Nd4j.create(stack.data(), new long[] {stack.size(0), n}, new long[] {n * n, n + 1}, stack.offset(), 'c');
    }

    /**
     * A + s I, in place.
     *
     * @param matrix A, [n, n]; written to
     * @param value s
     * @return A
     */
    public static INDArray add(INDArray matrix, double value) {
        if (value != 0) {
            of(matrix).addi(value);
        }
        return matrix;
    }

    /**
     * The trace.
     *
     * @param matrix [n, n]
     * @return the sum of the diagonal
     */
    public static double trace(INDArray matrix) {
        return of(matrix).sumNumber().doubleValue();
    }

    /**
     * The mean of the diagonal.
     *
     * @param matrix [n, n]
     * @return tr A/n
     */
    public static double mean(INDArray matrix) {
        return trace(matrix) / matrix.size(0);
    }
}
