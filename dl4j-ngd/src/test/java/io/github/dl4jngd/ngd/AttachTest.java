package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Models.input;
import static io.github.dl4jngd.ngd.Models.labels;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
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
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.RampSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** What attaching asks for, says and changes: slips by name, and the updater that a model comes with. */
class AttachTest {

    private static final NaturalGradientConfiguration KFAC = Definition.damped(Method.KFAC, 0.05);

    private static MultiLayerConfiguration configuration(Consumer<NeuralNetConfiguration.Builder> settings) {
        return Models.softmax(settings).getLayerWiseConfigurations();
    }

    private static MultiLayerNetwork network(IUpdater updater) {
        return Models.softmax(settings -> settings.updater(updater));
    }

    private static ComputationGraph uninitialisedGraph() {
        return new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("out", Models.output(Models.IN, LossFunction.MSE, Activation.IDENTITY), "in")
                .setOutputs("out")
                .build());
    }

    @Test
    void initForgotten() {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration(settings -> {}));
        ComputationGraph graph = uninitialisedGraph();
        for (NaturalGradientConfiguration each : List.of(Kfac.defaults(), ExactNaturalGradient.defaults())) {
            assertThatThrownBy(() -> NaturalGradient.attach(network, each)).hasMessageContaining("call init() first");
            assertThatThrownBy(() -> NaturalGradient.attach(graph, each)).hasMessageContaining("call init() first");
        }
        assertThatThrownBy(() -> NaturalGradient.attach(network, KFAC, new Sgd(1)))
                .hasMessageContaining("call init() first");
        assertThatThrownBy(() -> NaturalGradient.attach(graph, KFAC, new Sgd(1)))
                .hasMessageContaining("call init() first");
        network.init();
        NaturalGradient.attach(network, KFAC).detach();
    }

    @Test
    void nullByName() {
        MultiLayerNetwork network = network(new Sgd(1));
        ComputationGraph graph = network.toComputationGraph();
        assertThatThrownBy(() -> NaturalGradient.attach((MultiLayerNetwork) null, KFAC))
                .hasMessage("model");
        assertThatThrownBy(() -> NaturalGradient.attach((ComputationGraph) null, KFAC))
                .hasMessage("model");
        assertThatThrownBy(() -> NaturalGradient.attach(network, null)).hasMessage("configuration");
        assertThatThrownBy(() -> NaturalGradient.attach(graph, null)).hasMessage("configuration");
        assertThatThrownBy(() -> NaturalGradient.attach(network, KFAC, null)).hasMessage("updater");
        assertThatThrownBy(() -> NaturalGradient.attach(graph, KFAC, null)).hasMessage("updater");
        assertThatThrownBy(() -> NaturalGradient.of(null)).hasMessage("model");
        assertThatThrownBy(() -> NaturalGradient.unmark(null)).hasMessage("model");
        assertThatThrownBy(() -> NaturalGradient.restore(null)).hasMessage("file");
        assertThatThrownBy(() -> NaturalGradient.restore(null, network)).hasMessage("file");
        assertThat(NaturalGradient.of(network)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(ModelClass.class)
    void anotherUpdaterForAsLongAsItIsAttached(ModelClass models) {
        Model model = trained(models, new Adam(0.05));
        Model plain = trained(models, new Adam(0.05));
        INDArray state = updater(model).getStateViewArray().dup();

        NaturalGradient attached = attach(model, new Sgd(1.0));
        assertThat(attached.registration().updater()).isEqualTo("Sgd, rate 1");
        assertThat(attached.registration().toString()).contains("updater: Sgd, rate 1\n");
        assertThat(attached.registration().warnings()).isEmpty();
        assertThat(updater(model).getStateViewArray()).as("Sgd's state").isNull();
        Model reference = trained(models, new Sgd(1.0));
        reference.setParams(model.params());
        NaturalGradient.of(reference).ifPresent(NaturalGradient::detach);
        models.attach(reference, KFAC);
        fit(model, 3);
        fit(reference, 3);
        assertThat(model.params()).as("as a model that always had it").isEqualTo(reference.params());

        attached.detach();
        assertThat(updater(model).getStateViewArray()).isEqualTo(state);
        plain.setParams(model.params());
        setIteration(plain, 4);
        fit(model, 4);
        fit(plain, 4);
        assertThat(model.params()).as("Adam goes on where it was").isEqualTo(plain.params());
        assertThat(updater(model).getStateViewArray())
                .isEqualTo(updater(plain).getStateViewArray())
                .isNotEqualTo(state);
    }

    private static Model trained(ModelClass models, IUpdater updater) {
        MultiLayerNetwork network = network(updater);
        Model model = models == ModelClass.COMPUTATION_GRAPH ? network.toComputationGraph() : network;
        for (int batch = 0; batch < 3; batch++) {
            fit(model, batch);
        }
        return model;
    }

    private static NaturalGradient attach(Model model, IUpdater updater) {
        return model instanceof MultiLayerNetwork network
                ? NaturalGradient.attach(network, KFAC, updater)
                : NaturalGradient.attach((ComputationGraph) model, KFAC, updater);
    }

    private static BaseMultiLayerUpdater<?> updater(Model model) {
        return UpdaterSlot.of(model).updater();
    }

    private static void setIteration(Model model, int iteration) {
        UpdaterSlot.of(model).setCounts(iteration, 0);
    }

    private static void fit(Model model, int batch) {
        if (model instanceof MultiLayerNetwork network) {
            network.fit(input(batch), labels(batch));
        } else {
            ((ComputationGraph) model).fit(new INDArray[] {input(batch)}, new INDArray[] {labels(batch)});
        }
    }

    /** Biases may have an updater of their own, and layers different ones. */
    @Test
    void updatersOfBiasesAndOfSingleLayersComeBack() {
        MultiLayerNetwork network = Models.softmax(
                settings -> settings.updater(new Nesterovs(0.1, 0.9)).biasUpdater(new Adam(1e-3)));
        ((BaseLayer) network.getLayer(1).conf().getLayer()).setIUpdater(new RmsProp(0.02));
        network.setUpdater(null);
        String before = network.getLayerWiseConfigurations().toJson();
        fit(network, 0);
        INDArray state = updater(network).getStateViewArray().dup();
        NaturalGradient attached = NaturalGradient.attach(network, KFAC, new Sgd(0.5));
        assertThat(attached.registration().updater()).isEqualTo("Sgd, rate 0.5");
        fit(network, 1);
        network.setLearningRate(0.25);
        fit(network, 2);
        attached.detach();
        network.getLayerWiseConfigurations().setIterationCount(0);
        assertThat(network.getLayerWiseConfigurations().toJson()).isEqualTo(before);
        assertThat(updater(network).getStateViewArray()).isEqualTo(state);
        assertThat(NaturalGradient.attach(network, KFAC).registration().updater())
                .isEqualTo("Nesterovs, rate 0.1, momentum 0.9; Adam, rate 0.001; RmsProp, rate 0.02");
    }

    /** A model that is cleared, or whose updater is set, loses the natural gradient's; the former is not lost. */
    @ParameterizedTest
    @EnumSource(ModelClass.class)
    void theFormerUpdaterComesBackWhereDl4jPutInAnother(ModelClass models) {
        Model model = trained(models, new Adam(0.05));
        INDArray state = updater(model).getStateViewArray().dup();
        NaturalGradient attached = attach(model, new Sgd(1.0));
        fit(model, 3);
        UpdaterSlot.of(model).restoreUpdater(null);
        attached.detach();
        assertThat(updater(model).getStateViewArray()).isEqualTo(state);
    }

    @Test
    void whatIsRefusedKeepsItsUpdater() {
        MultiLayerNetwork network = Models.of(
                settings -> settings.updater(new Adam(0.05)),
                Models.dense(Models.IN, 5),
                Models.output(5, LossFunction.MSE, Activation.RRELU));
        BaseMultiLayerUpdater<?> before = updater(network);
        assertThatThrownBy(() -> NaturalGradient.attach(network, KFAC, new Sgd(1)));
        assertThat(updater(network)).isSameAs(before);
        assertThat(((BaseLayer) network.getLayer(0).conf().getLayer()).getIUpdater())
                .isEqualTo(new Adam(0.05));
        MultiLayerNetwork attached = network(new Adam(0.05));
        NaturalGradient.attach(attached, KFAC);
        assertThatThrownBy(() -> NaturalGradient.attach(attached, KFAC, new Sgd(1)))
                .hasMessageContaining("detach it first");
        assertThat(((BaseLayer) attached.getLayer(0).conf().getLayer()).getIUpdater())
                .isEqualTo(new Adam(0.05));
    }

    static Stream<Arguments> updaters() {
        return Stream.of(
                Arguments.of(new Sgd(1.0), "Sgd, rate 1", ""),
                Arguments.of(new Sgd(0.1), "Sgd, rate 0.1", ""),
                Arguments.of(new Sgd(2.0), "Sgd, rate 2", ""),
                Arguments.of(new Sgd(1e-3), "Sgd, rate 0.001", "crawl"),
                Arguments.of(new Sgd(3), "Sgd, rate 3", "beyond"),
                Arguments.of(new Nesterovs(0.1, 0.9), "Nesterovs, rate 0.1, momentum 0.9", ""),
                Arguments.of(new Nesterovs(1e-6, 0.9), "Nesterovs, rate 1.0E-6, momentum 0.9", "crawl"),
                Arguments.of(new Nesterovs(1, 0.9), "Nesterovs, rate 1, momentum 0.9", "beyond"),
                Arguments.of(new Sgd(new FixedSchedule(1e-4)), "Sgd, rate 1.0E-4", "crawl"),
                Arguments.of(new Sgd(new RampSchedule(new FixedSchedule(1), 500)), "Sgd, rate 0.002", ""),
                Arguments.of(new Sgd(new ExponentialSchedule(ScheduleType.ITERATION, 1, 0.99)), "Sgd, rate 1", ""),
                Arguments.of(new NoOp(), "NoOp", ""),
                Arguments.of(new Adam(1e-3), "Adam, rate 0.001", "undoes"),
                Arguments.of(new AdaMax(1e-3), "AdaMax, rate 0.001", "undoes"),
                Arguments.of(new AMSGrad(1e-3), "AMSGrad, rate 0.001", "undoes"),
                Arguments.of(new Nadam(1e-3), "Nadam, rate 0.001", "undoes"),
                Arguments.of(new AdaGrad(1e-3), "AdaGrad, rate 0.001", "undoes"),
                Arguments.of(new AdaDelta(), "AdaDelta", "undoes"),
                Arguments.of(new RmsProp(1e-3), "RmsProp, rate 0.001", "undoes"));
    }

    /** Both classes of models say which updater is in force, and warn, in the log too, where it does not suit. */
    @ParameterizedTest(name = "{1}")
    @MethodSource("updaters")
    void anUpdaterThatDoesNotSuitIsNamed(IUpdater updater, String description, String warning) {
        for (ModelClass models : ModelClass.values()) {
            MultiLayerNetwork network = network(updater);
            Model model = models == ModelClass.COMPUTATION_GRAPH ? network.toComputationGraph() : network;
            try (Logged logged = new Logged(NaturalGradient.class, Level.WARN)) {
                Registration registration = models.attach(model, KFAC).registration();
                assertThat(registration.updater()).isEqualTo(description);
                assertThat(registration.forSamples(3).updater()).isEqualTo(description);
                if (warning.isEmpty()) {
                    assertThat(registration.warnings()).isEmpty();
                } else {
                    assertThat(registration.warnings()).hasSize(1).allSatisfy(text -> assertThat(text)
                            .contains(
                                    updater.getClass().getSimpleName(),
                                    warning,
                                    "attach(model, configuration, new Sgd(1.0))"));
                }
                assertThat(logged.messages()).isEqualTo(registration.warnings());
            }
        }
    }

    /** Unscaled directions have any length, and so rates too; but Adam undoes those as well. */
    @Test
    void unscaledDirectionsHaveAnyRate() {
        NaturalGradientConfiguration unscaled = Definition.plain(Method.EXACT, 0.05);
        assertThat(NaturalGradient.attach(network(new Sgd(1e-4)), unscaled)
                        .registration()
                        .warnings())
                .isEmpty();
        assertThat(NaturalGradient.attach(network(new Adam(1e-4)), unscaled)
                        .registration()
                        .warnings())
                .hasSize(1);
    }
}
