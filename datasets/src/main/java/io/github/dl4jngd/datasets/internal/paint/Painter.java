package io.github.dl4jngd.datasets.internal.paint;

import java.util.List;

/** Draws one image. One painter serves one thread. */
public interface Painter {

    /**
     * Draws the digits 0 to 9 of 28×28 pixels.
     *
     * @return a new painter
     */
    static Painter digits() {
        return new DigitPainter();
    }

    /**
     * Draws ten kinds of clothing of 28×28 pixels.
     *
     * @return a new painter
     */
    static Painter clothing() {
        return new ClothingPainter();
    }

    /**
     * Draws ten shapes in any texture and colour, of 32×32 pixels in red, green and blue.
     *
     * @return a new painter of {@link #shapeNames()}
     */
    static Painter shapes() {
        return ShapePainter.tenShapes();
    }

    /**
     * Draws five shapes in four textures and five colours, of 32×32 pixels in red, green and blue.
     *
     * @return a new painter of {@link #combinationNames()}
     */
    static Painter combinations() {
        return ShapePainter.hundredCombinations();
    }

    /**
     * The classes of {@link #shapes()}.
     *
     * @return ten names
     */
    static List<String> shapeNames() {
        return ShapePainter.tenNames();
    }

    /**
     * The classes of {@link #combinations()}.
     *
     * @return a hundred names
     */
    static List<String> combinationNames() {
        return ShapePainter.hundredNames();
    }

    /**
     * Draws an image of a class.
     *
     * @param label the class
     * @param random the only source of randomness
     * @param pixels where the unsigned bytes go, channel planes one after the other
     * @param offset where the image begins
     */
    void paint(int label, SplitMix64 random, byte[] pixels, int offset);

    /**
     * Rounds to the nearest byte.
     *
     * @param value any number; what is below 0 or above 255 counts as that
     * @return the unsigned byte
     */
    static byte toByte(double value) {
        return (byte) Math.max(0, Math.min(255, (int) (value + 0.5)));
    }
}
