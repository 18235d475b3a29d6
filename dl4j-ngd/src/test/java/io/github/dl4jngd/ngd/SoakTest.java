package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Two thousand steps take the memory that the first hundreds took. */
class SoakTest {

    private static final int STEPS = 2000;
    private static final int SETTLED = 1000;
    private static final int INPUTS = 60;
    private static final int SAMPLES = 8;

    /**
     * A lost array of the size of the parameters in every step would be 110 MB; Java compiles and allocates as well.
     */
    private static final int WIDTH = 300;

    private static final long TOLERATED_BYTES = 60L << 20;

    /** Of native objects, where one in every step would be 1,500. */
    private static final long TOLERATED_OBJECTS = 200;

    private static double workspaces() {
        return Nd4j.getWorkspaceManager().getAllWorkspacesForCurrentThread().stream()
                .mapToLong(MemoryWorkspace::getCurrentSize)
                .sum();
    }

    /**
     * What is in use outside Java's heap once everything unreachable has been freed, which JavaCPP does on a thread of
     * its own.
     */
    private static long physicalBytes() throws InterruptedException {
        long before;
        do {
            before = Pointer.totalCount();
            System.gc();
            Thread.sleep(300);
        } while (Pointer.totalCount() < before);
        return Pointer.physicalBytes()
                - ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
    }

    private static NaturalGradientConfiguration configuration(Method method) {
        return method == Method.KFAC ? Kfac.builder().asynchronousInverses(true).build() : Definition.damped(method, 1);
    }

    @ParameterizedTest
    @EnumSource(names = "KFAC")
    void memoryDoesNotGrow(Method method) throws InterruptedException {
        soak(method);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "KFAC")
    @Tag("slow")
    void memoryOfTheOthersDoesNotGrow(Method method) throws InterruptedException {
        soak(method);
    }

    private static void soak(Method method) throws InterruptedException {
        MultiLayerNetwork network = Models.of(
                settings -> settings.updater(new Sgd(1e-4)).dataType(DataType.FLOAT),
                Models.dense(INPUTS, WIDTH),
                Models.dense(WIDTH, 30),
                Models.output(30, LossFunction.MCXENT, Activation.SOFTMAX));
        NaturalGradient.attach(network, configuration(method));
        INDArray x = normal(new Random(1), 1, DataType.FLOAT, SAMPLES, INPUTS);
        INDArray y = Nd4j.zeros(DataType.FLOAT, SAMPLES, Models.OUT);
        for (int n = 0; n < SAMPLES; n++) {
            y.putScalar(n, n % Models.OUT, 1);
        }
        long settled = 0;
        double reserved = 0;
        long objects = 0;
        for (int step = 1; step <= STEPS; step++) {
            network.fit(x, y);
            if (step == SETTLED) {
                settled = physicalBytes();
                reserved = workspaces();
                objects = Pointer.totalCount();
            }
        }
        assertThat(physicalBytes() - settled).isLessThan(TOLERATED_BYTES);
        assertThat(workspaces()).isEqualTo(reserved);
        assertThat(Pointer.totalCount()).isLessThan(objects + TOLERATED_OBJECTS);
        assertThat(network.params().isNaN().any()).isFalse();
    }
}
