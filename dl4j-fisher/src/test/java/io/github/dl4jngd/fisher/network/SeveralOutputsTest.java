package io.github.dl4jngd.fisher.network;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.testing.GraphsWithSeveralOutputs;
import io.github.dl4jngd.testing.GraphsWithSeveralOutputs.Case;
import io.github.dl4jngd.testing.GraphsWithSeveralOutputs.Output;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** F and gradient of a sum of losses against DL4J's own gradient and explicit matrices. */
class SeveralOutputsTest {

    private static final double TEST_F64 = 1e-9;
    private static final double TEST_F32 = 1e-4;

    static Stream<Case> cases() {
        return GraphsWithSeveralOutputs.grid();
    }

    /** A graph at a minibatch, as a step sees it. */
    private record Point(LinearizedNetwork network, Linearization at, Targets targets, OutputMetric metric) {

        static Point of(Case c, ComputationGraph graph) {
            DataType type = graph.params().dataType();
            LiveModel live = LiveModel.of(graph);
            LinearizedNetwork network = live.compile(BatchStatistics.COUPLED).masked(live.layerMasks());
            Linearization at = network.at(c.input(type));
            Targets targets = network.targets(c.labels(type), live.lossMasks());
            return new Point(network, at, targets, targets.loss().at(at.outputs()));
        }

        INDArray gradient() {
            return at.vjp(metric.residual(targets.labels())).divi(at.samples());
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientAndLossAreTheModels(Case c) {
        for (DataType type : new DataType[] {DataType.DOUBLE, DataType.FLOAT}) {
            double tolerance = type == DataType.DOUBLE ? TEST_F64 : TEST_F32;
            ComputationGraph graph = c.graph(type);
            INDArray expected = c.gradient(graph);
            Point point = Point.of(c, graph);
            assertThat(relativeError(point.gradient(), expected)).isLessThan(tolerance);
            assertThat(point.metric().meanLoss(point.targets().labels()))
                    .isCloseTo(graph.score(), offset(tolerance * graph.score()));
        }
    }

    /** Outputs are those of DL4J, one beside the other, and J their derivative. */
    @ParameterizedTest
    @MethodSource("cases")
    void jacobianIsTheDerivativeOfTheOutputs(Case c) {
        ComputationGraph graph = c.graph(DataType.DOUBLE);
        Point point = Point.of(c, graph);
        INDArray theta = point.network().parameters();
        INDArray v = normal(new Random(3), 1, DataType.DOUBLE, theta.length());
        double h = 1e-5;
        INDArray up = point.network()
                .at(c.input(DataType.DOUBLE), theta.add(v.mul(h)))
                .outputs();
        INDArray down = point.network()
                .at(c.input(DataType.DOUBLE), theta.sub(v.mul(h)))
                .outputs();
        assertThat(relativeError(point.at().jvp(v), up.sub(down).div(2 * h))).isLessThan(1e-6);
        INDArray u =
                normal(new Random(4), 1, DataType.DOUBLE, point.at().outputs().shape());
        double forward = point.at().jvp(v).mul(u).sumNumber().doubleValue();
        double backward = point.at().vjp(u).mul(v).sumNumber().doubleValue();
        assertThat(forward).isCloseTo(backward, offset(TEST_F64 * Math.abs(forward)));
    }

    /** J̃ᵀJ̃/N is (1/N) Σ J_nᵀ H_n J_n with J from central differences and H block by block from its formula. */
    @ParameterizedTest
    @MethodSource("cases")
    void fisherMatrixIsTheExplicitOne(Case c) {
        ComputationGraph graph = c.graph(DataType.DOUBLE);
        Point point = Point.of(c, graph);
        List<INDArray> metrics = c.metrics(point.at().outputs());
        INDArray jacobian = jacobian(c, point);
        INDArray fisher = Nd4j.create(DataType.DOUBLE, graph.numParams(), graph.numParams());
        long outputs = point.at().outputs().size(1);
        for (int n = 0; n < metrics.size(); n++) {
            INDArray own = Nd4j.create(DataType.DOUBLE, outputs, graph.numParams());
            for (int k = 0; k < outputs; k++) {
                own.getRow(k).assign(jacobian.getRow(n * outputs + k));
            }
            fisher.addi(own.transpose().mmul(metrics.get(n)).mmul(own).divi(metrics.size()));
        }
        OutputRoot columns =
                OutputRoot.of(FisherType.TRUE, point.metric(), point.targets().labels(), 1, null);
        for (RootOptions options : new RootOptions[] {
            RootOptions.factored(Parameterization.standard()),
            RootOptions.formed(Parameterization.standard(), Long.MAX_VALUE)
        }) {
            FisherRoot root = point.at().fisherRoot(columns, options);
            INDArray rows = root.toDense();
            assertThat(relativeError(rows.transpose().mmul(rows).divi(metrics.size()), fisher))
                    .isLessThan(1e-7);
            assertThat(relativeError(root.gradient(), point.gradient())).isLessThan(1e-7);
        }
    }

    /** Row (n, k) is ∂f_nk/∂θ. */
    private static INDArray jacobian(Case c, Point point) {
        INDArray theta = point.network().parameters();
        long rows = point.at().outputs().length();
        INDArray jacobian = Nd4j.create(DataType.DOUBLE, rows, theta.length());
        double h = 1e-5;
        INDArray moved = theta.dup();
        for (long p = 0; p < theta.length(); p++) {
            moved.putScalar(p, theta.getDouble(p) + h);
            INDArray up = point.network().at(c.input(DataType.DOUBLE), moved).outputs();
            moved.putScalar(p, theta.getDouble(p) - h);
            INDArray down = point.network().at(c.input(DataType.DOUBLE), moved).outputs();
            moved.putScalar(p, theta.getDouble(p));
            jacobian.getColumn(p).assign(up.sub(down).divi(2 * h).dup('c').reshape(rows));
        }
        return jacobian;
    }

    /** A head's layers see their own loss alone. */
    @Test
    void headsSeeTheirOwnLoss() {
        Case c = cases().filter(each -> each.name().equals("softmax and MSE"))
                .findFirst()
                .orElseThrow();
        Point point = Point.of(c, c.graph(DataType.DOUBLE));
        OutputRoot columns =
                OutputRoot.of(FisherType.TRUE, point.metric(), point.targets().labels(), 1, null);
        FisherRoot root = point.at().fisherRoot(columns, RootOptions.factored(Parameterization.standard()));
        List<String> names = point.network().trainableLayers().stream()
                .map(LayerDescription::name)
                .toList();
        long samples = point.at().samples();
        long first = c.outputs().get(0).classes();
        for (int l = 0; l < names.size(); l++) {
            INDArray rows = root.layers().get(l).toDense();
            INDArray norms = rows.mul(rows).sum(1);
            for (long row = 0; row < norms.length(); row++) {
                boolean ofFirst = row / samples < first;
                boolean seen = !names.get(l).equals(ofFirst ? "value" : "class");
                assertThat(norms.getDouble(row) > 0)
                        .as(names.get(l) + ", row " + row)
                        .isEqualTo(seen);
            }
        }
    }

    @Test
    void labelsOfEveryOutputAreNeeded() {
        Case c = cases().findFirst().orElseThrow();
        LinearizedNetwork network = LinearizedNetwork.of(c.graph(DataType.DOUBLE));
        List<INDArray> labels = c.labels(DataType.DOUBLE);
        assertThat(network.outputLayers()).isEqualTo(2);
        assertThat(network.lossModel().description()).startsWith("sum of losses: softmax");
        assertThatThrownBy(() -> network.targets(labels.get(0), null)).hasMessageContaining("2 outputs");
        assertThatThrownBy(() -> network.targets(labels, List.of(labels.get(0))))
                .hasMessageContaining("masks of 1");
        List<INDArray> fewer = new ArrayList<>(labels);
        fewer.set(1, Nd4j.ones(DataType.DOUBLE, 1, c.outputs().get(1).classes()));
        assertThatThrownBy(() -> network.targets(fewer, List.of())).hasMessageContaining("those of another of 1");
        List<INDArray> swapped = Arrays.asList(labels.get(1), labels.get(0));
        assertThatThrownBy(() -> network.targets(swapped, List.of())).hasMessageContaining("the network has");
        assertThat(c.outputs()).extracting(Output::positions).containsOnly(1L);
    }
}
