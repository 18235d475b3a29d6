package io.github.dl4jngd.fisher.operation;

import io.github.dl4jngd.fisher.internal.Products;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Sums as products with ones, several times as fast as ND4J's reductions over outer axes. */
final class Sums {

    private Sums() {}

    /** Of [N, C] over N, [C]. */
    static INDArray overRows(INDArray matrix) {
        return Products.times(Nd4j.ones(matrix.dataType(), 1, matrix.size(0)), matrix)
                .reshape('c', new long[] {matrix.size(1)});
    }

    /** Of [N, C, …], row-major without gaps, over all but C, [C]. */
    static INDArray perChannel(INDArray array) {
        long samples = array.size(0);
        long channels = array.size(1);
        long positions = array.length() / (samples * channels);
        INDArray bySample = array.reshape('c', samples * channels, positions);
        if (positions > 1) {
            bySample = Products.times(bySample, Nd4j.ones(array.dataType(), positions, 1));
        }
        return overRows(bySample.reshape('c', samples, channels));
    }
}
