package io.github.dl4jngd.fisher.linalg;

/**
 * What float64 has beyond {@link Lapack}: small systems that are made in Java and solved where they then lie.
 *
 * @param <S> what holds the numbers: native memory or a Java array
 */
interface Float64Lapack<S> extends Lapack<S> {

    /** Writes the first of some numbers from an offset on. */
    void put(S a, long offset, double[] values, int count);

    /** Reads numbers from an offset on into the first places of an array. */
    void get(S a, long offset, double[] values, int count);

    /**
     * Overwrites one column b with A⁻¹ b, and A with its factor. A is given by its <em>upper</em> triangle by rows: it
     * is LAPACK's lower one by columns, which OpenBLAS factorises in little more than half the time. NaN is not looked
     * for.
     */
    int posv(int n, S a, long offset, S b, long bOffset);
}
