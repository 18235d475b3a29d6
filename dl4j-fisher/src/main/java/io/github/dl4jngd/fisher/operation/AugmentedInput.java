package io.github.dl4jngd.fisher.operation;

import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** ã = [√s_W x, √s_b]: inputs with a last column for the bias, in the coordinates of a parameterisation. */
final class AugmentedInput {

    private AugmentedInput() {}

    /**
     * Augments and scales.
     *
     * @param input x, [rows, weight inputs]; not modified
     * @param block whether there is a bias
     * @param rootScales √s; null for ones
     * @return ã, [rows, inputs]; the input itself where nothing changes
     */
    static INDArray of(INDArray input, ParameterBlock block, double @Nullable [] rootScales) {
        if (!block.hasBias()) {
            return rootScales == null ? input : input.mul(rootScales[0]);
        }
        INDArray scaled = rootScales == null ? input : input.mul(rootScales[0]);
        INDArray ones = Nd4j.valueArrayOf(
                new long[] {input.size(0), 1},
                rootScales == null ? 1 : rootScales[rootScales.length - 1],
                input.dataType());
        return Nd4j.concat(1, scaled, ones);
    }

    /**
     * The same for inputs side by side.
     *
     * @param columns x, [N, weight inputs, T]; may be modified
     * @param block whether there is a bias
     * @param rootScales √s; null for ones
     * @return ã, [N, inputs, T]
     */
    static INDArray ofColumns(INDArray columns, ParameterBlock block, double @Nullable [] rootScales) {
        INDArray scaled = rootScales == null ? columns : columns.muli(rootScales[0]);
        if (!block.hasBias()) {
            return scaled;
        }
        INDArray ones = Nd4j.valueArrayOf(
                new long[] {columns.size(0), 1, columns.size(2)},
                rootScales == null ? 1 : rootScales[rootScales.length - 1],
                columns.dataType());
        return Nd4j.concat(1, scaled, ones);
    }
}
