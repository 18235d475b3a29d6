package io.github.dl4jngd.fisher.loss;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A loss at each position of an image or sequence, summed: outputs are [N, C·P], the row-major [C, P] of each sample,
 * and H_n is block diagonal over the P positions. P may differ between minibatches.
 *
 * <p>DL4J divides the sum over all positions of all samples by N, and so do F and the gradient: F = (1/N) Σ_n Σ_p.
 */
final class PositionwiseLoss implements LossModel {

    private final LossModel inner;
    private final long classes;

    PositionwiseLoss(LossModel inner, long classes) {
        this.inner = inner;
        this.classes = classes;
    }

    @Override
    public boolean dependsOnLabels() {
        return inner.dependsOnLabels();
    }

    @Override
    public LossModel given(INDArray labels) {
        return new PositionwiseLoss(inner.given(rows(labels)), classes);
    }

    @Override
    public LossModel weighted(INDArray weights, @Nullable INDArray scale) {
        return new PositionwiseLoss(inner.weighted(rows(weights), scale == null ? null : rows(scale)), classes);
    }

    @Override
    public OutputMetric at(INDArray outputs) {
        return new Metric(inner.at(rows(outputs)), outputs.size(0), outputs.size(1) / classes);
    }

    @Override
    public void checkLabels(INDArray labels) {
        inner.checkLabels(rows(labels));
    }

    @Override
    public boolean separatesOutputs() {
        return inner.separatesOutputs();
    }

    @Override
    public int rank(int outputs) {
        return Math.toIntExact(outputs / classes * inner.rank((int) classes));
    }

    @Override
    public String description() {
        return inner.description() + ", at each position";
    }

    /** [N, C·P] as [N·P, C]: every position a sample. */
    private INDArray rows(INDArray outputs) {
        long samples = outputs.size(0);
        if (outputs.size(1) % classes != 0) {
            throw new IllegalArgumentException(
                    "Expected " + classes + " outputs at each position, got " + outputs.size(1) + " in all");
        }
        long positions = outputs.size(1) / classes;
        return outputs.dup('c')
                .reshape('c', samples, classes, positions)
                .permute(0, 2, 1)
                .dup('c')
                .reshape('c', samples * positions, classes);
    }

    private final class Metric implements OutputMetric {

        private final OutputMetric inner;
        private final long samples;
        private final long positions;

        Metric(OutputMetric inner, long samples, long positions) {
            this.inner = inner;
            this.samples = samples;
            this.positions = positions;
        }

        /** [N·P, K] as [N, K·P]. */
        private INDArray outputs(INDArray rows) {
            long columns = rows.size(1);
            return rows.dup('c')
                    .reshape('c', samples, positions, columns)
                    .permute(0, 2, 1)
                    .dup('c')
                    .reshape('c', samples, columns * positions);
        }

        @Override
        public INDArray losses(INDArray labels) {
            return outputs(inner.losses(rows(labels)));
        }

        @Override
        public INDArray residual(INDArray labels) {
            return outputs(inner.residual(rows(labels)));
        }

        @Override
        public INDArray whitenedResidual(INDArray labels) {
            return outputs(inner.whitenedResidual(rows(labels)));
        }

        @Override
        public INDArray times(INDArray tangent) {
            return outputs(inner.times(rows(tangent)));
        }

        @Override
        public INDArray rootTransposeTimes(INDArray tangent) {
            return outputs(inner.rootTransposeTimes(rows(tangent)));
        }

        /** Column (j, p) of S_n is the inner column j of position p, and zero at the others. */
        @Override
        public INDArray rootColumns() {
            INDArray own = inner.rootColumns();
            long columns = own.size(0);
            INDArray each = own.dup('c').reshape('c', columns, samples, positions, classes);
            INDArray all =
                    Nd4j.create(own.dataType(), new long[] {columns, positions, samples, classes, positions}, 'c');
            for (long p = 0; p < positions; p++) {
                all.get(
                                NDArrayIndex.all(),
                                NDArrayIndex.point(p),
                                NDArrayIndex.all(),
                                NDArrayIndex.all(),
                                NDArrayIndex.point(p))
                        .assign(each.get(
                                NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(p), NDArrayIndex.all()));
            }
            return all.reshape('c', columns * positions, samples, classes * positions);
        }

        @Override
        public INDArray sample(RandomGenerator random) {
            return outputs(inner.sample(random));
        }
    }
}
