package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Models.input;
import static io.github.dl4jngd.ngd.Models.labels;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.earlystopping.EarlyStoppingConfiguration;
import org.deeplearning4j.earlystopping.saver.InMemoryModelSaver;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.termination.MaxEpochsTerminationCondition;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingTrainer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.updater.MultiLayerUpdater;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.solvers.accumulation.encoding.threshold.FixedThresholdAlgorithm;
import org.deeplearning4j.parallelism.ParallelWrapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.slf4j.LoggerFactory;

/** What DL4J does with a model and its updater beside training: no step is ever an ordinary one unnoticed. */
class LifecycleTest {

    private static final double DAMPING = 0.05;
    private static final NaturalGradientConfiguration EXACT = Definition.damped(Method.EXACT, DAMPING);

    private static MultiLayerNetwork network() {
        return Models.softmax(settings -> settings.updater(new Nesterovs(0.1, 0.9)));
    }

    private static ComputationGraph graph() {
        return network().toComputationGraph();
    }

    private static void fit(Model model, int batch) {
        if (model instanceof MultiLayerNetwork network) {
            network.fit(input(batch), labels(batch));
        } else {
            ((ComputationGraph) model).fit(new INDArray[] {input(batch)}, new INDArray[] {labels(batch)});
        }
    }

    private static INDArray updaterState(Model model) {
        return model instanceof MultiLayerNetwork network
                ? network.getUpdater().getStateViewArray()
                : ((ComputationGraph) model).getUpdater().getStateViewArray();
    }

    private static MultiLayerNetwork bestOfEarlyStopping(MultiLayerNetwork network) {
        ExistingDataSetIterator data = new ExistingDataSetIterator(List.of(new DataSet(input(1), labels(1))));
        EarlyStoppingConfiguration<MultiLayerNetwork> configuration = new EarlyStoppingConfiguration.Builder<
                        MultiLayerNetwork>()
                .epochTerminationConditions(new MaxEpochsTerminationCondition(2))
                .scoreCalculator(new DataSetLossCalculator(data, true))
                .modelSaver(new InMemoryModelSaver<>())
                .build();
        MultiLayerNetwork best =
                new EarlyStoppingTrainer(configuration, network, data).fit().getBestModel();
        assertThat(network.getUpdater()).isInstanceOf(PreconditionedUpdater.class);
        return best;
    }

    private static MultiLayerNetwork tuned(MultiLayerNetwork network, Consumer<FineTuneConfiguration.Builder> options) {
        FineTuneConfiguration.Builder tuning = new FineTuneConfiguration.Builder().seed(3);
        options.accept(tuning);
        return new TransferLearning.Builder(network)
                .fineTuneConfiguration(tuning.build())
                .setFeatureExtractor(0)
                .build();
    }

    /** A copy of a model, of whatever type. */
    private interface Copy {
        Model of(MultiLayerNetwork network);
    }

    static Stream<Arguments> copies() {
        return Stream.of(
                copy("clone", MultiLayerNetwork::clone),
                copy("graph's clone", network -> attached(network.toComputationGraph())
                        .clone()),
                copy("early stopping's best model", LifecycleTest::bestOfEarlyStopping),
                copy("transfer learning", network -> tuned(network, tuning -> {})),
                copy("transfer learning with an updater", network -> tuned(network, t -> t.updater(new Adam(0.1)))),
                copy("transfer learning with L2", network -> tuned(network, t -> t.l2(0.01))),
                copy("graph's transfer learning", network -> new TransferLearning.GraphBuilder(
                                attached(network.toComputationGraph()))
                        .fineTuneConfiguration(
                                new FineTuneConfiguration.Builder().seed(3).build())
                        .build()),
                copy("convertDataType", network -> network.convertDataType(DataType.FLOAT)
                        .convertDataType(DataType.DOUBLE)),
                copy("graph's convertDataType", network -> attached(network.toComputationGraph())
                        .convertDataType(DataType.FLOAT)
                        .convertDataType(DataType.DOUBLE)),
                copy("toComputationGraph", MultiLayerNetwork::toComputationGraph));
    }

    private static Arguments copy(String name, Copy copy) {
        return Arguments.of(name, copy);
    }

    private static ComputationGraph attached(ComputationGraph graph) {
        NaturalGradient.unmark(graph);
        NaturalGradient.attach(graph, EXACT);
        return graph;
    }

    private static NaturalGradient attach(Model model, NaturalGradientConfiguration configuration) {
        return model instanceof MultiLayerNetwork network
                ? NaturalGradient.attach(network, configuration)
                : NaturalGradient.attach((ComputationGraph) model, configuration);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("copies")
    void aCopyTrainsOnlyWithANaturalGradientOrUnmarked(String name, Copy copy) {
        MultiLayerNetwork network = network();
        NaturalGradient.attach(network, EXACT);
        fit(network, 0);
        Model model = copy.of(network);
        INDArray parameters = model.params().dup();
        INDArray state = updaterState(model).dup();
        assertThatThrownBy(() -> fit(model, 1))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("exact")
                .hasMessageContaining("attach")
                .hasMessageContaining("unmark");
        assertThat(model.params()).isEqualTo(parameters);
        assertThat(updaterState(model)).isEqualTo(state);

        NaturalGradient own = attach(model, EXACT);
        fit(model, 1);
        assertThat(own.isAttached()).isTrue();
        assertThat(model.params()).isNotEqualTo(parameters);
        own.detach();
        INDArray trained = model.params().dup();
        fit(model, 2);
        assertThat(model.params()).isNotEqualTo(trained);
    }

    @Test
    void anUnmarkedCopyTrainsAsIfThereHadNeverBeenANaturalGradient() {
        MultiLayerNetwork network = network();
        NaturalGradient.attach(network, EXACT);
        fit(network, 0);
        assertThatThrownBy(() -> NaturalGradient.unmark(network)).isInstanceOf(IllegalStateException.class);
        MultiLayerNetwork copy = network.clone();
        NaturalGradient.unmark(copy);
        MultiLayerNetwork plain = network();
        plain.setParams(network.params());
        plain.getUpdater().getStateViewArray().assign(network.getUpdater().getStateViewArray());
        plain.setIterationCount(copy.getIterationCount());
        for (int batch = 1; batch < 4; batch++) {
            fit(copy, batch);
            fit(plain, batch);
        }
        assertThat(copy.params()).isEqualTo(plain.params());
        assertThat(copy.getLayerWiseConfigurations().getConf(0).toJson())
                .isEqualTo(plain.getLayerWiseConfigurations().getConf(0).toJson());
    }

    @Test
    void markingCanBeTurnedOff() {
        MultiLayerNetwork network = network();
        String before = network.getLayerWiseConfigurations().toJson();
        NaturalGradient ngd = NaturalGradient.attach(network, Definition.with(Method.EXACT, b -> b.markModel(false)));
        assertThat(network.getLayerWiseConfigurations().toJson()).isEqualTo(before);
        ngd.detach();
        NaturalGradient.attach(network, EXACT).detach();
        assertThat(network.getLayerWiseConfigurations().toJson()).isEqualTo(before);
        assertThat(network.getListeners()).isEmpty();
    }

    static Stream<Arguments> replacements() {
        return Stream.of(
                replacement("setLearningRate", LifecycleTest::network, model -> ((MultiLayerNetwork) model)
                        .setLearningRate(0.05)),
                replacement("clear", LifecycleTest::network, model -> ((MultiLayerNetwork) model).clear()),
                replacement("setUpdater", LifecycleTest::network, model -> {
                    MultiLayerNetwork network = (MultiLayerNetwork) model;
                    network.setUpdater(
                            new MultiLayerUpdater(network, network.getUpdater().getStateViewArray()));
                }),
                replacement("graph's setLearningRate", LifecycleTest::graph, model -> ((ComputationGraph) model)
                        .setLearningRate(0.05)),
                replacement("graph's setUpdater", LifecycleTest::graph, model -> {
                    ComputationGraph graph = (ComputationGraph) model;
                    graph.setUpdater(new ComputationGraphUpdater(
                            graph, graph.getUpdater().getStateViewArray()));
                }));
    }

    private static Arguments replacement(String name, Supplier<Model> model, Consumer<Model> operation) {
        return Arguments.of(name, model, operation);
    }

    /** Re-attached, it trains on as one that was detached before and attached after the operation. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("replacements")
    void aReplacedUpdaterIsReplacedAgain(String name, Supplier<Model> models, Consumer<Model> operation) {
        Model model = models.get();
        Model reference = models.get();
        NaturalGradient ngd = attach(model, EXACT);
        NaturalGradient first = attach(reference, EXACT);
        for (int batch = 0; batch < 3; batch++) {
            fit(model, batch);
            fit(reference, batch);
        }
        operation.accept(model);
        INDArray state = updaterState(reference).dup();
        first.detach();
        operation.accept(reference);
        updaterState(reference).assign(state);
        attach(reference, EXACT);
        for (int batch = 3; batch < 6; batch++) {
            fit(model, batch);
            fit(reference, batch);
        }
        assertThat(ngd.isAttached()).isTrue();
        assertThat(ngd.reattachments()).isLessThanOrEqualTo(1);
        assertThat(model.params()).isEqualTo(reference.params());
        assertThat(updaterState(model)).isEqualTo(updaterState(reference));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("replacements")
    void orTheStepIsRefused(String name, Supplier<Model> models, Consumer<Model> operation) {
        Model model = models.get();
        NaturalGradient ngd =
                attach(model, Definition.with(Method.EXACT, b -> b.onReplacement(ReplacementPolicy.REFUSE)));
        fit(model, 0);
        operation.accept(model);
        assertThat(ngd.isAttached()).isFalse();
        INDArray parameters = model.params().dup();
        assertThatThrownBy(() -> fit(model, 1))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("Iteration 1")
                .hasMessageContaining("onReplacement(REATTACH)");
        assertThat(model.params()).isEqualTo(parameters);
        ngd.detach();
        attach(model, EXACT);
        fit(model, 1);
        assertThat(model.params()).isNotEqualTo(parameters);
    }

    /** A graph's clear, other than a network's, keeps the updater. */
    @Test
    void aClearedGraphKeepsItsNaturalGradient() {
        ComputationGraph graph = graph();
        NaturalGradient ngd =
                attach(graph, Definition.with(Method.EXACT, b -> b.onReplacement(ReplacementPolicy.REFUSE)));
        fit(graph, 0);
        graph.clear();
        fit(graph, 1);
        assertThat(ngd.isAttached()).isTrue();
        assertThat(ngd.reattachments()).isZero();
    }

    /** Kronecker factors and counters survive. */
    @Test
    void whatWasLearntIsKept() {
        MultiLayerNetwork network = network();
        MultiLayerNetwork reference = network();
        Kfac kfac = Kfac.builder()
                .damping(DAMPING)
                .factorInterval(3)
                .inverseInterval(5)
                .build();
        NaturalGradient.attach(network, kfac);
        NaturalGradient.attach(reference, kfac);
        for (int batch = 0; batch < 20; batch++) {
            if (batch % 4 == 1) {
                network.setLearningRate(0.1);
            }
            fit(network, batch);
            fit(reference, batch);
        }
        assertThat(network.params()).isEqualTo(reference.params());
    }

    /** New layers alone are trained: nothing that is trained has a mark, so it is said when the model is made. */
    @Test
    void transferLearningThatFreezesEverythingWarns() throws InterruptedException {
        MultiLayerNetwork network = network();
        NaturalGradient.attach(network, EXACT);
        Thread.sleep(1100);
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        Logger logger = (Logger) LoggerFactory.getLogger(NaturalGradient.class);
        logger.setLevel(Level.WARN);
        logger.addAppender(logged);
        MultiLayerNetwork transferred;
        try {
            transferred = new TransferLearning.Builder(network)
                    .fineTuneConfiguration(
                            new FineTuneConfiguration.Builder().seed(3).build())
                    .setFeatureExtractor(1)
                    .removeOutputLayer()
                    .addLayer(Models.output(4, LossFunction.MCXENT, Activation.SOFTMAX))
                    .build();
        } finally {
            logger.detachAppender(logged);
            logger.setLevel(null);
        }
        assertThat(logged.list).extracting(ILoggingEvent::getFormattedMessage).anySatisfy(message -> assertThat(message)
                .contains("the new model has none"));
        fit(transferred, 1);
        NaturalGradient.unmark(transferred);
        assertThat(transferred.getLayerWiseConfigurations().toJson()).doesNotContain("NaturalGradientMark");
    }

    @Test
    void aForeignUpdaterIsNotReplaced() {
        MultiLayerNetwork network = network();
        NaturalGradient.attach(network, EXACT);
        MultiLayerUpdater foreign = new MultiLayerUpdater(network) {
            private static final long serialVersionUID = 1L;
        };
        network.setUpdater(foreign);
        assertThatThrownBy(() -> fit(network, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("detach");
        assertThat(network.getUpdater()).isSameAs(foreign);
    }

    @Test
    void aNewNaturalGradientSucceedsOneThatLostItsModel() {
        MultiLayerNetwork network = network();
        NaturalGradient first = NaturalGradient.attach(network, EXACT);
        network.setLearningRate(0.2);
        NaturalGradient second = NaturalGradient.attach(network, Definition.damped(Method.KFAC, DAMPING));
        fit(network, 0);
        assertThat(second.isAttached()).isTrue();
        assertThat(second.reattachments()).isZero();
        first.detach();
        assertThat(second.isAttached()).isTrue();
        assertThatThrownBy(() -> fit(network.clone(), 1)).isInstanceOf(NaturalGradientException.class);
    }

    /** By its definition a method has no averages over steps, which attaching would begin anew. */
    @ParameterizedTest
    @EnumSource(Method.class)
    void detachedAndAttachedAgainItTrainsOn(Method method) {
        NaturalGradientConfiguration configuration = Definition.damped(method, DAMPING);
        MultiLayerNetwork network = network();
        MultiLayerNetwork reference = network();
        NaturalGradient.attach(reference, configuration);
        for (int batch = 0; batch < 4; batch++) {
            NaturalGradient ngd = NaturalGradient.attach(network, configuration);
            fit(network, batch);
            fit(reference, batch);
            ngd.detach();
        }
        assertThat(network.params()).isEqualTo(reference.params());
    }

    /** Two models in two threads come out as one after the other. */
    @ParameterizedTest
    @EnumSource(Method.class)
    void twoThreadsTrainTwoModels(Method method) throws Exception {
        List<INDArray> expected = new ArrayList<>();
        for (int model = 0; model < 2; model++) {
            expected.add(trained(method, model));
        }
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<INDArray>> results = new ArrayList<>();
            for (int model = 0; model < 2; model++) {
                int offset = model;
                results.add(threads.submit(() -> trained(method, offset)));
            }
            for (int model = 0; model < 2; model++) {
                assertThat(results.get(model).get()).isEqualTo(expected.get(model));
            }
        } finally {
            threads.shutdown();
        }
    }

    private static INDArray trained(Method method, int offset) {
        MultiLayerNetwork network = Models.softmax(settings -> settings.updater(new Sgd(0.5)));
        try (NaturalGradient ngd = NaturalGradient.attach(network, Definition.damped(method, DAMPING))) {
            for (int batch = 0; batch < 10; batch++) {
                fit(network, 100 * offset + batch);
            }
            assertThat(ngd.isAttached()).isTrue();
        }
        return network.params().dup();
    }

    /**
     * Two workers, averaged after every step: the mean of two natural-gradient steps from the same parameters, and so
     * on.
     */
    @ParameterizedTest
    @EnumSource(Method.class)
    @Timeout(60)
    void parallelWrapperAverages(Method method) {
        MultiLayerNetwork network = network();
        MultiLayerNetwork[] workers = {network(), network()};
        NaturalGradient ngd = NaturalGradient.attach(network, Definition.damped(method, DAMPING));
        for (MultiLayerNetwork worker : workers) {
            NaturalGradient.attach(worker, Definition.damped(method, DAMPING));
        }
        parallel(network, ParallelWrapper.TrainingMode.AVERAGING, 8);
        for (int batch = 0; batch < 8; batch += 2) {
            fit(workers[0], batch);
            fit(workers[1], batch + 1);
            INDArray parameters = workers[0].params().add(workers[1].params()).divi(2);
            INDArray state =
                    updaterState(workers[0]).add(updaterState(workers[1])).divi(2);
            for (MultiLayerNetwork worker : workers) {
                worker.setParams(parameters);
                updaterState(worker).assign(state);
            }
        }
        assertThat(relativeError(network.params(), workers[0].params())).isLessThan(1e-12);
        assertThat(ngd.isAttached()).isTrue();
        INDArray before = network.params().dup();
        fit(network, 9);
        fit(workers[0], 9);
        assertThat(network.params()).isNotEqualTo(before);
        assertThat(relativeError(network.params(), workers[0].params())).isLessThan(1e-12);
        assertThat(ngd.isAttached()).isTrue();
    }

    /** Every worker's steps are natural gradients, and the loss falls. */
    @Test
    @Timeout(60)
    void parallelWrapperSharesGradients() {
        MultiLayerNetwork network = network();
        NaturalGradient ngd = NaturalGradient.attach(network, EXACT);
        double before = network.score(new DataSet(input(0), labels(0)));
        parallel(network, ParallelWrapper.TrainingMode.SHARED_GRADIENTS, 1);
        assertThat(network.score(new DataSet(input(0), labels(0)))).isLessThan(before);
        assertThat(ngd.isAttached()).isTrue();
        fit(network, 1);
        assertThat(ngd.lastDiagnostics()).isPresent();
    }

    /** Workers have copies of the model, made by JSON; without listeners they would train them as ordinary models. */
    @Test
    @Timeout(60)
    void parallelWrapperWithoutListeners() {
        MultiLayerNetwork network = network();
        NaturalGradient ngd = NaturalGradient.attach(network, EXACT);
        network.setListeners(List.of());
        ParallelWrapper wrapper = new ParallelWrapper.Builder<>(network)
                .workers(2)
                .averagingFrequency(1)
                .prefetchBuffer(0)
                .trainingMode(ParallelWrapper.TrainingMode.AVERAGING)
                .build();
        List<DataSet> data = IntStream.range(0, 8)
                .mapToObj(batch -> new DataSet(input(batch), labels(batch)))
                .toList();
        assertThatThrownBy(() -> wrapper.fit(new ExistingDataSetIterator(data)))
                .hasStackTraceContaining("mark of a natural gradient");
        ngd.detach();
    }

    /** Batches 0 … 7, of which every so many are distinct. */
    private static void parallel(MultiLayerNetwork network, ParallelWrapper.TrainingMode mode, int distinct) {
        List<DataSet> data = IntStream.range(0, 8)
                .mapToObj(batch -> new DataSet(input(batch % distinct), labels(batch % distinct)))
                .toList();
        TogetherAtFirst start = new TogetherAtFirst();
        network.addListeners(start);
        ParallelWrapper wrapper = new ParallelWrapper.Builder<>(network)
                .workers(2)
                .averagingFrequency(1)
                .prefetchBuffer(0)
                .trainingMode(mode)
                .thresholdAlgorithm(new FixedThresholdAlgorithm(1e-3))
                .build();
        wrapper.fit(new ExistingDataSetIterator(data));
        wrapper.stopFit();
        assertThat(start.together).hasSize(2);
    }

    /**
     * Holds both workers at their first forward pass. Deeplearning4j copies the model's parameters for the second
     * worker on that worker's thread, while the first, which trains the model itself, may have made a step already. It
     * must be a listener of the model before the wrapper is built: the wrapper gives each worker those and no others.
     */
    private static final class TogetherAtFirst extends BaseTrainingListener {
        private final Set<Thread> together = ConcurrentHashMap.newKeySet();
        private final CountDownLatch workers = new CountDownLatch(2);

        @Override
        public void onForwardPass(Model model, List<INDArray> activations) {
            if (together.add(Thread.currentThread())) {
                workers.countDown();
            }
            try {
                assertThat(workers.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Two models in one thread, in turns. */
    @Test
    void twoModelsInTurns() {
        MultiLayerNetwork left = network();
        MultiLayerNetwork right = network();
        MultiLayerNetwork alone = network();
        NaturalGradient.attach(left, EXACT);
        NaturalGradient.attach(right, Definition.damped(Method.UNIT_WISE, DAMPING));
        NaturalGradient.attach(alone, EXACT);
        for (int batch = 0; batch < 3; batch++) {
            fit(left, batch);
            fit(right, batch);
        }
        for (int batch = 0; batch < 3; batch++) {
            fit(alone, batch);
        }
        assertThat(left.params()).isEqualTo(alone.params()).isNotEqualTo(right.params());
    }
}
