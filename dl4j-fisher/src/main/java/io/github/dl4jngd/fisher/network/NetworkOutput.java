package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.loss.LossModel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One output of a compiled network and the loss that is taken of it.
 *
 * @param head what its labels and masks look like
 * @param value the graph's value that the loss is taken of, [N, C] or, at each position, [N, C·P]
 * @param units C
 * @param loss the loss, over positions where it is taken at each
 */
record NetworkOutput(LossHead head, int value, long units, LossModel loss) {

    /** The columns that it takes; 0 where the number of positions says how many. */
    long columns() {
        return head.eachPosition() ? 0 : units;
    }

    private boolean fits(INDArray matrix) {
        return head.eachPosition() ? matrix.size(1) % units == 0 : matrix.size(1) == units;
    }

    /** That the graph has made what the loss is taken of. */
    void check(INDArray outputs) {
        if (outputs.rank() != 2 || !fits(outputs)) {
            throw new IllegalArgumentException("The network's outputs have shape " + Arrays.toString(outputs.shape())
                    + ", expected [N, " + units + (head.eachPosition() ? " × positions]" : "]"));
        }
    }

    /** What one minibatch's outputs are compared with. */
    Targets targets(INDArray labels, @Nullable INDArray mask, DataType dataType) {
        INDArray matrix = head.labels(labels, units, dataType);
        if (!fits(matrix)) {
            throw new IllegalArgumentException("The labels have shape " + Arrays.toString(labels.shape())
                    + ", the network has " + units + " outputs" + (head.eachPosition() ? " at each position" : ""));
        }
        LossHead.Mask own = head.mask(mask, matrix, units);
        LossModel weighted = own == null ? loss : head.weighted(loss, own);
        weighted.checkLabels(matrix);
        return new Targets(weighted.given(matrix), matrix, own == null ? null : own.weights());
    }
}
