package io.github.dl4jngd.fisher.jacobian;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** Rows of a matrix taken and put by index. */
final class Scatter {

    private Scatter() {}

    /** The rows of these indices, which may repeat, [indices, columns]. */
    static INDArray gather(INDArray matrix, int[] indices) {
        INDArray rows = Nd4j.createUninitialized(matrix.dataType(), new long[] {indices.length, matrix.size(1)}, 'c');
        return Nd4j.pullRows(matrix, rows, 1, indices);
    }

    /** Every row added to the row of its index, [count, columns]; the same sum in every run. */
    static INDArray add(INDArray rows, int[] indices, long count) {
        INDArray sums = Nd4j.create(rows.dataType(), new long[] {count, rows.size(1)}, 'c');
        boolean oneAfterTheOther = true;
        Nd4j.exec(DynamicCustomOp.builder("scatter_add")
                .addInputs(sums, Nd4j.createFromArray(indices), rows)
                .addOutputs(sums)
                .addBooleanArguments(oneAfterTheOther)
                .build());
        return sums;
    }
}
