package io.github.dl4jngd.cli.boundary;

/**
 * What ten steps of gradient descent on the whole training set did.
 *
 * @param sharpness of the network
 * @param targets how far the targets lay from the network's first outputs
 * @param factor η λ_max
 * @param before the loss before the first step
 * @param after the loss after the last; may be NaN or infinite
 */
record Descent(Sharpness sharpness, Targets targets, double factor, double before, double after) {

    /** How far the targets lie from the network's first outputs f₀. */
    enum Targets {
        /** f₀ + (y − f₀)/1000: the network stays where λ_max was measured, and 2/λ_max is the boundary. */
        NEAR(1e-3),
        /** y themselves: beyond the boundary the network may move on to flatter ground. */
        REAL(1);

        private final double scale;

        Targets(double scale) {
            this.scale = scale;
        }

        double scale() {
            return scale;
        }
    }

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
