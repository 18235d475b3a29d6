package io.github.dl4jngd.fisher.loss;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Builds the [C, N, C] stack of the columns of S. */
final class RootColumns {

    private RootColumns() {}

    /** S_n = diag(root_n) for root [N, C]. */
    static INDArray diagonal(INDArray root) {
        long samples = root.size(0);
        long outputs = root.size(1);
        INDArray columns = Nd4j.create(root.dataType(), new long[] {outputs, samples, outputs}, 'c');
        for (long j = 0; j < outputs; j++) {
            columns.get(NDArrayIndex.point(j), NDArrayIndex.all(), NDArrayIndex.point(j))
                    .assign(root.get(NDArrayIndex.all(), NDArrayIndex.point(j)));
        }
        return columns;
    }
}
