package io.github.dl4jngd.fisher.linalg;

import static org.bytedeco.openblas.global.openblas.LAPACKE_sgecon;
import static org.bytedeco.openblas.global.openblas.LAPACKE_sgetrf;
import static org.bytedeco.openblas.global.openblas.LAPACKE_sgetrs;
import static org.bytedeco.openblas.global.openblas.LAPACKE_slange;
import static org.bytedeco.openblas.global.openblas.LAPACKE_slansy;
import static org.bytedeco.openblas.global.openblas.LAPACKE_slaset;
import static org.bytedeco.openblas.global.openblas.LAPACKE_spocon;
import static org.bytedeco.openblas.global.openblas.LAPACKE_spotrf;
import static org.bytedeco.openblas.global.openblas.LAPACKE_spotri;
import static org.bytedeco.openblas.global.openblas.LAPACKE_spotrs;
import static org.bytedeco.openblas.global.openblas.LAPACKE_ssyevd;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;
import static org.bytedeco.openblas.global.openblas.cblas_scopy;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** OpenBLAS in float32. The triangle named 'U' is by rows the lower one. */
final class OpenBlasFloat implements Lapack<FloatPointer> {

    @Override
    public FloatPointer storage(INDArray contiguous) {
        return new FloatPointer(contiguous.data().addressPointer());
    }

    @Override
    public INDArray array(FloatPointer storage, INDArray contiguous) {
        return contiguous;
    }

    @Override
    public int potrf(int n, FloatPointer a, long offset) {
        return LAPACKE_spotrf(LAPACK_COL_MAJOR, (byte) 'U', n, at(a, offset), n);
    }

    @Override
    public int potrs(int n, int k, FloatPointer factor, long factorOffset, FloatPointer b, long bOffset) {
        return LAPACKE_spotrs(LAPACK_COL_MAJOR, (byte) 'U', n, k, at(factor, factorOffset), n, at(b, bOffset), n);
    }

    @Override
    public int potri(int n, FloatPointer factor) {
        return LAPACKE_spotri(LAPACK_COL_MAJOR, (byte) 'U', n, factor, n);
    }

    @Override
    public double pocon(int n, FloatPointer factor, double norm1) {
        float[] rcond = new float[1];
        try (FloatPointer result = new FloatPointer(rcond)) {
            LAPACKE_spocon(LAPACK_COL_MAJOR, (byte) 'U', n, factor, n, (float) norm1, result);
            return result.get();
        }
    }

    @Override
    public double symmetricNorm1(int n, FloatPointer a) {
        return LAPACKE_slansy(LAPACK_COL_MAJOR, (byte) '1', (byte) 'U', n, a, n);
    }

    @Override
    public void clearUpper(int n, FloatPointer a) {
        if (n > 1) {
            LAPACKE_slaset(LAPACK_COL_MAJOR, (byte) 'L', n - 1, n - 1, 0, 0, at(a, 1), n);
        }
    }

    @Override
    public void mirrorLower(int n, FloatPointer a) {
        for (int i = 0; i < n - 1; i++) {
            long diagonal = (long) i * n + i;
            cblas_scopy(n - 1 - i, at(a, diagonal + n), n, at(a, diagonal + 1), 1);
        }
    }

    @Override
    public void mirrorUpper(int n, FloatPointer a) {
        for (int i = 0; i < n - 1; i++) {
            long diagonal = (long) i * n + i;
            cblas_scopy(n - 1 - i, at(a, diagonal + 1), 1, at(a, diagonal + n), n);
        }
    }

    @Override
    public int syevd(int n, FloatPointer a, FloatPointer values) {
        return LAPACKE_ssyevd(LAPACK_COL_MAJOR, (byte) 'V', (byte) 'U', n, a, n, values);
    }

    @Override
    public int getrf(int n, FloatPointer a, int[] pivots) {
        try (IntPointer pointer = new IntPointer((long) n)) {
            int info = LAPACKE_sgetrf(LAPACK_COL_MAJOR, n, n, a, n, pointer);
            pointer.get(pivots);
            return info;
        }
    }

    @Override
    public int getrs(int n, int k, FloatPointer lu, int[] pivots, FloatPointer b) {
        try (IntPointer pointer = new IntPointer(pivots)) {
            return LAPACKE_sgetrs(LAPACK_COL_MAJOR, (byte) 'N', n, k, lu, n, pointer, b, n);
        }
    }

    @Override
    public double gecon(int n, FloatPointer lu, double norm1) {
        float[] rcond = new float[1];
        try (FloatPointer result = new FloatPointer(rcond)) {
            LAPACKE_sgecon(LAPACK_COL_MAJOR, (byte) '1', n, lu, n, (float) norm1, result);
            return result.get();
        }
    }

    @Override
    public double generalNorm1(int n, FloatPointer a) {
        return LAPACKE_slange(LAPACK_COL_MAJOR, (byte) '1', n, n, a, n);
    }

    private static FloatPointer at(FloatPointer pointer, long offset) {
        return new FloatPointer(pointer).position(pointer.position() + offset);
    }
}
