package io.github.dl4jngd.fisher.linalg;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Symmetric systems D_u K D_u + ρ_u I that differ in their scales. */
final class ScaledSystems {

    /** How many numbers of matrices are formed at a time. */
    private static final long CHUNK_ELEMENTS = 1L << 23;

    private ScaledSystems() {}

    /** By forming some matrices at a time. */
    static INDArray solveByBatches(
            LinearAlgebra linearAlgebra, INDArray k, INDArray scales, INDArray shifts, INDArray b) {
        long units = scales.size(0);
        long n = scales.size(1);
        long step = Math.max(1, CHUNK_ELEMENTS / (n * n));
        INDArray x = Nd4j.createUninitialized(b.dataType(), units, n);
        for (long from = 0; from < units; from += step) {
            long to = Math.min(units, from + step);
            INDArray matrices = matrices(k, rows(scales, from, to), shifts.get(NDArrayIndex.interval(from, to)));
            x.get(NDArrayIndex.interval(from, to), NDArrayIndex.all())
                    .assign(linearAlgebra.solveBatch(matrices, rows(b, from, to)));
        }
        return x;
    }

    private static INDArray rows(INDArray matrix, long from, long to) {
        return matrix.get(NDArrayIndex.interval(from, to), NDArrayIndex.all()).dup('c');
    }

    /** [U, n, n]. */
    static INDArray matrices(INDArray k, INDArray scales, INDArray shifts) {
        long units = scales.size(0);
        long n = scales.size(1);
        INDArray matrices = scales.reshape(units, n, 1).mul(scales.reshape(units, 1, n));
        matrices.muli(k.reshape(1, n, n));
        INDArray diagonals =
                Nd4j.create(matrices.data(), new long[] {units, n}, new long[] {n * n, n + 1}, matrices.offset(), 'c');
        diagonals.addiColumnVector(shifts.reshape(units, 1));
        diagonals.addi(diagonals.eq(0).castTo(k.dataType()));
        return matrices;
    }

    /**
     * The lower triangle of one matrix, by rows.
     *
     * @param k K, row-major
     * @param scales all scales, row-major
     * @param unit which
     * @param shift ρ
     * @param matrix where to, [n · n]; what lies above the diagonal is left as it is
     */
    static void lower(double[] k, double[] scales, int unit, int n, double shift, double[] matrix) {
        int first = unit * n;
        for (int i = 0; i < n; i++) {
            double scale = scales[first + i];
            int row = i * n;
            for (int j = 0; j <= i; j++) {
                matrix[row + j] = scale * scales[first + j] * k[row + j];
            }
            matrix[row + i] += shift;
            if (matrix[row + i] == 0) {
                matrix[row + i] = 1;
            }
        }
    }
}
