package io.github.dl4jngd.cli.boundary;

/**
 * Where theory and measurement put the boundary of one width.
 *
 * @param width of the hidden layers
 * @param measured λ_max at initialisation of the loss's own Fisher information matrix, H = 2I
 * @param theory 2 λ̄ of mean-field theory, the mean of the C outliers
 */
record Sharpness(int width, double measured, double theory) {

    /** 2/λ_max. */
    double boundary() {
        return 2 / measured;
    }

    double theoreticalBoundary() {
        return 2 / theory;
    }
}
