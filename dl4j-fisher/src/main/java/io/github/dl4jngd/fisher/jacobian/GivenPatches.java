package io.github.dl4jngd.fisher.jacobian;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Patches that are there already.
 *
 * @param all ã, [N, inputs, T], row-major without gaps
 */
record GivenPatches(INDArray all) implements Patches {

    @Override
    public long samples() {
        return all.size(0);
    }

    @Override
    public long positions() {
        return all.size(2);
    }

    @Override
    public INDArray columns(long from, long to) {
        return from == 0 && to == samples()
                ? all
                : all.get(NDArrayIndex.interval(from, to), NDArrayIndex.all(), NDArrayIndex.all())
                        .dup('c');
    }
}
