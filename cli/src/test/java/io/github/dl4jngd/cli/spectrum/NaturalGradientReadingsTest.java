package io.github.dl4jngd.cli.spectrum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.training.StepReporter;
import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.Method;
import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.ngd.StepScaling;
import io.github.dl4jngd.spectral.FisherMatrix;
import io.github.dl4jngd.spectral.listener.FisherSpectrumListener;
import io.github.dl4jngd.spectral.listener.SpectrumReading;
import io.github.dl4jngd.spectral.sink.MemorySink;
import java.util.Arrays;
import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.ejml.simple.SimpleEVD;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What a listener reads where a natural gradient is attached: the spectrum and the step know nothing of each other. */
class NaturalGradientReadingsTest {

    private static final double DAMPING = 0.02;

    private static MultiLayerNetwork network(DataType type, IUpdater updater, int inputs, int width, int outputs) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(type)
                .updater(updater)
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(inputs)
                        .nOut(width)
                        .activation(Activation.TANH)
                        .build())
                .layer(new DenseLayer.Builder()
                        .nIn(width)
                        .nOut(width)
                        .activation(Activation.TANH)
                        .build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(width)
                        .nOut(outputs)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        return network;
    }

    /** Classes around their own centres, with noise. */
    private static DataSet batch(DataType type, long seed, int samples, int inputs, int classes) {
        Random random = new Random(seed);
        INDArray x = Nd4j.create(type, samples, inputs);
        INDArray y = Nd4j.create(type, samples, classes);
        for (int n = 0; n < samples; n++) {
            int label = random.nextInt(classes);
            y.putScalar(n, label, 1);
            for (int i = 0; i < inputs; i++) {
                x.putScalar(n, i, random.nextGaussian() + Math.sin(1.0 + label * (i + 1)));
            }
        }
        return new DataSet(x, y);
    }

    private static SimpleMatrix dense(SymmetricOperator operator) {
        int length = Math.toIntExact(operator.length());
        SimpleMatrix dense = new SimpleMatrix(length, length);
        for (int i = 0; i < length; i++) {
            INDArray unit = Nd4j.create(DataType.DOUBLE, length);
            unit.putScalar(i, 1);
            dense.setColumn(i, new SimpleMatrix(operator.times(unit).toDoubleVector()));
        }
        return dense;
    }

    /** The largest eigenvalue of P⁻¹F, as that of RᵀP⁻¹R with F = RRᵀ, within rows and columns of a range. */
    private static double largest(SimpleMatrix inverse, SimpleMatrix fisher, int from, int to) {
        SimpleEVD<SimpleMatrix> eigen =
                symmetric(fisher.extractMatrix(from, to, from, to)).eig();
        SimpleMatrix root = new SimpleMatrix(to - from, to - from);
        for (int i = 0; i < to - from; i++) {
            // F has no eigenvalue below zero but for rounding
            double value = Math.max(0, eigen.getEigenvalue(i).getReal());
            root.setColumn(i, eigen.getEigenVector(i).scale(Math.sqrt(value)));
        }
        SimpleMatrix product =
                root.transpose().mult(inverse.extractMatrix(from, to, from, to)).mult(root);
        return symmetric(product).eig().getEigenvalues().stream()
                .mapToDouble(value -> value.getReal())
                .max()
                .orElseThrow();
    }

    private static SimpleMatrix symmetric(SimpleMatrix matrix) {
        return matrix.plus(matrix.transpose()).divide(2);
    }

    @ParameterizedTest
    @EnumSource
    void thePreconditionedEigenvalueIsThatOfTheExplicitMatrices(Method method) {
        MultiLayerNetwork network = network(DataType.DOUBLE, new Nesterovs(0.1, 0.5), 4, 5, 3);
        NaturalGradient ngd = NaturalGradient.attach(
                network,
                method.builder().damping(DAMPING).stepScaling(StepScaling.NONE).build());
        MemorySink memory = new MemorySink();
        network.addListeners(FisherSpectrumListener.builder()
                .every(1)
                .tolerance(1e-12)
                .perLayer()
                .memory(memory)
                .build());
        for (int step = 0; step < 4; step++) {
            DataSet data = batch(DataType.DOUBLE, step, 8, 4, 3);
            SimpleMatrix fisher = dense(FisherMatrix.of(LinearizedNetwork.of(network))
                    .data(data.getFeatures())
                    .build());
            SimpleMatrix[] inverse = new SimpleMatrix[1];
            ((StepReporter) network.getUpdater()).observeNextStep(matrix -> inverse[0] = dense(matrix));
            network.fit(data);

            SpectrumReading reading = (SpectrumReading) memory.readings().get(step);
            if (method == Method.BLOCK_TRI_DIAGONAL) {
                // F masked to neighbours may have eigenvalues below −ρ
                assertThat(reading.verdict()).isEqualTo("unknown");
                continue;
            }
            double expected = largest(inverse[0], fisher, 0, fisher.getNumRows());
            double read = reading.stability().preconditioned().orElseThrow().lambdaMax();
            assertThat(read).isCloseTo(expected, within(1e-6 * expected));
            if (method == Method.EXACT && step == 0) {
                assertThat(read).isCloseTo(reading.lambdaMax() / (reading.lambdaMax() + DAMPING), within(1e-6));
            }
            assertThat(reading.boundary()).isCloseTo(1.5 / expected, within(1e-5 / expected));
            assertThat(reading.rate().value())
                    .isEqualTo(0.1 * ngd.lastDiagnostics().orElseThrow().step());
            int hidden = 4 * 5 + 5;
            double ofFirst = largest(inverse[0], fisher, 0, hidden);
            assertThat(reading.values()
                            .get("rate_over_boundary_of_"
                                    + reading.spectrum()
                                            .layers()
                                            .keySet()
                                            .iterator()
                                            .next()))
                    .isCloseTo(0.1 * ofFirst / 1.5, within(1e-6 * ofFirst));
            assertThat(reading.details())
                    .containsEntry("rule", "natural gradient")
                    .containsEntry("rule_text", "2(1+μ)/((1+2μ) λ_max((F̂+ρ)⁻¹F)), μ = 0.5")
                    .containsEntry("updater", "natural gradient, then Nesterovs(momentum 0.5)");
        }
    }

    /**
     * A linear network with squared error and all data in every step, whose factors are those of other data: fitted
     * steps pass the boundary of a kept step and converge, as long as the rate is within their own.
     */
    @ParameterizedTest
    @CsvSource({"0.97, true", "1.03, false"})
    void aFittedStepConvergesBelowItsBoundary(double ratio, boolean converges) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(2 * ratio))
                .list()
                .layer(new OutputLayer.Builder(LossFunction.MSE)
                        .nIn(5)
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build())
                .build());
        network.init();
        NaturalGradient.attach(
                network,
                Kfac.builder()
                        .factorInterval(1_000_000)
                        .inverseInterval(1_000_000)
                        .damping(1e-9)
                        .scalingDecay(0)
                        .scalingInterval(1)
                        .build());
        network.fit(batch(DataType.DOUBLE, 1, 30, 5, 2));
        DataSet data = batch(DataType.DOUBLE, 2, 30, 5, 2);
        data.getFeatures().getColumn(1).muli(3);
        MemorySink memory = new MemorySink();
        network.addListeners(
                FisherSpectrumListener.builder().every(1).memory(memory).build());
        data.setLabels(network.output(data.getFeatures()).dup());
        network.params().addi(0.01);
        for (int step = 0; step < 60; step++) {
            network.fit(data);
        }
        double[] losses = memory.series("loss");
        double[] kept = memory.series("rate_over_kept_step_boundary");
        assertThat(memory.series("rate_over_boundary")[0]).isCloseTo(ratio, within(1e-9));
        assertThat(Arrays.stream(kept).max().orElseThrow()).isGreaterThan(1.1);
        if (converges) {
            assertThat(losses[losses.length - 1]).isLessThan(0.2 * losses[0]);
        } else {
            assertThat(losses[losses.length - 1]).isGreaterThan(5 * losses[0]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void readingsDoNotChangeTraining(Method method) {
        INDArray[] trained = new INDArray[2];
        for (int watched = 0; watched < 2; watched++) {
            MultiLayerNetwork network = network(DataType.FLOAT, new Nesterovs(0.1, 0.9), 4, 5, 3);
            NaturalGradient.attach(network, method.builder().build());
            if (watched == 1) {
                network.addListeners(FisherSpectrumListener.builder()
                        .every(2)
                        .perLayer()
                        .memory(new MemorySink())
                        .build());
            }
            for (int step = 0; step < 10; step++) {
                network.fit(batch(DataType.FLOAT, step, 8, 4, 3));
            }
            trained[watched] = network.params().dup();
        }
        assertThat(trained[1]).isEqualTo(trained[0]);
    }

    @Test
    void anUpdaterThatRescalesBehindANaturalGradientHasNoBoundary() {
        MultiLayerNetwork network = network(DataType.FLOAT, new Adam(0.01), 4, 5, 3);
        NaturalGradient.attach(network, Kfac.defaults());
        MemorySink memory = new MemorySink();
        network.addListeners(
                FisherSpectrumListener.builder().every(1).memory(memory).build());
        network.fit(batch(DataType.FLOAT, 1, 32, 4, 3));
        assertThat(memory.readings().get(0).details())
                .containsEntry("rule", "none")
                .containsEntry("rule_text", "no boundary known for Adam behind a natural gradient");
    }

    /** K-FAC as a user attaches it, on a perceptron: its loss falls, and no reading warns. */
    @Test
    void anOrdinaryRunDoesNotWarn() {
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        Logger logger = (Logger) org.slf4j.LoggerFactory.getLogger(FisherSpectrumListener.class);
        logger.setLevel(Level.WARN);
        logger.addAppender(logged);
        MemorySink memory = new MemorySink();
        MultiLayerNetwork network = network(DataType.FLOAT, new Sgd(1), 20, 30, 5);
        NaturalGradient.attach(network, Kfac.defaults(), new Sgd(1));
        try (FisherSpectrumListener listener =
                FisherSpectrumListener.builder().every(5).memory(memory).build()) {
            network.addListeners(listener);
            for (int step = 0; step < 200; step++) {
                network.fit(batch(DataType.FLOAT, step, 64, 20, 5));
            }
        } finally {
            logger.detachAppender(logged);
        }
        double[] losses = memory.series("loss");
        assertThat(losses[losses.length - 1]).isLessThan(losses[0] / 2);
        assertThat(logged.list).isEmpty();
        assertThat(memory.series("preconditioned_lambda_max")).doesNotContain(Double.NaN);
        assertThat(memory.readings())
                .extracting(reading -> ((SpectrumReading) reading).verdict())
                .containsAnyOf("stable", "near")
                .doesNotContain("beyond", "unknown");
    }
}
