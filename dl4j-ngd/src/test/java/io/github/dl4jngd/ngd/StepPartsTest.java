package io.github.dl4jngd.ngd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Every part of what lives across steps: a failed step leaves it as it was, a checkpoint has all of it. */
class StepPartsTest {

    private static final int SAMPLES = Models.SAMPLES;
    private static final int STEPS = 12;

    private final MultiLayerNetwork network = Models.of(
            settings -> settings.updater(new Sgd(0.5)).dataType(DataType.DOUBLE),
            Models.dense(Models.IN, 5),
            Models.output(5, LossFunction.MCXENT, Activation.SOFTMAX));
    private final UpdaterSlot slot = UpdaterSlot.of(network);
    private int iteration;

    static Stream<NaturalGradientConfiguration> configurations() {
        return Stream.of(
                everything(ExactNaturalGradient.builder()).build(),
                everything(LayerWiseNaturalGradient.builder()).build(),
                everything(BlockTriDiagonalNaturalGradient.builder()).build(),
                everything(UnitWiseNaturalGradient.builder()).build(),
                everything(Kfac.builder())
                        .factorInterval(2)
                        .inverseInterval(3)
                        .gradualStart(false)
                        .build(),
                everything(Kfac.builder())
                        .factorInterval(2)
                        .inverseInterval(4)
                        .asynchronousInverses(true)
                        .build(),
                everything(Kfac.builder())
                        .factorDecay(0)
                        .factorInterval(1)
                        .inverseInterval(1)
                        .build(),
                everything(Ekfac.builder())
                        .factorInterval(2)
                        .inverseInterval(3)
                        .gradualStart(false)
                        .build(),
                everything(Ekfac.builder())
                        .factorInterval(2)
                        .inverseInterval(4)
                        .asynchronousInverses(true)
                        .build());
    }

    private static <B extends NaturalGradientConfiguration.Builder<B>> B everything(B builder) {
        return builder.damping(1)
                .adaptiveDamping(new LevenbergMarquardt(2, 0.9, 0.25, 0.75, 1e-8, 1e3))
                .divergenceGuard(DivergenceGuard.DEFAULT);
    }

    /** A gradient whose parameters can be read so often, and not once more. */
    private static final class Failing extends DefaultGradient {
        private static final long serialVersionUID = 1L;
        private final Gradient gradient;
        private int reads;

        Failing(Gradient gradient, int reads) {
            this.gradient = gradient;
            this.reads = reads;
        }

        @Override
        public INDArray getGradientFor(String variable) {
            return reads-- > 0 ? gradient.getGradientFor(variable) : null;
        }
    }

    /** The model in the middle of a step, with its gradient. */
    private Gradient backward() {
        network.setInput(Models.input(100 + iteration));
        network.setLabels(Models.labels(iteration));
        network.computeGradientAndScore();
        return network.gradient();
    }

    private static CheckpointState saved(StepPart part) {
        CheckpointState state = CheckpointState.empty();
        part.save(state);
        return state;
    }

    private static void assertSame(CheckpointState actual, CheckpointState expected, String what) {
        assertThat(actual.values()).as(what).isEqualTo(expected.values());
        assertThat(actual.arrays().keySet())
                .as(what)
                .isEqualTo(expected.arrays().keySet());
        expected.arrays().forEach((name, array) -> assertThat(actual.arrays().get(name))
                .as(what + " " + name)
                .isEqualTo(array));
    }

    /** As it is now, and not by reference. */
    private static CheckpointState copy(CheckpointState state) {
        CheckpointState copy = CheckpointState.empty();
        copy.values().putAll(state.values());
        state.arrays().forEach((name, array) -> copy.arrays().put(name, array.dup(array.ordering())));
        return copy;
    }

    private Preconditioner preconditioner(NaturalGradientConfiguration configuration) {
        LinearizedNetwork linearized = slot.live().compile(configuration.batchStatistics());
        return new Preconditioner(configuration, linearized, slot.live());
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void aFailedStepLeavesEveryPartAsItWas(NaturalGradientConfiguration configuration) {
        try (Preconditioner preconditioner = preconditioner(configuration)) {
            Set<StepPart> changed = new HashSet<>();
            for (; iteration < STEPS; iteration++) {
                Gradient gradient = backward();
                List<CheckpointState> before = new ArrayList<>();
                preconditioner.parts().list().forEach(part -> before.add(copy(saved(part))));
                // Every parameter can be read once and the first be written: the step fails when all parts have
                // changed.
                Failing failing = new Failing(gradient, network.paramTable().size() + 1);
                assertThatThrownBy(() -> preconditioner.precondition(failing, 1.0 / SAMPLES, iteration, 0, null))
                        .isInstanceOf(NaturalGradientException.class)
                        .hasMessageContaining("no gradient for parameter");
                for (int i = 0; i < before.size(); i++) {
                    StepPart part = preconditioner.parts().list().get(i);
                    assertSame(saved(part), before.get(i), part.getClass().getSimpleName() + " at " + iteration);
                }
                backward();
                preconditioner.precondition(network.gradient(), 1.0 / SAMPLES, iteration, 0, null);
                for (int i = 0; i < before.size(); i++) {
                    StepPart part = preconditioner.parts().list().get(i);
                    if (!saved(part).values().equals(before.get(i).values())) {
                        changed.add(part);
                    }
                }
            }
            // A part that no step changes would have passed for nothing; failures are counted outside steps.
            List<String> still = preconditioner.parts().list().stream()
                    .filter(part -> !changed.contains(part))
                    .map(part -> part.getClass().getSimpleName())
                    .toList();
            List<String> expected = new ArrayList<>(List.of("StepFailures"));
            if (!(configuration instanceof KroneckerConfiguration)) {
                expected.add(0, "ResumableRandom");
            }
            if (!(configuration instanceof KroneckerConfiguration factored) || factored.isDefinition()) {
                expected.add("MinibatchCurvature");
            }
            assertThat(still).isSubsetOf(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void aCheckpointHasEveryPart(NaturalGradientConfiguration configuration) {
        try (Preconditioner preconditioner = preconditioner(configuration);
                Preconditioner resumed = preconditioner(configuration)) {
            for (; iteration < STEPS; iteration++) {
                preconditioner.precondition(backward(), 1.0 / SAMPLES, iteration, 0, null);
            }
            CheckpointState state = CheckpointState.empty();
            preconditioner.parts().save(state);
            resumed.parts().restore(copy(state));
            for (int i = 0; i < preconditioner.parts().list().size(); i++) {
                StepPart part = preconditioner.parts().list().get(i);
                assertSame(
                        saved(resumed.parts().list().get(i)),
                        saved(part),
                        part.getClass().getSimpleName());
            }
            Gradient gradient = backward();
            INDArray before = network.getFlattenedGradients().dup();
            preconditioner.precondition(gradient, 1.0 / SAMPLES, iteration, 0, null);
            INDArray one = gradient.gradient().dup();
            network.getFlattenedGradients().assign(before);
            resumed.precondition(gradient, 1.0 / SAMPLES, iteration, 0, null);
            assertThat(gradient.gradient()).isEqualTo(one);
        }
    }

    /**
     * The guard's copies are written in place: what fails even after that leaves nothing to take back, and the same
     * means.
     */
    @Test
    void theLossWatchForgetsAStepThatFailedAfterIt() {
        LossWatch watch = new LossWatch(Optional.of(DivergenceGuard.DEFAULT));
        backward();
        assertThat(watch.takesBack(slot.live(), network.params(), null)).isFalse();
        watch.beforeStep(network.params(), null);
        CheckpointState before = copy(saved(watch));
        StepPart.Undo undo = watch.begin();
        iteration++;
        backward();
        assertThat(watch.takesBack(slot.live(), network.params(), null)).isFalse();
        watch.beforeStep(network.params(), null);
        assertThat(saved(watch).values()).isNotEqualTo(before.values());
        undo.undo();
        assertThat(saved(watch).values()).isEqualTo(before.values());
        assertThat(before.has("divergence/parameters")).isTrue();
        assertThat(saved(watch).has("divergence/parameters")).isFalse();
    }

    /** A part that writes down what is asked of it, and fails at one of these. */
    private record Noting(String name, String failsAt, List<String> notes) implements StepPart {

        private void note(String what) {
            notes.add(what + " " + name);
            if (what.equals(failsAt)) {
                throw new IllegalStateException(what + " of " + name + " failed");
            }
        }

        @Override
        public Undo begin() {
            note("begin");
            return new Undo() {
                @Override
                public void undo() {
                    note("undo");
                }

                @Override
                public void keep() {
                    note("keep");
                }
            };
        }

        @Override
        public void save(CheckpointState into) {}

        @Override
        public void restore(CheckpointState from) {}
    }

    private static UndoableStep three(List<String> notes, String firstFailsAt, String secondFailsAt) {
        return new UndoableStep(List.of(
                new Noting("one", firstFailsAt, notes),
                new Noting("two", secondFailsAt, notes),
                new Noting("three", "", notes)));
    }

    @Test
    void everyPartIsUndoneEvenWhereUndoingAnotherFails() {
        List<String> notes = new ArrayList<>();
        ArithmeticException failure = new ArithmeticException("the step failed");
        assertThatThrownBy(() -> three(notes, "undo", "undo").attempt(() -> {
                    throw failure;
                }))
                .isSameAs(failure);
        assertThat(failure.getSuppressed())
                .extracting(Throwable::getMessage)
                .containsExactly("undo of one failed", "undo of two failed");
        assertThat(notes)
                .containsExactly("begin one", "begin two", "begin three", "undo one", "undo two", "undo three");
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void throwUndeclared(Throwable thrown) throws T {
        throw (T) thrown;
    }

    /** Some libraries throw checked exceptions that they do not declare. */
    @Test
    void everyPartIsUndoneWhateverIsThrown() {
        List<String> notes = new ArrayList<>();
        IOException failure = new IOException("the disk is full");
        assertThatThrownBy(() ->
                        three(notes, "", "").attempt(() -> StepPartsTest.<RuntimeException>throwUndeclared(failure)))
                .isSameAs(failure);
        assertThat(notes).endsWith("undo one", "undo two", "undo three");
    }

    @Test
    void everyPartIsKeptEvenWhereKeepingAnotherFails() {
        List<String> notes = new ArrayList<>();
        assertThatThrownBy(() -> three(notes, "keep", "keep").attempt(() -> notes.add("step")))
                .hasMessage("keep of one failed")
                .satisfies(failure -> assertThat(failure.getSuppressed())
                        .extracting(Throwable::getMessage)
                        .containsExactly("keep of two failed"));
        assertThat(notes)
                .containsExactly("begin one", "begin two", "begin three", "step", "keep one", "keep two", "keep three");
    }

    /** What had begun by then ends, and the step is not made. */
    @Test
    void aPartThatCannotBeginFailsTheStep() {
        List<String> notes = new ArrayList<>();
        assertThatThrownBy(() -> three(notes, "", "begin").attempt(() -> notes.add("step")))
                .hasMessage("begin of two failed");
        assertThat(notes).containsExactly("begin one", "begin two", "undo one");
    }
}
