package io.github.dl4jngd.fisher.loss;

import java.util.random.RandomGenerator;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A metric that treats outputs one by one: H_n = diag(h_n), S_n = diag(√h_n), q = r/√h. */
abstract class DiagonalMetric implements OutputMetric {

    private final INDArray root;

    /**
     * Keeps the root.
     *
     * @param root √h, [N, C]; may be zero only where the residual is
     */
    DiagonalMetric(INDArray root) {
        this.root = root;
    }

    /** √h, [N, C]. */
    final INDArray root() {
        return root;
    }

    @Override
    public INDArray whitenedResidual(INDArray labels) {
        // dividing by the very S that r is made from keeps r = S q
        INDArray none = root.eq(0).castTo(root.dataType());
        return residual(labels).divi(root.add(none));
    }

    @Override
    public INDArray times(INDArray tangent) {
        return root.mul(root).muli(tangent);
    }

    @Override
    public INDArray rootTransposeTimes(INDArray tangent) {
        return root.mul(tangent);
    }

    @Override
    public INDArray rootColumns() {
        return RootColumns.diagonal(root);
    }

    /** H^{1/2} z with z standard normal; where there is a distribution of labels, a label drawn from it is better. */
    @Override
    public INDArray sample(RandomGenerator random) {
        return root.mul(Draws.normal(random, root));
    }
}
