package io.github.dl4jngd.cli.boundary;

/**
 * What an epoch of stochastic gradient descent did.
 *
 * @param sharpness of the network at its start
 * @param learningRate η
 * @param before the training loss before
 * @param after the training loss after; NaN or infinite where it diverged
 */
record Epoch(Sharpness sharpness, double learningRate, double before, double after) {

    boolean converged() {
        return after < before;
    }
}
