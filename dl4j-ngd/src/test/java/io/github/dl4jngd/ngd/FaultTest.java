package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Models.input;
import static io.github.dl4jngd.ngd.Models.labels;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.util.CrashReportingUtil;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** Faults in the middle of a step: the model is as before it, nothing stays open, and training can go on. */
class FaultTest {

    private static final double DAMPING = 0.05;

    /** Of every error that says memory has run out DL4J writes a report into the working directory. */
    @BeforeAll
    static void withoutReports() {
        CrashReportingUtil.crashDumpsEnabled(false);
    }

    @AfterAll
    static void withReports() {
        CrashReportingUtil.crashDumpsEnabled(true);
    }

    private static MultiLayerNetwork network() {
        return Models.softmax(settings -> settings.updater(new Adam(0.05)));
    }

    private static NaturalGradient attach(
            MultiLayerNetwork network, NaturalGradientConfiguration configuration, Consumer<String> fault) {
        UpdaterSlot slot = UpdaterSlot.of(network);
        LinearizedNetwork linearized = slot.live().compile(configuration.batchStatistics());
        LinearAlgebra provider = Faults.before(LinearAlgebra.best(), fault);
        return NaturalGradient.attach(
                slot, linearized, new Preconditioner(configuration, linearized, slot.live(), provider));
    }

    private static void assertNothingIsOpen() {
        MemoryWorkspace open = Nd4j.getMemoryManager().getCurrentWorkspace();
        assertThat(open).isNull();
        assertThat(PreconditionedStep.isOpen()).isFalse();
    }

    /** At the first factorisation, the second, …: until a step has no more. */
    @ParameterizedTest
    @EnumSource(Method.class)
    void anAllocationThatFails(Method method) {
        int faults = 0;
        for (int at = 0; at < 20; at++) {
            int[] left = {-1};
            MultiLayerNetwork network = network();
            MultiLayerNetwork untouched = network();
            attach(network, Definition.damped(method, DAMPING), operation -> {
                if (left[0] >= 0 && left[0]-- == 0) {
                    throw new OutOfMemoryError("by request");
                }
            });
            NaturalGradient.attach(untouched, Definition.damped(method, DAMPING));
            network.fit(input(0), labels(0));
            untouched.fit(input(0), labels(0));
            List<INDArray> before = Models.state(network);
            left[0] = at;
            boolean failed = false;
            try {
                network.fit(input(1), labels(1));
            } catch (OutOfMemoryError e) {
                failed = true;
                assertThat(Models.state(network)).isEqualTo(before);
                assertNothingIsOpen();
                network.fit(input(1), labels(1));
            }
            left[0] = -1;
            untouched.fit(input(1), labels(1));
            assertThat(Models.state(network)).isEqualTo(Models.state(untouched));
            faults += failed ? 1 : 0;
            if (!failed) {
                break;
            }
        }
        assertThat(faults).isPositive();
    }

    /** Averages, draws and schedule of K-FAC do not know of a step that failed, wherever it did. */
    @Test
    void averagesDoNotKnowOfAFailedStep() {
        for (int at = 0; at < 8; at++) {
            int[] left = {-1};
            Kfac kfac = Kfac.builder()
                    .damping(DAMPING)
                    .factorInterval(1)
                    .inverseInterval(2)
                    .gradualStart(false)
                    .build();
            MultiLayerNetwork network = network();
            MultiLayerNetwork untouched = network();
            attach(network, kfac, operation -> {
                if (left[0] >= 0 && left[0]-- == 0) {
                    throw new OutOfMemoryError("by request");
                }
            });
            NaturalGradient.attach(untouched, kfac);
            for (int batch = 0; batch < 6; batch++) {
                left[0] = batch % 2 == 1 ? -1 : at;
                try {
                    network.fit(input(batch), labels(batch));
                } catch (OutOfMemoryError e) {
                    left[0] = -1;
                    network.fit(input(batch), labels(batch));
                }
                untouched.fit(input(batch), labels(batch));
                assertThat(Models.state(network)).as("factorisation " + at).isEqualTo(Models.state(untouched));
            }
        }
    }

    private static BaseTrainingListener failing(String where) {
        return new BaseTrainingListener() {
            private void fail(String here) {
                if (here.equals(where)) {
                    throw new IllegalStateException("listener, by request");
                }
            }

            @Override
            public void onForwardPass(Model model, List<INDArray> activations) {
                fail("onForwardPass");
            }

            @Override
            public void onForwardPass(Model model, Map<String, INDArray> activations) {
                fail("onForwardPass");
            }

            @Override
            public void onGradientCalculation(Model model) {
                fail("onGradientCalculation");
            }

            @Override
            public void onBackwardPass(Model model) {
                fail("onBackwardPass");
            }
        };
    }

    static Stream<String> events() {
        return Stream.of("onForwardPass", "onGradientCalculation", "onBackwardPass");
    }

    @ParameterizedTest
    @MethodSource("events")
    void aListenerThatFails(String event) {
        for (Method method : Method.values()) {
            MultiLayerNetwork network = network();
            MultiLayerNetwork untouched = network();
            NaturalGradient.attach(network, Definition.damped(method, DAMPING));
            NaturalGradient.attach(untouched, Definition.damped(method, DAMPING));
            network.fit(input(0), labels(0));
            untouched.fit(input(0), labels(0));
            List<INDArray> before = Models.state(network);
            List<TrainingListener> listeners = List.copyOf(network.getListeners());
            network.addListeners(failing(event));
            assertThatThrownBy(() -> network.fit(input(1), labels(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("listener, by request");
            assertThat(Models.state(network)).isEqualTo(before);
            assertNothingIsOpen();
            network.setListeners(listeners);
            network.fit(input(1), labels(1));
            untouched.fit(input(1), labels(1));
            assertThat(Models.state(network)).isEqualTo(Models.state(untouched));
        }
    }

    /** Training that waits for inverses and is interrupted: a clear error, the flag still set, the model as before. */
    @Test
    void anInterruption() {
        Kfac kfac = Kfac.builder()
                .damping(DAMPING)
                .gradualStart(false)
                .factorInterval(1)
                .inverseInterval(2)
                .asynchronousInverses(true)
                .onFailure(FailurePolicy.SKIP)
                .build();
        MultiLayerNetwork network = network();
        NaturalGradient ngd = attach(network, kfac, operation -> {
            if (Thread.currentThread().getName().startsWith("kfac")) {
                pause();
            }
        });
        int batch = 0;
        NaturalGradientException failure = null;
        List<INDArray> before = List.of();
        while (failure == null && batch < 8) {
            before = Models.state(network);
            Thread.currentThread().interrupt();
            try {
                network.fit(input(batch), labels(batch));
                batch++;
            } catch (NaturalGradientException e) {
                failure = e;
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
        }
        assertThat(failure).isNotNull().hasMessageContaining("nterrupted");
        assertThat(Models.state(network)).isEqualTo(before);
        assertNothingIsOpen();
        network.fit(input(batch), labels(batch));
        assertThat(ngd.isAttached()).isTrue();
        assertThat(Models.state(network)).isNotEqualTo(before);
    }

    private static void pause() {
        try {
            Thread.sleep(300);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
