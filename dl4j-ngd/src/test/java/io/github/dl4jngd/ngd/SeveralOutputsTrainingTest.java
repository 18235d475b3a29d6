package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Explicit.column;
import static io.github.dl4jngd.ngd.Explicit.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.FisherApproximation;
import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.RootOptions;
import io.github.dl4jngd.fisher.network.Targets;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import io.github.dl4jngd.testing.GraphsWithSeveralOutputs;
import io.github.dl4jngd.testing.GraphsWithSeveralOutputs.Case;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** Natural gradients of graphs with several outputs, each with a loss of its own. */
class SeveralOutputsTrainingTest {

    private static final double TEST_F64 = 1e-7;
    private static final double DAMPING = 0.1;
    private static final double RATE = 0.7;
    private static final int STEPS = 30;

    @TempDir
    private Path folder;

    static Stream<Case> cases() {
        return GraphsWithSeveralOutputs.grid();
    }

    private static Case named(String name) {
        return cases().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
    }

    /** J by one vjp for each output, H from formulas, g from DL4J: F = (1/N) Σ JᵀHJ. */
    private record Matrices(LinearizedNetwork network, SimpleMatrix jacobian, List<SimpleMatrix> metrics) {

        static Matrices of(Case c, ComputationGraph graph) {
            LinearizedNetwork network = LiveModel.of(graph).compile(BatchStatistics.COUPLED);
            Linearization at = network.at(c.input(DataType.DOUBLE));
            int outputs = Math.toIntExact(at.outputs().size(1));
            SimpleMatrix jacobian = new SimpleMatrix(c.samples() * outputs, (int) graph.numParams());
            for (int i = 0; i < c.samples() * outputs; i++) {
                INDArray basis = Nd4j.zeros(DataType.DOUBLE, c.samples(), outputs);
                basis.putScalar(i / outputs, i % outputs, 1);
                jacobian.insertIntoThis(i, 0, column(at.vjp(basis)).transpose());
            }
            return new Matrices(
                    network,
                    jacobian,
                    c.metrics(at.outputs()).stream()
                            .map(metric -> new SimpleMatrix(metric.toDoubleMatrix()))
                            .toList());
        }

        SimpleMatrix fisher() {
            return summed(jacobian);
        }

        /** (1/N) Σ_n M_nᵀ H_n M_n over the rows of each sample. */
        SimpleMatrix summed(SimpleMatrix rows) {
            SimpleMatrix sum = new SimpleMatrix(rows.getNumCols(), rows.getNumCols());
            int outputs = metrics.get(0).getNumRows();
            for (int n = 0; n < metrics.size(); n++) {
                SimpleMatrix own = rows.rows(n * outputs, (n + 1) * outputs);
                sum = sum.plus(own.transpose().mult(metrics.get(n)).mult(own));
            }
            return sum.divide(metrics.size());
        }

        /** F without what joins layers further apart than so many. */
        SimpleMatrix banded(int distance) {
            SimpleMatrix banded = fisher();
            int[] layers = new int[banded.getNumRows()];
            int index = 0;
            for (LayerDescription layer : network.trainableLayers()) {
                long first = layer.parameters().get(0).offset();
                long length = layer.parameters().stream()
                        .mapToLong(slice -> slice.length())
                        .sum();
                for (long p = first; p < first + length; p++) {
                    layers[(int) p] = index;
                }
                index++;
            }
            for (int i = 0; i < layers.length; i++) {
                for (int j = 0; j < layers.length; j++) {
                    if (Math.abs(layers[i] - layers[j]) > distance) {
                        banded.set(i, j, 0);
                    }
                }
            }
            return banded;
        }
    }

    /** −c (F̂ + ρI)⁻¹g with F̂ of explicit matrices, F itself for the exact and the layer-wise method. */
    @ParameterizedTest
    @MethodSource("cases")
    void oneStepIsTheFormula(Case c) {
        ComputationGraph initial = c.graph(DataType.DOUBLE);
        SimpleMatrix gradient = column(c.gradient(initial));
        Matrices matrices = Matrices.of(c, initial);
        boolean normalized = c.name().contains("batch normalisation");
        for (Method method : Method.values()) {
            if (method == Method.BLOCK_TRI_DIAGONAL && !matrices.network().isDense()) {
                continue; // dense layers alone: docs/choosing.md
            }
            ComputationGraph graph = c.graph(DataType.DOUBLE, new Sgd(RATE));
            NaturalGradient ngd = NaturalGradient.attach(graph, Definition.plain(method, DAMPING));
            graph.fit(c.data(DataType.DOUBLE));
            SimpleMatrix moved =
                    trained(matrices.network(), column(graph.params().sub(initial.params())));
            assertThat(moved.dot(gradient)).as(method.toString()).isNegative();
            boolean replaced = !ngd.lastDiagnostics().orElseThrow().note().isEmpty();
            SimpleMatrix expected =
                    switch (method) {
                        case EXACT -> solve(matrices.fisher(), gradient);
                        case LAYER_WISE -> solve(matrices.banded(0), gradient);
                        case BLOCK_TRI_DIAGONAL -> solve(matrices.banded(replaced ? 0 : 1), gradient);
                        case UNIT_WISE, EKFAC -> solve(approximation(c, initial, method, gradient), gradient);
                        case KFAC ->
                            c.name().equals("softmax and MSE") ? kroneckerFactored(c, initial, gradient) : null;
                    };
            if (expected != null) {
                assertThat(error(moved, trained(matrices.network(), expected).scale(-RATE)))
                        .as(method.toString())
                        .isLessThan(normalized ? 1e-5 : TEST_F64);
            }
        }
    }

    private static SimpleMatrix solve(SimpleMatrix matrix, SimpleMatrix gradient) {
        return matrix.plus(SimpleMatrix.identity(matrix.getNumRows()).scale(DAMPING))
                .solve(gradient);
    }

    /** The approximation's own dense form, which its tests compare with the definition. */
    private static SimpleMatrix approximation(Case c, ComputationGraph graph, Method method, SimpleMatrix gradient) {
        LiveModel live = LiveModel.of(graph);
        LinearizedNetwork network = live.compile(BatchStatistics.COUPLED);
        Linearization at = network.at(c.input(DataType.DOUBLE));
        Targets targets = network.targets(c.labels(DataType.DOUBLE), live.lossMasks());
        OutputRoot columns = OutputRoot.of(FisherType.TRUE, targets.loss().at(at.outputs()), targets.labels(), 1, null);
        try (FisherApproximation approximation =
                MethodRule.of(Definition.plain(method, DAMPING)).newApproximation(LinearAlgebra.best())) {
            approximation.observe(at.fisherRoot(columns, RootOptions.factored(Parameterization.standard())));
            approximation.solve(Explicit.array(gradient), Damping.absolute(DAMPING));
            return new SimpleMatrix(approximation.toDense().toDoubleMatrix());
        }
    }

    /** Without what DL4J updates by itself: running statistics. */
    private static SimpleMatrix trained(LinearizedNetwork network, SimpleMatrix vector) {
        INDArray all = Explicit.array(vector);
        INDArray kept = Nd4j.create(DataType.DOUBLE, all.length());
        network.blocks().forEach(block -> block.write(block.read(all), kept));
        return column(kept);
    }

    /** (A + π√ρ)⁻¹ ∇ (G + √ρ/π)⁻¹ for each layer, a from DL4J's activations and δ from the columns of biases. */
    private static SimpleMatrix kroneckerFactored(Case c, ComputationGraph graph, SimpleMatrix gradient) {
        Matrices matrices = Matrices.of(c, graph);
        INDArray x = c.input(DataType.DOUBLE);
        Map<String, INDArray> activations = graph.feedForward(x, false);
        SimpleMatrix direction = new SimpleMatrix(gradient.getNumRows(), 1);
        for (LayerDescription layer : matrices.network().trainableLayers()) {
            INDArray a = layer.name().equals("trunk") ? x : activations.get("trunk");
            SimpleMatrix augmented = new SimpleMatrix(c.samples(), (int) a.size(1) + 1);
            augmented.insertIntoThis(0, 0, new SimpleMatrix(a.toDoubleMatrix()));
            augmented.setColumn((int) a.size(1), SimpleMatrix.ones(c.samples(), 1));
            int in = (int) a.size(1);
            int out = (int) layer.parameter("b").length();
            int weights = (int) layer.parameter("W").offset();
            int biases = (int) layer.parameter("b").offset();
            SimpleMatrix delta = matrices.jacobian().cols(biases, biases + out);
            SimpleMatrix right = new SimpleMatrix(in + 1, out);
            for (int u = 0; u < out; u++) {
                for (int i = 0; i < in; i++) {
                    right.set(i, u, gradient.get(weights + u * in + i));
                }
                right.set(in, u, gradient.get(biases + u));
            }
            SimpleMatrix v = Explicit.Factors.solve(
                    augmented.transpose().mult(augmented).divide(c.samples()), matrices.summed(delta), right, DAMPING);
            for (int u = 0; u < out; u++) {
                for (int i = 0; i < in; i++) {
                    direction.set(weights + u * in + i, v.get(i, u));
                }
                direction.set(biases + u, v.get(in, u));
            }
        }
        return direction;
    }

    /** K-FAC's defaults over 30 steps end below what the plain updaters reach, and every loss falls. */
    @Test
    void trainsBelowThePlainUpdater() {
        MultiDataSet data = GraphsWithSeveralOutputs.learnable(32);
        double start = named("softmax and MSE").graph(DataType.FLOAT).score(data);
        ComputationGraph graph = named("softmax and MSE").graph(DataType.FLOAT, new Sgd(1));
        NaturalGradient ngd = NaturalGradient.attach(graph, Kfac.defaults());
        assertThat(ngd.registration().toString()).contains("sum of losses").contains("; squared error");
        double natural = train(graph, data);
        List<Double> plain = new ArrayList<>();
        for (IUpdater updater : new IUpdater[] {new Sgd(0.1), new Sgd(0.5), new Adam(0.01), new Adam(0.05)}) {
            plain.add(train(named("softmax and MSE").graph(DataType.FLOAT, updater), data));
        }
        assertThat(plain).allMatch(reached -> reached < start);
        assertThat(plain).as("from " + start + ", K-FAC to " + natural).allMatch(reached -> natural < reached);
    }

    private static double train(ComputationGraph graph, MultiDataSet data) {
        for (int step = 0; step < STEPS; step++) {
            graph.fit(data);
        }
        return graph.score(data);
    }

    /** What Levenberg–Marquardt remembers has the labels and masks of every output. */
    @Test
    void resumedTrainingIsUninterruptedTraining() throws Exception {
        for (String name : List.of(
                "softmax and MSE, class masked",
                "softmax and MSE, class masked, value masked",
                "steps, steps of another length, and a class")) {
            Case c = named(name);
            NaturalGradientConfiguration configuration = Kfac.builder()
                    .damping(0.5)
                    .adaptiveDamping(new LevenbergMarquardt(3, 0.9, 0.25, 0.75, 1e-6, 100))
                    .build();
            ComputationGraph whole = c.graph(DataType.DOUBLE, new Sgd(0.3));
            NaturalGradient ngd = NaturalGradient.attach(whole, configuration);
            for (int step = 0; step < 7; step++) {
                ngd.save(folder.resolve("before-" + step));
                whole.fit(c.data(DataType.DOUBLE));
            }
            assertThat(ngd.lastDiagnostics().orElseThrow().damping()).isNotEqualTo(0.5);
            for (int step = 0; step < 7; step++) {
                NaturalGradient resumed = NaturalGradient.restore(folder.resolve("before-" + step));
                ComputationGraph graph = (ComputationGraph) resumed.model();
                for (int rest = step; rest < 7; rest++) {
                    graph.fit(c.data(DataType.DOUBLE));
                }
                assertThat(graph.params()).as(c + ", before " + step).isEqualTo(whole.params());
            }
        }
    }

    /** Ranks of J̃ are known for one output layer. */
    @Test
    void refusesAnAnalyticScaling() {
        ComputationGraph graph = named("softmax and MSE").graph(DataType.DOUBLE);
        assertThatThrownBy(() -> NaturalGradient.attach(
                        graph, Definition.with(Method.KFAC, builder -> builder.stepScaling(StepScaling.ANALYTIC))))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("in several parts")
                .hasMessageContaining("MEASURED");
        NaturalGradient.attach(
                graph, Definition.with(Method.EXACT, builder -> builder.stepScaling(StepScaling.ANALYTIC)));
    }

    @Test
    void labelsThatAreNotFiniteAreNamed() {
        ComputationGraph graph = named("softmax and MSE").graph(DataType.DOUBLE);
        NaturalGradient.attach(graph, Definition.damped(Method.EXACT, DAMPING));
        MultiDataSet data = named("softmax and MSE").data(DataType.DOUBLE);
        data.getLabels(1).putScalar(0, 0, Double.NaN);
        assertThatThrownBy(() -> graph.fit(data))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("the labels of output 1");
    }
}
