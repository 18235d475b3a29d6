package io.github.dl4jngd.fisher.jacobian;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The augmented inputs ã of a layer that applies the same weights at T positions of every sample.
 *
 * <p>They are made when they are asked for, some samples at a time: the patches of a 3×3 convolution take nine times
 * the memory of its input.
 */
public interface Patches {

    /**
     * The number of samples.
     *
     * @return N
     */
    long samples();

    /**
     * The number of positions.
     *
     * @return T; 1 for a dense layer
     */
    long positions();

    /**
     * The patches of some samples, scaled by the square roots of the parameterisation's scales, with a last row for the
     * bias.
     *
     * @param from the first sample
     * @param to the sample after the last
     * @return ã, [to − from, inputs, T], row-major without gaps
     */
    INDArray columns(long from, long to);

    /**
     * The same patches in another type.
     *
     * @param dataType the type
     * @return patches that convert what they make
     */
    default Patches castTo(DataType dataType) {
        return new DerivedPatches(this, samples(), columns -> columns.castTo(dataType));
    }

    /**
     * The patches of the first samples alone.
     *
     * @param count how many
     * @return patches with fewer samples
     */
    default Patches first(long count) {
        return new DerivedPatches(this, count, columns -> columns);
    }
}
