package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.jacobian.Parameterization;

/**
 * The form in which the square root J̃ of a Fisher matrix is wanted.
 *
 * @param scaling the coordinates of its columns
 * @param formed whether rows are formed where they have no cheap factored form (convolutions, normalisations, and
 *     everything in a network whose samples are coupled), for methods that need the rows; else every layer stays in
 *     factored form, for methods that need ã and δ̃ (K-FAC)
 * @param memoryLimit how many bytes it may take: formed rows with one chunk of cotangents, or a factored root on its
 *     way back through coupled samples
 */
public record RootOptions(Parameterization scaling, boolean formed, long memoryLimit) {

    /**
     * In factored form, whatever it takes.
     *
     * @param scaling the coordinates
     * @return the options
     */
    public static RootOptions factored(Parameterization scaling) {
        return factored(scaling, Long.MAX_VALUE);
    }

    /**
     * In factored form.
     *
     * @param scaling the coordinates
     * @param memoryLimit how many bytes the way back may take
     * @return the options
     */
    public static RootOptions factored(Parameterization scaling, long memoryLimit) {
        return new RootOptions(scaling, false, memoryLimit);
    }

    /**
     * With formed rows.
     *
     * @param scaling the coordinates
     * @param memoryLimit how many bytes formed rows and one chunk may take
     * @return the options
     */
    public static RootOptions formed(Parameterization scaling, long memoryLimit) {
        return new RootOptions(scaling, true, memoryLimit);
    }
}
