package io.github.dl4jngd.fisher.network;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import io.github.dl4jngd.fisher.operation.Window;
import io.github.dl4jngd.testing.ImageNetworks;
import io.github.dl4jngd.testing.ImageNetworks.Case;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Every layer and vertex over images against DL4J itself, finite differences and explicit matrices, in float64. */
class ImageNetworkTest {

    private static final double TEST_F64 = 1e-9;
    private static final double TEST_F32 = 2e-3;
    /** Central differences with a step of 1e-5 in float64. */
    private static final double FINITE_DIFFERENCE = 1e-6;

    private static final Parameterization NTK = Parameterization.ntk(1.7, 0.3);

    static Stream<Case> grid() {
        return ImageNetworks.grid();
    }

    @ParameterizedTest
    @MethodSource("exactGradientGrid")
    void gradientIsTheModels(Case c) {
        check(c, TEST_F64);
    }

    /** Without local response normalisation, whose gradient in DL4J is not the derivative of its output. */
    static Stream<Case> exactGradientGrid() {
        return grid().filter(c -> !c.name().startsWith("local response normalisation"));
    }

    /**
     * Without dilated convolutions of sequences and transposed ones, on which oneDNN makes DL4J's own layers throw in
     * float32.
     */
    static Stream<Case> singlePrecisionGrid() {
        return exactGradientGrid()
                .filter(c -> !(c.name().contains("dilation 2")
                        && (c.name().startsWith("conv1d") || c.name().startsWith("transposed"))));
    }

    @ParameterizedTest
    @MethodSource("singlePrecisionGrid")
    void gradientInFloat32(Case c) {
        check(c.withDataType(DataType.FLOAT), TEST_F32);
    }

    /** Ours is the derivative of DL4J's score; its own is 1 to 2 % away from it. */
    @ParameterizedTest
    @MethodSource("localResponseNormalisations")
    void gradientIsTheDerivativeOfTheModelsScore(Case c) {
        ImageNetworks.Network model = c.model();
        LinearizedNetwork linearized = LiveModel.of(model.model()).compile(BatchStatistics.COUPLED);
        Linearization at = linearized.at(c.input());
        OutputMetric metric = linearized.lossModel().at(at.outputs());
        INDArray gradient = at.vjp(metric.residual(c.labels())).divi(c.samples());
        INDArray models = model.gradient(c.input(), c.labels());
        INDArray theta = linearized.parameters();
        INDArray v = normal(new Random(8), 1, DataType.DOUBLE, theta.length());
        double h = 1e-5;
        theta.addi(v.mul(h));
        model.gradient(c.input(), c.labels());
        double up = model.score();
        theta.subi(v.mul(2 * h));
        model.gradient(c.input(), c.labels());
        double slope = (up - model.score()) / (2 * h);
        assertThat(gradient.mul(v).sumNumber().doubleValue()).isCloseTo(slope, offset(1e-7));
        assertThat(relativeError(models, gradient)).isBetween(1e-3, 3e-2);
    }

    static Stream<Case> localResponseNormalisations() {
        return grid().filter(c -> c.name().startsWith("local response normalisation"));
    }

    /**
     * The largest of a window's inputs is the one with the derivative, however close the others and however large
     * values elsewhere are.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void maximaOfNearlyEqualValues(boolean padded) {
        int[] one = {1, 1};
        Window window =
                new Window("pool", new int[] {1, 2}, one, new int[] {0, padded ? 1 : 0}, one, ConvolutionMode.Truncate);
        INDArray x = Nd4j.createFromArray(1e-9f, 2e-9f, -1000f).reshape(1, 1, 1, 3);
        INDArray parameters = Nd4j.create(DataType.FLOAT, 1);
        Operation.Linearized at =
                Operations.pooling(window, PoolingType.MAX, 2, false).linearize(x, parameters);
        INDArray tangent = Nd4j.createFromArray(3f, 5f, 7f).reshape(1, 1, 1, 3);
        INDArray pushed = Objects.requireNonNull(at.jvp(tangent, parameters));
        assertThat(pushed.dup('c').reshape(pushed.length()).toFloatVector())
                .containsExactly(padded ? new float[] {3, 5, 5, 7} : new float[] {5, 5});
        assertThat(at.output().maxNumber().floatValue()).isEqualTo(2e-9f);
    }

    private static void check(Case c, double tolerance) {
        c.skipKnownDefects();
        ImageNetworks.Network model = c.model();
        LinearizedNetwork linearized = LiveModel.of(model.model()).compile(BatchStatistics.COUPLED);
        Linearization at = linearized.at(c.input());
        OutputMetric metric = linearized.lossModel().at(at.outputs());
        INDArray gradient = at.vjp(metric.residual(c.labels())).divi(c.samples());
        INDArray expected = model.gradient(c.input(), c.labels());
        assertThat(relativeError(gradient, expected)).isLessThan(tolerance);
        assertThat(metric.meanLoss(c.labels())).isCloseTo(model.score(), offset(tolerance * Math.abs(model.score())));
    }

    @ParameterizedTest
    @MethodSource("grid")
    void jvpIsTheDirectionalDerivative(Case c) {
        for (BatchStatistics statistics : new BatchStatistics[] {BatchStatistics.COUPLED, BatchStatistics.RUNNING}) {
            LinearizedNetwork linearized = LiveModel.of(c.model().model()).compile(statistics);
            INDArray theta = linearized.parameters();
            INDArray v = mask(linearized, normal(new Random(3), 1, DataType.DOUBLE, theta.length()));
            double h = 1e-5;
            INDArray up = linearized.at(c.input(), theta.add(v.mul(h))).outputs();
            INDArray down = linearized.at(c.input(), theta.sub(v.mul(h))).outputs();
            assertThat(relativeError(
                            linearized.at(c.input()).jvp(v), up.sub(down).div(2 * h)))
                    .as(statistics.toString())
                    .isLessThan(FINITE_DIFFERENCE);
        }
    }

    /** Zero where the network has no trainable parameter. */
    private static INDArray mask(LinearizedNetwork network, INDArray v) {
        INDArray masked = Nd4j.zerosLike(v);
        network.blocks().forEach(block -> block.write(block.read(v), masked));
        return masked;
    }

    @ParameterizedTest
    @MethodSource("grid")
    void jvpAndVjpAreAdjoint(Case c) {
        for (BatchStatistics statistics : BatchStatistics.values()) {
            Linearization at =
                    LiveModel.of(c.model().model()).compile(statistics).at(c.input());
            INDArray v = normal(new Random(4), 1, DataType.DOUBLE, at.parameters());
            INDArray u = normal(new Random(5), 1, DataType.DOUBLE, at.outputs().shape());
            double forward = at.jvp(v).mul(u).sumNumber().doubleValue();
            double backward = at.vjp(u).mul(v).sumNumber().doubleValue();
            assertThat(forward).isCloseTo(backward, offset(TEST_F64 * Math.max(1, Math.abs(backward))));
        }
    }

    /** J̃'s rows, formed in several chunks or kept in factors, are those of one vjp each. */
    @ParameterizedTest
    @MethodSource("grid")
    void rowsAreVjpsOfTheColumnsOfS(Case c) {
        LinearizedNetwork network = LiveModel.of(c.model().model()).compile(BatchStatistics.COUPLED);
        Linearization at = network.at(c.input());
        OutputMetric metric = network.lossModel().at(at.outputs());
        OutputRoot columns = OutputRoot.of(FisherType.TRUE, metric, c.labels(), 1, null);
        INDArray s = columns.columns();
        INDArray expected = Nd4j.create(DataType.DOUBLE, s.size(0) * s.size(1), at.parameters());
        for (long k = 0; k < s.size(0); k++) {
            for (long n = 0; n < s.size(1); n++) {
                INDArray one = Nd4j.create(DataType.DOUBLE, s.size(1), s.size(2));
                one.getRow(n).assign(s.slice(k).getRow(n));
                expected.getRow(k * s.size(1) + n).assign(at.vjp(one));
            }
        }
        FisherRoot factored = at.fisherRoot(columns, RootOptions.factored(Parameterization.standard()));
        assertThat(relativeError(factored.toDense(), expected)).isLessThan(TEST_F64);
        INDArray rootScales = network.scale(Nd4j.ones(DataType.DOUBLE, at.parameters()), NTK);
        assertThat(relativeError(
                        at.fisherRoot(columns, RootOptions.factored(NTK)).toDense(), expected.mulRowVector(rootScales)))
                .isLessThan(TEST_F64);
        long bytes = 8 * expected.length();
        for (long limit : new long[] {bytes + 1, 100 * bytes + 10_000_000}) {
            FisherRoot formed = at.fisherRoot(columns, RootOptions.formed(Parameterization.standard(), limit));
            assertThat(relativeError(formed.toDense(), expected)).isLessThan(TEST_F64);
            INDArray v = mask(network, normal(new Random(6), 1, DataType.DOUBLE, at.parameters()));
            assertThat(relativeError(
                            formed.times(v),
                            expected.mmul(v.reshape('c', v.length(), 1)).reshape(expected.size(0))))
                    .isLessThan(TEST_F64);
            assertThat(relativeError(
                            formed.gradient(),
                            at.vjp(metric.residual(c.labels())).divi(c.samples())))
                    .isLessThan(1e-7);
        }
        assertThat(relativeError(
                        factored.times(mask(network, normal(new Random(6), 1, DataType.DOUBLE, at.parameters()))),
                        expected.mmul(mask(network, normal(new Random(6), 1, DataType.DOUBLE, at.parameters()))
                                        .reshape('c', at.parameters(), 1))
                                .reshape(expected.size(0))))
                .isLessThan(TEST_F64);
    }
}
