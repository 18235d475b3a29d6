package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Explicit.array;
import static io.github.dl4jngd.ngd.Models.IN;
import static io.github.dl4jngd.ngd.Models.OUT;
import static io.github.dl4jngd.ngd.Models.dense;
import static io.github.dl4jngd.ngd.Models.input;
import static io.github.dl4jngd.ngd.Models.labels;
import static io.github.dl4jngd.ngd.Models.output;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import io.github.dl4jngd.testing.ImageNetworks;
import io.github.dl4jngd.testing.TestNetworks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.weightnoise.WeightNoise;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Regularised gradients against those that DL4J's own backward pass makes at both places. */
class GradientRegularizationTest {

    private static final double TEST_F64 = 1e-9;
    private static final double GAMMA = 0.03;
    private static final double EPSILON = 0.02;
    private static final RegularizationRule FORWARD = ForwardDifference.of(GAMMA, EPSILON);

    @TempDir
    private Path folder;

    private static GradientRegularization attach(Model model, RegularizationRule rule) {
        return model instanceof MultiLayerNetwork network
                ? GradientRegularization.attach(network, rule)
                : GradientRegularization.attach((ComputationGraph) model, rule);
    }

    private static void fit(Model model, int batch) {
        // dropout of two models is the same
        Nd4j.getRandom().setSeed(100 + batch);
        ((NeuralNetwork) model).fit(new DataSet(input(batch), labels(batch)));
    }

    static Stream<ImageNetworks.Case> layers() {
        return ImageNetworks.grid().filter(c -> !c.name().contains("response normalisation"));
    }

    static Stream<RegularizationRule> rules() {
        return Stream.of(FORWARD, BackwardDifference.of(GAMMA, EPSILON), Sam.of(0.05));
    }

    /** Every layer that the library knows, in both classes of models: s [(1 − w) g + w g(θ + εg)]. */
    @ParameterizedTest
    @MethodSource("layers")
    void isTheFormulaWithDl4jsOwnGradients(ImageNetworks.Case c) {
        c.skipKnownDefects();
        INDArray x = c.input();
        INDArray y = c.labels();
        ImageNetworks.Network oracle = c.model();
        INDArray start = oracle.model().params().dup();
        INDArray g = oracle.gradient(x, y);
        INDArray plain = change(c.model().model(), x, y);
        rules().forEach(rule -> {
            double ascent = rule.ascent(g.norm2Number().doubleValue());
            oracle.model().setParams(start.add(g.mul(ascent)));
            INDArray there = oracle.gradient(x, y);
            Model model = c.model().model();
            GradientRegularization gr = attach(model, rule);
            // the updates of running statistics, beside gradients, are those of the plain step
            INDArray expected = plain.reshape(g.length())
                    .sub(there.sub(g).muli(0.1 * rule.weight()).reshape(g.length()));
            assertThat(relativeError(change(model, x, y), expected))
                    .as(rule.toString())
                    .isLessThan(TEST_F64);
            RegularizationDiagnostics diagnostics = gr.lastDiagnostics().orElseThrow();
            assertThat(diagnostics.gradientNorm() / g.norm2Number().doubleValue())
                    .isBetween(1 - TEST_F64, 1 + TEST_F64);
            assertThat(diagnostics.ascendedLoss() - oracle.score()).isBetween(-1e-9, 1e-9);
            INDArray difference = there.sub(g).divi(ascent);
            assertThat(diagnostics.differenceNorm() / difference.norm2Number().doubleValue())
                    .isBetween(1 - 1e-6, 1 + 1e-6);
        });
    }

    private static INDArray change(Model model, INDArray x, INDArray y) {
        INDArray before = model.params().dup();
        ((NeuralNetwork) model).fit(new DataSet(x, y));
        return model.params().sub(before);
    }

    static Stream<Arguments> settings() {
        return Stream.of(
                setting("Sgd", b -> {}),
                setting(
                        "Adam, L2 and weight decay",
                        b -> b.updater(new Adam(0.01)).l2(0.1).weightDecay(0.01)),
                setting("Nesterovs, L1, clipping", b -> b.updater(new Nesterovs(0.1, 0.9))
                        .l1(0.01)
                        .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                        .gradientNormalizationThreshold(0.1)),
                setting("float32", b -> b.dataType(DataType.FLOAT)),
                setting("dropout", b -> b.dropOut(new Dropout(0.7))),
                setting("sum over the minibatch", b -> b.miniBatch(false).updater(new Sgd(0.1))),
                setting("constraint", b -> b.constrainAllParameters(new MaxNormConstraint(0.5, 1))));
    }

    private static Arguments setting(String name, Consumer<NeuralNetConfiguration.Builder> settings) {
        Supplier<Model> network = () -> Models.softmax(settings);
        return Arguments.of(name, network);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("settings")
    void withoutWeightTrainingIsThatWithoutToTheLastBit(String name, Supplier<Model> network) {
        for (boolean graph : new boolean[] {false, true}) {
            Model plain = graph ? ((MultiLayerNetwork) network.get()).toComputationGraph() : network.get();
            Model model = graph ? ((MultiLayerNetwork) network.get()).toComputationGraph() : network.get();
            List<RegularizationRule> none =
                    List.of(ForwardDifference.of(0, 0.1), BackwardDifference.of(0, 0.1), Flooding.of(-1));
            for (RegularizationRule rule : none) {
                try (GradientRegularization gr = attach(model, rule)) {
                    for (int batch = 0; batch < 3; batch++) {
                        fit(plain, batch);
                        fit(model, batch);
                        assertThat(model.score()).isEqualTo(plain.score());
                    }
                    assertThat(gr.lastDiagnostics()).isPresent();
                }
                assertThat(model.params()).isEqualTo(plain.params());
                assertThat(((NeuralNetwork) model).updaterState()).isEqualTo(((NeuralNetwork) plain).updaterState());
            }
        }
    }

    /** γ = ε leaves g(θ + εg) alone: to the last bit what SAM's rule leaves at the same ε. */
    @Test
    void equalWeightAndAscentAreSamWithoutNormalisation() {
        MultiLayerNetwork forward = Models.softmax();
        double norm = TestNetworks.gradient(Models.softmax(), input(0), labels(0))
                .norm2Number()
                .doubleValue();
        attach(forward, ForwardDifference.of(0.05, 0.05));
        MultiLayerNetwork sam = Models.softmax();
        attach(sam, Sam.of(0.05 * norm));
        fit(forward, 0);
        fit(sam, 0);
        assertThat(relativeError(sam.params(), forward.params())).isLessThan(1e-14);
        assertThat(forward.params()).isNotEqualTo(Models.softmax().params());
    }

    /** L = ‖XW + b − y‖²/N with H = 2 x̃x̃ᵀ/N for each output: both differences are g + γHg. */
    @Test
    void differencesAreExactForQuadraticLosses() {
        Supplier<MultiLayerNetwork> linear = () -> Models.of(b -> {}, output(IN, LossFunction.L2, Activation.IDENTITY));
        INDArray x = input(1);
        INDArray y =
                input(2).get(NDArrayIndex.all(), NDArrayIndex.interval(0, OUT)).dup();
        INDArray g = TestNetworks.gradient(linear.get(), x, y);
        INDArray augmented = Nd4j.hstack(x, Nd4j.ones(DataType.DOUBLE, x.size(0), 1));
        INDArray hessian = augmented.transpose().mmul(augmented).muli(2.0 / x.size(0));
        // W is column-major: a column for each output, then the biases
        INDArray columns = Nd4j.create(DataType.DOUBLE, IN + 1, OUT);
        for (int k = 0; k < OUT; k++) {
            for (int i = 0; i < IN; i++) {
                columns.putScalar(i, k, g.getDouble(k * IN + i));
            }
            columns.putScalar(IN, k, g.getDouble(IN * OUT + k));
        }
        INDArray curved = hessian.mmul(columns);
        INDArray expected = g.dup();
        for (int k = 0; k < OUT; k++) {
            for (int i = 0; i < IN; i++) {
                expected.putScalar(k * IN + i, expected.getDouble(k * IN + i) + GAMMA * curved.getDouble(i, k));
            }
            expected.putScalar(IN * OUT + k, expected.getDouble(IN * OUT + k) + GAMMA * curved.getDouble(IN, k));
        }
        for (RegularizationRule rule : List.of(FORWARD, BackwardDifference.of(GAMMA, EPSILON))) {
            MultiLayerNetwork network = linear.get();
            attach(network, rule);
            assertThat(relativeError(change(network, x, y).neg(), expected))
                    .as(rule.toString())
                    .isLessThan(1e-12);
        }
    }

    /** Errors against g + γHg fall in proportion to ε, and are opposite for both differences. */
    @Test
    void differencesConvergeInTheFirstOrder() {
        Supplier<MultiLayerNetwork> network =
                () -> Models.of(b -> {}, dense(IN, 5), output(5, LossFunction.MCXENT, Activation.SOFTMAX));
        INDArray x = input(3);
        INDArray y = labels(3);
        INDArray g = TestNetworks.gradient(network.get(), x, y);
        double h = 1e-4;
        INDArray curved = gradientAt(network, g, h, x, y)
                .sub(gradientAt(network, g, -h, x, y))
                .divi(2 * h);
        double[] forward = new double[3];
        double[] cosine = new double[3];
        for (int i = 0; i < 3; i++) {
            double epsilon = Math.pow(10, -1 - i);
            INDArray one = error(network, ForwardDifference.of(1, epsilon), g, curved, x, y);
            INDArray other = error(network, BackwardDifference.of(1, epsilon), g, curved, x, y);
            forward[i] = one.norm2Number().doubleValue() / curved.norm2Number().doubleValue();
            cosine[i] = Nd4j.getBlasWrapper().dot(one, other)
                    / (one.norm2Number().doubleValue() * other.norm2Number().doubleValue());
        }
        assertThat(forward[0] / forward[1]).isBetween(8.0, 12.0);
        assertThat(forward[1] / forward[2]).isBetween(9.5, 10.5);
        assertThat(cosine[0]).isLessThan(-0.9);
        assertThat(cosine[2]).isLessThan(-0.999);
    }

    private static INDArray gradientAt(
            Supplier<MultiLayerNetwork> network, INDArray g, double step, INDArray x, INDArray y) {
        MultiLayerNetwork there = network.get();
        there.setParams(there.params().add(g.mul(step)));
        return TestNetworks.gradient(there, x, y);
    }

    /** What a rule of weight γ = 1 adds to g, less Hg. */
    private static INDArray error(
            Supplier<MultiLayerNetwork> network,
            RegularizationRule rule,
            INDArray g,
            INDArray curved,
            INDArray x,
            INDArray y) {
        MultiLayerNetwork trained = network.get();
        attach(trained, rule);
        return change(trained, x, y).reshape(g.length()).neg().sub(g).subi(curved);
    }

    /** The same masks at both places: DL4J's own pass with the random state put back. */
    @Test
    void dropoutIsThatOfTheStepAtBothPlaces() {
        Supplier<MultiLayerNetwork> noisy = () -> Models.softmax(b -> b.dropOut(new Dropout(0.7)));
        INDArray x = input(5);
        INDArray y = labels(5);
        MultiLayerNetwork here = noisy.get();
        Nd4j.getRandom().setSeed(7);
        INDArray g = TestNetworks.gradient(here, x, y);
        MultiLayerNetwork there = noisy.get();
        there.setParams(there.params().add(g.mul(EPSILON)));
        Nd4j.getRandom().setSeed(7);
        INDArray ascended = TestNetworks.gradient(there, x, y);
        MultiLayerNetwork network = noisy.get();
        attach(network, FORWARD);
        Nd4j.getRandom().setSeed(7);
        INDArray expected = g.add(ascended.sub(g).muli(GAMMA / EPSILON));
        assertThat(relativeError(change(network, x, y).neg(), expected)).isLessThan(TEST_F64);
        Nd4j.getRandom().setSeed(8);
        assertThat(relativeError(TestNetworks.gradient(there, x, y), ascended))
                .as("other masks are another gradient")
                .isGreaterThan(0.1);
    }

    @Test
    void aStepIsOnePassForListenersAndCounters() {
        MultiLayerNetwork network = Models.softmax();
        int[] calls = new int[4];
        network.addListeners(new BaseTrainingListener() {
            @Override
            public void onForwardPass(Model model, List<INDArray> activations) {
                calls[0]++;
            }

            @Override
            public void onBackwardPass(Model model) {
                calls[1]++;
            }

            @Override
            public void onGradientCalculation(Model model) {
                calls[2]++;
            }

            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
                calls[3]++;
            }
        });
        attach(network, FORWARD);
        fit(network, 0);
        fit(network, 1);
        assertThat(calls).containsExactly(2, 2, 2, 2);
        assertThat(network.getIterationCount()).isEqualTo(2);
    }

    @Test
    void floodingAscendsBelowItsLevelOnly() {
        MultiLayerNetwork network = Models.softmax(b -> b.l2(0.5));
        INDArray g = TestNetworks.gradient(Models.softmax(b -> b.l2(0.5)), input(0), labels(0));
        double dataLoss = Models.softmax().score(new DataSet(input(0), labels(0)), true);
        GradientRegularization gr = attach(network, Flooding.of(dataLoss + 1e-6));
        fit(network, 0);
        assertThat(gr.lastDiagnostics().orElseThrow().sign()).isEqualTo(-1);
        assertThat(gr.lastDiagnostics().orElseThrow().loss() - dataLoss).isBetween(-1e-12, 1e-12);
        // the penalty is not turned round
        MultiLayerNetwork expected = Models.softmax(b -> b.l2(0.5));
        INDArray start = expected.params().dup();
        fit(expected, 0);
        INDArray sum = network.params().add(expected.params()).subi(start.mul(2));
        assertThat(relativeError(sum.neg().reshape(g.length()), penalty(start).muli(2)))
                .isLessThan(TEST_F64);

        MultiLayerNetwork above = Models.softmax(b -> b.l2(0.5));
        attach(above, Flooding.of(dataLoss - 1e-6));
        fit(above, 0);
        assertThat(above.params()).isEqualTo(expected.params());
    }

    /** ½ · 0.5 ‖W‖² of weights, not of biases. */
    private static INDArray penalty(INDArray parameters) {
        MultiLayerNetwork network = Models.softmax();
        network.setParams(parameters.mul(0.5));
        for (Map.Entry<String, INDArray> entry : network.paramTable().entrySet()) {
            if (entry.getKey().endsWith("b")) {
                entry.getValue().assign(0);
            }
        }
        return network.params().dup().reshape(parameters.length());
    }

    @Test
    void samStaysWhereTheGradientIsZero() {
        MultiLayerNetwork network = Models.of(b -> {}, output(IN, LossFunction.L2, Activation.IDENTITY));
        INDArray x = input(1);
        INDArray y = network.output(x).dup();
        attach(network, Sam.of(0.1));
        INDArray before = network.params().dup();
        network.fit(x, y);
        assertThat(network.params()).isEqualTo(before);
    }

    static Stream<Arguments> methods() {
        return Stream.of(Method.EXACT, Method.LAYER_WISE, Method.UNIT_WISE, Method.KFAC)
                .flatMap(method -> rules().map(rule -> Arguments.of(method, rule)));
    }

    /** (F̂ + ρI)⁻¹ of the regularised gradient, F̂ at θ. */
    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("methods")
    void aNaturalGradientIsThatOfTheRegularisedGradient(Method method, RegularizationRule rule) {
        INDArray x = input(4);
        INDArray y = labels(4);
        MultiLayerNetwork network = Models.softmax();
        INDArray g = TestNetworks.gradient(network, x, y);
        double ascent = rule.ascent(g.norm2Number().doubleValue());
        INDArray there = gradientAt(Models::softmax, g, ascent, x, y);
        INDArray regularized = g.add(there.sub(g).muli(rule.weight()));
        Explicit explicit = new Explicit(Models.softmax(), x, y, LossFunction.MCXENT);
        INDArray expected = array(explicit.direction(method, 0.05, Explicit.column(regularized)));
        NaturalGradient ngd = NaturalGradient.attach(network, Definition.with(method, b -> b.damping(0.05)
                .stepScaling(StepScaling.NONE)
                .gradientRegularization(rule)));
        assertThat(relativeError(change(network, x, y).neg(), expected)).isLessThan(1e-7);
        assertThat(relativeError(array(explicit.direction(method, 0.05, Explicit.column(g))), expected))
                .as("the rule acts")
                .isGreaterThan(1e-4);
        assertThat(ngd.lastRegularization().orElseThrow().ascent() / ascent).isBetween(1 - 1e-12, 1 + 1e-12);
    }

    @Test
    void refusesByName() {
        assertThatThrownBy(() -> attach(
                        Models.softmax(b -> b.weightNoise(new WeightNoise(new NormalDistribution(0, 0.1)))), FORWARD))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("WeightNoise");
        attach(Models.softmax(b -> b.weightNoise(new WeightNoise(new NormalDistribution(0, 0.1)))), Flooding.of(0.1));
        MultiLayerNetwork normalized = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new ConvolutionLayer.Builder(2, 2).nOut(2).build())
                .layer(new LocalResponseNormalization())
                .layer(new OutputLayer.Builder()
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(4, 4, 1))
                .build());
        normalized.init();
        assertThatThrownBy(() -> attach(normalized, FORWARD))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("LocalResponseNormalization");
        assertThat(normalized.getListeners()).isEmpty();
        assertThatThrownBy(
                        () -> NaturalGradient.attach(Models.softmax(), Definition.with(Method.EXACT, b -> b.damping(0)
                                .gradientRegularization(FORWARD))))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("damping");
        MultiLayerNetwork natural = Models.softmax();
        NaturalGradient.attach(natural, Kfac.defaults());
        assertThatThrownBy(() -> attach(natural, FORWARD))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("gradientRegularization(rule)");
        MultiLayerNetwork regularized = Models.softmax();
        attach(regularized, FORWARD);
        assertThatThrownBy(() -> NaturalGradient.attach(regularized, Kfac.defaults()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("gradientRegularization(rule)");
        assertThatThrownBy(() -> ForwardDifference.of(-1, 1)).hasMessageContaining("γ");
        assertThatThrownBy(() -> BackwardDifference.of(1, 0)).hasMessageContaining("ε");
        assertThatThrownBy(() -> Sam.of(Double.NaN)).hasMessageContaining("ρ");
        assertThatThrownBy(() -> Flooding.of(Double.NaN)).hasMessageContaining("level");
    }

    static Stream<Arguments> continued() {
        return Stream.concat(rules(), Stream.of(Flooding.of(1)))
                .map(rule -> Arguments.of(rule, (Supplier<Model>)
                        () -> Models.softmax(b -> b.updater(new Adam(0.05)).dropOut(new Dropout(0.8)))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("continued")
    void aCheckpointGoesOnAsIfNothingHadBeen(RegularizationRule rule, Supplier<Model> models) throws IOException {
        Model whole = models.get();
        attach(whole, rule);
        Model first = models.get();
        GradientRegularization gr = attach(first, rule);
        for (int batch = 0; batch < 3; batch++) {
            fit(whole, batch);
            fit(first, batch);
        }
        Path file = folder.resolve("checkpoint.zip");
        gr.save(file);
        GradientRegularization restored = GradientRegularization.restore(file);
        assertThat(restored.rule()).isEqualTo(rule);
        for (int batch = 3; batch < 5; batch++) {
            fit(whole, batch);
            fit(restored.model(), batch);
        }
        assertThat(restored.model().params()).isEqualTo(whole.params());
        assertThatThrownBy(() -> NaturalGradient.restore(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("GradientRegularization.restore");
    }

    @Test
    void aNaturalGradientsCheckpointHasItsRule() throws IOException {
        MultiLayerNetwork network = Models.softmax();
        NaturalGradient ngd = NaturalGradient.attach(
                network, Kfac.builder().gradientRegularization(FORWARD).build());
        fit(network, 0);
        Path file = folder.resolve("natural.zip");
        ngd.save(file);
        assertThat(NaturalGradient.restore(file).configuration().gradientRegularization())
                .contains(FORWARD);
        assertThatThrownBy(() -> GradientRegularization.restore(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("NaturalGradient.restore");
    }

    @Test
    void hasTheLifecycleOfANaturalGradient() {
        MultiLayerNetwork network = Models.softmax();
        GradientRegularization gr = attach(network, FORWARD);
        fit(network, 0);
        assertThat(NaturalGradient.of(network)).isEmpty();
        assertThat(GradientRegularization.of(network)).isPresent();
        network.setLearningRate(0.5);
        network.setListeners(List.of());
        fit(network, 1);
        assertThat(gr.isAttached()).isTrue();
        assertThat(gr.lastDiagnostics().orElseThrow().iteration()).isEqualTo(1);
        MultiLayerNetwork copy = network.clone();
        assertThatThrownBy(() -> fit(copy, 2))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("gradient regularisation")
                .hasMessageContaining("GradientRegularization.attach");
        attach(copy, FORWARD);
        fit(copy, 2);
        gr.detach();
        assertThat(GradientRegularization.of(network)).isEmpty();
        assertThat(network.getUpdater()).isNotInstanceOf(PreconditionedUpdater.class);
        fit(network, 2);
        assertThat(gr.registration().toString())
                .contains("gradient regularisation")
                .contains("forward difference");
        assertThat(gr.registration().warnings()).isEmpty();
    }

    @Test
    void whatIsNotFiniteStopsTraining() {
        MultiLayerNetwork network = Models.of(b -> {}, output(IN, LossFunction.L2, Activation.IDENTITY));
        attach(network, ForwardDifference.of(1, 1e308));
        INDArray before = network.params().dup();
        assertThatThrownBy(() -> network.fit(input(0).mul(100), labels(0)))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("gradient regularisation");
        assertThat(network.params()).isEqualTo(before);
    }
}
