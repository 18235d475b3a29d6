package io.github.dl4jngd.spectral.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.spectral.sink.MemorySink;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.DoubleFunction;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
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

/**
 * The boundary that a reading gives, on quadratic problems: a linear network with squared error, all data in every
 * step, trained by DL4J's own fit with DL4J's own updaters. What an adaptive updater divides by is held: it is put back
 * after each step, within which it moves by less than 1e-6 of itself. With it moving there is no sharp boundary.
 * AdaBelief has no rule: DL4J 1.0.0-M2.1 fails to make its state, so that none could be checked.
 */
class UpdaterStabilityTest {

    private static final int INPUTS = 4;
    private static final int OUTPUTS = 2;
    private static final int SAMPLES = 20;

    /** So close to 1 that a step leaves the second moments where they are. */
    private static final double SLOW = 1 - 1e-7;

    /** So late that the bias correction of {@link #SLOW} is over. */
    private static final int LATE = 2_000_000_000;

    private static final int STEPS = 400;
    private static final double MOVED = 1e-4;

    /**
     * An updater at any rate.
     *
     * @param name of the case
     * @param rule the name that the reading is to give
     * @param held what is put back after each step, by DL4J's names
     * @param withRate the updater of the weights
     * @param ofBiases the updater of the biases
     */
    private record Case(
            String name,
            String rule,
            Set<String> held,
            DoubleFunction<IUpdater> withRate,
            DoubleFunction<IUpdater> ofBiases) {

        Case(String rule, Set<String> held, DoubleFunction<IUpdater> withRate) {
            this(rule, rule, held, withRate, withRate);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        DoubleFunction<IUpdater> sgd = Sgd::new;
        DoubleFunction<IUpdater> nesterov = rate -> new Nesterovs(rate, 0.9);
        return Stream.of(
                new Case("gradient descent", Set.of(), sgd),
                new Case("Nesterov", Set.of(), nesterov),
                new Case("Nesterov", Set.of(), rate -> new Nesterovs(rate, 0.5)),
                new Case("Adam", Set.of("V"), rate -> new Adam(rate, 0.9, SLOW, 1e-3)),
                new Case("Adam", Set.of("V"), rate -> new Adam(rate, 0.3, SLOW, 1e-8)),
                new Case("AMSGrad", Set.of("V", "V_HAT"), rate -> new AMSGrad(rate, 0.9, SLOW, 1e-3)),
                new Case("AdaMax", Set.of("V"), rate -> new AdaMax(rate, 0.9, SLOW, 1e-8)),
                new Case("Nadam", Set.of("V"), rate -> new Nadam(rate, 0.9, SLOW, 1e-3)),
                new Case("AdaGrad", Set.of("grad"), rate -> new AdaGrad(rate, 1e-3)),
                new Case("RmsProp", Set.of("G"), rate -> new RmsProp(rate, SLOW, 1e-3)),
                new Case("AdaDelta", Set.of("msg", "msdx"), rate -> new AdaDelta(SLOW, 1e-9)),
                new Case("another rate for biases", "gradient descent", Set.of(), sgd, rate -> new Sgd(3 * rate)),
                new Case(
                        "another rate with momentum",
                        "Nesterov",
                        Set.of(),
                        nesterov,
                        rate -> new Nesterovs(rate / 4, 0.9)),
                new Case(
                        "two kinds",
                        "RmsProp and gradient descent",
                        Set.of("G"),
                        rate -> new RmsProp(rate, SLOW, 1e-3),
                        sgd));
    }

    private static MultiLayerNetwork network(IUpdater updater, IUpdater ofBiases) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .list()
                .layer(new OutputLayer.Builder(LossFunction.MSE)
                        .nIn(INPUTS)
                        .nOut(OUTPUTS)
                        .updater(updater)
                        .biasUpdater(ofBiases)
                        .activation(Activation.IDENTITY)
                        .build())
                .build());
        network.init();
        network.setIterationCount(LATE);
        return network;
    }

    private static INDArray normal(long seed, long... shape) {
        Random random = new Random(seed);
        INDArray array = Nd4j.create(DataType.DOUBLE, shape);
        for (long i = 0; i < array.length(); i++) {
            array.putScalar(i, random.nextGaussian());
        }
        return array;
    }

    /** What the updaters divide by, at values of its own, to be put back after each step. */
    private static final class Held {

        private final IdentityHashMap<INDArray, INDArray> values = new IdentityHashMap<>();

        /** AdaDelta has no rate: its numerator takes the rate's place. */
        Held(MultiLayerNetwork network, Case c, double rate) {
            Random random = new Random(5);
            network.getUpdater();
            for (LiveModel.UpdaterPart part : LiveModel.of(network).updaterParts()) {
                for (String name : new TreeSet<>(part.state().keySet())) {
                    if (c.held().contains(name)) {
                        INDArray state = part.state().get(name);
                        INDArray value = Nd4j.create(DataType.DOUBLE, state.shape());
                        for (long i = 0; i < value.length(); i++) {
                            value.putScalar(i, 0.5 + 1.5 * random.nextDouble());
                        }
                        values.put(state, name.equals("msdx") ? value.muli(rate * rate) : value);
                    }
                }
            }
            putBack();
        }

        void putBack() {
            values.forEach(INDArray::assign);
        }
    }

    private static SpectrumReading reading(Case c, DataSet data) {
        MultiLayerNetwork network =
                network(c.withRate().apply(1e-9), c.ofBiases().apply(1e-9));
        Held held = new Held(network, c, 1);
        MemorySink memory = new MemorySink();
        network.addListeners(FisherSpectrumListener.builder()
                .every(1)
                .tolerance(1e-12)
                .perLayer()
                .memory(memory)
                .build());
        network.fit(data);
        held.putBack();
        return (SpectrumReading) memory.readings().get(0);
    }

    /** How much further from the minimum training ends than it began. */
    private static double growth(Case c, DataSet data, INDArray minimum, double rate) {
        MultiLayerNetwork network =
                network(c.withRate().apply(rate), c.ofBiases().apply(rate));
        Held held = new Held(network, c, rate);
        network.params().assign(minimum).addi(normal(7, minimum.shape()).muli(MOVED));
        double before = network.params().distance2(minimum);
        for (int i = 0; i < STEPS; i++) {
            network.fit(data);
            held.putBack();
        }
        return network.params().distance2(minimum) / before;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void trainingConvergesBelowTheBoundaryAndDivergesAbove(Case c) {
        INDArray x = normal(1, SAMPLES, INPUTS);
        x.getColumn(0).muli(2).addi(0.5);
        MultiLayerNetwork at = network(new Sgd(1), new Sgd(1));
        INDArray minimum = at.params().dup();
        DataSet data = new DataSet(x, at.output(x).dup());

        SpectrumReading reading = reading(c, data);
        assertThat(reading.stability().rule()).isEqualTo(c.rule());
        assertThat(reading.boundary()).isPositive();
        // a rate of 1e-9, and biases' three times of it at most, but for AdaDelta, which is scaled instead
        double largest = reading.boundary() * (1e-9 / orOne(reading.rate().learningRate(), c));
        assertThat(growth(c, data, minimum, 0.97 * largest))
                .as("0.97 of the boundary")
                .isLessThan(0.1);
        assertThat(growth(c, data, minimum, 1.03 * largest))
                .as("1.03 of the boundary")
                .isGreaterThan(10);
        // one layer is all of the network
        assertThat(reading.values().get("rate_over_boundary_of_0"))
                .isCloseTo(reading.ratio(), within(1e-6 * reading.ratio()));
    }

    /** What the reading's rate, the largest, is to the rate that a case is made with. */
    private static double orOne(double largestRate, Case c) {
        return c.held().contains("msdx") ? 1e-9 : largestRate;
    }

    /** DL4J's own updaters, called as DL4J calls them, divide by what the rule says, in early steps too. */
    @ParameterizedTest
    @MethodSource("dividing")
    void theDiagonalIsWhatTheUpdaterDividesBy(IUpdater updater) {
        int length = 12;
        long state = updater.stateSize(length);
        INDArray view = Nd4j.create(DataType.DOUBLE, 1, state);
        GradientUpdater<?> instance = updater.instantiate(view, true);
        for (int iteration = 0; iteration < 4; iteration++) {
            INDArray gradient = normal(iteration, length);
            Map<String, INDArray> before = new HashMap<>();
            instance.getState().forEach((name, array) -> before.put(name, array.dup()));
            INDArray update = gradient.dup();
            instance.applyUpdater(update, iteration, 0);

            Map<String, INDArray> after = new HashMap<>(instance.getState());
            if (updater instanceof AdaDelta) {
                // the numerator of the step is the one before it
                after.put("msdx", before.get("msdx"));
            }
            UpdaterRule rule = UpdaterRule.of(updater, iteration, 0).orElseThrow();
            INDArray inverse =
                    rule.diagonal().orElseThrow().inverse(after, iteration).reshape(length);
            double rate = updater.hasLearningRate() ? updater.getLearningRate(iteration, 0) : 1;
            INDArray expected = inverse.mul(averaged(updater, after, gradient)).mul(rate);
            assertThat(update.distance2(expected) / expected.norm2Number().doubleValue())
                    .as("iteration " + iteration)
                    .isLessThan(1e-9);
        }
    }

    private static INDArray averaged(IUpdater updater, Map<String, INDArray> state, INDArray gradient) {
        if (!state.containsKey("M")) {
            return gradient;
        }
        INDArray mean = state.get("M").reshape(gradient.length());
        return updater instanceof Nadam nadam
                ? mean.mul(nadam.getBeta1()).add(gradient.mul(1 - nadam.getBeta1()))
                : mean;
    }

    static List<IUpdater> dividing() {
        return List.of(
                new Adam(0.1),
                new AMSGrad(0.1),
                new AdaMax(0.1),
                new Nadam(0.1),
                new AdaGrad(0.1),
                new RmsProp(0.1),
                new AdaDelta());
    }

    @Test
    void limitsAsInTheLiterature() {
        assertThat(StabilityRule.gradientDescent().limit()).isEqualTo(2);
        assertThat(StabilityRule.heavyBall(0.9).limit()).isCloseTo(3.8, within(1e-12));
        assertThat(StabilityRule.nesterov(0.9).limit()).isCloseTo(3.8 / 2.8, within(1e-12));
        // Cohen et al. 2022: 38/η for β₁ = 0.9
        assertThat(StabilityRule.averagedGradient(0.9).limit()).isCloseTo(38, within(1e-12));
        assertThat(StabilityRule.nesterov(0.9).text("")).isEqualTo("2(1+μ)/((1+2μ) λ_max), μ = 0.9");
        assertThat(StabilityRule.gradientDescent().text("(F̂+ρ)⁻¹F")).isEqualTo("2/λ_max((F̂+ρ)⁻¹F)");
    }

    /** The recurrence of the heavy ball, which no updater of DL4J is, run as it is written. */
    @Test
    void theHeavyBallsLimit() {
        for (double momentum : new double[] {0, 0.5, 0.9}) {
            double limit = StabilityRule.heavyBall(momentum).limit();
            assertThat(heavyBall(momentum, 0.97 * limit)).isLessThan(0.1);
            assertThat(heavyBall(momentum, 1.03 * limit)).isGreaterThan(10);
        }
    }

    private static double heavyBall(double momentum, double curvature) {
        double parameter = 1;
        double velocity = 0;
        for (int i = 0; i < STEPS; i++) {
            velocity = momentum * velocity - curvature * parameter;
            parameter += velocity;
        }
        return Math.hypot(parameter, velocity);
    }

    private static SpectrumReading first(IUpdater hidden, IUpdater output) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(INPUTS)
                        .nOut(3)
                        .updater(hidden)
                        .build())
                .layer(new OutputLayer.Builder(LossFunction.MSE)
                        .nIn(3)
                        .nOut(OUTPUTS)
                        .updater(output)
                        .activation(Activation.IDENTITY)
                        .build())
                .build());
        network.init();
        MemorySink memory = new MemorySink();
        network.addListeners(FisherSpectrumListener.builder()
                .every(1)
                .perLayer()
                .memory(memory)
                .build());
        network.fit(normal(1, SAMPLES, INPUTS), normal(2, SAMPLES, OUTPUTS));
        return (SpectrumReading) memory.readings().get(0);
    }

    @Test
    void whereThereIsNoBoundaryTheReadingSaysWhy() {
        SpectrumReading momenta = first(new Sgd(0.1), new Nesterovs(0.1, 0.9));
        assertThat(momenta.details())
                .containsEntry("rule", "none")
                .containsEntry("rule_text", "no boundary known: the momenta of the layers' updaters differ")
                .containsEntry("updater", "Sgd; Nesterovs(momentum 0.9)")
                .containsEntry("verdict", "unknown")
                .containsEntry("beyond_lately", Map.of("beyond", 0, "of", 0));
        assertThat(momenta.values())
                .containsEntry("boundary", Double.NaN)
                .containsEntry("rate_over_boundary", Double.NaN)
                .containsEntry("rate_over_boundary_of_0", Double.NaN);
        assertThat(momenta.lambdaMax()).isPositive();
    }

    @Test
    void layersThatAreNotTrainedCountAsZero() {
        SpectrumReading reading = first(new Sgd(0), new Sgd(0.1));
        // λ_max of the output layer alone, whose rate is the only one
        assertThat(reading.boundary())
                .isCloseTo(2 / reading.spectrum().layers().get("1").lambdaMax(), within(1e-2));
        assertThat(reading.values().get("rate_over_boundary_of_0")).isZero();
    }

    @Test
    void anUpdateThatIsTakenAsItIsHasARateOfOne() {
        SpectrumReading reading = first(new NoOp(), new NoOp());
        assertThat(reading.rate().learningRate()).isNaN();
        assertThat(reading.rate().value()).isEqualTo(1);
        assertThat(reading.stability().rule()).isEqualTo("gradient descent");
        assertThat(reading.ratio()).isCloseTo(reading.lambdaMax() / 2, within(1e-9));
    }
}
