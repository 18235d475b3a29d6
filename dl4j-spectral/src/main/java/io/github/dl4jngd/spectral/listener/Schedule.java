package io.github.dl4jngd.spectral.listener;

/**
 * Says at which iterations a listener reads.
 *
 * @param iterations every so many iterations, or 0
 * @param epochs at the first iteration of every so many epochs, or 0
 */
record Schedule(int iterations, int epochs) {

    /** Whether to read, given the epoch of the last reading, or -1. */
    boolean isDue(int iteration, int epoch, int lastEpoch) {
        return iterations > 0 ? iteration % iterations == 0 : epoch % epochs == 0 && epoch != lastEpoch;
    }
}
