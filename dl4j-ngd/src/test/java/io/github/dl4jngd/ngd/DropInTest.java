package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Explicit.array;
import static io.github.dl4jngd.ngd.Explicit.column;
import static io.github.dl4jngd.ngd.Explicit.error;
import static io.github.dl4jngd.ngd.Models.IN;
import static io.github.dl4jngd.ngd.Models.dense;
import static io.github.dl4jngd.ngd.Models.input;
import static io.github.dl4jngd.ngd.Models.labels;
import static io.github.dl4jngd.ngd.Models.output;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.internal.training.TrainingNoise;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.Noise;
import io.github.dl4jngd.fisher.operation.ParameterSlice;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * Models with DL4J's own settings: the natural gradient takes the gradient's place and everything else acts as ever.
 */
class DropInTest {

    private static final double TEST_F64 = 1e-7;
    private static final double TEST_CONSTRAINT = 1e-5;
    private static final double DAMPING = 0.05;
    private static final LossFunction LOSS = LossFunction.MCXENT;

    /** v of a network at a minibatch, from explicit matrices, in DL4J's order. */
    private static INDArray natural(MultiLayerNetwork network, long batch) {
        return array(new Explicit(network, input(batch), labels(batch), LOSS).direction(Method.LAYER_WISE, DAMPING));
    }

    private static NaturalGradient attach(MultiLayerNetwork network) {
        return NaturalGradient.attach(network, Definition.plain(Method.LAYER_WISE, DAMPING));
    }

    /** The change of parameters in one step. */
    private static INDArray change(MultiLayerNetwork network, long batch) {
        INDArray before = network.params().dup();
        network.fit(input(batch), labels(batch));
        return network.params().sub(before);
    }

    static Stream<IUpdater> updaters() {
        return Stream.of(new Nesterovs(0.1, 0.9), new Adam(0.05), new RmsProp(0.02), new AdaDelta(), new Sgd(0.3));
    }

    @ParameterizedTest
    @MethodSource("updaters")
    void theUpdaterSeesTheNaturalGradientAsItsGradient(IUpdater updater) {
        MultiLayerNetwork network = Models.softmax(settings -> settings.updater(updater));
        attach(network);
        long p = network.numParams();
        long stateSize = updater.stateSize(p);
        GradientUpdater<?> own =
                updater.instantiate(stateSize == 0 ? null : Nd4j.zeros(DataType.DOUBLE, 1, stateSize), stateSize > 0);
        for (int step = 0; step < 4; step++) {
            INDArray expected = natural(network, step).reshape(1, p);
            own.applyUpdater(expected, step, 0);
            assertThat(relativeError(change(network, step), expected.neg()))
                    .as("step " + step)
                    .isLessThan(TEST_F64);
        }
    }

    static Stream<ISchedule> schedules() {
        return Stream.of(
                new ExponentialSchedule(ScheduleType.ITERATION, 0.5, 0.7),
                new MapSchedule(ScheduleType.ITERATION, Map.of(0, 0.5, 1, 0.2, 3, 0.4)),
                new MapSchedule(ScheduleType.EPOCH, Map.of(0, 0.5, 1, 0.25)));
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void learningRateSchedulesGoOn(ISchedule schedule) {
        MultiLayerNetwork network = Models.softmax(settings -> settings.updater(new Sgd(schedule)));
        attach(network);
        for (int step = 0; step < 4; step++) {
            int epoch = step / 2;
            INDArray expected = natural(network, step).muli(-schedule.valueAt(step, epoch));
            assertThat(relativeError(change(network, step), expected)).isLessThan(TEST_F64);
            if (step % 2 == 1) {
                network.incrementEpochCount();
            }
        }
    }

    /** Weights only, as DL4J has it. */
    private static INDArray weights(MultiLayerNetwork network) {
        INDArray result = network.params().dup().reshape(network.numParams());
        for (LayerDescription layer : LinearizedNetwork.of(network).layers()) {
            layer.parameters().stream()
                    .filter(slice -> slice.name().equals("b"))
                    .forEach(slice -> slice.of(result).assign(0));
        }
        return result;
    }

    @Test
    void penaltiesAreAddedUnpreconditioned() {
        double rate = 0.4;
        MultiLayerNetwork l2 =
                Models.softmax(settings -> settings.updater(new Sgd(rate)).l2(0.3));
        attach(l2);
        INDArray expected = natural(l2, 1).addi(weights(l2).mul(0.3)).muli(-rate);
        assertThat(relativeError(change(l2, 1), expected)).isLessThan(TEST_F64);

        MultiLayerNetwork l1 =
                Models.softmax(settings -> settings.updater(new Sgd(rate)).l1(0.3));
        attach(l1);
        expected = natural(l1, 1).addi(Transforms.sign(weights(l1)).mul(0.3)).muli(-rate);
        assertThat(relativeError(change(l1, 1), expected)).isLessThan(TEST_F64);
    }

    /** What decay adds to the step of a model without natural gradient it adds to one with it, whatever the updater. */
    @ParameterizedTest
    @MethodSource("updaters")
    void weightDecayComesAfterTheUpdater(IUpdater updater) {
        INDArray[][] changes = new INDArray[2][2];
        for (int attached = 0; attached < 2; attached++) {
            for (int decayed = 0; decayed < 2; decayed++) {
                double decay = 0.3 * decayed;
                MultiLayerNetwork network = Models.softmax(settings -> {
                    settings.updater(updater);
                    if (decay > 0) {
                        settings.weightDecay(decay);
                    }
                });
                if (attached == 1) {
                    attach(network);
                }
                changes[attached][decayed] = change(network, 1);
            }
        }
        INDArray expected = changes[0][1].sub(changes[0][0]);
        assertThat(expected.norm2Number().doubleValue()).isPositive();
        assertThat(relativeError(changes[1][1].sub(changes[1][0]), expected)).isLessThan(TEST_F64);
        assertThat(relativeError(changes[1][0], changes[0][0])).isGreaterThan(1e-3);
    }

    @ParameterizedTest
    @EnumSource(GradientNormalization.class)
    void normalisationActsOnTheNaturalGradient(GradientNormalization normalization) {
        double threshold = 0.05;
        MultiLayerNetwork network = Models.softmax(
                settings -> settings.gradientNormalization(normalization).gradientNormalizationThreshold(threshold));
        attach(network);
        INDArray v = natural(network, 2);
        for (LayerDescription layer : LinearizedNetwork.of(network).layers()) {
            List<INDArray> parts =
                    layer.parameters().stream().map(slice -> slice.of(v)).toList();
            double layerNorm = Math.sqrt(parts.stream()
                    .mapToDouble(part -> Math.pow(part.norm2Number().doubleValue(), 2))
                    .sum());
            for (INDArray part : parts) {
                double norm = part.norm2Number().doubleValue();
                switch (normalization) {
                    case None -> {}
                    case RenormalizeL2PerLayer -> part.divi(layerNorm);
                    case RenormalizeL2PerParamType -> part.divi(norm);
                    case ClipElementWiseAbsoluteValue ->
                        part.assign(Transforms.min(Transforms.max(part, -threshold, true), threshold, true));
                    case ClipL2PerLayer -> part.muli(Math.min(1, threshold / layerNorm));
                    case ClipL2PerParamType -> part.muli(Math.min(1, threshold / norm));
                }
            }
        }
        assertThat(relativeError(change(network, 2), v.neg())).isLessThan(TEST_F64);
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void frozenLayersStayAndTheOthersGetTheReducedNetworksNaturalGradient(Method method) {
        MultiLayerNetwork network = new TransferLearning.Builder(Models.softmax())
                .setFeatureExtractor(0)
                .build();
        NaturalGradient ngd =
                NaturalGradient.attach(network, Definition.with(method, builder -> builder.damping(DAMPING)
                        .normConstraint(1e6)));
        MultiLayerNetwork reduced = Models.of(settings -> {}, dense(5, 4), output(4, LOSS, Activation.SOFTMAX));
        reduced.setParam("0_W", network.getParam("1_W"));
        reduced.setParam("0_b", network.getParam("1_b"));
        reduced.setParam("1_W", network.getParam("2_W"));
        reduced.setParam("1_b", network.getParam("2_b"));
        INDArray hidden = network.feedForwardToLayer(0, input(3)).get(1);
        Explicit e = new Explicit(reduced, hidden, labels(3), LOSS);
        SimpleMatrix v = e.direction(method, DAMPING);
        int frozen = Math.toIntExact(network.numParams() - reduced.numParams());
        for (int step = 0; step < 2; step++) {
            SimpleMatrix change = column(change(network, 3));
            assertThat(change.rows(0, frozen).elementMaxAbs()).isZero();
            if (step == 0) {
                assertThat(error(change.rows(frozen, change.getNumRows()), v.scale(-e.measuredStep(v, DAMPING))))
                        .isLessThan(TEST_F64);
            }
        }
        assertThat(ngd.registration().blocks().get(0).block()).contains("frozen");
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void frozenLayersWithBackpropHaveNoBlock(Method method) {
        MultiLayerNetwork network = Models.of(
                settings -> {},
                dense(IN, 5),
                new FrozenLayerWithBackprop(dense(5, 4)),
                dense(4, 4),
                output(4, LOSS, Activation.SOFTMAX));
        Explicit e = new Explicit(network, input(4), labels(4), LOSS);
        assertThat(e.trainableLayers()).isEqualTo(3);
        NaturalGradient ngd = NaturalGradient.attach(
                network, Definition.with(method, b -> b.damping(DAMPING).normConstraint(1e6)));
        INDArray frozen = network.getParam("1_W").dup();
        SimpleMatrix change = column(change(network, 4));
        boolean replaced = !ngd.lastDiagnostics().orElseThrow().note().isEmpty();
        SimpleMatrix v = e.direction(replaced ? Method.LAYER_WISE : method, DAMPING);
        assertThat(error(change, v.scale(-e.measuredStep(v, DAMPING)))).isLessThan(TEST_F64);
        assertThat(network.getParam("1_W")).isEqualTo(frozen);
    }

    @Test
    void constraintsAreStillApplied() {
        MaxNormConstraint constraint = new MaxNormConstraint(0.5, 1);
        MultiLayerNetwork network = Models.softmax(settings -> settings.constrainWeights(constraint));
        attach(network);
        INDArray expected = network.params().reshape(network.numParams()).sub(natural(network, 5));
        INDArray unconstrained = expected.dup();
        for (LayerDescription layer : LinearizedNetwork.of(network).layers()) {
            ParameterSlice slice = layer.parameter("W");
            constraint.apply(slice.of(expected));
        }
        assertThat(relativeError(unconstrained, expected)).isGreaterThan(1e-2);
        network.fit(input(5), labels(5));
        // DL4J applies a constraint twice, and each time divides by the norm plus 1e-6
        assertThat(relativeError(network.params(), expected)).isLessThan(TEST_CONSTRAINT);
    }

    @Test
    void summedGradientsGiveTheNaturalGradientOfTheMean() {
        MultiLayerNetwork network = Models.softmax(settings -> settings.miniBatch(false));
        attach(network);
        INDArray v = natural(network, 6);
        assertThat(relativeError(change(network, 6), v.neg())).isLessThan(TEST_F64);
        // the form for any gradient sees the factor too
        MultiLayerNetwork sampled = Models.softmax(settings -> settings.miniBatch(false));
        MultiLayerNetwork divided = Models.softmax();
        for (MultiLayerNetwork each : List.of(sampled, divided)) {
            NaturalGradient.attach(each, Kfac.builder().damping(DAMPING).build());
        }
        assertThat(relativeError(change(sampled, 6), change(divided, 6))).isLessThan(TEST_F64);
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void workspacesChangeNothing(Method method) {
        MultiLayerNetwork none = Models.softmax(settings ->
                settings.trainingWorkspaceMode(WorkspaceMode.NONE).inferenceWorkspaceMode(WorkspaceMode.NONE));
        MultiLayerNetwork enabled = Models.softmax(settings -> settings.trainingWorkspaceMode(WorkspaceMode.ENABLED));
        for (MultiLayerNetwork network : List.of(none, enabled)) {
            NaturalGradient.attach(network, Definition.damped(method, DAMPING));
            for (int step = 0; step < 3; step++) {
                network.fit(input(step), labels(step));
            }
        }
        assertThat(enabled.params()).isEqualTo(none.params());
    }

    private static void dropout(NeuralNetConfiguration.Builder settings) {
        settings.dropOut(new Dropout(0.6));
    }

    /** Keeps the gradient that DL4J's own backward pass, with its dropout masks, made. */
    private static final class GradientKeeper extends BaseTrainingListener {
        private INDArray sum;

        @Override
        public void onBackwardPass(Model model) {
            LinearizedNetwork network = LinearizedNetwork.of((MultiLayerNetwork) model);
            sum = Nd4j.zeros(DataType.DOUBLE, model.numParams());
            for (LayerDescription layer : network.layers()) {
                for (ParameterSlice slice : layer.parameters()) {
                    slice.of(sum).assign(model.gradient().getGradientFor(layer.key() + "_" + slice.name()));
                }
            }
        }
    }

    private static Explicit noisy(MultiLayerNetwork network, Noise noise) {
        DataSet batch = new DataSet(input(7), labels(7));
        return new Explicit(network, batch, LOSS, Parameterization.standard(), new double[0], noise);
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void curvatureIsThatOfTheDroppedNetwork(Method method) {
        MultiLayerNetwork network = Models.softmax(DropInTest::dropout);
        GradientKeeper keeper = new GradientKeeper();
        network.addListeners(keeper);
        NaturalGradient ngd = NaturalGradient.attach(network, Definition.plain(method, DAMPING));
        for (int step = 0; step < 2; step++) {
            MultiLayerNetwork before = network.clone();
            SimpleMatrix change = column(change(network, 7));
            Noise noise = TrainingNoise.of(LiveModel.of(network), LinearizedNetwork.of(network));
            Explicit e = noisy(before, noise);
            SimpleMatrix gradient = column(keeper.sum).divide(Models.SAMPLES);
            assertThat(error(gradient, e.gradient)).isLessThan(TEST_F64);
            assertThat(error(gradient, new Explicit(before, input(7), labels(7), LOSS).gradient))
                    .isGreaterThan(0.05);
            boolean replaced = !ngd.lastDiagnostics().orElseThrow().note().isEmpty();
            SimpleMatrix v = e.direction(replaced ? Method.LAYER_WISE : method, DAMPING, gradient);
            assertThat(error(change, v.negative())).isLessThan(TEST_F64);
        }
    }

    /** The gradient is in the range of the dropped network's matrix. */
    @Test
    void dropoutNeedsNoDampingOfItsOwn() {
        MultiLayerNetwork network = Models.softmax(DropInTest::dropout);
        NaturalGradient.attach(network, Definition.plain(Method.EXACT, 0));
        MultiLayerNetwork before = network.clone();
        SimpleMatrix change = column(change(network, 7));
        Noise noise = TrainingNoise.of(LiveModel.of(network), LinearizedNetwork.of(network));
        Explicit e = noisy(before, noise);
        assertThat(error(e.fisher.mult(change).negative(), e.gradient)).isLessThan(1e-9);
    }
}
