package io.github.dl4jngd.fisher.loss;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Per-output loss weights w, [C]; null stands for ones. */
final class OutputWeights {

    private OutputWeights() {}

    static INDArray checked(INDArray weights) {
        INDArray row = weights.reshape(weights.length()).castTo(DataType.DOUBLE).dup();
        double smallest = row.minNumber().doubleValue();
        if (!(smallest > 0) || Double.isInfinite(row.maxNumber().doubleValue())) {
            throw new IllegalArgumentException("Per-output loss weights must be positive and finite, found " + row);
        }
        return row;
    }

    /** Multiplies in place. */
    static INDArray multiply(INDArray values, @Nullable INDArray weights) {
        return weights == null ? values : values.muliRowVector(weights.castTo(values.dataType()));
    }

    /** Multiplies by √w in place. */
    static INDArray multiplyRoot(INDArray values, @Nullable INDArray weights) {
        return weights == null ? values : multiply(values, Transforms.sqrt(weights, true));
    }
}
