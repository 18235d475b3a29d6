package io.github.dl4jngd.fisher.jacobian;

import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Patches made from others.
 *
 * @param source the others
 * @param samples how many of their samples
 * @param conversion what becomes of their columns
 */
record DerivedPatches(Patches source, long samples, UnaryOperator<INDArray> conversion) implements Patches {

    @Override
    public long positions() {
        return source.positions();
    }

    @Override
    public INDArray columns(long from, long to) {
        return conversion.apply(source.columns(from, to));
    }
}
