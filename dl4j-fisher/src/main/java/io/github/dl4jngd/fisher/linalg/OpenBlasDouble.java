package io.github.dl4jngd.fisher.linalg;

import static org.bytedeco.openblas.global.openblas.LAPACKE_dgecon;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgetrf;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgetrs;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dlange;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dlansy;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dlaset;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dpocon;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dposv_work;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dpotrf;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dpotri;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dpotrs;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dsyevd;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;
import static org.bytedeco.openblas.global.openblas.cblas_dcopy;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** OpenBLAS in float64. The triangle named 'U' is by rows the lower one. */
final class OpenBlasDouble implements Float64Lapack<DoublePointer> {

    @Override
    public DoublePointer storage(INDArray contiguous) {
        return new DoublePointer(contiguous.data().addressPointer());
    }

    @Override
    public INDArray array(DoublePointer storage, INDArray contiguous) {
        return contiguous;
    }

    @Override
    public void put(DoublePointer a, long offset, double[] values, int count) {
        at(a, offset).put(values, 0, count);
    }

    @Override
    public void get(DoublePointer a, long offset, double[] values, int count) {
        at(a, offset).get(values, 0, count);
    }

    @Override
    public int posv(int n, DoublePointer a, long offset, DoublePointer b, long bOffset) {
        return LAPACKE_dposv_work(LAPACK_COL_MAJOR, (byte) 'L', n, 1, at(a, offset), n, at(b, bOffset), n);
    }

    @Override
    public int potrf(int n, DoublePointer a, long offset) {
        return LAPACKE_dpotrf(LAPACK_COL_MAJOR, (byte) 'U', n, at(a, offset), n);
    }

    @Override
    public int potrs(int n, int k, DoublePointer factor, long factorOffset, DoublePointer b, long bOffset) {
        return LAPACKE_dpotrs(LAPACK_COL_MAJOR, (byte) 'U', n, k, at(factor, factorOffset), n, at(b, bOffset), n);
    }

    @Override
    public int potri(int n, DoublePointer factor) {
        return LAPACKE_dpotri(LAPACK_COL_MAJOR, (byte) 'U', n, factor, n);
    }

    @Override
    public double pocon(int n, DoublePointer factor, double norm1) {
        double[] rcond = new double[1];
        try (DoublePointer result = new DoublePointer(rcond)) {
            LAPACKE_dpocon(LAPACK_COL_MAJOR, (byte) 'U', n, factor, n, norm1, result);
            return result.get();
        }
    }

    @Override
    public double symmetricNorm1(int n, DoublePointer a) {
        return LAPACKE_dlansy(LAPACK_COL_MAJOR, (byte) '1', (byte) 'U', n, a, n);
    }

    @Override
    public void clearUpper(int n, DoublePointer a) {
        if (n > 1) {
            LAPACKE_dlaset(LAPACK_COL_MAJOR, (byte) 'L', n - 1, n - 1, 0, 0, at(a, 1), n);
        }
    }

    @Override
    public void mirrorLower(int n, DoublePointer a) {
        for (int i = 0; i < n - 1; i++) {
            long diagonal = (long) i * n + i;
            cblas_dcopy(n - 1 - i, at(a, diagonal + n), n, at(a, diagonal + 1), 1);
        }
    }

    @Override
    public void mirrorUpper(int n, DoublePointer a) {
        for (int i = 0; i < n - 1; i++) {
            long diagonal = (long) i * n + i;
            cblas_dcopy(n - 1 - i, at(a, diagonal + 1), 1, at(a, diagonal + n), n);
        }
    }

    @Override
    public int syevd(int n, DoublePointer a, DoublePointer values) {
        return LAPACKE_dsyevd(LAPACK_COL_MAJOR, (byte) 'V', (byte) 'U', n, a, n, values);
    }

    @Override
    public int getrf(int n, DoublePointer a, int[] pivots) {
        try (IntPointer pointer = new IntPointer((long) n)) {
            int info = LAPACKE_dgetrf(LAPACK_COL_MAJOR, n, n, a, n, pointer);
            pointer.get(pivots);
            return info;
        }
    }

    @Override
    public int getrs(int n, int k, DoublePointer lu, int[] pivots, DoublePointer b) {
        try (IntPointer pointer = new IntPointer(pivots)) {
            return LAPACKE_dgetrs(LAPACK_COL_MAJOR, (byte) 'N', n, k, lu, n, pointer, b, n);
        }
    }

    @Override
    public double gecon(int n, DoublePointer lu, double norm1) {
        double[] rcond = new double[1];
        try (DoublePointer result = new DoublePointer(rcond)) {
            LAPACKE_dgecon(LAPACK_COL_MAJOR, (byte) '1', n, lu, n, norm1, result);
            return result.get();
        }
    }

    @Override
    public double generalNorm1(int n, DoublePointer a) {
        return LAPACKE_dlange(LAPACK_COL_MAJOR, (byte) '1', n, n, a, n);
    }

    private static DoublePointer at(DoublePointer pointer, long offset) {
        return new DoublePointer(pointer).position(pointer.position() + offset);
    }
}
