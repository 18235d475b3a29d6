package io.github.dl4jngd.fisher.loss;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * √h = e^x from x = ½ log h with a floor, so that its reciprocal, and the square of that, stay finite.
 *
 * <p>S and q = S⁻¹r use the same floored root, so r = S q holds for every sample; H itself changes by less than 1e-32
 * in float32 and 1e-300 in float64.
 */
final class RootFloor {

    private static final double FLOAT = -37;
    private static final double DOUBLE = -345;

    private RootFloor() {}

    /** Works in place. */
    static INDArray exp(INDArray logRoot) {
        double floor = logRoot.dataType() == DataType.DOUBLE ? DOUBLE : FLOAT;
        return Transforms.exp(Transforms.max(logRoot, floor, false), false);
    }
}
