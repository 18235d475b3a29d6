package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Models.input;
import static io.github.dl4jngd.ngd.Models.labels;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.MultiLayerUpdater;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.optimize.listeners.ScoreIterationListener;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * What programs do with a model between epochs, in every order and pair: natural-gradient steps go on as if it had not
 * been done, or the step is refused.
 */
class BetweenEpochsTest {

    private static final double RATE = 0.1;

    private static final Map<String, Consumer<Model>> OPERATIONS = operations();

    private static Map<String, Consumer<Model>> operations() {
        Map<String, Consumer<Model>> operations = new LinkedHashMap<>();
        operations.put("setListeners", model -> model.setListeners(new ScoreIterationListener(100)));
        operations.put("setListeners with none", model -> model.setListeners());
        operations.put("setListeners with null", model -> model.setListeners((List<TrainingListener>) null));
        operations.put("addListeners", model -> model.addListeners(new ScoreIterationListener(100)));
        operations.put("setLearningRate", BetweenEpochsTest::setLearningRate);
        operations.put("setUpdater", BetweenEpochsTest::setUpdater);
        operations.put("setUpdater to null", BetweenEpochsTest::setNoUpdater);
        operations.put("clear", Model::clear);
        operations.put("evaluate", BetweenEpochsTest::evaluate);
        operations.put("save", BetweenEpochsTest::save);
        operations.put("toJson", BetweenEpochsTest::toJson);
        operations.put("clone", BetweenEpochsTest::copy);
        return operations;
    }

    private static void setLearningRate(Model model) {
        if (model instanceof MultiLayerNetwork network) {
            network.setLearningRate(RATE);
        } else {
            ((ComputationGraph) model).setLearningRate(RATE);
        }
    }

    private static void setUpdater(Model model) {
        if (model instanceof MultiLayerNetwork network) {
            network.setUpdater(
                    new MultiLayerUpdater(network, network.getUpdater().getStateViewArray()));
        } else {
            ComputationGraph graph = (ComputationGraph) model;
            graph.setUpdater(
                    new ComputationGraphUpdater(graph, graph.getUpdater().getStateViewArray()));
        }
    }

    private static void setNoUpdater(Model model) {
        if (model instanceof MultiLayerNetwork network) {
            network.setUpdater(null);
        } else {
            ((ComputationGraph) model).setUpdater(null);
        }
    }

    private static void evaluate(Model model) {
        DataSet data = new DataSet(input(7), labels(7));
        if (model instanceof MultiLayerNetwork network) {
            network.score(data);
            network.output(data.getFeatures());
        } else {
            ((ComputationGraph) model).score(data);
            ((ComputationGraph) model).output(data.getFeatures());
        }
    }

    private static void save(Model model) {
        try {
            ModelSerializer.writeModel(model, new ByteArrayOutputStream(), true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void toJson(Model model) {
        UpdaterSlot.of(model).json();
    }

    private static void copy(Model model) {
        Model copy = model instanceof MultiLayerNetwork network ? network.clone() : ((ComputationGraph) model).clone();
        assertThat(copy.params()).isEqualTo(model.params());
    }

    private static Model model(ModelClass models) {
        MultiLayerNetwork network = Models.softmax(settings -> settings.updater(new Sgd(RATE)));
        return models == ModelClass.COMPUTATION_GRAPH ? network.toComputationGraph() : network;
    }

    private static void fit(Model model, int batch) {
        ((NeuralNetwork) model).fit(new DataSet(input(batch), labels(batch)));
    }

    private static Kfac kfac(boolean marks, ReplacementPolicy policy) {
        return Kfac.builder().markModel(marks).onReplacement(policy).build();
    }

    @ParameterizedTest
    @CsvSource({
        "MULTI_LAYER_NETWORK, true",
        "MULTI_LAYER_NETWORK, false",
        "COMPUTATION_GRAPH, true",
        "COMPUTATION_GRAPH, false"
    })
    void naturalGradientStepsGoOn(ModelClass models, boolean marks) {
        Kfac kfac = kfac(marks, ReplacementPolicy.REATTACH);
        Model untouched = model(models);
        models.attach(untouched, kfac);
        for (int batch = 0; batch < 4; batch++) {
            fit(untouched, batch);
        }
        OPERATIONS.forEach((first, one) -> OPERATIONS.forEach((second, other) -> {
            String pair = first + ", " + second;
            Model model = model(models);
            NaturalGradient attached = models.attach(model, kfac);
            fit(model, 0);
            fit(model, 1);
            one.accept(model);
            other.accept(model);
            assertThat(attached.isAttached()).as(pair).isTrue();
            assertThat(NaturalGradient.of(model)).as(pair).contains(attached);
            fit(model, 2);
            other.accept(model);
            fit(model, 3);
            assertThat(attached.lastDiagnostics().orElseThrow().iteration())
                    .as(pair)
                    .isEqualTo(3);
            assertThat(model.params()).as(pair).isEqualTo(untouched.params());
            attached.detach();
            assertThat(UpdaterSlot.of(model).listeners().stream().filter(AttachmentGuard.class::isInstance))
                    .as(pair)
                    .isEmpty();
        }));
    }

    /** Where a replaced updater is to be refused, the step is a natural gradient's or none. */
    @ParameterizedTest
    @CsvSource({
        "MULTI_LAYER_NETWORK, true",
        "MULTI_LAYER_NETWORK, false",
        "COMPUTATION_GRAPH, true",
        "COMPUTATION_GRAPH, false"
    })
    void orTheStepIsRefused(ModelClass models, boolean marks) {
        Kfac kfac = kfac(marks, ReplacementPolicy.REFUSE);
        OPERATIONS.forEach((first, one) -> OPERATIONS.forEach((second, other) -> {
            Model model = model(models);
            NaturalGradient attached = models.attach(model, kfac);
            fit(model, 0);
            one.accept(model);
            other.accept(model);
            INDArray parameters = model.params().dup();
            boolean expected = attached.isAttached();
            try {
                fit(model, 1);
                assertThat(expected).as("%s, %s", first, second).isTrue();
                assertThat(attached.lastDiagnostics().orElseThrow().iteration()).isEqualTo(1);
            } catch (NaturalGradientException e) {
                assertThat(expected).as("%s, %s", first, second).isFalse();
                assertThat(e).hasMessageContaining("Iteration 1");
                assertThat(model.params()).isEqualTo(parameters);
            }
        }));
    }

    /** The first of the repeated warnings is logged, and then each time their number has doubled. */
    @Test
    void repeatedWarningsAreCounted() {
        Model model = model(ModelClass.MULTI_LAYER_NETWORK);
        NaturalGradient attached = ModelClass.MULTI_LAYER_NETWORK.attach(model, kfac(true, ReplacementPolicy.REATTACH));
        try (Logged logged = new Logged(NaturalGradient.class, Level.WARN)) {
            for (int epoch = 0; epoch < 10; epoch++) {
                setLearningRate(model);
                fit(model, epoch);
            }
            assertThat(logged.messages())
                    .hasSize(4)
                    .allSatisfy(message -> assertThat(message).contains("setLearningRate"))
                    .last()
                    .asString()
                    .contains("8 times");
        }
        assertThat(attached.reattachments()).isEqualTo(10);
    }

    /** A score asked for by a listener changes no list that DL4J is going through. */
    @ParameterizedTest
    @CsvSource({"MULTI_LAYER_NETWORK", "COMPUTATION_GRAPH"})
    void aListenerMayAskForAScoreBeforeTheFirstStep(ModelClass models) {
        Model model = model(models);
        NaturalGradient attached = models.attach(model, kfac(false, ReplacementPolicy.REATTACH));
        fit(model, 0);
        model.setListeners(new ScoringAtEpochs(), new ScoreIterationListener(100));
        setLearningRate(model);
        Training.EPOCHS.train(model, List.of(new DataSet(input(1), labels(1))));
        assertThat(attached.lastDiagnostics().orElseThrow().iteration()).isEqualTo(1);
    }

    private static final class ScoringAtEpochs extends BaseTrainingListener {
        @Override
        public void onEpochStart(Model model) {
            evaluate(model);
        }

        @Override
        public void onEpochEnd(Model model) {
            evaluate(model);
        }
    }

    /** A loop of one's own that calls the updater itself meets no listener. */
    @Test
    void aLoopOfOnesOwnIsRefused() {
        MultiLayerNetwork network = (MultiLayerNetwork) model(ModelClass.MULTI_LAYER_NETWORK);
        NaturalGradient attached = NaturalGradient.attach(network, kfac(false, ReplacementPolicy.REATTACH));
        network.setListeners();
        setUpdater(network);
        network.setInput(input(0));
        network.setLabels(labels(0));
        network.computeGradientAndScore();
        INDArray parameters = network.params().dup();
        assertThatThrownBy(() -> network.getUpdater()
                        .update(
                                network,
                                network.gradient(),
                                0,
                                0,
                                Models.SAMPLES,
                                org.deeplearning4j.nn.workspace.LayerWorkspaceMgr.noWorkspaces()))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("Train with fit");
        assertThat(network.params()).isEqualTo(parameters);
        attached.detach();
        fit(network, 0);
        assertThat(network.params()).isNotEqualTo(parameters);
    }
}
