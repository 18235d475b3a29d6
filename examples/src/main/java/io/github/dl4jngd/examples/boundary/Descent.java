package io.github.dl4jngd.examples.boundary;

/**
 * What ten steps of gradient descent on the whole training set did.
 *
 * @param sharpness of the network
 * @param factor η λ_max
 * @param before the loss before the first step
 * @param after the loss after the last; may be NaN or infinite
 */
record Descent(Sharpness sharpness, double factor, double before, double after) {

    /** Up to here the loss must fall. */
    static final double STABLE = 1.8;

    /** From here on it must rise. */
    static final double UNSTABLE = 2.3;

    boolean rose() {
        return !(after <= before);
    }

    /** Whether it went as 2/λ_max says; between 1.8 and 2.3 anything may happen. */
    boolean isAsExpected() {
        return factor <= STABLE ? after < before : factor < UNSTABLE || rose();
    }
}
