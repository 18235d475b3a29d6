package io.github.dl4jngd.fisher.linalg;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.netlib.lapack.Sgecon;
import org.netlib.lapack.Sgetrf;
import org.netlib.lapack.Sgetrs;
import org.netlib.lapack.Slamch;
import org.netlib.lapack.Slange;
import org.netlib.lapack.Slansy;
import org.netlib.lapack.Spocon;
import org.netlib.lapack.Spotrf;
import org.netlib.lapack.Spotri;
import org.netlib.lapack.Spotrs;
import org.netlib.lapack.Ssyevd;
import org.netlib.util.floatW;
import org.netlib.util.intW;

/**
 * Netlib's LAPACK in Java, in float32. The triangle named "U" is by rows the lower one.
 *
 * <p>Its routines are called directly: the way through {@code JavaLAPACK.getInstance()} looks for a native library
 * first and warns if there is none.
 */
final class NetlibFloat implements Lapack<float[]> {

    static {
        // Determines the machine's arithmetic, in static fields without synchronisation, at its first call.
        Slamch.slamch("E");
    }

    @Override
    public float[] storage(INDArray contiguous) {
        if (contiguous.length() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("an array of " + contiguous.length()
                    + " elements is too large for LAPACK in Java, which takes up to " + Integer.MAX_VALUE
                    + ": split the batch");
        }
        return contiguous.data().asFloat();
    }

    @Override
    public INDArray array(float[] storage, INDArray contiguous) {
        return Nd4j.createFromArray(storage).reshape(contiguous.ordering(), contiguous.shape());
    }

    @Override
    public int potrf(int n, float[] a, long offset) {
        intW info = new intW(0);
        Spotrf.spotrf("U", n, a, (int) offset, n, info);
        return info.val;
    }

    @Override
    public int potrs(int n, int k, float[] factor, long factorOffset, float[] b, long bOffset) {
        intW info = new intW(0);
        Spotrs.spotrs("U", n, k, factor, (int) factorOffset, n, b, (int) bOffset, n, info);
        return info.val;
    }

    @Override
    public int potri(int n, float[] factor) {
        intW info = new intW(0);
        Spotri.spotri("U", n, factor, 0, n, info);
        return info.val;
    }

    @Override
    public double pocon(int n, float[] factor, double norm1) {
        floatW rcond = new floatW(0);
        Spocon.spocon("U", n, factor, 0, n, (float) norm1, rcond, new float[3 * n], 0, new int[n], 0, new intW(0));
        return rcond.val;
    }

    @Override
    public double symmetricNorm1(int n, float[] a) {
        return Slansy.slansy("1", "U", n, a, 0, n, new float[n], 0);
    }

    @Override
    public void clearUpper(int n, float[] a) {
        for (int i = 0; i < n; i++) {
            Arrays.fill(a, i * n + i + 1, (i + 1) * n, 0);
        }
    }

    @Override
    public void mirrorLower(int n, float[] a) {
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                a[i * n + j] = a[j * n + i];
            }
        }
    }

    @Override
    public void mirrorUpper(int n, float[] a) {
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                a[j * n + i] = a[i * n + j];
            }
        }
    }

    @Override
    public int syevd(int n, float[] a, float[] values) {
        intW info = new intW(0);
        float[] workSize = new float[1];
        int[] intWorkSize = new int[1];
        Ssyevd.ssyevd("V", "U", n, a, 0, n, values, 0, workSize, 0, -1, intWorkSize, 0, -1, info);
        int work = (int) workSize[0];
        int intWork = intWorkSize[0];
        Ssyevd.ssyevd("V", "U", n, a, 0, n, values, 0, new float[work], 0, work, new int[intWork], 0, intWork, info);
        return info.val;
    }

    @Override
    public int getrf(int n, float[] a, int[] pivots) {
        intW info = new intW(0);
        Sgetrf.sgetrf(n, n, a, 0, n, pivots, 0, info);
        return info.val;
    }

    @Override
    public int getrs(int n, int k, float[] lu, int[] pivots, float[] b) {
        intW info = new intW(0);
        Sgetrs.sgetrs("N", n, k, lu, 0, n, pivots, 0, b, 0, n, info);
        return info.val;
    }

    @Override
    public double gecon(int n, float[] lu, double norm1) {
        floatW rcond = new floatW(0);
        Sgecon.sgecon("1", n, lu, 0, n, (float) norm1, rcond, new float[4 * n], 0, new int[n], 0, new intW(0));
        return rcond.val;
    }

    @Override
    public double generalNorm1(int n, float[] a) {
        return Slange.slange("1", n, n, a, 0, n, new float[n], 0);
    }
}
