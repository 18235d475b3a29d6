package io.github.dl4jngd.ngd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.testing.ImageNetworks;
import io.github.dl4jngd.testing.TestNetworks;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.Solver;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Steps that share one forward and backward pass with DL4J are the steps that have one each. */
class FusedStepTest {

    private static final int STEPS = 3;

    /** What a step leaves behind, and what a listener saw of it. */
    private static final class Trace extends BaseTrainingListener {

        private final List<String> events = new ArrayList<>();
        private final List<INDArray> numbers = new ArrayList<>();
        private boolean fused;

        @Override
        public void onBackwardPass(Model model) {
            see("backward", model);
            fused = StackWalker.getInstance()
                    .walk(frames ->
                            frames.noneMatch(frame -> frame.getMethodName().equals("computeGradientAndScore")));
        }

        @Override
        public void onGradientCalculation(Model model) {
            see("gradient", model);
        }

        @Override
        public void iterationDone(Model model, int iteration, int epoch) {
            see("done " + iteration + " " + epoch, model);
            numbers.add(model.params().dup());
        }

        private void see(String event, Model model) {
            Map<String, INDArray> gradients = new TreeMap<>(model.gradient().gradientForVariable());
            // a frozen layer's are null; a locked batch normalisation's, of no parameter, live in DL4J's workspace
            gradients.keySet().retainAll(model.paramTable(false).keySet());
            gradients.values().removeIf(view -> view == null);
            events.add(event + " " + gradients.keySet());
            gradients.values().forEach(view -> numbers.add(view.dup()));
            numbers.add(Nd4j.scalar(model.score()));
        }
    }

    private static Trace trained(Model model, NaturalGradientConfiguration configuration, Consumer<Model> fit) {
        Trace trace = new Trace();
        if (model instanceof MultiLayerNetwork network) {
            network.setListeners(trace);
            NaturalGradient.attach(network, configuration);
        } else {
            ComputationGraph graph = (ComputationGraph) model;
            graph.setListeners(trace);
            NaturalGradient.attach(graph, configuration);
        }
        for (int step = 0; step < STEPS; step++) {
            fit.accept(model);
        }
        trace.numbers.add(
                model instanceof MultiLayerNetwork network
                        ? state(network.getUpdater().getStateViewArray())
                        : state(((ComputationGraph) model).getUpdater().getStateViewArray()));
        return trace;
    }

    private static INDArray state(INDArray state) {
        return state == null ? Nd4j.empty() : state.dup();
    }

    private static void requireSame(Trace fused, Trace plain) {
        assertThat(fused.fused).as("fused").isTrue();
        assertThat(plain.fused).as("plain").isFalse();
        assertThat(fused.events).isEqualTo(plain.events);
        for (int i = 0; i < plain.numbers.size(); i++) {
            INDArray expected = plain.numbers.get(i);
            INDArray actual = fused.numbers.get(i);
            assertThat(actual.length()).isEqualTo(expected.length());
            if (!expected.isEmpty()) {
                // DL4J's layers hand over some gradients without the axes of length 1 that their parameters have
                double error = actual.reshape(expected.shape())
                        .sub(expected)
                        .norm2Number()
                        .doubleValue();
                assertThat(error).isLessThan(1e-9 * (1 + expected.norm2Number().doubleValue()));
            }
        }
    }

    private static NaturalGradientConfiguration kfac(boolean fused) {
        return Kfac.builder().damping(0.5).fusedStep(fused).build();
    }

    static Stream<ImageNetworks.Case> images() {
        return ImageNetworks.grid()
                .filter(network -> network.dataType() == DataType.DOUBLE)
                .filter(network -> !network.name().startsWith("local response"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("images")
    void images(ImageNetworks.Case network) {
        network.skipKnownDefects();
        Consumer<Model> fit = model -> {
            if (model instanceof MultiLayerNetwork layers) {
                layers.fit(network.input(), network.labels());
            } else {
                ((ComputationGraph) model).fit(new INDArray[] {network.input()}, new INDArray[] {network.labels()});
            }
        };
        requireSame(
                trained(network.model().model(), kfac(true), fit),
                trained(network.model().model(), kfac(false), fit));
    }

    static Stream<TestNetworks.Case> perceptrons() {
        return TestNetworks.grid().filter(network -> network.dataType() == DataType.DOUBLE);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("perceptrons")
    void perceptrons(TestNetworks.Case network) {
        Consumer<Model> fit = model -> ((MultiLayerNetwork) model).fit(network.input(), network.labels());
        requireSame(
                trained(network.network(new Nesterovs(0.1, 0.5)), kfac(true), fit),
                trained(network.network(new Nesterovs(0.1, 0.5)), kfac(false), fit));
    }

    private static MultiLayerNetwork wide(LossFunction loss, Activation activation) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(1.0))
                .l2(1e-2)
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(9)
                        .nOut(40)
                        .activation(Activation.TANH)
                        .build())
                .layer(new DenseLayer.Builder()
                        .nIn(40)
                        .nOut(40)
                        .activation(Activation.RELU)
                        .build())
                .layer(new OutputLayer.Builder(loss)
                        .nIn(40)
                        .nOut(3)
                        .activation(activation)
                        .build())
                .build());
        network.init();
        return network;
    }

    private static DataSet minibatch() {
        Nd4j.getRandom().setSeed(5);
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, 8, 3);
        for (int n = 0; n < 8; n++) {
            labels.putScalar(n, n % 3, 1);
        }
        return new DataSet(Nd4j.randn(DataType.DOUBLE, 8, 9), labels);
    }

    static Stream<NaturalGradientConfiguration.Builder<?>> methods() {
        return Stream.of(Method.values()).map(Method::builder).map(builder -> builder.damping(0.1));
    }

    /** Layers wider than the minibatch: K-FAC's direction comes from the rows that the shared pass has caught. */
    @ParameterizedTest
    @MethodSource("methods")
    void everyMethod(NaturalGradientConfiguration.Builder<?> method) {
        DataSet data = minibatch();
        Consumer<Model> fit = model -> ((MultiLayerNetwork) model).fit(data);
        requireSame(
                trained(
                        wide(LossFunction.MCXENT, Activation.SOFTMAX),
                        method.fusedStep(true).build(),
                        fit),
                trained(
                        wide(LossFunction.MCXENT, Activation.SOFTMAX),
                        method.fusedStep(false).build(),
                        fit));
    }

    @Test
    void aListenerThatLooksAtActivationsGetsDl4jsPass() {
        MultiLayerNetwork network = wide(LossFunction.MCXENT, Activation.SOFTMAX);
        List<Integer> seen = new ArrayList<>();
        network.addListeners(new BaseTrainingListener() {
            @Override
            public void onForwardPass(Model model, List<INDArray> activations) {
                seen.add(activations.size());
            }
        });
        Trace trace = new Trace();
        network.addListeners(trace);
        NaturalGradient.attach(network, kfac(true));
        network.fit(minibatch());
        assertThat(seen).containsExactly(3);
        assertThat(trace.fused).isFalse();
    }

    @Test
    void afterDetachingTheModelHasDl4jsSolverAgain() {
        MultiLayerNetwork detached = wide(LossFunction.MCXENT, Activation.SOFTMAX);
        MultiLayerNetwork never = detached.clone();
        NaturalGradient attached = NaturalGradient.attach(detached, kfac(true));
        assertThat(LiveModel.of(detached).solver()).isInstanceOf(FusedSolver.class);
        detached.fit(minibatch());
        attached.detach();
        detached.setParams(never.params());
        detached.fit(minibatch());
        never.fit(minibatch());
        assertThat(LiveModel.of(detached).solver().getClass()).isEqualTo(Solver.class);
        assertThat(detached.params()).isEqualTo(never.params());
    }

    /** After {@code clear()} DL4J makes a solver of its own, with which one step is made as without this. */
    @Test
    void anotherSolverIsReplaced() {
        MultiLayerNetwork network = wide(LossFunction.MCXENT, Activation.SOFTMAX);
        Trace trace = new Trace();
        network.setListeners(trace);
        NaturalGradient.attach(network, kfac(true));
        network.clear();
        network.fit(minibatch());
        assertThat(trace.fused).isFalse();
        network.fit(minibatch());
        assertThat(trace.fused).isTrue();
    }

    /** DL4J clips the probabilities of a sigmoid. */
    @Test
    void saturatedProbabilities() {
        DataSet data = minibatch();
        Consumer<Model> fit = model -> ((MultiLayerNetwork) model).fit(data);
        MultiLayerNetwork saturated = wide(LossFunction.XENT, Activation.SIGMOID);
        saturated.getLayer(2).params().muli(100);
        MultiLayerNetwork twin = saturated.clone();
        requireSame(trained(saturated, kfac(true), fit), trained(twin, kfac(false), fit));
    }

    @Test
    void theScoreHasItsPenalties() {
        MultiLayerNetwork network = wide(LossFunction.MSE, Activation.IDENTITY);
        double expected = network.score(minibatch(), true);
        NaturalGradient.attach(network, kfac(true));
        network.fit(minibatch());
        assertThat(network.score()).isCloseTo(expected, within(1e-12));
    }

    @Test
    void brokenLabelsAreRefusedAsEver() {
        for (boolean fused : new boolean[] {true, false}) {
            MultiLayerNetwork network = wide(LossFunction.MCXENT, Activation.SOFTMAX);
            NaturalGradient.attach(network, kfac(fused));
            INDArray before = network.params().dup();
            DataSet data = minibatch();
            data.getLabels().putScalar(0, 0, Double.NaN);
            assertThatThrownBy(() -> network.fit(data))
                    .isInstanceOf(NaturalGradientException.class)
                    .hasMessageContaining("labels");
            assertThat(network.params()).isEqualTo(before);
        }
    }

    /** DL4J's way back ends at a frozen layer: the running statistics below it stay. */
    @Test
    void statisticsBelowAFrozenLayerStay() {
        DataSet data = minibatch();
        Consumer<Model> fit = model -> ((MultiLayerNetwork) model).fit(data);
        requireSame(trained(frozenAbove(), kfac(true), fit), trained(frozenAbove(), kfac(false), fit));
    }

    private static MultiLayerNetwork frozenAbove() {
        return network(
                new DenseLayer.Builder().nIn(9).nOut(5).build(),
                new BatchNormalization.Builder().nIn(5).nOut(5).build(),
                new FrozenLayer(new DenseLayer.Builder().nIn(5).nOut(6).build()),
                new DenseLayer.Builder().nIn(6).nOut(5).build(),
                new OutputLayer.Builder(LossFunction.MCXENT).nIn(5).nOut(3).build());
    }

    /** Its centres move by a rule of their own, also where they are no part of the loss. */
    @Test
    void centresWithoutWeightGetDl4jsPass() {
        MultiLayerNetwork network = network(
                new DenseLayer.Builder().nIn(9).nOut(5).build(),
                new CenterLossOutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(5)
                        .nOut(3)
                        .lambda(0)
                        .build());
        Trace trace = new Trace();
        network.setListeners(trace);
        NaturalGradient.attach(network, kfac(true));
        INDArray before = network.getLayer(1).getParam("cL").dup();
        network.fit(minibatch());
        assertThat(trace.fused).isFalse();
        assertThat(network.getLayer(1).getParam("cL")).isNotEqualTo(before);
    }

    private static MultiLayerNetwork network(Layer... layers) {
        NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(0.5))
                .activation(Activation.TANH)
                .list();
        for (int i = 0; i < layers.length; i++) {
            if (i == layers.length - 1) {
                ((BaseLayer) layers[i]).setActivationFn(new ActivationSoftmax());
            }
            list.layer(layers[i]);
        }
        MultiLayerNetwork network = new MultiLayerNetwork(list.build());
        network.init();
        return network;
    }

    /** Layers wider than the minibatch have no gradient as a vector, unless somebody looks. */
    @Test
    void theGradientIsThereForWhoLooks() {
        for (boolean looks : new boolean[] {true, false}) {
            MultiLayerNetwork network = wide(LossFunction.MCXENT, Activation.SOFTMAX);
            if (looks) {
                network.setListeners(new Trace());
            }
            NaturalGradient attached = NaturalGradient.attach(network, kfac(true));
            // in the first step K-FAC has no factors yet, and looks itself
            network.fit(minibatch());
            network.fit(minibatch());
            assertThat(Double.isNaN(attached.lastDiagnostics().orElseThrow().gradientNorm()))
                    .isEqualTo(!looks);
        }
    }
}
