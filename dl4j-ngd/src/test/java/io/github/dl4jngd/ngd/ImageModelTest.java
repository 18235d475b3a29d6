package io.github.dl4jngd.ngd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.Direction;
import io.github.dl4jngd.fisher.curvature.FisherApproximation;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.jacobian.WeightSharing;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.MemoryLimitException;
import io.github.dl4jngd.fisher.network.RootOptions;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Natural gradients on a residual graph with batch normalisation. */
class ImageModelTest {

    private static final double TEST_F64 = 1e-8;
    private static final double DAMPING = 0.1;

    private static ComputationGraph residual(DataType dataType) {
        ConvolutionMode same = ConvolutionMode.Same;
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(dataType)
                .updater(new Sgd(1.0))
                .convolutionMode(same)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(6, 6, 3))
                .addLayer(
                        "conv1",
                        new ConvolutionLayer.Builder(3, 3)
                                .nOut(4)
                                .hasBias(false)
                                .build(),
                        "in")
                .addLayer("bn1", new BatchNormalization(), "conv1")
                .addLayer("relu1", new ActivationLayer(Activation.RELU), "bn1")
                .addLayer("conv2", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "relu1")
                .addLayer("bn2", new BatchNormalization(), "conv2")
                .addVertex("add", new ElementWiseVertex(ElementWiseVertex.Op.Add), "bn2", "relu1")
                .addLayer("relu2", new ActivationLayer(Activation.RELU), "add")
                .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "relu2")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "pool")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    private static DataSet data(DataType dataType) {
        Random random = new Random(3);
        INDArray x = Nd4j.create(dataType, 8, 3, 6, 6);
        for (long i = 0; i < x.length(); i++) {
            x.putScalar(i, random.nextGaussian());
        }
        INDArray y = Nd4j.create(dataType, 8, 3);
        for (int n = 0; n < 8; n++) {
            y.putScalar(n, n % 3, 1);
        }
        return new DataSet(x, y);
    }

    static Stream<NaturalGradientConfiguration> methods() {
        return Stream.of(
                ExactNaturalGradient.builder().damping(DAMPING).build(),
                LayerWiseNaturalGradient.builder().damping(DAMPING).build(),
                BlockTriDiagonalNaturalGradient.builder().damping(DAMPING).build(),
                UnitWiseNaturalGradient.builder().damping(DAMPING).build(),
                Kfac.builder()
                        .damping(DAMPING)
                        .fisherType(FisherType.TRUE)
                        .factorDecay(0)
                        .factorInterval(1)
                        .inverseInterval(1)
                        .build());
    }

    /**
     * The step is −(F̂ + ρI)⁻¹g with F̂ and g as explicit matrices, and running statistics move as without a natural
     * gradient.
     */
    @ParameterizedTest
    @MethodSource("methods")
    void oneStepAgainstExplicitMatrices(NaturalGradientConfiguration configuration) {
        ComputationGraph graph = residual(DataType.DOUBLE);
        DataSet data = data(DataType.DOUBLE);
        INDArray before = graph.params().dup();
        LinearizedNetwork network = LinearizedNetwork.of(graph);
        Linearization at = network.at(data.getFeatures());
        OutputMetric metric = network.lossModel().at(at.outputs());
        INDArray gradient = at.vjp(metric.residual(data.getLabels())).divi(8);
        INDArray dense;
        try (FisherApproximation approximation = MethodRule.of(configuration).newApproximation(LinearAlgebra.best())) {
            approximation.observe(at.fisherRoot(
                    OutputRoot.of(FisherType.TRUE, metric, data.getLabels(), 1, null),
                    RootOptions.factored(Parameterization.standard())));
            dense = approximation.toDense();
            Direction direction = approximation.naturalGradient(Damping.absolute(DAMPING));
            if (configuration instanceof Kfac) {
                // π-damped factors: not F̂ + ρI; their own tests are elsewhere
                assertThat(direction.vector().mul(gradient).sumNumber().doubleValue())
                        .isPositive();
            } else if (!direction.substitute()) {
                INDArray residual = dense.mmul(direction.vector().reshape('c', gradient.length(), 1))
                        .reshape(gradient.length())
                        .addi(direction.vector().mul(DAMPING))
                        .subi(gradient);
                assertThat(residual.norm2Number().doubleValue())
                        .isLessThan(TEST_F64 * gradient.norm2Number().doubleValue());
            }
        }
        ComputationGraph plain = residual(DataType.DOUBLE);
        plain.fit(data);
        NaturalGradient natural = NaturalGradient.attach(graph, configuration);
        graph.fit(data);
        double step = natural.lastDiagnostics().orElseThrow().step();
        assertThat(step).isPositive();
        for (String statistic : new String[] {"bn1_mean", "bn1_log10stdev", "bn2_mean", "bn2_log10stdev"}) {
            INDArray expected = plain.paramTable(false).get(statistic);
            assertThat(graph.paramTable(false).get(statistic).distance1(expected))
                    .isLessThan(1e-14);
        }
        INDArray moved = graph.params().sub(before);
        assertThat(moved.mul(gradient).sumNumber().doubleValue()).isNegative();
        assertThat(graph.score(data)).isLessThan(plain.score());
    }

    /** A program's model, saved and restored, takes the one line and trains. */
    @ParameterizedTest
    @EnumSource(WeightSharing.class)
    void attachesAfterRestoringAndTrains(WeightSharing sharing) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ModelSerializer.writeModel(residual(DataType.FLOAT), bytes, true);
        ComputationGraph graph =
                ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(bytes.toByteArray()), true);
        DataSet data = data(DataType.FLOAT);
        double before = graph.score(data, true);
        try (NaturalGradient natural = NaturalGradient.attach(
                graph, Kfac.builder().damping(DAMPING).weightSharing(sharing).build())) {
            assertThat(natural.registration().toString())
                    .contains("bn1", "one block per unit", "A ⊗ G", "batch normalisation: batch statistics");
            for (int i = 0; i < 10; i++) {
                graph.fit(data);
            }
            assertThat(graph.score(data, true)).isLessThan(0.5 * before);
        }
        assertThat(graph.getUpdater()).isNotInstanceOf(PreconditionedUpdater.class);
    }

    @Test
    void constantStatisticsAreNamed() {
        ComputationGraph graph = residual(DataType.FLOAT);
        NaturalGradient natural = NaturalGradient.attach(
                graph,
                LayerWiseNaturalGradient.builder()
                        .damping(DAMPING)
                        .batchStatistics(BatchStatistics.CONSTANT)
                        .build());
        assertThat(natural.registration().toString()).contains("batch statistics taken as constants");
        assertThat(natural.configuration().toString()).contains("batch statistics taken as constants");
        graph.fit(data(DataType.FLOAT));
        assertThat(natural.lastDiagnostics().orElseThrow().note()).contains("constants in the curvature");
    }

    /** Where the rows do not fit, exact and layer-wise steps come from products with F and are the same. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void conjugateGradientsWhereRowsDoNotFit(boolean exact) {
        INDArray[] steps = new INDArray[2];
        for (int i = 0; i < 2; i++) {
            ComputationGraph graph = residual(DataType.DOUBLE);
            INDArray before = graph.params().dup();
            long limit = i == 0 ? 1L << 30 : 1000;
            NaturalGradient natural = NaturalGradient.attach(
                    graph,
                    exact
                            ? ExactNaturalGradient.builder()
                                    .damping(DAMPING)
                                    .memoryLimit(limit)
                                    .build()
                            : LayerWiseNaturalGradient.builder()
                                    .damping(DAMPING)
                                    .memoryLimit(limit)
                                    .build());
            graph.fit(data(DataType.DOUBLE));
            assertThat(natural.lastDiagnostics().orElseThrow().note()).contains(i == 0 ? "" : "products with F");
            steps[i] = graph.params().sub(before);
        }
        assertThat(steps[1].sub(steps[0]).norm2Number().doubleValue())
                .isLessThan(1e-3 * steps[0].norm2Number().doubleValue());
    }

    /** A product's temporary arrays are the next one's: many products take the memory of few. */
    @Test
    void manyProductsTakeTheMemoryOfFew() {
        long[] bytes = new long[2];
        long[] products = new long[2];
        for (int i = 0; i < 2; i++) {
            ComputationGraph graph = residual(DataType.DOUBLE);
            NaturalGradient natural = NaturalGradient.attach(
                    graph,
                    ExactNaturalGradient.builder()
                            .damping(i == 0 ? 10 : 1e-4)
                            .memoryLimit(1000)
                            .build());
            for (int step = 0; step < 3; step++) {
                graph.fit(data(DataType.DOUBLE));
            }
            Matcher note = Pattern.compile("solved by (\\d+) products")
                    .matcher(natural.lastDiagnostics().orElseThrow().note());
            assertThat(note.find()).isTrue();
            products[i] = Long.parseLong(note.group(1));
            bytes[i] = Nd4j.getWorkspaceManager().getAllWorkspacesForCurrentThread().stream()
                    .filter(workspace -> !workspace.getId().startsWith("WS_"))
                    .mapToLong(MemoryWorkspace::getCurrentSize)
                    .sum();
            natural.close();
        }
        assertThat(products[1]).isGreaterThan(5 * products[0]);
        assertThat(bytes[0]).isPositive();
        assertThat(bytes[1]).isLessThan(bytes[0] * 3 / 2);
        assertThat(Nd4j.getWorkspaceManager().getAllWorkspacesForCurrentThread())
                .noneMatch(workspace -> workspace.getId().startsWith("FISHER"));
    }

    /**
     * What the prediction of a step is compared with is DL4J's own function; nothing else is offered an adaptation or a
     * constant.
     */
    @Test
    void whatConstantStatisticsAndCouplingDoNotAllowIsRefused() {
        assertThatThrownBy(() -> NaturalGradient.attach(
                        residual(DataType.FLOAT),
                        Kfac.builder()
                                .batchStatistics(BatchStatistics.CONSTANT)
                                .adaptiveDamping(LevenbergMarquardt.DEFAULT)
                                .build()))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("Adaptive damping");
        assertThatThrownBy(() -> NaturalGradient.attach(
                        residual(DataType.FLOAT),
                        LayerWiseNaturalGradient.builder()
                                .stepScaling(StepScaling.ANALYTIC)
                                .build()))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("MEASURED");
    }

    @Test
    void aMemoryLimitIsKept() {
        ComputationGraph graph = residual(DataType.FLOAT);
        INDArray before = graph.params().dup();
        NaturalGradient.attach(
                graph, UnitWiseNaturalGradient.builder().memoryLimit(1000).build());
        assertThatThrownBy(() -> graph.fit(data(DataType.FLOAT)))
                .hasRootCauseInstanceOf(MemoryLimitException.class)
                .hasMessageContaining("memory limit");
        assertThat(graph.params()).isEqualTo(before);
    }
}
