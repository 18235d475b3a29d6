package io.github.dl4jngd.fisher.internal;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Matrix products by one BLAS call, into the storage order that the method names.
 *
 * <p>ND4J's {@code mmul} chooses the order by its operands, and where theirs differ copies: a third of the speed for
 * AᵀB, and results that are then ten times slower to add to arrays of the other order. Samples lie in rows (row-major),
 * parameters and their factors in columns (column-major), as in Deeplearning4j.
 */
public final class Products {

    private Products() {}

    /**
     * The product A B, row-major.
     *
     * @param a [m, k]
     * @param b [k, n]
     * @return [m, n], row-major
     */
    public static INDArray times(INDArray a, INDArray b) {
        return into(Nd4j.createUninitialized(a.dataType(), new long[] {a.size(0), b.size(1)}, 'c'), a, false, b, false);
    }

    /**
     * The product A Bᵀ, row-major.
     *
     * @param a [m, k]
     * @param b [n, k]
     * @return [m, n], row-major
     */
    public static INDArray timesTransposed(INDArray a, INDArray b) {
        return into(Nd4j.createUninitialized(a.dataType(), new long[] {a.size(0), b.size(0)}, 'c'), a, false, b, true);
    }

    /**
     * The product AᵀB, column-major.
     *
     * @param a [k, m]
     * @param b [k, n]
     * @return [m, n], column-major
     */
    public static INDArray transposedTimes(INDArray a, INDArray b) {
        return into(Nd4j.createUninitialized(a.dataType(), new long[] {a.size(1), b.size(1)}, 'f'), a, true, b, false);
    }

    /**
     * The product A B, column-major.
     *
     * @param a [m, k]
     * @param b [k, n]
     * @return [m, n], column-major
     */
    public static INDArray columnMajor(INDArray a, INDArray b) {
        return into(Nd4j.createUninitialized(a.dataType(), new long[] {a.size(0), b.size(1)}, 'f'), a, false, b, false);
    }

    /**
     * Adds the product A B to a matrix in place.
     *
     * @param sum C, [m, n], modified to C + A B
     * @param a [m, k]
     * @param b [k, n]
     * @return the sum
     */
    public static INDArray add(INDArray sum, INDArray a, INDArray b) {
        return gemm(sum, a, false, b, false, 1, 1);
    }

    /**
     * Adds a row to every row of a matrix in place, as the product 1 rowᵀ: ND4J's own addition takes four times as
     * long.
     *
     * @param sum C, [m, n], row-major; modified
     * @param row [n], or of n numbers side by side
     */
    public static void addToRows(INDArray sum, INDArray row) {
        INDArray ones = Nd4j.valueArrayOf(new long[] {sum.size(0)}, 1.0, sum.dataType());
        Nd4j.getBlasWrapper().level2().ger('f', 1, flat(row), ones, sum.transpose());
    }

    /**
     * ⟨x, y⟩ in the arrays' own precision.
     *
     * @param x any shape
     * @param y the same shape
     * @return the sum of products
     */
    public static double dot(INDArray x, INDArray y) {
        boolean flat = isFlat(x) && isFlat(y) && (x.rank() < 2 || x.ordering() == y.ordering());
        return flat
                ? Nd4j.getBlasWrapper().level1().dot(x.length(), 1, flat(x), flat(y))
                : x.mul(y).sumNumber().doubleValue();
    }

    /**
     * ‖x‖² in the array's own precision.
     *
     * @param x any shape
     * @return the sum of squares
     */
    public static double squaredNorm(INDArray x) {
        return dot(x, x);
    }

    private static boolean isFlat(INDArray array) {
        return array.dataType().isFPType()
                && array.dataType().width() >= 4
                && (array.rank() < 2 ? array.stride(0) == 1 : Shape.hasDefaultStridesForShape(array));
    }

    private static INDArray flat(INDArray array) {
        return array.reshape(array.ordering(), new long[] {array.length()});
    }

    private static INDArray into(INDArray result, INDArray a, boolean aTransposed, INDArray b, boolean bTransposed) {
        return gemm(result, a, aTransposed, b, bTransposed, 1, 0);
    }

    /**
     * C ← α op(A) op(B) + β C.
     *
     * @param c [m, n], without gaps; modified
     * @param a A
     * @param aTransposed whether Aᵀ is meant
     * @param b B
     * @param bTransposed whether Bᵀ is meant
     * @param alpha α
     * @param beta β
     * @return C
     */
    public static INDArray gemm(
            INDArray c, INDArray a, boolean aTransposed, INDArray b, boolean bTransposed, double alpha, double beta) {
        if (c.ordering() == 'f') {
            Nd4j.gemm(a, b, c, aTransposed, bTransposed, alpha, beta);
        } else {
            // Cᵀ = op(B)ᵀ op(A)ᵀ: a row-major array is its transpose, column-major
            Nd4j.gemm(b, a, c.transpose(), !bTransposed, !aTransposed, alpha, beta);
        }
        return c;
    }
}
