package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Models.dense;
import static io.github.dl4jngd.ngd.Models.input;
import static io.github.dl4jngd.ngd.Models.labels;
import static io.github.dl4jngd.ngd.Models.output;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.loss.FisherType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** Checkpoints: training that goes on from one is training that was never interrupted. */
class CheckpointTest {

    private static final int STEPS = 14;

    @TempDir
    private Path folder;

    private static MultiLayerNetwork dropout() {
        return Models.softmax(settings -> settings.updater(new Adam(0.05)).dropOut(new Dropout(0.8)));
    }

    private static MultiLayerNetwork float32() {
        return Models.softmax(settings -> settings.updater(new Nesterovs(0.1, 0.9))
                .dataType(DataType.FLOAT)
                .l2(0.01));
    }

    private static MultiLayerNetwork constrained() {
        return Models.softmax(
                settings -> settings.updater(new Adam(0.05)).constrainWeights(new MaxNormConstraint(0.7, 1)));
    }

    private static MultiLayerNetwork scheduled() {
        return Models.softmax(
                settings -> settings.updater(new Sgd(new ExponentialSchedule(ScheduleType.EPOCH, 0.5, 0.6))));
    }

    static Stream<Arguments> runs() {
        Stream<Arguments> methods = Stream.of(Method.values())
                .map(method -> run(method.name(), CheckpointTest::dropout, Definition.damped(method, 0.05)));
        Kfac.Builder kfac = Kfac.builder().damping(0.05).factorInterval(2).inverseInterval(4);
        Ekfac.Builder ekfac = Ekfac.builder().damping(0.05).factorInterval(2).inverseInterval(4);
        Stream<Arguments> more = Stream.of(
                run("averaged E-KFAC", CheckpointTest::dropout, ekfac.build()),
                run(
                        "pending eigenvectors",
                        CheckpointTest::float32,
                        ekfac.gradualStart(false).asynchronousInverses(true).build()),
                run("averaged K-FAC", CheckpointTest::dropout, kfac.build()),
                run("float32", CheckpointTest::float32, kfac.build()),
                run("graph", () -> dropout().toComputationGraph(), kfac.build()),
                run(
                        "pending inverses",
                        CheckpointTest::dropout,
                        kfac.gradualStart(false).asynchronousInverses(true).build()),
                run("adaptive damping", CheckpointTest::float32, Definition.with(Method.EXACT, b -> b.damping(1)
                        .adaptiveDamping(new LevenbergMarquardt(3, 0.9, 0.25, 0.75, 1e-6, 100)))),
                run("constraints", CheckpointTest::constrained, Definition.damped(Method.LAYER_WISE, 0.1)),
                run(
                        "schedules",
                        CheckpointTest::scheduled,
                        Definition.with(
                                Method.EXACT,
                                b -> b.dampingSchedule(new ExponentialSchedule(ScheduleType.ITERATION, 1, 0.9)))),
                run(
                        "normal draws",
                        () -> Models.of(
                                s -> s.updater(new Sgd(0.3)),
                                dense(Models.IN, 5),
                                output(5, LossFunction.MSE, Activation.IDENTITY)),
                        LayerWiseNaturalGradient.builder()
                                .damping(0.1)
                                .fisherType(FisherType.MONTE_CARLO)
                                .monteCarloDraws(3)
                                .build()),
                run(
                        "NTK coordinates",
                        CheckpointTest::float32,
                        Definition.with(Method.UNIT_WISE, b -> b.relativeDamping(0.1)
                                .parameterization(Parameterization.ntk(2, 0.1))
                                .divergenceGuard(DivergenceGuard.DEFAULT))));
        return Stream.concat(methods, more);
    }

    private static Arguments run(String name, Supplier<Model> model, NaturalGradientConfiguration configuration) {
        return Arguments.of(name, model, configuration);
    }

    private static NaturalGradient attach(Model model, NaturalGradientConfiguration configuration) {
        return model instanceof MultiLayerNetwork network
                ? NaturalGradient.attach(network, configuration)
                : NaturalGradient.attach((ComputationGraph) model, configuration);
    }

    /** A step; every fourth ends an epoch. */
    private static void step(Model model, int batch) {
        if (model instanceof MultiLayerNetwork network) {
            network.fit(input(batch), labels(batch));
            if (batch % 4 == 3) {
                network.incrementEpochCount();
            }
        } else {
            ComputationGraph graph = (ComputationGraph) model;
            graph.fit(new INDArray[] {input(batch)}, new INDArray[] {labels(batch)});
            if (batch % 4 == 3) {
                graph.incrementEpochCount();
            }
        }
    }

    private static INDArray updaterState(Model model) {
        return UpdaterSlot.of(model).updater().getStateViewArray();
    }

    /**
     * Interrupted between steps or within them, it ends bit for bit where it would have. One run is interrupted at
     * every third step in turn, which ones depends on the run.
     */
    @ParameterizedTest(name = "{0}")
    @MethodSource("runs")
    void resumedTrainingIsUninterruptedTraining(
            String name, Supplier<Model> models, NaturalGradientConfiguration configuration) throws IOException {
        Model whole = models.get();
        NaturalGradient ngd = attach(whole, configuration);
        whole.addListeners(new BaseTrainingListener() {
            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
                try {
                    ngd.save(folder.resolve("within-" + iteration));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        Nd4j.getRandom().setSeed(11);
        for (int batch = 0; batch < STEPS; batch++) {
            ngd.save(folder.resolve("before-" + batch));
            step(whole, batch);
        }
        for (int batch = Math.floorMod(name.hashCode(), 3); batch < STEPS; batch += 3) {
            assertThat(finished(folder.resolve("before-" + batch), batch))
                    .as("between steps, before " + batch)
                    .isEqualTo(List.of(whole.params(), updaterState(whole) == null ? "" : updaterState(whole)));
            boolean endsEpoch = batch % 4 == 3;
            if (!endsEpoch) {
                assertThat(finished(folder.resolve("within-" + batch), batch + 1))
                        .as("in the step of " + batch)
                        .isEqualTo(List.of(whole.params(), updaterState(whole) == null ? "" : updaterState(whole)));
            }
        }
    }

    /** Interrupted once more on the way. */
    private static List<Object> finished(Path checkpoint, int next) throws IOException {
        NaturalGradient resumed = NaturalGradient.restore(checkpoint);
        int again = (next + STEPS) / 2;
        for (int batch = next; batch < STEPS; batch++) {
            if (batch == again) {
                Path second = checkpoint.resolveSibling("second");
                resumed.save(second);
                resumed = NaturalGradient.restore(second);
            }
            step(resumed.model(), batch);
        }
        INDArray state = updaterState(resumed.model());
        return List.of(resumed.model().params(), state == null ? "" : state);
    }

    private Path saved() throws IOException {
        MultiLayerNetwork network = dropout();
        NaturalGradient ngd =
                NaturalGradient.attach(network, Kfac.builder().damping(0.05).build());
        step(network, 0);
        step(network, 1);
        Path file = folder.resolve("checkpoint");
        ngd.save(file);
        return file;
    }

    @Test
    void aCheckpointGoesIntoAModelAtHand() throws IOException {
        Path file = saved();
        MultiLayerNetwork network = dropout();
        NaturalGradient before = NaturalGradient.attach(network, Definition.damped(Method.EXACT, 1));
        NaturalGradient restored = NaturalGradient.restore(file, network);
        assertThat(restored.model()).isSameAs(network);
        assertThat(restored.isAttached()).isTrue();
        assertThat(before.isAttached()).isFalse();
        assertThat(NaturalGradient.of(network)).containsSame(restored);
        assertThat(network.getIterationCount()).isEqualTo(2);
        NaturalGradient alone = NaturalGradient.restore(file);
        Nd4j.getRandom().setSeed(2);
        step(network, 2);
        Nd4j.getRandom().setSeed(2);
        step(alone.model(), 2);
        assertThat(network.params()).isEqualTo(alone.model().params());
    }

    /** The model in it can be had without this library's reader. */
    @Test
    void aCheckpointIsAModelFile() throws IOException {
        Path file = saved();
        MultiLayerNetwork plain = ModelSerializer.restoreMultiLayerNetwork(file.toFile(), true);
        Model restored = NaturalGradient.restore(file).model();
        assertThat(plain.params()).isEqualTo(restored.params());
        assertThat(plain.getUpdater().getStateViewArray()).isEqualTo(updaterState(restored));
        assertThat(plain.output(input(3))).isEqualTo(((MultiLayerNetwork) restored).output(input(3)));
    }

    static Stream<Arguments> otherModels() {
        return Stream.of(
                Arguments.of("a graph", (Supplier<Model>) () -> dropout().toComputationGraph(), "MultiLayerNetwork"),
                Arguments.of(
                        "wider",
                        (Supplier<Model>) () -> Models.of(
                                s -> s.updater(new Adam(0.05)),
                                dense(Models.IN, 6),
                                dense(6, 4),
                                output(4, LossFunction.MCXENT, Activation.SOFTMAX)),
                        "0_W"),
                Arguments.of(
                        "deeper",
                        (Supplier<Model>) () -> Models.of(
                                s -> s.updater(new Adam(0.05)),
                                dense(Models.IN, 5),
                                dense(5, 4),
                                dense(4, 4),
                                output(4, LossFunction.MCXENT, Activation.SOFTMAX)),
                        "2_W"),
                Arguments.of(
                        "float32",
                        (Supplier<Model>) () ->
                                Models.softmax(s -> s.updater(new Adam(0.05)).dataType(DataType.FLOAT)),
                        "FLOAT"),
                Arguments.of(
                        "another activation",
                        (Supplier<Model>) () -> Models.of(
                                s -> s.updater(new Adam(0.05)),
                                new DenseLayer.Builder()
                                        .nIn(Models.IN)
                                        .nOut(5)
                                        .activation(Activation.RELU)
                                        .build(),
                                dense(5, 4),
                                output(4, LossFunction.MCXENT, Activation.SOFTMAX)),
                        "relu"),
                Arguments.of(
                        "an updater with as much state",
                        (Supplier<Model>) () -> Models.softmax(s -> s.updater(new AdaMax(0.05))),
                        "updaters"),
                Arguments.of(
                        "a rate of its own, and so other blocks",
                        (Supplier<Model>) () -> {
                            MultiLayerNetwork network = dropout();
                            network.setLearningRate(0, 0.3);
                            return network;
                        },
                        "updaters"),
                Arguments.of(
                        "another updater",
                        (Supplier<Model>) () -> Models.softmax(s -> s.updater(new Sgd(1))),
                        "updater"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("otherModels")
    void aCheckpointOfAnotherModelIsRefused(String name, Supplier<Model> models, String named) throws IOException {
        Path file = saved();
        Model model = models.get();
        NaturalGradient attached = attach(model, Definition.damped(Method.EXACT, 1));
        INDArray before = model.params().dup();
        assertThatThrownBy(() -> NaturalGradient.restore(file, model))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("another model")
                .hasMessageContaining(named);
        assertThat(model.params()).isEqualTo(before);
        assertThat(attached.isAttached()).isTrue();
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        Path none = folder.resolve("none");
        assertThatThrownBy(() -> NaturalGradient.restore(none)).isInstanceOf(NoSuchFileException.class);
        Path text = Files.writeString(folder.resolve("text"), "not a checkpoint");
        assertThatThrownBy(() -> NaturalGradient.restore(text))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("text");
        Path plain = folder.resolve("plain.zip");
        ModelSerializer.writeModel(dropout(), plain.toFile(), true);
        assertThatThrownBy(() -> NaturalGradient.restore(plain))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("ModelSerializer");
    }

    @Test
    void anotherVersionIsRefused() throws IOException {
        Path file = saved();
        byte[] bytes = Files.readAllBytes(file);
        String content = new String(bytes, StandardCharsets.ISO_8859_1);
        int at = content.indexOf("\"version\" : 1") + "\"version\" : ".length();
        bytes[at] = '7';
        Files.write(file, bytes);
        // the archive's checksum of the manifest no longer fits: put the right one in
        assertThatThrownBy(() -> NaturalGradient.restore(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("damaged");
        CheckpointFiles.repairChecksum(file);
        assertThatThrownBy(() -> NaturalGradient.restore(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("version 7")
                .hasMessageContaining("newer");
    }

    /** Cut anywhere, or any byte of it changed: an error that names the file, or what was written. */
    @Test
    void damageIsNoticed() throws IOException {
        Path file = saved();
        byte[] bytes = Files.readAllBytes(file);
        INDArray parameters = NaturalGradient.restore(file).model().params().dup();
        MultiLayerNetwork network = dropout();
        INDArray before = network.params().dup();
        Random random = new Random(4);
        Path damaged = folder.resolve("damaged");
        int refused = 0;
        for (int trial = 0; trial < 300; trial++) {
            byte[] changed = bytes.clone();
            if (trial % 3 == 0) {
                changed = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
            } else {
                changed[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(damaged, changed);
            try {
                NaturalGradient restored = NaturalGradient.restore(damaged, network);
                assertThat(network.params()).isEqualTo(parameters);
                restored.detach();
                network.setParams(before);
            } catch (CheckpointException e) {
                refused++;
                assertThat(e).hasMessageContaining("damaged");
                assertThat(network.params()).isEqualTo(before);
            }
        }
        assertThat(refused).isGreaterThan(200);
    }

    @Test
    void anEarlierCheckpointOutlivesAFailedOne() throws IOException {
        Path file = saved();
        byte[] before = Files.readAllBytes(file);
        MultiLayerNetwork network = dropout();
        NaturalGradient ngd = NaturalGradient.attach(network, Definition.damped(Method.EXACT, 1));
        Path missing = folder.resolve("no").resolve("folder");
        assertThatThrownBy(() -> ngd.save(missing)).isInstanceOf(IOException.class);
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        ngd.detach();
        assertThatThrownBy(() -> ngd.save(file)).isInstanceOf(IllegalStateException.class);
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    /** After a failure, before any step, and after clear: what is saved is what is there. */
    @Test
    void checkpointsOfAwkwardMoments() throws IOException {
        MultiLayerNetwork network = dropout();
        NaturalGradient ngd = NaturalGradient.attach(network, Definition.damped(Method.EXACT, 0.05));
        step(network, 0);
        INDArray broken = input(1).assign(Double.NaN);
        assertThatThrownBy(() -> network.fit(broken, labels(1))).isInstanceOf(NaturalGradientException.class);
        Path failed = folder.resolve("failed");
        ngd.save(failed);
        assertThat(((MultiLayerNetwork) NaturalGradient.restore(failed).model()).getIterationCount())
                .isEqualTo(1);

        INDArray state = updaterState(network).dup();
        assertThat(state.norm2Number().doubleValue()).isPositive();
        network.clear();
        Path cleared = folder.resolve("cleared");
        Thread.currentThread().interrupt();
        ngd.save(cleared);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(updaterState(NaturalGradient.restore(cleared).model())).isEqualTo(state);
        step(network, 2);
        MultiLayerNetwork resumed =
                (MultiLayerNetwork) NaturalGradient.restore(cleared).model();
        Nd4j.getRandom().setSeed(3);
        step(resumed, 3);
        MultiLayerNetwork again =
                (MultiLayerNetwork) NaturalGradient.restore(cleared).model();
        Nd4j.getRandom().setSeed(3);
        step(again, 3);
        assertThat(again.params()).isEqualTo(resumed.params());
    }

    /** A model that the checkpoint's natural gradient refuses keeps its own. */
    @Test
    void aRefusedRestoreLeavesTheNaturalGradient() throws IOException {
        MultiLayerNetwork plain = Models.softmax(settings -> settings.updater(new Adam(0.05)));
        Path file = folder.resolve("checkpoint");
        NaturalGradient.attach(plain, Definition.damped(Method.EXACT, 1)).save(file);
        MultiLayerNetwork network = dropout();
        NaturalGradient own = NaturalGradient.attach(network, Definition.damped(Method.EXACT, 1));
        network.conf().setOptimizationAlgo(OptimizationAlgorithm.LBFGS);
        assertThatThrownBy(() -> NaturalGradient.restore(file, network))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("LBFGS");
        assertThat(own.isAttached()).isTrue();
        assertThat(NaturalGradient.of(network)).containsSame(own);
    }

    @Test
    void theGeneratorIsJavas() {
        Random expected = new Random(42);
        ResumableRandom random = new ResumableRandom(42);
        for (int i = 0; i < 100; i++) {
            assertThat(random.nextGaussian()).isEqualTo(expected.nextGaussian());
            assertThat(random.nextDouble()).isEqualTo(expected.nextDouble());
            assertThat(random.nextInt(17)).isEqualTo(expected.nextInt(17));
            CheckpointState state = CheckpointState.empty();
            random.nextGaussian();
            expected.nextGaussian();
            random.save(state);
            random = new ResumableRandom(0);
            random.restore(state);
        }
    }
}
