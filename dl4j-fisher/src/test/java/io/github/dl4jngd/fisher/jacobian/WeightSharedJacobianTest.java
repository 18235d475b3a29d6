package io.github.dl4jngd.fisher.jacobian;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.curvature.KroneckerInverse;
import io.github.dl4jngd.fisher.curvature.UnitWiseFisher;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Rows and Kronecker factors of shared weights against sums written out, in float64. */
class WeightSharedJacobianTest {

    private static final double TEST_F64 = 1e-12;
    private static final double TEST_SOLVE = 1e-9;

    /** Everything there is to a layer, as plain numbers. */
    private record Layer(int k, int n, int t, int in, int out, boolean coupled, boolean constant) {

        double[][][] patches() {
            Random random = new Random(1);
            double[][][] a = new double[n][t][in];
            for (double[][] sample : a) {
                for (int position = 0; position < t; position++) {
                    for (int i = 0; i < in; i++) {
                        sample[position][i] = constant && position > 0 ? sample[0][i] : random.nextGaussian();
                    }
                }
            }
            return a;
        }

        INDArray cotangents() {
            return normal(new Random(2), 1, DataType.DOUBLE, k, n, out, t);
        }

        WeightSharedJacobian jacobian() {
            double[][][] a = patches();
            Patches patches = new Patches() {
                @Override
                public long samples() {
                    return n;
                }

                @Override
                public long positions() {
                    return t;
                }

                @Override
                public INDArray columns(long from, long to) {
                    return Nd4j.createFromArray(a)
                            .get(NDArrayIndex.interval(from, to), NDArrayIndex.all(), NDArrayIndex.all())
                            .permute(0, 2, 1)
                            .dup('c');
                }
            };
            return new WeightSharedJacobian(ParameterBlock.of("layer", 0, in, out), patches, cotangents(), coupled);
        }

        /** [rows, in · out], column u · in + i. */
        SimpleMatrix rows() {
            double[][][] a = patches();
            INDArray d = cotangents();
            SimpleMatrix rows = new SimpleMatrix(coupled ? k : k * n, in * out);
            for (int c = 0; c < k; c++) {
                for (int s = 0; s < n; s++) {
                    int row = coupled ? c : c * n + s;
                    for (int p = 0; p < t; p++) {
                        for (int u = 0; u < out; u++) {
                            for (int i = 0; i < in; i++) {
                                int column = u * in + i;
                                rows.set(row, column, rows.get(row, column) + a[s][p][i] * d.getDouble(c, s, u, p));
                            }
                        }
                    }
                }
            }
            return rows;
        }

        SimpleMatrix inputFactor(WeightSharing sharing) {
            return inputFactor(sharing, n);
        }

        /** Of the first samples. */
        SimpleMatrix inputFactor(WeightSharing sharing, int samples) {
            double[][][] a = Arrays.copyOf(patches(), samples);
            SimpleMatrix factor = new SimpleMatrix(in, in);
            for (double[][] sample : a) {
                SimpleMatrix mean = new SimpleMatrix(in, 1);
                for (double[] position : sample) {
                    SimpleMatrix column = new SimpleMatrix(in, 1, true, position);
                    mean = mean.plus(column.divide(t));
                    if (sharing == WeightSharing.EXPAND) {
                        factor = factor.plus(column.mult(column.transpose()).divide(samples));
                    }
                }
                if (sharing == WeightSharing.REDUCE) {
                    factor = factor.plus(mean.mult(mean.transpose()).divide(samples));
                }
            }
            return factor;
        }

        SimpleMatrix outputFactor(WeightSharing sharing) {
            return outputFactor(sharing, n);
        }

        /** Of the first samples. */
        SimpleMatrix outputFactor(WeightSharing sharing, int samples) {
            INDArray d = cotangents();
            SimpleMatrix factor = new SimpleMatrix(out, out);
            for (int c = 0; c < k; c++) {
                for (int s = 0; s < samples; s++) {
                    SimpleMatrix sum = new SimpleMatrix(out, 1);
                    for (int p = 0; p < t; p++) {
                        SimpleMatrix column = new SimpleMatrix(out, 1);
                        for (int u = 0; u < out; u++) {
                            column.set(u, d.getDouble(c, s, u, p));
                        }
                        sum = sum.plus(column);
                        if (sharing == WeightSharing.EXPAND) {
                            factor = factor.plus(column.mult(column.transpose()).divide((double) samples * t));
                        }
                    }
                    if (sharing == WeightSharing.REDUCE) {
                        factor = factor.plus(sum.mult(sum.transpose()).divide(samples));
                    }
                }
            }
            return factor;
        }

        FisherRoot root() {
            WeightSharedJacobian layer = jacobian();
            return new FisherRoot(
                    List.of(layer), n, k, (long) in * out, normal(new Random(9), 1, DataType.DOUBLE, layer.rows()));
        }
    }

    private static INDArray array(SimpleMatrix matrix) {
        return Nd4j.createFromArray(matrix.toArray2());
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1, 3, 2, false", "2, 4, 5, 3, 4, false", "3, 4, 5, 3, 4, true", "1, 6, 1, 4, 3, true"})
    void rowsAreSumsOfOuterProducts(int k, int n, int t, int in, int out, boolean coupled) {
        Layer layer = new Layer(k, n, t, in, out, coupled, false);
        WeightSharedJacobian jacobian = layer.jacobian();
        INDArray rows = array(layer.rows());
        assertThat(jacobian.rows()).isEqualTo(rows.size(0));
        assertThat(relativeError(jacobian.toDense(), rows)).isLessThan(TEST_F64);
        assertThat(relativeError(jacobian.gram(DataType.DOUBLE), rows.mmul(rows.transpose())))
                .isLessThan(TEST_F64);
        INDArray q = normal(new Random(4), 1, DataType.DOUBLE, rows.size(0));
        INDArray v = normal(new Random(5), 1, DataType.DOUBLE, in, out);
        FormedJacobian formed = jacobian.formed(DataType.DOUBLE);
        for (LayerJacobian either : List.of(jacobian, formed)) {
            INDArray combined = q.reshape('c', 1, q.length()).mmul(rows).reshape('f', in, out);
            assertThat(relativeError(either.transposeTimes(q), combined)).isLessThan(TEST_F64);
            INDArray applied = rows.mmul(v.dup('f').reshape('f', v.length(), 1));
            assertThat(relativeError(either.times(v), applied)).isLessThan(TEST_F64);
            assertThat(relativeError(either.castTo(DataType.FLOAT).toDense(), rows))
                    .isLessThan(1e-6);
        }
    }

    @ParameterizedTest
    @EnumSource(WeightSharing.class)
    void kroneckerFactorsAreTheirDefinition(WeightSharing sharing) {
        Layer layer = new Layer(2, 4, 5, 3, 4, false, false);
        SimpleMatrix a = layer.inputFactor(sharing);
        SimpleMatrix g = layer.outputFactor(sharing);
        assertThat(relativeError(layer.jacobian().inputFactor(sharing), array(a)))
                .isLessThan(TEST_F64);
        assertThat(relativeError(layer.jacobian().outputFactor(sharing), array(g)))
                .isLessThan(TEST_F64);
        double damping = 0.3;
        double pi = Math.sqrt(a.trace() / 3 / (g.trace() / 4));
        SimpleMatrix damped = g.plus(SimpleMatrix.identity(4).scale(Math.sqrt(damping) / pi))
                .kron(a.plus(SimpleMatrix.identity(3).scale(Math.sqrt(damping) * pi)));
        FisherRoot root = layer.root();
        SimpleMatrix gradient = new SimpleMatrix(12, 1, true, root.gradient().toDoubleVector());
        for (KroneckerInverse inverse : KroneckerInverse.values()) {
            try (KroneckerFisher kfac = new KroneckerFisher(
                    LinearAlgebra.best(),
                    new KroneckerFisher.Options(0, inverse, true, sharing, KroneckerFisher.Options.UNLIMITED))) {
                kfac.observe(root);
                assertThat(relativeError(kfac.toDense(), array(g.kron(a)))).isLessThan(TEST_F64);
                INDArray expected = array(damped.solve(gradient));
                assertThat(relativeError(
                                kfac.naturalGradient(Damping.absolute(damping)).vector(), expected))
                        .isLessThan(TEST_SOLVE);
                assertThat(relativeError(
                                kfac.solve(root.gradient(), Damping.absolute(damping))
                                        .vector(),
                                expected))
                        .isLessThan(TEST_SOLVE);
            }
        }
    }

    /** Factors of the first samples are those of a minibatch that has no others. */
    @ParameterizedTest
    @CsvSource({"2, 5, 4, false", "1, 5, 4, true", "2, 5, 1, false"})
    void factorsOfSomeSamples(int k, int n, int t, boolean coupled) {
        Layer all = new Layer(k, n, t, 3, 4, coupled, false);
        for (WeightSharing sharing : WeightSharing.values()) {
            for (int count : new int[] {2, n, n + 1}) {
                KroneckerFactored some = all.jacobian().firstSamples(count);
                assertThat(relativeError(
                                some.inputFactor(sharing), array(all.inputFactor(sharing, Math.min(count, n)))))
                        .isLessThan(TEST_F64);
                assertThat(relativeError(
                                some.outputFactor(sharing), array(all.outputFactor(sharing, Math.min(count, n)))))
                        .isLessThan(TEST_F64);
            }
        }
    }

    @Test
    void factorsOfSomeSamplesOfADenseLayer() {
        INDArray a = normal(new Random(3), 1, DataType.DOUBLE, 5, 3);
        INDArray d = normal(new Random(4), 1, DataType.DOUBLE, 2, 5, 4);
        ParameterBlock block = ParameterBlock.of("layer", 0, 3, 4);
        DenseJacobian some = new DenseJacobian(block, a, d).firstSamples(2);
        SimpleMatrix first = new SimpleMatrix(a.toDoubleMatrix()).rows(0, 2);
        assertThat(relativeError(
                        some.inputFactor(WeightSharing.EXPAND),
                        array(first.transpose().mult(first).divide(2))))
                .isLessThan(TEST_F64);
        SimpleMatrix g = new SimpleMatrix(4, 4);
        for (int k = 0; k < 2; k++) {
            SimpleMatrix rows = new SimpleMatrix(d.slice(k).dup().toDoubleMatrix()).rows(0, 2);
            g = g.plus(rows.transpose().mult(rows).divide(2));
        }
        assertThat(relativeError(some.outputFactor(WeightSharing.EXPAND), array(g)))
                .isLessThan(TEST_F64);
    }

    /** A split input side is A with zeros between its blocks. */
    @Test
    void aSplitFactorIsBlockDiagonal() {
        Layer layer = new Layer(2, 4, 5, 5, 4, false, false);
        SimpleMatrix a = layer.inputFactor(WeightSharing.EXPAND);
        for (int i = 0; i < 5; i++) {
            for (int j = 0; j < 5; j++) {
                // three blocks of at most two inputs: 0 | 1 2 | 3 4
                if ((i + 1) / 2 != (j + 1) / 2) {
                    a.set(i, j, 0);
                }
            }
        }
        SimpleMatrix g = layer.outputFactor(WeightSharing.EXPAND);
        double damping = 0.3;
        double pi = Math.sqrt(a.trace() / 5 / (g.trace() / 4));
        SimpleMatrix damped = g.plus(SimpleMatrix.identity(4).scale(Math.sqrt(damping) / pi))
                .kron(a.plus(SimpleMatrix.identity(5).scale(Math.sqrt(damping) * pi)));
        FisherRoot root = layer.root();
        SimpleMatrix gradient = new SimpleMatrix(20, 1, true, root.gradient().toDoubleVector());
        try (KroneckerFisher kfac = new KroneckerFisher(
                LinearAlgebra.best(),
                new KroneckerFisher.Options(0, KroneckerInverse.CHOLESKY, true, WeightSharing.EXPAND, 2))) {
            kfac.observe(root);
            assertThat(relativeError(kfac.toDense(), array(g.kron(a)))).isLessThan(TEST_F64);
            INDArray expected = array(damped.solve(gradient));
            assertThat(relativeError(
                            kfac.naturalGradient(Damping.absolute(damping)).vector(), expected))
                    .isLessThan(TEST_SOLVE);
            assertThat(relativeError(
                            kfac.solve(root.gradient(), Damping.absolute(damping))
                                    .vector(),
                            expected))
                    .isLessThan(TEST_SOLVE);
        }
    }

    /** One row is one outer product, or inputs are the same at all positions: then A ⊗ G is the layer's exact block. */
    @ParameterizedTest
    @CsvSource({"1, 1, EXPAND", "1, 1, REDUCE", "3, 4, REDUCE"})
    void theKroneckerProductIsTheExactBlockWhereTheoryHasIt(int k, int t, WeightSharing sharing) {
        Layer layer = new Layer(k, 1, t, 3, 4, false, true);
        SimpleMatrix rows = layer.rows();
        SimpleMatrix exact = rows.transpose().mult(rows);
        try (KroneckerFisher kfac = new KroneckerFisher(
                LinearAlgebra.best(),
                new KroneckerFisher.Options(
                        0, KroneckerInverse.CHOLESKY, true, sharing, KroneckerFisher.Options.UNLIMITED))) {
            kfac.observe(layer.root());
            assertThat(relativeError(kfac.toDense(), array(exact))).isLessThan(TEST_F64);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 2, 2, 6, 3, false", "3, 4, 2, 3, 4, false", "7, 3, 2, 3, 2, true", "2, 3, 2, 3, 2, true"})
    void unitBlocksOfFormedRows(int k, int n, int t, int in, int out, boolean coupled) {
        Layer layer = new Layer(k, n, t, in, out, coupled, false);
        FisherRoot root = layer.root();
        SimpleMatrix rows = layer.rows();
        SimpleMatrix block = rows.transpose().mult(rows).divide(n);
        for (int i = 0; i < in * out; i++) {
            for (int j = 0; j < in * out; j++) {
                if (i / in != j / in) {
                    block.set(i, j, 0);
                }
            }
        }
        double damping = 0.2;
        SimpleMatrix gradient =
                new SimpleMatrix(in * out, 1, true, root.gradient().toDoubleVector());
        INDArray expected =
                array(block.plus(SimpleMatrix.identity(in * out).scale(damping)).solve(gradient));
        try (UnitWiseFisher unitWise = new UnitWiseFisher(LinearAlgebra.best())) {
            unitWise.observe(root);
            assertThat(relativeError(unitWise.toDense(), array(block))).isLessThan(TEST_F64);
            assertThat(relativeError(
                            unitWise.naturalGradient(Damping.absolute(damping)).vector(), expected))
                    .isLessThan(TEST_SOLVE);
            assertThat(relativeError(
                            unitWise.solve(root.gradient(), Damping.absolute(damping))
                                    .vector(),
                            expected))
                    .isLessThan(TEST_SOLVE);
        }
        // the same blocks stand in K-FAC for layers without factors
        FisherRoot formed = new FisherRoot(
                List.of(layer.jacobian().formed(DataType.DOUBLE)), n, k, root.parameters(), root.whitenedResidual());
        try (KroneckerFisher kfac = new KroneckerFisher(LinearAlgebra.best(), KroneckerFisher.Options.exact())) {
            kfac.observe(formed);
            assertThat(relativeError(kfac.toDense(), array(block))).isLessThan(TEST_F64);
            assertThat(relativeError(
                            kfac.naturalGradient(Damping.absolute(damping)).vector(), expected))
                    .isLessThan(TEST_SOLVE);
            assertThat(relativeError(
                            kfac.solve(root.gradient(), Damping.absolute(damping))
                                    .vector(),
                            expected))
                    .isLessThan(TEST_SOLVE);
        }
    }

    @Test
    void shapesAreChecked() {
        WeightSharedJacobian good = new Layer(1, 2, 3, 4, 5, false, false).jacobian();
        INDArray wrong = Nd4j.create(DataType.DOUBLE, 1, 2, 5, 2);
        assertThat(good.rows()).isEqualTo(2);
        assertThatThrownBy(() -> new WeightSharedJacobian(
                        ParameterBlock.of("conv", 0, 4, 5),
                        new Patches() {
                            @Override
                            public long samples() {
                                return 2;
                            }

                            @Override
                            public long positions() {
                                return 3;
                            }

                            @Override
                            public INDArray columns(long from, long to) {
                                throw new AssertionError();
                            }
                        },
                        wrong,
                        false))
                .hasMessageContaining("conv")
                .hasMessageContaining("[1, 2, 5, 2]");
    }
}
