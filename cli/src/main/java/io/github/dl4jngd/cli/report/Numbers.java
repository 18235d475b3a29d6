package io.github.dl4jngd.cli.report;

import java.util.Locale;

/** Numbers as text, the same in every locale. */
public final class Numbers {

    private Numbers() {}

    /**
     * A number with a fixed number of decimals.
     *
     * @param value the number
     * @param decimals digits after the point
     * @return such as {@code 12.50}
     */
    public static String fixed(double value, int decimals) {
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    /**
     * A fraction in per cent with two decimals.
     *
     * @param fraction 1 is 100 %
     * @return such as {@code 98.12 %}
     */
    public static String percent(double fraction) {
        return fixed(100 * fraction, 2) + " %";
    }

    /**
     * A number with four significant digits, in scientific notation where it is very small or large.
     *
     * @param value the number
     * @return such as {@code 0.01234} or {@code 1.234e-06}
     */
    public static String significant(double value) {
        double magnitude = Math.abs(value);
        if (value != 0 && (magnitude < 1e-3 || magnitude >= 1e5)) {
            return String.format(Locale.ROOT, "%.3e", value);
        }
        return String.format(Locale.ROOT, magnitude < 1 ? "%.5f" : "%.4g", value);
    }
}
