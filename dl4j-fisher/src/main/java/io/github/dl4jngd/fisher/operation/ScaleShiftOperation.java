package io.github.dl4jngd.fisher.operation;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** y = s x + t with constants s and t: DL4J's ScaleVertex and ShiftVertex. */
final class ScaleShiftOperation implements Operation {

    private final double scale;
    private final double shift;

    ScaleShiftOperation(double scale, double shift) {
        this.scale = scale;
        this.shift = shift;
    }

    @Override
    public Linearized linearize(INDArray input, INDArray parameters) {
        INDArray output = input.mul(scale).addi(shift);
        return new Linearized() {
            @Override
            public INDArray output() {
                return output;
            }

            @Override
            public @Nullable INDArray jvp(@Nullable INDArray inputTangent, INDArray tangent) {
                return inputTangent == null ? null : inputTangent.mul(scale);
            }

            @Override
            public INDArray vjp(INDArray cotangents) {
                return cotangents.mul(scale);
            }
        };
    }
}
