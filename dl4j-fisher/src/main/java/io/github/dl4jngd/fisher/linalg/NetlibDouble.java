package io.github.dl4jngd.fisher.linalg;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.netlib.lapack.Dgecon;
import org.netlib.lapack.Dgetrf;
import org.netlib.lapack.Dgetrs;
import org.netlib.lapack.Dlamch;
import org.netlib.lapack.Dlange;
import org.netlib.lapack.Dlansy;
import org.netlib.lapack.Dpocon;
import org.netlib.lapack.Dposv;
import org.netlib.lapack.Dpotrf;
import org.netlib.lapack.Dpotri;
import org.netlib.lapack.Dpotrs;
import org.netlib.lapack.Dsyevd;
import org.netlib.util.doubleW;
import org.netlib.util.intW;

/**
 * Netlib's LAPACK in Java, in float64. The triangle named "U" is by rows the lower one.
 *
 * <p>Its routines are called directly: the way through {@code JavaLAPACK.getInstance()} looks for a native library
 * first and warns if there is none.
 */
final class NetlibDouble implements Float64Lapack<double[]> {

    static {
        // Determines the machine's arithmetic, in static fields without synchronisation, at its first call.
        Dlamch.dlamch("E");
    }

    @Override
    public double[] storage(INDArray contiguous) {
        if (contiguous.length() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("an array of " + contiguous.length()
                    + " elements is too large for LAPACK in Java, which takes up to " + Integer.MAX_VALUE
                    + ": split the batch");
        }
        return contiguous.data().asDouble();
    }

    @Override
    public INDArray array(double[] storage, INDArray contiguous) {
        return Nd4j.createFromArray(storage).reshape(contiguous.ordering(), contiguous.shape());
    }

    @Override
    public void put(double[] a, long offset, double[] values, int count) {
        System.arraycopy(values, 0, a, Math.toIntExact(offset), count);
    }

    @Override
    public void get(double[] a, long offset, double[] values, int count) {
        System.arraycopy(a, Math.toIntExact(offset), values, 0, count);
    }

    @Override
    public int posv(int n, double[] a, long offset, double[] b, long bOffset) {
        intW info = new intW(0);
        Dposv.dposv("L", n, 1, a, (int) offset, n, b, (int) bOffset, n, info);
        return info.val;
    }

    @Override
    public int potrf(int n, double[] a, long offset) {
        intW info = new intW(0);
        Dpotrf.dpotrf("U", n, a, (int) offset, n, info);
        return info.val;
    }

    @Override
    public int potrs(int n, int k, double[] factor, long factorOffset, double[] b, long bOffset) {
        intW info = new intW(0);
        Dpotrs.dpotrs("U", n, k, factor, (int) factorOffset, n, b, (int) bOffset, n, info);
        return info.val;
    }

    @Override
    public int potri(int n, double[] factor) {
        intW info = new intW(0);
        Dpotri.dpotri("U", n, factor, 0, n, info);
        return info.val;
    }

    @Override
    public double pocon(int n, double[] factor, double norm1) {
        doubleW rcond = new doubleW(0);
        Dpocon.dpocon("U", n, factor, 0, n, norm1, rcond, new double[3 * n], 0, new int[n], 0, new intW(0));
        return rcond.val;
    }

    @Override
    public double symmetricNorm1(int n, double[] a) {
        return Dlansy.dlansy("1", "U", n, a, 0, n, new double[n], 0);
    }

    @Override
    public void clearUpper(int n, double[] a) {
        for (int i = 0; i < n; i++) {
            Arrays.fill(a, i * n + i + 1, (i + 1) * n, 0);
        }
    }

    @Override
    public void mirrorLower(int n, double[] a) {
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                a[i * n + j] = a[j * n + i];
            }
        }
    }

    @Override
    public void mirrorUpper(int n, double[] a) {
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                a[j * n + i] = a[i * n + j];
            }
        }
    }

    @Override
    public int syevd(int n, double[] a, double[] values) {
        intW info = new intW(0);
        double[] workSize = new double[1];
        int[] intWorkSize = new int[1];
        Dsyevd.dsyevd("V", "U", n, a, 0, n, values, 0, workSize, 0, -1, intWorkSize, 0, -1, info);
        int work = (int) workSize[0];
        int intWork = intWorkSize[0];
        Dsyevd.dsyevd("V", "U", n, a, 0, n, values, 0, new double[work], 0, work, new int[intWork], 0, intWork, info);
        return info.val;
    }

    @Override
    public int getrf(int n, double[] a, int[] pivots) {
        intW info = new intW(0);
        Dgetrf.dgetrf(n, n, a, 0, n, pivots, 0, info);
        return info.val;
    }

    @Override
    public int getrs(int n, int k, double[] lu, int[] pivots, double[] b) {
        intW info = new intW(0);
        Dgetrs.dgetrs("N", n, k, lu, 0, n, pivots, 0, b, 0, n, info);
        return info.val;
    }

    @Override
    public double gecon(int n, double[] lu, double norm1) {
        doubleW rcond = new doubleW(0);
        Dgecon.dgecon("1", n, lu, 0, n, norm1, rcond, new double[4 * n], 0, new int[n], 0, new intW(0));
        return rcond.val;
    }

    @Override
    public double generalNorm1(int n, double[] a) {
        return Dlange.dlange("1", n, n, a, 0, n, new double[n], 0);
    }
}
