package io.github.dl4jngd.fisher.curvature;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.jacobian.KroneckerFactored;
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
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.testing.ImageNetworks;
import io.github.dl4jngd.testing.TestNetworks;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.ejml.simple.SimpleEVD;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** E-KFAC against U diag(UᵀF_lU) Uᵀ with F_l from the rows and U from EJML's eigenvectors of the factors. */
class EigenvalueCorrectedTest {

    private static final double TOLERANCE = 1e-9;
    private static final double DAMPING = 0.05;
    private static final int LARGEST = 160;
    private static final List<FisherType> TYPES = List.of(FisherType.values());

    /** J̃ of a network at a minibatch, and how it came about. */
    private record Observed(String name, FisherRoot root, DataType dataType) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Observed> networks() {
        return Stream.concat(dense(), images());
    }

    private static Stream<Observed> dense() {
        return TestNetworks.grid().flatMap(c -> {
            LinearizedNetwork network = LinearizedNetwork.of(c.network());
            return Stream.of(Parameterization.standard(), Parameterization.ntk(2, 0.5))
                    .map(scaling -> new Observed(
                            c + " " + scaling,
                            root(network, network.at(c.input()), c.labels(), FisherType.TRUE, scaling),
                            c.dataType()));
        });
    }

    private static Stream<Observed> images() {
        AtomicInteger index = new AtomicInteger();
        return ImageNetworks.grid().flatMap(c -> {
            LinearizedNetwork network = LiveModel.of(c.model().model()).compile(BatchStatistics.COUPLED);
            Linearization at = network.at(c.input());
            // one of the three types in turn
            return Stream.of(TYPES.get(index.getAndIncrement() % TYPES.size()))
                    .map(type -> new Observed(
                            c.name() + " " + type,
                            root(network, at, c.labels(), type, Parameterization.standard()),
                            c.dataType()));
        });
    }

    private static FisherRoot root(
            LinearizedNetwork network, Linearization at, INDArray labels, FisherType type, Parameterization scaling) {
        OutputMetric metric = network.lossModel().at(at.outputs());
        return at.fisherRoot(OutputRoot.of(type, metric, labels, 1, new Random(3)), RootOptions.factored(scaling));
    }

    /** The definition for one layer, in the order vec [W; bᵀ]. */
    private static final class Definition {
        private final SimpleMatrix exact;
        private final SimpleMatrix kfac;
        private final SimpleMatrix corrected;
        private final boolean unique;

        Definition(KroneckerFactored layer, int samples, WeightSharing sharing) {
            SimpleMatrix rows = matrix(layer.toDense());
            exact = rows.transpose().mult(rows).divide(samples);
            SimpleMatrix a = matrix(layer.inputFactor(sharing));
            SimpleMatrix g = matrix(layer.outputFactor(sharing));
            kfac = g.kron(a);
            unique = isSimple(a) && isSimple(g);
            SimpleMatrix u = eigenvectors(g).kron(eigenvectors(a));
            // the diagonal of UᵀJ̃ᵀJ̃U/N
            SimpleMatrix turned = rows.mult(u);
            double[] s = new double[u.getNumCols()];
            for (int j = 0; j < u.getNumCols(); j++) {
                SimpleMatrix column = turned.getColumn(j);
                s[j] = column.dot(column) / samples;
            }
            corrected = u.mult(SimpleMatrix.diag(s)).mult(u.transpose());
        }

        /**
         * Whether no two eigenvalues but zeros are the same, in whose space any basis would do. Those of a transposed
         * convolution are, where each element of the kernel meets the same pixels.
         */
        private static boolean isSimple(SimpleMatrix factor) {
            double[] values = factor.svd().getSingularValues();
            Arrays.sort(values);
            double noise = 1e-10 * values[values.length - 1];
            for (int i = 1; i < values.length; i++) {
                if (values[i] > noise && values[i] - values[i - 1] < 1e3 * noise) {
                    return false;
                }
            }
            return true;
        }
    }

    /** (F̂ + ρI)⁻¹ M. */
    private static SimpleMatrix solve(SimpleMatrix approximation, SimpleMatrix right) {
        return approximation
                .plus(SimpleMatrix.identity(approximation.getNumRows()).scale(DAMPING))
                .solve(right);
    }

    private static SimpleMatrix matrix(INDArray array) {
        return new SimpleMatrix(array.castTo(DataType.DOUBLE).toDoubleMatrix());
    }

    private static SimpleMatrix eigenvectors(SimpleMatrix symmetric) {
        SimpleEVD<SimpleMatrix> eigen =
                symmetric.plus(symmetric.transpose()).divide(2).eig();
        SimpleMatrix vectors = new SimpleMatrix(symmetric.getNumRows(), 0);
        for (int i = 0; i < eigen.getNumberOfEigenvalues(); i++) {
            vectors = vectors.combine(0, vectors.getNumCols(), eigen.getEigenVector(i));
        }
        return vectors;
    }

    private static KroneckerFisher approximation(double decay, WeightSharing sharing) {
        return KroneckerFisher.eigenvalueCorrected(
                LinearAlgebra.best(),
                new KroneckerFisher.Options(
                        decay, KroneckerInverse.EIGEN, true, sharing, KroneckerFisher.Options.UNLIMITED));
    }

    /** A layer's part of a matrix or vector in the network's order, as vec [W; bᵀ]. */
    private static SimpleMatrix part(SimpleMatrix all, LayerJacobian layer, FisherRoot root) {
        long[] at = layer.block().positions(root.parameters());
        int columns = all.getNumCols() == 1 ? 1 : at.length;
        SimpleMatrix result = new SimpleMatrix(at.length, columns);
        for (int i = 0; i < at.length; i++) {
            for (int j = 0; j < columns; j++) {
                result.set(i, j, all.get((int) at[i], columns == 1 ? 0 : (int) at[j]));
            }
        }
        return result;
    }

    private static SimpleMatrix column(INDArray vector) {
        return new SimpleMatrix(
                vector.castTo(DataType.DOUBLE).reshape(vector.length()).toDoubleVector());
    }

    private static void assertClose(SimpleMatrix actual, SimpleMatrix expected, String what) {
        assertThat(actual.minus(expected).normF())
                .as(what)
                .isLessThanOrEqualTo(TOLERANCE * Math.max(1e-9, expected.normF()));
    }

    /** Dense form, both solutions, and the distance to the exact block, which is nowhere larger than K-FAC's. */
    @ParameterizedTest
    @MethodSource("networks")
    void isTheDefinition(Observed observed) {
        FisherRoot root = observed.root();
        KroneckerFisher approximation = approximation(0, WeightSharing.EXPAND);
        approximation.observe(root);
        INDArray other = normal(new Random(9), 1, observed.dataType(), root.parameters());
        Direction general = approximation.solve(other, Damping.absolute(DAMPING));
        SimpleMatrix dense = matrix(approximation.toDense());
        for (LayerJacobian layer : root.layers()) {
            // the explicit matrices of larger layers take their time and show nothing else
            if (!(layer instanceof KroneckerFactored factored) || layer.parameters() > LARGEST) {
                continue;
            }
            Definition definition = new Definition(factored, root.samples(), WeightSharing.EXPAND);
            SimpleMatrix own = part(dense, layer, root);
            if (definition.unique) {
                assertClose(own, definition.corrected, observed + ", F̂ of " + layer.name());
            }
            assertClose(
                    part(column(general.vector()), layer, root),
                    solve(own, part(column(other), layer, root)),
                    "g-form of " + layer.name());
            double distance = own.minus(definition.exact).normF();
            double kfac = definition.kfac.minus(definition.exact).normF();
            assertThat(distance)
                    .as(observed + ", distance of " + layer.name())
                    .isLessThanOrEqualTo(kfac * (1 + 1e-9) + 1e-12);
            assertThat(own.trace()).isCloseTo(definition.exact.trace(), withinPercentage(1e-7));
            if (root.whitenedResidual() != null) {
                assertClose(
                        part(
                                column(approximation
                                        .naturalGradient(Damping.absolute(DAMPING))
                                        .vector()),
                                layer,
                                root),
                        solve(own, part(column(root.gradient()), layer, root)),
                        "q-form of " + layer.name());
            }
        }
    }

    /** With one sample A ⊗ G is the exact block, and nothing is left to correct. */
    @Test
    void isKfacWhereThatIsExact() {
        TestNetworks.Case c = TestNetworks.grid().toList().get(4);
        LinearizedNetwork network = LinearizedNetwork.of(c.network());
        INDArray x = c.input().getRow(0, true).dup();
        FisherRoot root = root(
                network, network.at(x), c.labels().getRow(0, true).dup(), FisherType.TRUE, Parameterization.standard());
        KroneckerFisher corrected = approximation(0, WeightSharing.EXPAND);
        KroneckerFisher kfac = new KroneckerFisher(LinearAlgebra.best(), KroneckerFisher.Options.exact());
        corrected.observe(root);
        kfac.observe(root);
        assertClose(matrix(corrected.toDense()), matrix(kfac.toDense()), "F̂");
        assertThat(matrix(kfac.toDense()).normF()).isPositive();
    }

    /** Two minibatches: the old mean is turned into the new basis, the new minibatch enters there. */
    @Test
    void averagesAcrossBases() {
        WeightSharing sharing = WeightSharing.EXPAND;
        double decay = 0.9;
        ImageNetworks.Case c = ImageNetworks.grid().toList().get(0);
        LinearizedNetwork network = LiveModel.of(c.model().model()).compile(BatchStatistics.COUPLED);
        FisherRoot first =
                root(network, network.at(c.input()), c.labels(), FisherType.TRUE, Parameterization.standard());
        FisherRoot second = root(
                network, network.at(c.input().mul(-0.7)), c.labels(), FisherType.TRUE, Parameterization.standard());
        KroneckerFisher approximation = KroneckerFisher.eigenvalueCorrected(
                LinearAlgebra.best(),
                new KroneckerFisher.Options(
                        decay, KroneckerInverse.EIGEN, false, sharing, KroneckerFisher.Options.UNLIMITED));
        Damping damping = Damping.absolute(DAMPING);
        INDArray g = normal(new Random(9), 1, c.dataType(), first.parameters());
        approximation.observe(first);
        approximation.solve(g, damping);
        approximation.observe(second);
        approximation.refreshInverses(damping);
        SimpleMatrix v = column(approximation.solve(g, damping).vector());
        for (int l = 0; l < first.layers().size(); l++) {
            if (!(first.layers().get(l) instanceof KroneckerFactored one)) {
                continue;
            }
            KroneckerFactored two = (KroneckerFactored) second.layers().get(l);
            double weight = 1 - decay * decay;
            SimpleMatrix a = mean(one.inputFactor(sharing), two.inputFactor(sharing), decay, weight);
            SimpleMatrix b = mean(one.outputFactor(sharing), two.outputFactor(sharing), decay, weight);
            SimpleMatrix u = eigenvectors(b).kron(eigenvectors(a));
            SimpleMatrix before = new Definition(one, first.samples(), sharing).corrected;
            SimpleMatrix now = new Definition(two, second.samples(), sharing).exact;
            SimpleMatrix s = diagonal(u, before)
                    .scale(decay * (1 - decay))
                    .plus(diagonal(u, now).scale(1 - decay));
            SimpleMatrix damped = u.mult(SimpleMatrix.diag(
                            s.divide(weight).plus(DAMPING).getDDRM().getData()))
                    .mult(u.transpose());
            assertClose(part(v, one, first), damped.solve(part(column(g), one, first)), one.name());
        }
    }

    private static SimpleMatrix mean(INDArray first, INDArray second, double decay, double weight) {
        return matrix(first).scale(decay).plus(matrix(second)).scale((1 - decay) / weight);
    }

    private static SimpleMatrix diagonal(SimpleMatrix u, SimpleMatrix matrix) {
        return u.transpose().mult(matrix).mult(u).diag();
    }

    /**
     * Factors of the positions' means leave directions out that rows have, in which any basis is as good; the trace is
     * the exact block's in all of them.
     */
    @Test
    void keepsTheTraceWithReducedFactors() {
        ImageNetworks.Case c = ImageNetworks.grid().toList().get(0);
        LinearizedNetwork network = LiveModel.of(c.model().model()).compile(BatchStatistics.COUPLED);
        FisherRoot root =
                root(network, network.at(c.input()), c.labels(), FisherType.TRUE, Parameterization.standard());
        KroneckerFisher approximation = approximation(0, WeightSharing.REDUCE);
        approximation.observe(root);
        approximation.refreshInverses(Damping.absolute(DAMPING));
        SimpleMatrix dense = matrix(approximation.toDense());
        for (LayerJacobian layer : root.layers()) {
            SimpleMatrix rows = matrix(layer.toDense());
            double trace = rows.elementMult(rows).elementSum() / root.samples();
            assertThat(part(dense, layer, root).trace()).isCloseTo(trace, withinPercentage(1e-7));
        }
    }

    /** What a step changed is taken back to the bit, and a saved state goes on to the bit. */
    @Test
    void isRestored() {
        TestNetworks.Case c = TestNetworks.grid().toList().get(4);
        LinearizedNetwork network = LinearizedNetwork.of(c.network());
        FisherRoot first =
                root(network, network.at(c.input()), c.labels(), FisherType.TRUE, Parameterization.standard());
        FisherRoot second =
                root(network, network.at(c.input().mul(2)), c.labels(), FisherType.TRUE, Parameterization.standard());
        KroneckerFisher.Options options = new KroneckerFisher.Options(
                0.9, KroneckerInverse.EIGEN, false, WeightSharing.EXPAND, 3); // A in several blocks
        KroneckerFisher approximation = KroneckerFisher.eigenvalueCorrected(LinearAlgebra.best(), options);
        Damping damping = Damping.relative(0.1);
        INDArray g = normal(new Random(9), 1, c.dataType(), first.parameters());
        approximation.observe(first);
        INDArray before = approximation.solve(g, damping).vector();
        KroneckerFisher.Snapshot snapshot = approximation.snapshot();
        approximation.observe(second);
        approximation.refreshInverses(damping);
        INDArray changed = approximation.solve(g, damping).vector();
        assertThat(changed).isNotEqualTo(before);
        snapshot.restore();
        assertThat(approximation.solve(g, damping).vector()).isEqualTo(before);

        KroneckerFisher resumed = KroneckerFisher.eigenvalueCorrected(LinearAlgebra.best(), options);
        resumed.restore(network.blocks(), approximation.state());
        assertThat(resumed.solve(g, damping).vector()).isEqualTo(before);
        for (KroneckerFisher each : List.of(approximation, resumed)) {
            each.observe(second);
            each.refreshInverses(damping);
        }
        assertThat(resumed.solve(g, damping).vector())
                .isEqualTo(approximation.solve(g, damping).vector())
                .isEqualTo(changed);
    }

    /** Inverses made on another thread are the same. */
    @Test
    void asynchronously() {
        TestNetworks.Case c = TestNetworks.grid().toList().get(4);
        LinearizedNetwork network = LinearizedNetwork.of(c.network());
        FisherRoot root =
                root(network, network.at(c.input()), c.labels(), FisherType.TRUE, Parameterization.standard());
        Damping damping = Damping.absolute(DAMPING);
        INDArray g = normal(new Random(9), 1, c.dataType(), root.parameters());
        KroneckerFisher here = approximation(0, WeightSharing.EXPAND);
        KroneckerFisher elsewhere = KroneckerFisher.eigenvalueCorrected(
                LinearAlgebra.best(),
                new KroneckerFisher.Options(
                        0, KroneckerInverse.EIGEN, false, WeightSharing.EXPAND, KroneckerFisher.Options.UNLIMITED));
        here.observe(root);
        elsewhere.observe(root);
        elsewhere.startInverses(damping);
        elsewhere.adoptInverses();
        assertThat(elsewhere.solve(g, damping).vector())
                .isEqualTo(here.solve(g, damping).vector());
        elsewhere.close();
    }
}
