package io.github.dl4jngd.fisher.curvature;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.fisher.jacobian.DenseJacobian;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.jacobian.WeightSharing;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.RootOptions;
import io.github.dl4jngd.testing.TestNetworks;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Every approximation against its definition, from explicit matrices that are built another way: the Jacobian row by
 * row from vjp, the metric from its formula, the solutions by EJML.
 */
class FisherApproximationTest {

    private static final double TEST_F64 = 1e-8;
    private static final double TEST_F32 = 2e-3;
    private static final double DAMPING = 0.03;

    /** A network, its linearisation, and every matrix explicitly. */
    private static final class Explicit {
        final TestNetworks.Case c;
        final LinearizedNetwork network;
        final Linearization at;
        final OutputMetric metric;
        final SimpleMatrix jacobian;
        final SimpleMatrix gradient;
        final List<SimpleMatrix> metrics = new ArrayList<>();
        final SimpleMatrix scales;
        final Parameterization scaling;

        Explicit(TestNetworks.Case c, Parameterization scaling) {
            this.c = c;
            this.scaling = scaling;
            network = LinearizedNetwork.of(c.network());
            at = network.at(c.input());
            metric = network.lossModel().at(at.outputs());
            int n = c.samples();
            int k = c.outputs();
            int p = Math.toIntExact(at.parameters());
            INDArray ones = Nd4j.ones(c.dataType(), p);
            scales = column(network.scale(ones, scaling));
            jacobian = new SimpleMatrix(n * k, p);
            for (int i = 0; i < n * k; i++) {
                INDArray basis = Nd4j.zeros(c.dataType(), n, k);
                basis.putScalar(i / k, i % k, 1);
                SimpleMatrix row = column(at.vjp(basis)).elementMult(scales);
                jacobian.insertIntoThis(i, 0, row.transpose());
            }
            gradient = column(at.vjp(metric.residual(c.labels())))
                    .elementMult(scales)
                    .divide(n);
            for (int i = 0; i < n; i++) {
                metrics.add(explicitMetric(i));
            }
        }

        /** H_n from its formula. */
        private SimpleMatrix explicitMetric(int sample) {
            int k = c.outputs();
            double[] f = at.outputs().getRow(sample).toDoubleVector();
            SimpleMatrix h = new SimpleMatrix(k, k);
            switch (c.loss()) {
                case MCXENT, NEGATIVELOGLIKELIHOOD -> {
                    double sum = 0;
                    for (double v : f) {
                        sum += Math.exp(v);
                    }
                    for (int i = 0; i < k; i++) {
                        for (int j = 0; j < k; j++) {
                            double pi = Math.exp(f[i]) / sum;
                            double pj = Math.exp(f[j]) / sum;
                            h.set(i, j, (i == j ? pi : 0) - pi * pj);
                        }
                    }
                }
                case XENT -> {
                    for (int i = 0; i < k; i++) {
                        double p = 1 / (1 + Math.exp(-f[i]));
                        h.set(i, i, p * (1 - p));
                    }
                }
                case L2 -> h = SimpleMatrix.identity(k).scale(2);
                case MSE -> h = SimpleMatrix.identity(k).scale(2.0 / k);
                default -> throw new IllegalStateException(c.loss().toString());
            }
            return h;
        }

        SimpleMatrix fisher() {
            int k = c.outputs();
            SimpleMatrix f = new SimpleMatrix(jacobian.getNumCols(), jacobian.getNumCols());
            for (int n = 0; n < c.samples(); n++) {
                SimpleMatrix jn = jacobian.extractMatrix(n * k, (n + 1) * k, 0, jacobian.getNumCols());
                f = f.plus(jn.transpose().mult(metrics.get(n)).mult(jn));
            }
            return f.divide(c.samples());
        }

        /** (F masked + ρI)⁻¹ g. */
        SimpleMatrix solve(SimpleMatrix fisher, double damping) {
            return fisher.plus(SimpleMatrix.identity(fisher.getNumRows()).scale(damping))
                    .solve(gradient);
        }

        FisherRoot root() {
            return at.fisherRoot(
                    OutputRoot.of(FisherType.TRUE, metric, c.labels(), 1, null), RootOptions.factored(scaling));
        }

        /** Keeps the entries whose parameters belong together. */
        SimpleMatrix mask(SimpleMatrix matrix, BiPredicate<Parameter, Parameter> together) {
            List<Parameter> parameters = parameters();
            SimpleMatrix masked = matrix.copy();
            for (int i = 0; i < parameters.size(); i++) {
                for (int j = 0; j < parameters.size(); j++) {
                    if (!together.test(parameters.get(i), parameters.get(j))) {
                        masked.set(i, j, 0);
                    }
                }
            }
            return masked;
        }

        /** The layer and unit of every parameter, in DL4J's order: W column-major, then b. */
        List<Parameter> parameters() {
            List<Parameter> result = new ArrayList<>();
            for (int l = 1; l < c.sizes().size(); l++) {
                for (int u = 0; u < c.sizes().get(l); u++) {
                    for (int i = 0; i < c.sizes().get(l - 1); i++) {
                        result.add(new Parameter(l, u));
                    }
                }
                if (c.bias()) {
                    for (int u = 0; u < c.sizes().get(l); u++) {
                        result.add(new Parameter(l, u));
                    }
                }
            }
            return result;
        }
    }

    private record Parameter(int layer, int unit) {}

    private static SimpleMatrix column(INDArray vector) {
        return new SimpleMatrix(
                vector.castTo(DataType.DOUBLE).reshape(vector.length()).toDoubleVector());
    }

    private static double error(INDArray actual, SimpleMatrix expected) {
        SimpleMatrix a = actual.rank() == 2
                ? new SimpleMatrix(actual.castTo(DataType.DOUBLE).toDoubleMatrix())
                : column(actual);
        return a.minus(expected).normF() / expected.normF();
    }

    static Stream<Arguments> cases() {
        return TestNetworks.grid()
                .flatMap(c -> Stream.of(
                        Arguments.of(c, Parameterization.standard()), Arguments.of(c, Parameterization.ntk(2, 0.5))));
    }

    private static void check(FisherApproximation approximation, Explicit e, SimpleMatrix fisher, boolean definite) {
        approximation.observe(e.root());
        assertThat(error(approximation.toDense(), fisher)).as("dense form").isLessThan(TEST_F64);
        SimpleMatrix expected = e.solve(fisher, DAMPING);
        Direction direction = approximation.naturalGradient(Damping.absolute(DAMPING));
        if (definite) {
            assertThat(direction.note()).isEmpty();
            assertThat(direction.dampingQuadratic())
                    .isCloseTo(
                            DAMPING * Math.pow(expected.normF(), 2),
                            org.assertj.core.data.Percentage.withPercentage(1e-4));
        }
        if (direction.note().isEmpty()) {
            assertThat(error(direction.vector(), expected)).as("q-form").isLessThan(TEST_F64);
        }
        // the other form takes any gradient
        INDArray other = normal(new Random(9), 1, DataType.DOUBLE, e.at.parameters());
        SimpleMatrix right = column(other);
        Direction general = approximation.solve(other, Damping.absolute(DAMPING));
        if (general.note().isEmpty()) {
            SimpleMatrix solution = fisher.plus(
                            SimpleMatrix.identity(fisher.getNumRows()).scale(DAMPING))
                    .solve(right);
            assertThat(error(general.vector(), solution)).as("g-form").isLessThan(TEST_F64);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void exact(TestNetworks.Case c, Parameterization scaling) {
        Explicit e = new Explicit(c, scaling);
        check(new ExactFisher(LinearAlgebra.best()), e, e.fisher(), true);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void layerWise(TestNetworks.Case c, Parameterization scaling) {
        Explicit e = new Explicit(c, scaling);
        SimpleMatrix blocks = e.mask(e.fisher(), (a, b) -> a.layer() == b.layer());
        check(new LayerWiseFisher(LinearAlgebra.best()), e, blocks, true);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void blockTriDiagonal(TestNetworks.Case c, Parameterization scaling) {
        Explicit e = new Explicit(c, scaling);
        SimpleMatrix blocks = e.mask(e.fisher(), (a, b) -> Math.abs(a.layer() - b.layer()) <= 1);
        check(new BlockTriDiagonalFisher(LinearAlgebra.best()), e, blocks, false);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void unitWise(TestNetworks.Case c, Parameterization scaling) {
        Explicit e = new Explicit(c, scaling);
        SimpleMatrix blocks = e.mask(e.fisher(), Parameter::equals);
        check(new UnitWiseFisher(LinearAlgebra.best()), e, blocks, true);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void diagonal(TestNetworks.Case c, Parameterization scaling) {
        Explicit e = new Explicit(c, scaling);
        check(
                new DiagonalFisher(),
                e,
                SimpleMatrix.diag(e.fisher().diag().getDDRM().getData()),
                true);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void kroneckerFactored(TestNetworks.Case c, Parameterization scaling) {
        Explicit e = new Explicit(c, scaling);
        for (KroneckerInverse inverse : KroneckerInverse.values()) {
            KroneckerFisher approximation = new KroneckerFisher(
                    LinearAlgebra.best(),
                    new KroneckerFisher.Options(
                            0, inverse, true, WeightSharing.EXPAND, KroneckerFisher.Options.UNLIMITED));
            FisherRoot root = e.root();
            approximation.observe(root);
            INDArray direction =
                    approximation.naturalGradient(Damping.absolute(DAMPING)).vector();
            INDArray general = approximation
                    .solve(root.gradient(), Damping.absolute(DAMPING))
                    .vector();
            SimpleMatrix dense = new SimpleMatrix(approximation.toDense().toDoubleMatrix());
            for (LayerJacobian any : root.layers()) {
                DenseJacobian layer = (DenseJacobian) any;
                SimpleMatrix a = new SimpleMatrix(layer.input().toDoubleMatrix());
                SimpleMatrix d = new SimpleMatrix(layer.stackedCotangents().toDoubleMatrix());
                SimpleMatrix inputFactor = a.transpose().mult(a).divide(c.samples());
                SimpleMatrix outputFactor = d.transpose().mult(d).divide(c.samples());
                double pi = Math.sqrt(inputFactor.trace()
                        / inputFactor.getNumCols()
                        / (outputFactor.trace() / outputFactor.getNumCols()));
                SimpleMatrix damped = outputFactor
                        .plus(SimpleMatrix.identity(outputFactor.getNumCols()).scale(Math.sqrt(DAMPING) / pi))
                        .kron(inputFactor.plus(
                                SimpleMatrix.identity(inputFactor.getNumCols()).scale(Math.sqrt(DAMPING) * pi)));
                int from = Math.toIntExact(layer.block().offset());
                int to = from + Math.toIntExact(layer.parameters());
                SimpleMatrix g = columnMajor(layer, e.gradient.rows(from, to));
                SimpleMatrix expected = damped.solve(g);
                assertThat(columnMajor(layer, column(direction).rows(from, to))
                                .minus(expected)
                                .normF())
                        .as("q-form of layer " + layer.name())
                        .isLessThan(TEST_F64 * expected.normF());
                assertThat(columnMajor(layer, column(general).rows(from, to))
                                .minus(expected)
                                .normF())
                        .as("g-form of layer " + layer.name())
                        .isLessThan(TEST_F64 * expected.normF());
                SimpleMatrix block = outputFactor.kron(inputFactor);
                SimpleMatrix mine = dense.extractMatrix(from, to, from, to);
                SimpleMatrix reordered = new SimpleMatrix(block.getNumRows(), block.getNumCols());
                for (int j = 0; j < block.getNumCols(); j++) {
                    reordered.setColumn(j, columnMajor(layer, mine.getColumn(j)));
                }
                SimpleMatrix both = new SimpleMatrix(block.getNumRows(), block.getNumCols());
                for (int i = 0; i < block.getNumRows(); i++) {
                    both.setRow(
                            i,
                            columnMajor(layer, reordered.getRow(i).transpose()).transpose());
                }
                assertThat(both.minus(block).normF()).isLessThan(TEST_F64 * block.normF());
            }
        }
    }

    /** From DL4J's order (W column-major, then b) to vec [W; bᵀ]. */
    private static SimpleMatrix columnMajor(DenseJacobian layer, SimpleMatrix flat) {
        int in = Math.toIntExact(layer.inputs());
        int out = Math.toIntExact(layer.outputs());
        if (!layer.block().hasBias()) {
            return flat;
        }
        SimpleMatrix result = new SimpleMatrix(in * out, 1);
        for (int u = 0; u < out; u++) {
            for (int i = 0; i < in - 1; i++) {
                result.set(u * in + i, flat.get(u * (in - 1) + i));
            }
            result.set(u * in + in - 1, flat.get((in - 1) * out + u));
        }
        return result;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void operatorAndGramMatrix(TestNetworks.Case c, Parameterization scaling) {
        Explicit e = new Explicit(c, scaling);
        SimpleMatrix fisher = e.fisher();
        if (scaling.isStandard()) {
            INDArray v = normal(new Random(11), 1, DataType.DOUBLE, e.at.parameters());
            assertThat(error(new FisherOperator(e.at, e.metric).times(v), fisher.mult(column(v))))
                    .isLessThan(TEST_F64);
        }
        ExactFisher exact = new ExactFisher(LinearAlgebra.best());
        exact.observe(e.root());
        double[] dual =
                LinearAlgebra.best().symmetricEigen(exact.gram()).values().toDoubleVector();
        double[] primal = fisher.eig().getEigenvalues().stream()
                .mapToDouble(value -> value.getReal())
                .sorted()
                .toArray();
        int common = Math.min(dual.length, primal.length);
        for (int i = 1; i <= common; i++) {
            assertThat(dual[dual.length - i])
                    .isCloseTo(
                            primal[primal.length - i],
                            org.assertj.core.data.Offset.offset(1e-9 * primal[primal.length - 1]));
        }
        assertThat(relativeError(
                        e.root().gradient(),
                        Nd4j.createFromArray(e.gradient.getDDRM().getData())))
                .isLessThan(TEST_F64);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void inFloat32(TestNetworks.Case c, Parameterization scaling) {
        Explicit e = new Explicit(c, scaling);
        FisherRoot narrow = e.root().castTo(DataType.FLOAT);
        for (FisherApproximation approximation : List.of(
                new ExactFisher(LinearAlgebra.best()),
                new LayerWiseFisher(LinearAlgebra.best()),
                new UnitWiseFisher(LinearAlgebra.best()),
                new KroneckerFisher(LinearAlgebra.best(), KroneckerFisher.Options.exact()))) {
            approximation.observe(e.root());
            INDArray wide =
                    approximation.naturalGradient(Damping.absolute(DAMPING)).vector();
            approximation.observe(narrow);
            INDArray single =
                    approximation.naturalGradient(Damping.absolute(DAMPING)).vector();
            assertThat(single.dataType()).isEqualTo(DataType.FLOAT);
            assertThat(relativeError(single, wide)).isLessThan(TEST_F32);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.dl4jngd.testing.TestNetworks#grid")
    void empiricalFisherIsTheGradientsSecondMoment(TestNetworks.Case c) {
        Explicit e = new Explicit(c, Parameterization.standard());
        FisherRoot root = e.at.fisherRoot(
                OutputRoot.of(FisherType.EMPIRICAL, e.metric, c.labels(), 1, null),
                RootOptions.factored(Parameterization.standard()));
        int k = c.outputs();
        SimpleMatrix residual = new SimpleMatrix(e.metric.residual(c.labels()).toDoubleMatrix());
        SimpleMatrix expected = new SimpleMatrix(e.jacobian.getNumCols(), e.jacobian.getNumCols());
        for (int n = 0; n < c.samples(); n++) {
            SimpleMatrix g = e.jacobian
                    .extractMatrix(n * k, (n + 1) * k, 0, e.jacobian.getNumCols())
                    .transpose()
                    .mult(residual.getRow(n).transpose());
            expected = expected.plus(g.mult(g.transpose()).divide(c.samples()));
        }
        ExactFisher exact = new ExactFisher(LinearAlgebra.best());
        exact.observe(root);
        assertThat(error(exact.toDense(), expected)).isLessThan(TEST_F64);
        assertThat(error(exact.naturalGradient(Damping.absolute(DAMPING)).vector(), e.solve(expected, DAMPING)))
                .isLessThan(TEST_F64);
    }

    @ParameterizedTest
    @MethodSource("io.github.dl4jngd.testing.TestNetworks#grid")
    void monteCarloFisherIsTheSecondMomentOfItsDraws(TestNetworks.Case c) {
        Explicit e = new Explicit(c, Parameterization.standard());
        int draws = 3;
        OutputRoot drawn = OutputRoot.of(FisherType.MONTE_CARLO, e.metric, c.labels(), draws, new Random(5));
        SimpleMatrix expected = new SimpleMatrix(e.jacobian.getNumCols(), e.jacobian.getNumCols());
        int k = c.outputs();
        for (int n = 0; n < c.samples(); n++) {
            SimpleMatrix jn = e.jacobian.extractMatrix(n * k, (n + 1) * k, 0, e.jacobian.getNumCols());
            for (int d = 0; d < draws; d++) {
                SimpleMatrix row = new SimpleMatrix(1, k);
                for (int j = 0; j < k; j++) {
                    row.set(0, j, drawn.columns().getDouble(d, n, j));
                }
                SimpleMatrix g = row.mult(jn);
                expected = expected.plus(g.transpose().mult(g).divide(c.samples()));
            }
        }
        FisherRoot root = e.at.fisherRoot(drawn, RootOptions.factored(Parameterization.standard()));
        for (FisherApproximation approximation : List.of(
                new ExactFisher(LinearAlgebra.best()),
                new KroneckerFisher(LinearAlgebra.best(), KroneckerFisher.Options.exact()))) {
            approximation.observe(root);
            assertThatThrownBy(() -> approximation.naturalGradient(Damping.absolute(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Monte-Carlo");
        }
        ExactFisher exact = new ExactFisher(LinearAlgebra.best());
        exact.observe(root);
        assertThat(error(exact.toDense(), expected)).isLessThan(TEST_F64);
        INDArray gradient = Nd4j.createFromArray(e.gradient.getDDRM().getData());
        assertThat(error(exact.solve(gradient, Damping.absolute(DAMPING)).vector(), e.solve(expected, DAMPING)))
                .isLessThan(TEST_F64);
    }

    @Test
    void averagedFactorsAreBiasCorrectedMeans() {
        TestNetworks.Case c = TestNetworks.grid().toList().get(4);
        Explicit e = new Explicit(c, Parameterization.standard());
        KroneckerFisher averaged = new KroneckerFisher(
                LinearAlgebra.best(),
                new KroneckerFisher.Options(
                        0.9, KroneckerInverse.CHOLESKY, true, WeightSharing.EXPAND, KroneckerFisher.Options.UNLIMITED));
        KroneckerFisher single = new KroneckerFisher(LinearAlgebra.best(), KroneckerFisher.Options.exact());
        FisherRoot first = e.root();
        TestNetworks.Case other = new TestNetworks.Case(
                "other",
                c.sizes(),
                c.activation(),
                c.loss(),
                c.outputActivation(),
                c.bias(),
                c.samples(),
                c.dataType(),
                false,
                99);
        FisherRoot second = new Explicit(other, Parameterization.standard()).root();
        // one observation: the bias correction leaves it as it is
        averaged.observe(first);
        single.observe(first);
        assertThat(relativeError(averaged.toDense(), single.toDense())).isLessThan(TEST_F64);
        averaged.observe(first);
        assertThat(relativeError(averaged.toDense(), single.toDense())).isLessThan(TEST_F64);
        averaged.observe(second);
        assertThat(relativeError(averaged.toDense(), single.toDense())).isGreaterThan(1e-3);
    }

    @Test
    void undampedDirectionsOfAWideNetworkFitTheMinibatch() {
        TestNetworks.Case c = new TestNetworks.Case(
                "wide",
                List.of(20, 60, 50, 40, 1),
                org.nd4j.linalg.activations.Activation.TANH,
                org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction.L2,
                org.nd4j.linalg.activations.Activation.IDENTITY,
                false,
                6,
                DataType.DOUBLE,
                false,
                3);
        Explicit e = new Explicit(c, Parameterization.standard());
        INDArray q = e.metric.whitenedResidual(c.labels());
        double[] alphas = {1, 4, 2};
        List<FisherApproximation> methods = List.of(
                new ExactFisher(LinearAlgebra.best()),
                new LayerWiseFisher(LinearAlgebra.best()),
                new BlockTriDiagonalFisher(LinearAlgebra.best()));
        for (int i = 0; i < 3; i++) {
            FisherApproximation method = methods.get(i);
            method.observe(e.root());
            Direction direction = method.naturalGradient(Damping.absolute(0));
            assertThat(direction.note()).isEmpty();
            INDArray moved = e.metric.rootTransposeTimes(e.at.jvp(direction.vector()));
            // Sᵀ J v = α q, exactly for these methods as long as every layer's Gram matrix is invertible
            assertThat(relativeError(moved, q.mul(alphas[i]))).isLessThan(1e-6);
        }
    }

    @Test
    void blockTriDiagonalSaysWhenItFallsBack() {
        int fallbacks = 0;
        for (TestNetworks.Case c : TestNetworks.grid().toList()) {
            Explicit e = new Explicit(c, Parameterization.standard());
            BlockTriDiagonalFisher approximation = new BlockTriDiagonalFisher(LinearAlgebra.best());
            LayerWiseFisher layerWise = new LayerWiseFisher(LinearAlgebra.best());
            approximation.observe(e.root());
            layerWise.observe(e.root());
            for (double rho : new double[] {1e-4, 1e-3, 1e-2, 0.1, 1}) {
                Direction direction = approximation.naturalGradient(Damping.absolute(rho));
                double slope = column(direction.vector()).dot(e.gradient);
                assertThat(slope).isPositive();
                if (!direction.note().isEmpty()) {
                    fallbacks++;
                    assertThat(direction.note()).contains("layer-wise");
                    assertThat(direction.vector())
                            .isEqualTo(layerWise
                                    .naturalGradient(Damping.absolute(rho))
                                    .vector());
                }
            }
        }
        assertThat(fallbacks).isPositive();
    }

    @Test
    void relativeDampingIsAFractionOfTheMeanDiagonal() {
        TestNetworks.Case c = TestNetworks.grid().toList().get(3);
        Explicit e = new Explicit(c, Parameterization.standard());
        ExactFisher exact = new ExactFisher(LinearAlgebra.best());
        exact.observe(e.root());
        double mean = e.fisher().trace() / (c.samples() * c.outputs());
        assertThat(relativeError(
                        exact.naturalGradient(Damping.relative(0.1)).vector(),
                        exact.naturalGradient(Damping.absolute(0.1 * mean)).vector()))
                .isLessThan(TEST_F64);
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatThrownBy(() -> Damping.absolute(-1)).hasMessageContaining("-1");
        assertThatThrownBy(() -> Damping.absolute(Double.NaN)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> new KroneckerFisher.Options(
                        1, KroneckerInverse.EIGEN, true, WeightSharing.EXPAND, KroneckerFisher.Options.UNLIMITED))
                .hasMessageContaining("1.0");
        assertThatThrownBy(() -> new ExactFisher(LinearAlgebra.best()).naturalGradient(Damping.absolute(1)))
                .hasMessageContaining("observed");
        assertThatThrownBy(() -> Parameterization.ntk(0, 1)).hasMessageContaining("variance");
    }
}
