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
        requireFinite(k, scales, shifts, b);
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

    static void requireFinite(INDArray k, INDArray scales, INDArray shifts, INDArray b) {
        Arguments.requireFinite(k, "matrix");
        Arguments.requireFinite(scales, "scales");
        Arguments.requireFinite(shifts, "shifts");
        Arguments.requireFinite(b, "right-hand sides");
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

    /** One system at a time, without the rows whose scale is zero: they touch no other. */
    static final class Place {

        /** Where in the workers' memory the matrix lies, with the right-hand side behind it. */
        final long offset;

        final double[] matrix;
        final double[] vector;
        private final int[] rows;
        private final double[] scales;
        private int size;

        Place(long offset, int n) {
            this.offset = offset;
            this.matrix = new double[n * n];
            this.vector = new double[n];
            this.rows = new int[n];
            this.scales = new double[n];
        }

        /** How many rows have a scale. */
        int size() {
            return size;
        }

        /** Which row of D K D + ρ I one of the system's rows is. */
        int row(int index) {
            return rows[index];
        }

        /**
         * Makes the system of one unit: the upper triangle by rows, and its part of b.
         *
         * @param k K, [n, n], row-major
         * @param all the scales of all units, row-major
         * @param unit which
         * @param shift ρ
         * @param b the right-hand sides of all units, row-major
         */
        void make(double[] k, double[] all, int unit, double shift, double[] b) {
            int n = rows.length;
            int first = unit * n;
            size = 0;
            for (int i = 0; i < n; i++) {
                if (all[first + i] != 0) {
                    rows[size] = i;
                    scales[size] = all[first + i];
                    vector[size++] = b[first + i];
                }
            }
            for (int i = 0; i < size; i++) {
                double scale = scales[i];
                int from = rows[i] * n;
                int to = i * size;
                for (int j = i; j < size; j++) {
                    matrix[to + j] = scale * scales[j] * k[from + rows[j]];
                }
                matrix[to + i] = orOne(matrix[to + i] + shift);
            }
        }

        /** Puts the system's solution in the place of b, and b/ρ where a row has no scale. */
        void take(double[] all, int unit, double shift, double[] b) {
            int n = rows.length;
            int first = unit * n;
            int taken = 0;
            for (int i = 0; i < n; i++) {
                b[first + i] = all[first + i] != 0 ? vector[taken++] : b[first + i] / orOne(shift);
            }
        }

        /** A row without scale and shift has a diagonal of one. */
        private static double orOne(double diagonal) {
            return diagonal == 0 ? 1 : diagonal;
        }
    }
}
