package io.github.dl4jngd.fisher.jacobian;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The patches of several samples in a row as those of one.
 *
 * @param source the patches of the parts
 * @param parts how many make up a sample
 */
record JoinedPatches(Patches source, long parts) implements Patches {

    @Override
    public long samples() {
        return source.samples() / parts;
    }

    @Override
    public long positions() {
        return parts * source.positions();
    }

    @Override
    public INDArray columns(long from, long to) {
        INDArray columns = source.columns(from * parts, to * parts);
        return columns.reshape('c', to - from, parts, columns.size(1), columns.size(2))
                .permute(0, 2, 1, 3)
                .dup('c')
                .reshape('c', to - from, columns.size(1), positions());
    }
}
