package io.github.dl4jngd.spectral;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.InstanceOfAssertFactories.DOUBLE;
import static org.assertj.core.data.Percentage.withPercentage;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.loss.LossModel;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.spectral.estimate.FullSpectrum;
import io.github.dl4jngd.spectral.estimate.Lanczos;
import io.github.dl4jngd.spectral.estimate.LargestEigenvalue;
import io.github.dl4jngd.spectral.estimate.Lobpcg;
import io.github.dl4jngd.spectral.estimate.PowerIteration;
import io.github.dl4jngd.spectral.estimate.Trace;
import io.github.dl4jngd.spectral.estimate.TraceEstimate;
import io.github.dl4jngd.spectral.listener.FisherSpectrumListener;
import io.github.dl4jngd.spectral.listener.SpectrumReading;
import io.github.dl4jngd.spectral.sink.MemorySink;
import io.github.dl4jngd.testing.GraphsWithSeveralOutputs;
import io.github.dl4jngd.testing.ImageNetworks;
import io.github.dl4jngd.testing.ImageNetworks.Case;
import io.github.dl4jngd.testing.TestNetworks;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** The operator against the matrix itself, from one vjp for each row. */
class FisherMatrixTest {

    private static final double TOLERANCE = 1e-9;

    /** Plain and with coupled samples. */
    static Stream<Case> networks() {
        List<String> names = List.of(
                "conv 3x3 Truncate NCHW",
                "residual with batch normalisation",
                "dense batch normalisation",
                "residual without batch normalisation");
        return ImageNetworks.grid().filter(c -> names.contains(c.name()));
    }

    /** Rows S_nᵀJ_n for given columns of S, one vjp each. */
    private static INDArray rows(Linearization at, INDArray columns) {
        INDArray rows = Nd4j.create(DataType.DOUBLE, columns.size(0) * columns.size(1), at.parameters());
        for (long k = 0; k < columns.size(0); k++) {
            for (long n = 0; n < columns.size(1); n++) {
                INDArray one = Nd4j.create(DataType.DOUBLE, columns.size(1), columns.size(2));
                one.getRow(n).assign(columns.slice(k).getRow(n));
                rows.getRow(k * columns.size(1) + n).assign(at.vjp(one));
            }
        }
        return rows;
    }

    private static INDArray matrix(INDArray rows, long samples) {
        return rows.transpose().mmul(rows).div(samples);
    }

    private static double traceOf(INDArray matrix) {
        return Nd4j.diag(matrix).sumNumber().doubleValue();
    }

    private static void check(FisherMatrix fisher, INDArray expected) {
        INDArray v = fisher.project(normal(new Random(2), 1, DataType.DOUBLE, fisher.length()));
        INDArray product = expected.mmul(v.reshape(v.length(), 1)).reshape(v.length());
        assertThat(relativeError(fisher.times(v), product)).isLessThan(TOLERANCE);
        checkDual(fisher, v);
        double trace = traceOf(expected);
        assertThat(fisher.trace()).isCloseTo(trace, withPercentage(1e-7));
        INDArray eigenvalues = LinearAlgebra.best().symmetricEigen(expected).values();
        FullSpectrum spectrum = fisher.fullSpectrum();
        double largest = eigenvalues.getDouble(eigenvalues.length() - 1);
        for (int i = 0; i < spectrum.values().size(); i++) {
            assertThat(spectrum.values().get(i))
                    .isCloseTo(eigenvalues.getDouble(eigenvalues.length() - 1 - i), offset(1e-9 * largest));
        }
        assertThat(spectrum.trace()).isCloseTo(trace, withPercentage(1e-7));
        LargestEigenvalue power = new PowerIteration(1e-5, 500, 3).estimate(fisher);
        assertThat(power.value()).isCloseTo(largest, withPercentage(0.1));
        List<Double> top = new Lanczos(3, 1e-9, (int) Math.min(fisher.dimension(), 200), 3)
                .estimate(fisher)
                .values();
        for (int i = 0; i < 3; i++) {
            assertThat(top.get(i)).isCloseTo(spectrum.values().get(i), offset(1e-9 * largest));
        }
        TraceEstimate estimate = Trace.hutchPlusPlus(fisher, 30, 1);
        // the error of ten vectors over its own estimate is Student's t with nine degrees of freedom: beyond 5 once in
        // 1400 times
        assertThat(estimate.value()).isCloseTo(trace, offset(5 * estimate.standardError() + 1e-9 * trace));
    }

    /** The dual is the Gram matrix, X and Xᵀ are each other's transposed, and F X w = X XᵀX w. */
    private static void checkDual(FisherMatrix fisher, INDArray v) {
        INDArray gram = fisher.gram();
        assertThat(fisher.dual().isPresent()).isEqualTo(gram.size(0) < fisher.dimension());
        fisher.dual().ifPresent(dual -> {
            INDArray w = normal(new Random(6), 1, DataType.DOUBLE, dual.length());
            INDArray product = dual.times(w);
            assertThat(relativeError(
                            product, gram.mmul(w.reshape(w.length(), 1)).reshape(w.length())))
                    .isLessThan(TOLERANCE);
            INDArray vector = dual.toPrimal(w);
            assertThat(vector.mul(v).sumNumber().doubleValue())
                    .isCloseTo(
                            dual.fromPrimal(v).mul(w).sumNumber().doubleValue(),
                            offset(TOLERANCE
                                    * vector.norm2Number().doubleValue()
                                    * v.norm2Number().doubleValue()));
            assertThat(relativeError(fisher.times(vector), dual.toPrimal(product)))
                    .isLessThan(TOLERANCE);
            LargestEigenvalue largest = new Lobpcg(1e-7, 500, 1).estimate(fisher);
            INDArray top = largest.vector();
            assertThat(top.norm2Number().doubleValue()).isCloseTo(1, offset(TOLERANCE));
            double residual = fisher.times(top)
                    .sub(top.mul(largest.value()))
                    .norm2Number()
                    .doubleValue();
            assertThat(residual / largest.value()).isLessThanOrEqualTo(largest.residual() + TOLERANCE);
        });
    }

    @ParameterizedTest
    @MethodSource("networks")
    void trueFisher(Case c) {
        LinearizedNetwork network = LiveModel.of(c.model().model()).compile(BatchStatistics.COUPLED);
        Linearization at = network.at(c.input());
        OutputMetric metric = network.lossModel().at(at.outputs());
        check(FisherMatrix.of(network).data(c.input()).build(), matrix(rows(at, metric.rootColumns()), c.samples()));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void identityMetricAndMeanSubtraction(Case c) {
        LinearizedNetwork network = LiveModel.of(c.model().model()).compile(BatchStatistics.COUPLED);
        Linearization at = network.at(c.input());
        OutputMetric metric = LossModel.halfSquaredError().at(at.outputs());
        INDArray rows = rows(at, metric.rootColumns());
        FisherMatrix.Builder builder = FisherMatrix.of(network).data(c.input()).convention(MetricConvention.IDENTITY);
        check(builder.build(), matrix(rows, c.samples()));
        INDArray subtracted = rows.dup();
        for (int k = 0; k < c.outputs(); k++) {
            INDArray mean = Nd4j.create(DataType.DOUBLE, at.parameters());
            for (int n = 0; n < c.samples(); n++) {
                mean.addi(rows.getRow(k * (long) c.samples() + n).div(c.samples()));
            }
            for (int n = 0; n < c.samples(); n++) {
                subtracted.getRow(k * (long) c.samples() + n).subi(mean);
            }
        }
        check(builder.meanSubtracted(true).build(), matrix(subtracted, c.samples()));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void empiricalAndMonteCarlo(Case c) {
        LinearizedNetwork network = LiveModel.of(c.model().model()).compile(BatchStatistics.COUPLED);
        Linearization at = network.at(c.input());
        OutputMetric metric = network.lossModel().at(at.outputs());
        INDArray residual = metric.residual(c.labels());
        check(
                FisherMatrix.of(network)
                        .data(List.of(new Minibatch(List.of(c.input()), c.labels())))
                        .type(FisherType.EMPIRICAL)
                        .build(),
                matrix(rows(at, residual.reshape(1, residual.size(0), residual.size(1))), c.samples()));
        INDArray draws = OutputRoot.of(FisherType.MONTE_CARLO, metric, null, 3, new SplittableRandom(5))
                .columns();
        check(FisherMatrix.of(network).data(c.input()).monteCarlo(3, 5).build(), matrix(rows(at, draws), c.samples()));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void eachLayer(Case c) {
        LinearizedNetwork network = LiveModel.of(c.model().model()).compile(BatchStatistics.COUPLED);
        Linearization at = network.at(c.input());
        INDArray rows = rows(at, network.lossModel().at(at.outputs()).rootColumns());
        network.compiledLayers().stream()
                .filter(layer -> !layer.blocks().isEmpty())
                .forEach(layer -> {
                    INDArray own = Nd4j.zerosLike(rows);
                    for (LinearizedNetwork.CompiledBlock compiled : layer.blocks()) {
                        ParameterBlock block = compiled.block();
                        for (long row = 0; row < rows.size(0); row++) {
                            block.write(block.read(rows.getRow(row)), own.getRow(row));
                        }
                    }
                    FisherMatrix fisher = FisherMatrix.of(network)
                            .data(c.input())
                            .layer(layer.layer().name())
                            .build();
                    double trace = traceOf(matrix(own, c.samples()));
                    assertThat(fisher.trace()).isCloseTo(trace, withPercentage(1e-7));
                    assertThat(fisher.fullSpectrum().trace()).isCloseTo(trace, withPercentage(1e-7));
                    TraceEstimate estimate = Trace.hutchinson(fisher, 100, 4);
                    assertThat(estimate.value()).isCloseTo(trace, offset(5 * estimate.standardError()));
                    INDArray v = fisher.project(normal(new Random(2), 1, DataType.DOUBLE, fisher.length()));
                    INDArray product = matrix(own, c.samples()).mmul(v.reshape(v.length(), 1));
                    assertThat(relativeError(fisher.times(v), product.reshape(v.length())))
                            .isLessThan(TOLERANCE);
                    checkDual(fisher, v);
                });
    }

    /** The weighted mean of the minibatches' matrices, kept or made anew at each product. */
    @ParameterizedTest
    @MethodSource("networks")
    void severalMinibatches(Case c) {
        LinearizedNetwork network = LiveModel.of(c.model().model()).compile(BatchStatistics.COUPLED);
        INDArray first = c.input();
        INDArray second = normal(new Random(21), 1, DataType.DOUBLE, first.shape());
        long[] shape = first.shape().clone();
        shape[0] = 3;
        INDArray third = normal(new Random(22), 1, DataType.DOUBLE, shape);
        List<Minibatch> data = Stream.of(first, second, third)
                .map(x -> new Minibatch(List.of(x), null))
                .toList();
        FisherMatrix kept = FisherMatrix.of(network).data(data).build();
        FisherMatrix streamed = FisherMatrix.of(network).data(data).cache(0).build();
        INDArray v = normal(new Random(2), 1, DataType.DOUBLE, kept.length());
        INDArray expected = FisherMatrix.of(network)
                .data(first)
                .build()
                .times(v)
                .mul(first.size(0))
                .add(FisherMatrix.of(network).data(second).build().times(v).mul(second.size(0)))
                .add(FisherMatrix.of(network).data(third).build().times(v).mul(3))
                .div(2 * first.size(0) + 3);
        assertThat(relativeError(kept.times(v), expected)).isLessThan(TOLERANCE);
        assertThat(relativeError(streamed.times(v), expected)).isLessThan(TOLERANCE);
        assertThat(kept.trace()).isCloseTo(streamed.trace(), withPercentage(1e-9));
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(kept::gram)
                .withMessageContaining("minibatch");
        assertThat(kept.description().contains("batch statistics of each of 3 minibatches"))
                .isEqualTo(network.couplesSamples());
    }

    /** Reading changes neither parameters nor the random state. */
    @Test
    void readingChangesNothing() {
        Case c = networks().findFirst().orElseThrow();
        ImageNetworks.Network model = c.model();
        LinearizedNetwork network = LiveModel.of(model.model()).compile(BatchStatistics.COUPLED);
        INDArray before = network.parameters().dup();
        Nd4j.getRandom().setSeed(77);
        double expected = Nd4j.getRandom().nextDouble();
        Nd4j.getRandom().setSeed(77);
        FisherMatrix fisher =
                FisherMatrix.of(network).data(c.input()).monteCarlo(2, 1).build();
        PowerIteration.defaults().estimate(fisher);
        Trace.hutchinson(fisher, 3, 1);
        fisher.fullSpectrum();
        assertThat(Nd4j.getRandom().nextDouble()).isEqualTo(expected);
        assertThat(network.parameters()).isEqualTo(before);
    }

    @Test
    void optionsAreChecked() {
        Case c = networks().findFirst().orElseThrow();
        LinearizedNetwork network = LiveModel.of(c.model().model()).compile(BatchStatistics.COUPLED);
        FisherMatrix.Builder builder = FisherMatrix.of(network);
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(builder::build)
                .withMessageContaining("data");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() ->
                        FisherMatrix.of(network).data(c.input()).layer("none").build())
                .withMessageContaining("none")
                .withMessageContaining("layer");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> FisherMatrix.of(network)
                        .data(c.input())
                        .meanSubtracted(true)
                        .build())
                .withMessageContaining("IDENTITY");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> FisherMatrix.of(network)
                        .data(c.input())
                        .type(FisherType.EMPIRICAL)
                        .build())
                .withMessageContaining("labels");
    }

    /** F of a sum of losses is that of explicit matrices, at data as DL4J's classes have them and in training. */
    @ParameterizedTest
    @MethodSource("io.github.dl4jngd.testing.GraphsWithSeveralOutputs#grid")
    void severalOutputs(GraphsWithSeveralOutputs.Case c) {
        LinearizedNetwork network = LinearizedNetwork.of(c.graph(DataType.DOUBLE));
        INDArray x = c.input(DataType.DOUBLE);
        Linearization at = network.at(x);
        List<INDArray> metrics = c.metrics(at.outputs());
        long outputs = at.outputs().size(1);
        INDArray expected = Nd4j.create(DataType.DOUBLE, at.parameters(), at.parameters());
        for (int n = 0; n < c.samples(); n++) {
            INDArray jacobian = Nd4j.create(DataType.DOUBLE, outputs, at.parameters());
            for (long k = 0; k < outputs; k++) {
                INDArray basis = Nd4j.create(DataType.DOUBLE, c.samples(), outputs);
                basis.putScalar(n, k, 1);
                jacobian.getRow(k).assign(at.vjp(basis));
            }
            expected.addi(
                    jacobian.transpose().mmul(metrics.get(n)).mmul(jacobian).divi(c.samples()));
        }
        MultiDataSet data = c.data(DataType.DOUBLE);
        check(FisherMatrix.of(network).data(List.of(Minibatch.of(data))).build(), expected);
        MemorySink memory = new MemorySink();
        ComputationGraph live = c.graph(DataType.DOUBLE);
        live.setListeners(FisherSpectrumListener.builder().every(1).sink(memory).build());
        live.fit(data);
        double largest = FisherMatrix.of(network)
                .data(List.of(Minibatch.of(data)))
                .build()
                .fullSpectrum()
                .values()
                .get(0);
        assertThat(memory.readings())
                .singleElement()
                .extracting(reading -> ((SpectrumReading) reading).lambdaMax(), DOUBLE)
                .isCloseTo(largest, withPercentage(1));
    }

    /** A mask of weights 2 doubles F, in both conventions; samples of weight 0 leave it. */
    @Test
    void masksAreWeights() {
        TestNetworks.Case c = TestNetworks.grid().toList().get(2);
        LinearizedNetwork network = LinearizedNetwork.of(c.network());
        INDArray two = Nd4j.ones(DataType.DOUBLE, c.samples(), 1).muli(2);
        INDArray none = Nd4j.zeros(DataType.DOUBLE, c.samples(), 1);
        for (MetricConvention convention : MetricConvention.values()) {
            double plain = masked(network, c, convention, null).trace();
            assertThat(masked(network, c, convention, two).trace()).isCloseTo(2 * plain, withPercentage(1e-8));
            assertThat(masked(network, c, convention, none).trace()).isZero();
        }
    }

    private static FisherMatrix masked(
            LinearizedNetwork network, TestNetworks.Case c, MetricConvention convention, INDArray mask) {
        return FisherMatrix.of(network)
                .convention(convention)
                .data(List.of(new Minibatch(List.of(c.input()), c.labels(), mask, Map.of())))
                .build();
    }
}
