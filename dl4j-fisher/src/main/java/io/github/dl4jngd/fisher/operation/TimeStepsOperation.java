package io.github.dl4jngd.fisher.operation;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Sequences [N, C, T] with their time steps as parts of samples, [N, T, C], and back: what DL4J does between sequences
 * and layers that know none, where it makes a sample of every time step. Rows [N, C] are sequences of one step.
 */
final class TimeStepsOperation extends LinearOperation {

    private final String layer;
    /** Whether sequences become parts, and not parts sequences. */
    private final boolean apart;

    TimeStepsOperation(String layer, boolean apart) {
        this.layer = layer;
        this.apart = apart;
    }

    @Override
    INDArray apply(INDArray input) {
        if (input.rank() == 2) {
            long[] one =
                    apart ? new long[] {input.size(0), 1, input.size(1)} : new long[] {input.size(0), input.size(1), 1};
            return Folding.compact(input).reshape('c', one);
        }
        if (input.rank() != 3) {
            throw new IllegalArgumentException("Layer " + layer
                    + ": expected sequences of rank 3, got an input of shape " + Arrays.toString(input.shape()));
        }
        return input.permute(0, 2, 1).dup('c');
    }

    @Override
    INDArray adjoint(INDArray cotangents, long[] inputShape) {
        return inputShape.length == 2
                ? Folding.compact(cotangents).reshape('c', inputShape)
                : cotangents.permute(0, 2, 1).dup('c');
    }
}
