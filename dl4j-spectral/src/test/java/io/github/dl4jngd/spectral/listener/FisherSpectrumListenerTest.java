package io.github.dl4jngd.spectral.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.assertj.core.data.Percentage.withPercentage;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.spectral.FisherMatrix;
import io.github.dl4jngd.spectral.MetricConvention;
import io.github.dl4jngd.spectral.Minibatch;
import io.github.dl4jngd.spectral.Spectrum;
import io.github.dl4jngd.spectral.sink.MemorySink;
import io.github.dl4jngd.spectral.sink.Reading;
import io.github.dl4jngd.spectral.sink.Sink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.earlystopping.EarlyStoppingConfiguration;
import org.deeplearning4j.earlystopping.saver.InMemoryModelSaver;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.termination.MaxEpochsTerminationCondition;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingTrainer;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.NoOpUpdater;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** What the listener reads, and that training does not notice it. */
class FisherSpectrumListenerTest {

    private static final int INPUTS = 6;
    private static final int CLASSES = 3;
    private static final int BATCH = 12;

    @TempDir
    private Path directory;

    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

    @BeforeEach
    void listen() {
        logged.start();
        logger().setLevel(Level.WARN);
        logger().addAppender(logged);
    }

    @AfterEach
    void leave() {
        logger().detachAppender(logged);
        logger().setLevel(null);
    }

    private static Logger logger() {
        return (Logger) org.slf4j.LoggerFactory.getLogger("io.github.dl4jngd.spectral");
    }

    private List<String> warnings() {
        return logged.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private static NeuralNetConfiguration.Builder base(IUpdater updater) {
        return new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .updater(updater);
    }

    private static MultiLayerNetwork perceptron(IUpdater updater, double dropOut) {
        MultiLayerNetwork network = new MultiLayerNetwork(base(updater)
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(INPUTS)
                        .nOut(8)
                        .activation(Activation.TANH)
                        .dropOut(dropOut)
                        .build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(8)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        return network;
    }

    private static ComputationGraph convolutional(IUpdater updater) {
        ComputationGraph graph = new ComputationGraph(base(updater)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(6, 6, 1))
                .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "in")
                .addLayer("bn", new BatchNormalization.Builder().build(), "conv")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "bn")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    private static DataSet batch(long seed, long... shape) {
        Random random = new Random(seed);
        INDArray x = Nd4j.create(DataType.DOUBLE, shape);
        for (long i = 0; i < x.length(); i++) {
            x.putScalar(i, random.nextGaussian());
        }
        INDArray y = Nd4j.create(DataType.DOUBLE, shape[0], CLASSES);
        for (long n = 0; n < shape[0]; n++) {
            y.putScalar(n, random.nextInt(CLASSES), 1);
        }
        return new DataSet(x, y);
    }

    private static List<DataSet> batches(int count) {
        List<DataSet> batches = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            batches.add(batch(i, BATCH, INPUTS));
        }
        return batches;
    }

    private static double dualLambdaMax(MultiLayerNetwork network, DataSet data, MetricConvention convention) {
        return FisherMatrix.of(LinearizedNetwork.of(network))
                .data(List.of(Minibatch.of(data)))
                .convention(convention)
                .build()
                .fullSpectrum()
                .largest();
    }

    private static FisherSpectrumListener listener(
            MemorySink memory, UnaryOperator<FisherSpectrumListener.Builder> more) {
        return more.apply(FisherSpectrumListener.builder()
                        .every(1)
                        .tolerance(1e-8)
                        .memory(memory))
                .build();
    }

    @Test
    void readsTheParametersBeforeTheStepOnTheMinibatchOfTheStep() {
        MultiLayerNetwork network = perceptron(new Sgd(0.3), 0);
        MemorySink memory = new MemorySink();
        network.addListeners(listener(memory, b -> b.top(3).perLayer().trace()));
        List<Double> expected = new ArrayList<>();
        for (DataSet minibatch : batches(4)) {
            expected.add(dualLambdaMax(network, minibatch, MetricConvention.LOSS));
            network.fit(minibatch);
        }
        assertThat(memory.readings()).extracting(Reading::iteration).containsExactly(0, 1, 2, 3);
        for (int i = 0; i < expected.size(); i++) {
            SpectrumReading reading = (SpectrumReading) memory.readings().get(i);
            assertThat(reading.lambdaMax()).isCloseTo(expected.get(i), withPercentage(1e-4));
            assertThat(reading.boundary()).isCloseTo(2 / expected.get(i), withPercentage(1e-4));
            assertThat(reading.rate().learningRate()).isEqualTo(0.3);
            assertThat(reading.rate().step()).isNaN();
            assertThat(reading.ratio()).isCloseTo(0.3 * expected.get(i) / 2, withPercentage(1e-4));
            List<Double> top = reading.spectrum().eigenvalues().values();
            assertThat(top).hasSize(3).isSortedAccordingTo(Collections.reverseOrder());
            List<Double> blocks = reading.spectrum().layers().values().stream()
                    .map(Spectrum::lambdaMax)
                    .toList();
            assertThat(blocks).hasSize(2);
            // a block's largest eigenvalue is not above the matrix's, and the blocks' sum not below it
            assertThat(Collections.max(blocks)).isLessThanOrEqualTo(reading.lambdaMax());
            assertThat(blocks.stream().mapToDouble(Double::doubleValue).sum())
                    .isGreaterThanOrEqualTo(reading.lambdaMax());
            assertThat(reading.spectrum().trace().orElseThrow().value())
                    .isGreaterThanOrEqualTo(
                            top.stream().mapToDouble(Double::doubleValue).sum());
        }
    }

    @Test
    void readsOnProbeDataInBatchesAndWithH() {
        List<DataSet> probe = batches(3);
        MultiLayerNetwork network = perceptron(new Sgd(0.1), 0);
        double expected = dualLambdaMax(network, DataSet.merge(probe), MetricConvention.IDENTITY);
        MemorySink memory = new MemorySink();
        network.addListeners(
                listener(memory, b -> b.probe(probe.toArray(DataSet[]::new)).convention(MetricConvention.IDENTITY)));
        // the listener has its own copy
        probe.forEach(data -> data.getFeatures().muli(0));
        network.fit(batch(9, 5, INPUTS));
        assertThat(memory.series("lambda_max")[0]).isCloseTo(expected, withPercentage(1e-4));
        assertThat(((SpectrumReading) memory.readings().get(0)).spectrum().matrix())
                .contains("H = I", "36 samples");
    }

    @Test
    void warmStartsTakeFewProducts() {
        MultiLayerNetwork network = perceptron(new Sgd(1e-3), 0);
        MemorySink memory = new MemorySink();
        network.addListeners(listener(memory, b -> b.tolerance(1e-3)));
        DataSet data = batch(1, BATCH, INPUTS);
        for (int i = 0; i < 5; i++) {
            network.fit(data);
        }
        double[] products = memory.series("products");
        assertThat(products[4]).isLessThan(products[0]);
    }

    /** Updaters of DL4J with state and without. */
    enum Updaters {
        SGD(new Sgd(0.1)),
        NESTEROVS(new Nesterovs(0.1, 0.9)),
        ADAM(new Adam(0.01)),
        AMS_GRAD(new AMSGrad(0.01)),
        ADA_MAX(new AdaMax(0.01)),
        NADAM(new Nadam(0.01)),
        ADA_GRAD(new AdaGrad(0.01)),
        RMS_PROP(new RmsProp(0.01)),
        ADA_DELTA(new AdaDelta()),
        NO_OP(new NoOp());

        @SuppressWarnings("ImmutableEnumChecker")
        private final IUpdater updater;

        Updaters(IUpdater updater) {
            this.updater = updater;
        }
    }

    @ParameterizedTest
    @EnumSource
    void trainingIsBitForBitTheSame(Updaters updaters) {
        // drop-out draws from ND4J's generator; the model's seed has set it
        // more than λ_max has nothing to do with the updater
        boolean all = EnumSet.range(Updaters.SGD, Updaters.ADAM).contains(updaters);
        int epochs = all ? 3 : 1;
        MultiLayerNetwork plain = perceptron(updaters.updater.clone(), 0.6);
        plain.fit(new ExistingDataSetIterator(batches(5)), epochs);
        MultiLayerNetwork watched = perceptron(updaters.updater.clone(), 0.6);
        MemorySink memory = new MemorySink();
        watched.addListeners(
                listener(memory, b -> all ? b.top(2).perLayer().trace().density(1) : b));
        watched.fit(new ExistingDataSetIterator(batches(5)), epochs);
        assertThat(memory.readings()).hasSize(5 * epochs);
        assertThat(Arrays.stream(memory.series("rate_over_boundary"))).allMatch(ratio -> ratio > 0);
        assertThat(watched.params()).isEqualTo(plain.params());
        assertThat(watched.getUpdater().getStateViewArray())
                .isEqualTo(plain.getUpdater().getStateViewArray());
    }

    @Test
    void graphsWithBatchNormalisationTrainBitForBitTheSame() {
        ComputationGraph plain = convolutional(new Nesterovs(0.1, 0.9));
        ComputationGraph watched = convolutional(new Nesterovs(0.1, 0.9));
        MemorySink memory = new MemorySink();
        watched.addListeners(listener(memory, b -> b.perLayer().trace().density(1)));
        for (int i = 0; i < 6; i++) {
            plain.fit(batch(i, BATCH, 1, 6, 6));
            watched.fit(batch(i, BATCH, 1, 6, 6));
        }
        assertThat(memory.readings()).hasSize(6);
        assertThat(watched.params()).isEqualTo(plain.params());
    }

    @Test
    void schedulesAreFollowedAndCrossingsToldOnceEach() {
        MultiLayerNetwork probe = perceptron(new Sgd(0.1), 0);
        DataSet data = batch(1, BATCH, INPUTS);
        double boundary = 2 / dualLambdaMax(probe, data, MetricConvention.LOSS);
        // beyond the boundary for iterations 2 to 9
        IUpdater updater = new Sgd(new MapSchedule.Builder(ScheduleType.ITERATION)
                .add(0, 1e-6)
                .add(2, 1.5 * boundary)
                .add(10, 1e-6)
                .build());
        MultiLayerNetwork network = perceptron(updater, 0);
        for (int i = 0; i < network.getnLayers(); i++) {
            // so that the parameters, and with them λ_max, stay where they are
            BaseLayer layer = (BaseLayer) network.getLayer(i).conf().getLayer();
            layer.setGradientNormalization(GradientNormalization.ClipL2PerLayer);
            layer.setGradientNormalizationThreshold(1e-12);
        }
        MemorySink memory = new MemorySink();
        network.addListeners(listener(memory, b -> b));
        for (int i = 0; i < 3; i++) {
            network.fit(data);
        }
        assertThat(memory.series("learning_rate"))
                .containsExactly(new double[] {1e-6, 1e-6, 1.5 * boundary}, offset(0.0));
        assertThat(memory.series("rate_over_boundary")[2]).isCloseTo(1.5, offset(1e-3));
        assertThat(warnings()).as("one reading of three is not enough").isEmpty();
        for (int i = 3; i < 10; i++) {
            network.fit(data);
        }
        assertThat(warnings())
                .hasSize(1)
                .first()
                .asString()
                .contains("iteration 7", "beyond 2/λ_max", "6 of the last 8 readings");
        for (int i = 10; i < 20; i++) {
            network.fit(data);
        }
        assertThat(warnings())
                .hasSize(2)
                .last()
                .asString()
                .contains("iteration 16", "back within 2/λ_max", "3 of the last 10 readings");
        assertThat(((SpectrumReading) memory.readings().get(9)).details())
                .containsEntry("verdict", "beyond")
                .containsEntry("beyond_lately", Map.of("beyond", 8, "of", 10));
        assertThat(((SpectrumReading) memory.readings().get(0)).verdict()).isEqualTo("stable");
    }

    @Test
    void everyNthIterationOrEpoch() {
        MemorySink iterations = new MemorySink();
        MemorySink epochs = new MemorySink();
        MultiLayerNetwork network = perceptron(new Sgd(0.1), 0);
        network.addListeners(
                FisherSpectrumListener.builder().every(4).memory(iterations).build(),
                FisherSpectrumListener.builder().everyEpochs(2).memory(epochs).build());
        network.fit(new ExistingDataSetIterator(batches(3)), 5);
        assertThat(iterations.readings()).extracting(Reading::iteration).containsExactly(0, 4, 8, 12);
        assertThat(epochs.readings()).extracting(Reading::iteration).containsExactly(0, 6, 12);
        assertThat(epochs.readings()).extracting(Reading::epoch).containsExactly(0, 2, 4);
    }

    /** As a {@code ParallelWrapper} does it: several models, each on a thread of its own, with one listener. */
    @Test
    void readingsOfSeveralModelsSayWhoseTheyAre() throws Exception {
        MemorySink memory = new MemorySink();
        FisherSpectrumListener listener =
                FisherSpectrumListener.builder().every(1).memory(memory).build();
        List<Thread> workers = new ArrayList<>();
        for (int worker = 0; worker < 2; worker++) {
            MultiLayerNetwork network = perceptron(new Sgd(0.1), 0);
            network.setListeners(listener);
            workers.add(new Thread(() -> batches(6).forEach(network::fit)));
        }
        workers.forEach(Thread::start);
        for (Thread worker : workers) {
            worker.join();
        }
        for (int model = 0; model < 2; model++) {
            int number = model;
            assertThat(memory.readings())
                    .filteredOn(reading -> reading.model() == number)
                    .extracting(Reading::iteration)
                    .containsExactly(0, 1, 2, 3, 4, 5);
        }
        assertThat(memory.readings()).hasSize(12);
        assertThat(listener.failures()).isZero();
    }

    @Test
    void failuresAreToldAndTrainingGoesOn() {
        MultiLayerNetwork network = perceptron(new Sgd(0.1), 0);
        MultiLayerNetwork plain = perceptron(new Sgd(0.1), 0);
        MemorySink memory = new MemorySink();
        FisherSpectrumListener listener = listener(memory, b -> b.probe(batch(1, BATCH, INPUTS + 1)));
        network.addListeners(listener);
        batches(3).forEach(network::fit);
        batches(3).forEach(plain::fit);
        assertThat(listener.failures()).isEqualTo(3);
        assertThat(memory.readings()).isEmpty();
        assertThat(warnings())
                .as("the first, the second, the fourth …")
                .hasSize(2)
                .first()
                .asString()
                .contains("training goes on");
        assertThat(network.params()).isEqualTo(plain.params());
    }

    @Test
    void misuseIsNamed() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> FisherSpectrumListener.builder().probe(List.of()))
                .withMessageContaining("at least one minibatch");
        DataSet masked = batch(1, BATCH, INPUTS);
        masked.setFeaturesMaskArray(Nd4j.ones(DataType.DOUBLE, BATCH, 1));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> FisherSpectrumListener.builder().probe(masked))
                .withMessageContaining("mask");
    }

    @Test
    void anUpdaterOfOnesOwnHasNoRatio() {
        MultiLayerNetwork network = perceptron(new OfOnesOwn(), 0);
        MemorySink memory = new MemorySink();
        network.addListeners(listener(memory, b -> b));
        network.fit(batch(1, BATCH, INPUTS));
        assertThat(memory.series("learning_rate")[0]).isNaN();
        assertThat(memory.series("rate_over_boundary")[0]).isNaN();
        assertThat(memory.series("lambda_max")[0]).isPositive();
        assertThat(memory.readings().get(0).details())
                .containsEntry("rule", "none")
                .containsEntry("rule_text", "no boundary known for OfOnesOwn");
        assertThat(warnings()).isEmpty();
    }

    /** An updater that the library does not know. */
    @SuppressWarnings("serial")
    private static final class OfOnesOwn implements IUpdater {

        @Override
        public long stateSize(long numParams) {
            return 0;
        }

        @Override
        public GradientUpdater<?> instantiate(INDArray viewArray, boolean initializeViewArray) {
            return new NoOpUpdater(new NoOp());
        }

        @Override
        public GradientUpdater<?> instantiate(Map<String, INDArray> updaterState, boolean initializeStateArrays) {
            return new NoOpUpdater(new NoOp());
        }

        @Override
        @SuppressWarnings("MissingOverride")
        public OfOnesOwn clone() {
            return new OfOnesOwn();
        }

        @Override
        public double getLearningRate(int iteration, int epoch) {
            return Double.NaN;
        }

        @Override
        public boolean hasLearningRate() {
            return false;
        }

        @Override
        public void setLrAndSchedule(double lr, ISchedule lrSchedule) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void theLossOfTheStepAndTheShareOfTimeAreInEveryReading() {
        MultiLayerNetwork network = perceptron(new Sgd(0.1), 0);
        MemorySink memory = new MemorySink();
        FisherSpectrumListener listener = listener(memory, b -> b);
        network.addListeners(listener);
        List<Double> losses = new ArrayList<>();
        for (DataSet data : batches(4)) {
            network.fit(data);
            losses.add(network.score());
        }
        assertThat(memory.series("loss"))
                .containsExactly(
                        losses.stream().mapToDouble(Double::doubleValue).toArray());
        assertThat(Arrays.stream(memory.series("reading_share"))).allMatch(share -> share > 0 && share <= 1);
    }

    @Test
    void anotherModelIsReadFromItsBeginning() {
        MemorySink memory = new MemorySink();
        FisherSpectrumListener listener =
                FisherSpectrumListener.builder().everyEpochs(1).memory(memory).build();
        for (int i = 0; i < 2; i++) {
            MultiLayerNetwork network = perceptron(new Sgd(0.1), 0);
            network.addListeners(listener);
            network.fit(batch(1, BATCH, INPUTS));
        }
        assertThat(memory.readings()).hasSize(2);
        assertThat(memory.series("lambda_max")[0]).isCloseTo(memory.series("lambda_max")[1], withPercentage(0.1));
    }

    @Test
    void errorsInASinkDoNotStopTraining() {
        MultiLayerNetwork network = perceptron(new Sgd(0.1), 0);
        network.addListeners(listener(
                new MemorySink(),
                b -> b.sink(reading -> {
                    throw new InternalError("no fonts");
                })));
        batches(2).forEach(network::fit);
        assertThat(network.getIterationCount()).isEqualTo(2);
        assertThat(warnings()).hasSize(1);
    }

    @Test
    void aFailingSinkDoesNotStopTraining() {
        MultiLayerNetwork network = perceptron(new Sgd(0.1), 0);
        MemorySink memory = new MemorySink();
        Sink full = reading -> {
            throw new IOException("No space left on device");
        };
        network.addListeners(listener(memory, b -> b.sink(full)));
        batches(2).forEach(network::fit);
        assertThat(network.getIterationCount()).isEqualTo(2);
        assertThat(memory.readings()).hasSize(2);
        assertThat(warnings()).hasSize(1);
    }

    @Test
    void unsupportedModelsTrainOnWithAWarning() {
        MultiLayerNetwork network = new MultiLayerNetwork(base(new Sgd(0.1))
                .list()
                .layer(new LSTM.Builder().nIn(2).nOut(3).build())
                .layer(new RnnOutputLayer.Builder(LossFunction.MSE)
                        .activation(Activation.IDENTITY)
                        .nIn(3)
                        .nOut(1)
                        .build())
                .build());
        network.init();
        network.addListeners(FisherSpectrumListener.builder().every(1).build());
        network.fit(new DataSet(Nd4j.ones(DataType.DOUBLE, 2, 2, 4), Nd4j.ones(DataType.DOUBLE, 2, 1, 4)));
        assertThat(network.getIterationCount()).isEqualTo(1);
        assertThat(warnings()).isNotEmpty();
    }

    @Test
    void sumsOverTheMinibatchCountAsSuch() {
        MultiLayerNetwork network = new MultiLayerNetwork(base(new Sgd(0.01))
                .miniBatch(false)
                .list()
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(INPUTS)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        MemorySink memory = new MemorySink();
        network.addListeners(listener(memory, b -> b));
        network.fit(batch(1, BATCH, INPUTS));
        assertThat(memory.series("rate")[0]).isCloseTo(0.01 * BATCH, offset(1e-12));
    }

    @Test
    void worksWithEarlyStopping() {
        MultiLayerNetwork network = perceptron(new Adam(0.01), 0);
        MemorySink memory = new MemorySink();
        network.addListeners(listener(memory, b -> b));
        EarlyStoppingConfiguration<MultiLayerNetwork> configuration = new EarlyStoppingConfiguration.Builder<
                        MultiLayerNetwork>()
                .epochTerminationConditions(new MaxEpochsTerminationCondition(2))
                .scoreCalculator(new DataSetLossCalculator(new ExistingDataSetIterator(batches(1)), true))
                .modelSaver(new InMemoryModelSaver<>())
                .build();
        new EarlyStoppingTrainer(configuration, network, new ExistingDataSetIterator(batches(3))).fit();
        assertThat(memory.readings()).hasSize(6);
    }

    @Test
    void writesFilesThatCanBeReadWhileTrainingGoesOn() throws IOException {
        Path csv = directory.resolve("s.csv");
        Path json = directory.resolve("s.jsonl");
        Path png = directory.resolve("s.png");
        MultiLayerNetwork network = perceptron(new Sgd(0.1), 0);
        try (FisherSpectrumListener listener = FisherSpectrumListener.builder()
                .every(1)
                .perLayer()
                .top(2)
                .trace()
                .density(2)
                .csv(csv)
                .jsonLines(json)
                .png(png)
                .build()) {
            network.addListeners(listener);
            batches(2).forEach(network::fit);
            assertThat(Files.readAllLines(csv)).hasSize(3);
            assertThat(Files.readAllLines(csv).get(0))
                    .startsWith("iteration,epoch,lambda_max,two_over_lambda_max,learning_rate");
            assertThat(Files.readAllLines(json)).hasSize(2).first().asString().contains("\"density\"", "true Fisher");
            assertThat(png).isNotEmptyFile();
            assertThat(listener.timeSpent()).isPositive();
        }
    }

    @Test
    void goesOnWithTheCsvFileOfAnEarlierRun() throws IOException {
        Path csv = directory.resolve("s.csv");
        for (int from : new int[] {0, 1}) {
            MultiLayerNetwork network = perceptron(new Sgd(0.1), 0);
            network.setIterationCount(from);
            try (FisherSpectrumListener listener = FisherSpectrumListener.builder()
                    .every(1)
                    .appendCsv(csv, from)
                    .build()) {
                network.addListeners(listener);
                batches(2).forEach(network::fit);
            }
        }
        assertThat(Files.readAllLines(csv))
                .extracting(line -> line.substring(0, line.indexOf(',')))
                .containsExactly("iteration", "0", "1", "2");

        Files.writeString(csv, "something else\n");
        assertThatThrownBy(() -> FisherSpectrumListener.builder().appendCsv(csv, 0))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("s.csv cannot be continued: its header should begin with iteration,epoch");
        assertThat(csv).hasContent("something else\n");
    }

    /** Every write to this device fails for want of space. */
    @Test
    void aFullDiskHarmsNeitherTrainingNorTheOtherSinks() throws IOException {
        Path full = Path.of("/dev/full");
        assumeThat(full).exists();
        Path sound = directory.resolve("readings.csv");
        INDArray[] trained = new INDArray[2];
        for (int watched = 0; watched < 2; watched++) {
            MultiLayerNetwork network = perceptron(new Adam(0.01), 1);
            if (watched == 1) {
                network.addListeners(FisherSpectrumListener.builder()
                        .every(1)
                        .csv(full)
                        .jsonLines(full)
                        .csv(sound)
                        .build());
            }
            for (int step = 0; step < 3; step++) {
                network.fit(batch(step, BATCH, INPUTS));
            }
            trained[watched] = network.params().dup();
        }
        assertThat(trained[1]).isEqualTo(trained[0]);
        assertThat(Files.readAllLines(sound)).hasSize(4);
        assertThat(warnings())
                .filteredOn(warning -> warning.contains("gets nothing further"))
                .hasSize(2);
    }
}
