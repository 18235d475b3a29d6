package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.fisher.testing.TestNetworks.normal;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
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
    private static final int SETTLED = 500;
    private static final int INPUTS = 60;
    private static final int SAMPLES = 8;

    /** A lost array of the size of the parameters in every step would be 80 MB. */
    private static final int WIDTH = 100;

    private static final long TOLERATED_BYTES = 40L << 20;

    private static double workspaces() {
        return Nd4j.getWorkspaceManager().getAllWorkspacesForCurrentThread().stream()
                .mapToLong(MemoryWorkspace::getCurrentSize)
                .sum();
    }

    private static long physicalBytes() {
        // arrays outside workspaces are freed when their Java objects are
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Pointer.physicalBytes();
    }

    private static NaturalGradientConfiguration configuration(Method method) {
        return method == Method.KFAC
                ? Kfac.builder().asynchronousInverses(true).build()
                : method.damped(1);
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void memoryDoesNotGrow(Method method) {
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
        assertThat(Pointer.totalCount()).isLessThan(objects + STEPS);
        assertThat(network.params().isNaN().any()).isFalse();
    }
}
