package io.github.dl4jngd.fisher.linalg;

/**
 * What to add to the diagonal of a matrix that rounding has made indefinite: 0, then initial · d̄, initial · factor ·
 * d̄ and so on up to maximum · d̄, where d̄ is the mean of the diagonal.
 *
 * @param initial the first amount, relative to the mean of the diagonal; 0 for none at all
 * @param factor what each amount is multiplied by to get the next, above 1
 * @param maximum the largest amount, relative to the mean of the diagonal
 */
public record Jitter(double initial, double factor, double maximum) {

    private static final Jitter DEFAULTS = new Jitter(1e-8, 10, 1e-2);
    private static final Jitter NONE = new Jitter(0, 10, 0);

    /**
     * Checks the ranges.
     *
     * @param initial the first amount, relative to the mean of the diagonal; 0 for none at all
     * @param factor what each amount is multiplied by to get the next, above 1
     * @param maximum the largest amount, relative to the mean of the diagonal
     * @throws IllegalArgumentException unless 0 ≤ initial ≤ maximum and factor &gt; 1, all finite
     */
    public Jitter {
        if (!(initial >= 0 && initial <= maximum && Double.isFinite(maximum))) {
            throw new IllegalArgumentException("jitter must satisfy 0 <= initial <= maximum < infinity, but initial is "
                    + initial + " and maximum is " + maximum);
        }
        if (!(factor > 1 && Double.isFinite(factor))) {
            throw new IllegalArgumentException("jitter needs a finite factor above 1, but it is " + factor);
        }
    }

    /**
     * From 10⁻⁸ to 10⁻² of the mean diagonal in steps of ten: from well below what float32 resolves to an amount that
     * changes results visibly.
     *
     * @return the defaults
     */
    public static Jitter defaults() {
        return DEFAULTS;
    }

    /**
     * Adds nothing: the plain factorisation.
     *
     * @return no jitter
     */
    public static Jitter none() {
        return NONE;
    }
}
