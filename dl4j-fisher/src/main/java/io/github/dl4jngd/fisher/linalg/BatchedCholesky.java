package io.github.dl4jngd.fisher.linalg;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;
import static org.nd4j.linalg.indexing.NDArrayIndex.point;

import io.github.dl4jngd.fisher.internal.Diagonals;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Cholesky factors of many small matrices at once: every operation works on one row of Lᵀ, or one panel of rows, of all
 * of them. Left-looking: a row is that of A, less the product of the rows above, divided by the root of its first
 * element; the rows of earlier panels are subtracted from a whole panel in one product. Rows of Lᵀ rather than columns
 * of L, because rows are contiguous.
 */
final class BatchedCholesky {

    private static final int PANEL = 32;

    private BatchedCholesky() {}

    /** Returns Lᵀ [B, n, n], with zeros below the diagonals; reads only the lower triangles of a [B, n, n]. */
    static INDArray factorise(INDArray a) {
        long batch = a.size(0);
        long n = a.size(1);
        INDArray transposed = a.permute(0, 2, 1);
        INDArray upper = Nd4j.create(a.dataType(), batch, n, n);
        for (long start = 0; start < n; start += PANEL) {
            long end = Math.min(n, start + PANEL);
            INDArray panel = block(transposed, start, end, start, n).dup('c');
            if (start > 0) {
                panel.subi(product(upper, 0, start, start, end, n));
            }
            for (long j = start; j < end; j++) {
                INDArray row = block(panel, j - start, j - start + 1, j - start, n - start)
                        .dup('c');
                if (j > start) {
                    row.subi(product(upper, start, j, j, j + 1, n));
                }
                INDArray pivot = Transforms.sqrt(block(row, 0, 1, 0, 1).dup('c'), false);
                block(upper, j, j + 1, j, n).assign(row.divi(pivot));
            }
        }
        requirePositive(a, upper);
        return upper;
    }

    /** What rows top … bottom − 1 of Lᵀ contribute to the columns from left on of rows left … right − 1 of A. */
    private static INDArray product(INDArray upper, long top, long bottom, long left, long right, long n) {
        return Nd4j.matmul(block(upper, top, bottom, left, right).permute(0, 2, 1), block(upper, top, bottom, left, n));
    }

    private static INDArray block(INDArray a, long rowStart, long rowEnd, long columnStart, long columnEnd) {
        return a.get(all(), interval(rowStart, rowEnd), interval(columnStart, columnEnd));
    }

    private static void requirePositive(INDArray a, INDArray upper) {
        INDArray diagonals = Nd4j.create(
                upper.data(),
                new long[] {upper.size(0), upper.size(1)},
                new long[] {upper.stride(0), upper.stride(1) + upper.stride(2)},
                upper.offset(),
                'c');
        if (allPositive(diagonals)) {
            return;
        }
        for (int member = 0; member < upper.size(0); member++) {
            int order = firstFailedOrder(upper.get(point(member), all(), all()));
            if (order > 0) {
                throw Arguments.notPositiveDefinite(a, member, order);
            }
        }
    }

    /** A sum notices NaN, which a minimum may pass over. */
    static boolean allPositive(INDArray diagonal) {
        return Double.isFinite(diagonal.sumNumber().doubleValue())
                && diagonal.minNumber().doubleValue() > 0;
    }

    /** The order of the first minor whose pivot is not positive, from a failed factor's diagonal; 0 if all are. */
    static int firstFailedOrder(INDArray factor) {
        double[] diagonal = Diagonals.of(factor).dup().data().asDouble();
        for (int i = 0; i < diagonal.length; i++) {
            if (!(diagonal[i] > 0 && Double.isFinite(diagonal[i]))) {
                return i + 1;
            }
        }
        return 0;
    }
}
