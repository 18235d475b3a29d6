package io.github.dl4jngd.ngd;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.fisher.internal.training.TrainingNoise;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import io.github.dl4jngd.testing.TestNetworks;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** A setting in a model of one class and type. */
record Cell(Setting setting, ModelClass modelClass, DataType type) {

    /** ‖difference‖/‖change‖ of the parameters, and of the updater's state, over all steps. */
    static final double TEST_F64 = 1e-11;

    static final double TEST_F32 = 1e-4;

    static final double DAMPING = 0.05;
    static final String EXACT = "✓";
    private static final int STEPS = 3;
    private static final int LONG = 30;
    private static final double ALLOWANCE = 1.2;
    private static final int SAMPLES = 3;
    private static final Setting PLAIN = Setting.of("as built");
    private static final Map<String, double[]> PLAINLY_TRAINED = new ConcurrentHashMap<>();

    /**
     * Trains without a natural gradient and with one of each method.
     *
     * @return "✓" where the model then is where its twin is; why the natural gradient was refused, the model being
     *     untouched; or with what DL4J fails without one
     */
    String outcome(List<Method> methods) {
        try {
            train(modelClass.model(setting, type), List.of());
        } catch (RuntimeException e) {
            return "DL4J fails: " + e.getClass().getSimpleName() + ": " + e.getMessage();
        }
        List<String> outcomes = methods.stream()
                .filter(method -> method == Method.EXACT || !setting.exactAlone)
                .map(this::withNaturalGradient)
                .distinct()
                .toList();
        assertThat(outcomes).hasSize(1);
        return outcomes.get(0);
    }

    private String withNaturalGradient(Method method) {
        Model model = modelClass.model(setting, type);
        Object updater = modelClass.updater(model);
        INDArray initial = model.params().dup();
        NaturalGradient natural;
        try {
            natural = modelClass.attach(model, Definition.plain(method, DAMPING));
        } catch (UnsupportedModelException e) {
            assertThat(bits(model.params())).isEqualTo(bits(initial));
            assertThat(modelClass.updater(model)).isSameAs(updater);
            return refused(e);
        }
        try {
            train(model, setting.listeners.get());
        } catch (NaturalGradientException e) {
            assertThat(bits(model.params())).isEqualTo(bits(initial));
            return refused(e);
        }
        assertThat(natural.isAttached()).isTrue();
        Model twin = modelClass.model(setting, type);
        twin.setParams(initial.dup());
        TrainingNoise.record(UpdaterSlot.of(twin).layers());
        train(twin, List.of(new Twin(setting, method, DAMPING, batches())));
        assertClose(model.params().sub(initial), twin.params().sub(initial));
        assertClose(((NeuralNetwork) model).updaterState(), ((NeuralNetwork) twin).updaterState());
        assertActs(method, model);
        return EXACT;
    }

    /**
     * Trains plainly and with a regularised gradient of weight 0.
     *
     * @return "✓" where both end in the same parameters and updater state to the last bit; why it was refused, the
     *     model being untouched; or with what DL4J fails without one
     */
    String regularized() {
        Model plain = modelClass.model(setting, type);
        try {
            train(plain, List.of());
        } catch (RuntimeException e) {
            return "DL4J fails: " + e.getClass().getSimpleName() + ": " + e.getMessage();
        }
        Model model = modelClass.model(setting, type);
        INDArray initial = model.params().dup();
        try {
            modelClass.regularize(model, ForwardDifference.of(0, 0.1));
            train(model, setting.listeners.get());
        } catch (UnsupportedModelException | NaturalGradientException e) {
            assertThat(bits(model.params())).isEqualTo(bits(initial));
            return refused(e);
        }
        assertThat(GradientRegularization.of(model).orElseThrow().lastDiagnostics())
                .hasValueSatisfying(
                        diagnostics -> assertThat(diagnostics.ascendedLoss()).isFinite());
        assertThat(bits(model.params())).isEqualTo(bits(plain.params()));
        INDArray state = ((NeuralNetwork) plain).updaterState();
        if (state != null) {
            assertThat(bits(((NeuralNetwork) model).updaterState())).isEqualTo(bits(state));
        }
        return EXACT;
    }

    /**
     * Trains thirty steps by the plain updater and by K-FAC with its defaults in front of it.
     *
     * @return "✓" where K-FAC's loss is below that at the start and at most 1.2 times the plain updater's; the losses
     *     where it is not; why K-FAC was refused; or with what DL4J fails without it
     */
    String trained() {
        List<DataSet> batches = IntStream.range(0, LONG)
                .mapToObj(Cell::learnable)
                .map(batch -> new DataSet(
                        batch.getFeatures().castTo(type), batch.getLabels().castTo(type)))
                .map(setting.batch)
                .toList();
        DataSet all = setting.batch.apply(learnable(LONG));
        double plain;
        try {
            Model model = modelClass.model(setting, type);
            setting.training.train(model, batches);
            plain = loss(model, all);
        } catch (RuntimeException e) {
            return "DL4J fails: " + e.getClass().getSimpleName();
        }
        Model model = modelClass.model(setting, type);
        double start = loss(model, all);
        try {
            modelClass.attach(model, Kfac.defaults());
            setting.training.train(model, batches);
        } catch (UnsupportedModelException | NaturalGradientException e) {
            return "refused";
        }
        double end = loss(model, all);
        return end < start && end <= ALLOWANCE * plain
                ? EXACT
                : String.format(Locale.ROOT, "%.3f from %.3f, plain %.3f", end, start, plain);
    }

    private static double loss(Model model, DataSet data) {
        return model instanceof MultiLayerNetwork network
                ? network.score(data, false)
                : ((ComputationGraph) model).score(data, false);
    }

    /** The class is the largest of the first inputs. */
    private static DataSet learnable(int seed) {
        INDArray x = TestNetworks.normal(new Random(seed), 1, DataType.DOUBLE, 32, Models.IN);
        INDArray y = Nd4j.zeros(DataType.DOUBLE, 32, Models.OUT);
        for (int n = 0; n < y.size(0); n++) {
            int largest = 0;
            for (int k = 1; k < Models.OUT; k++) {
                largest = x.getDouble(n, k) > x.getDouble(n, largest) ? k : largest;
            }
            y.putScalar(n, largest, 1);
        }
        return new DataSet(x, y);
    }

    private static String refused(RuntimeException reason) {
        return "refused: " + reason.getMessage();
    }

    private void train(Model model, List<TrainingListener> listeners) {
        listeners.forEach(listener -> model.addListeners(listener));
        setting.training.train(model, batches());
    }

    private List<DataSet> batches() {
        return IntStream.range(0, STEPS)
                .mapToObj(step -> (DataSet) new DataSet(
                                Models.input(step).castTo(type),
                                Models.labels(step).castTo(type))
                        .getRange(0, SAMPLES))
                .map(setting.batch)
                .toList();
    }

    private void assertClose(INDArray actual, INDArray expected) {
        if (expected == null) {
            assertThat(actual).isNull();
            return;
        }
        assertThat(expected.norm2Number().doubleValue()).isPositive();
        assertThat(Explicit.error(Explicit.column(actual), Explicit.column(expected)))
                .isLessThan(type == DataType.DOUBLE ? TEST_F64 : TEST_F32);
    }

    /**
     * That the setting did something, or, where it should not, that training is that of the plain model to the last
     * bit.
     */
    private void assertActs(Method method, Model trained) {
        double[] plain = PLAINLY_TRAINED.computeIfAbsent(modelClass + " " + type + " " + method, key -> {
            Model model = modelClass.model(PLAIN, type);
            modelClass.attach(model, Definition.plain(method, DAMPING));
            new Cell(PLAIN, modelClass, type).train(model, List.of());
            return bits(model.params());
        });
        if (setting.neutral) {
            assertThat(bits(trained.params())).isEqualTo(plain);
        } else {
            assertThat(bits(trained.params())).isNotEqualTo(plain);
        }
    }

    /** ND4J's own equality has a tolerance. */
    private static double[] bits(INDArray array) {
        return array.dup().data().asDouble();
    }
}
