package io.github.dl4jngd.datasets;

/** Draws one image. One painter serves one thread. */
interface Painter {

    /**
     * Draws an image of a class.
     *
     * @param label the class
     * @param random the only source of randomness
     * @param pixels where the unsigned bytes go, channel planes one after the other
     * @param offset where the image begins
     */
    void paint(int label, SplitMix64 random, byte[] pixels, int offset);

    /** The nearest byte. */
    static byte toByte(double value) {
        return (byte) Math.max(0, Math.min(255, (int) (value + 0.5)));
    }
}
