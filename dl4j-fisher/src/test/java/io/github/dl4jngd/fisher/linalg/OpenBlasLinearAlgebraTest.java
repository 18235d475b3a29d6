package io.github.dl4jngd.fisher.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J for macOS on ARM brings an OpenBLAS without LAPACK. */
@DisabledOnOs(value = OS.MAC, architectures = "aarch64")
@Tag("cpu")
class OpenBlasLinearAlgebraTest {

    @Nested
    class Float32 extends GenericLinearAlgebraTests {
        Float32() {
            super(Providers.choose("openblas"), DataType.FLOAT);
        }
    }

    @Nested
    class Float64 extends GenericLinearAlgebraTests {
        Float64() {
            super(Providers.choose("openblas"), DataType.DOUBLE);
        }
    }

    @Test
    void batchesLeaveTheNumberOfThreadsAsItWas() {
        LinearAlgebra linearAlgebra = Providers.choose("openblas");
        int threads = NumberOfThreads.inForce();
        linearAlgebra.solveBatch(Nd4j.eye(3).reshape(1, 3, 3).broadcast(4, 3, 3), Nd4j.ones(4, 3));
        assertThat(NumberOfThreads.inForce()).isEqualTo(threads);
        assertThatThrownBy(() -> linearAlgebra.solveBatch(Nd4j.zeros(4, 3, 3), Nd4j.ones(4, 3)))
                .isInstanceOf(NotPositiveDefiniteException.class);
        assertThat(NumberOfThreads.inForce()).isEqualTo(threads);
    }

    @Test
    void theLastOfSeveralCallersRestoresTheNumberOfThreads() throws Exception {
        int threads = NumberOfThreads.inForce();
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        FutureTask<Integer> other = new FutureTask<>(() -> OpenBlasThreads.callSingleThreaded(() -> {
            entered.countDown();
            awaitUninterrupted(release);
            return NumberOfThreads.inForce();
        }));
        new Thread(other).start();
        entered.await();
        int meanwhile = OpenBlasThreads.callSingleThreaded(NumberOfThreads::inForce);
        assertThat(meanwhile).isEqualTo(1);
        release.countDown();
        assertThat(other.get()).isEqualTo(1);
        assertThat(NumberOfThreads.inForce()).isEqualTo(threads);
    }

    /**
     * What OpenBLAS itself says: JavaCPP only remembers what was set through it. Its type for functions from an int to
     * an int has to do; OpenBLAS's takes no argument, and leaves this one where it is.
     */
    private static final class NumberOfThreads extends openblas_nolapack.MklSetNumThreadsLocal {

        private NumberOfThreads() {
            Loader.load(openblas.class);
            put(Loader.addressof("openblas_get_num_threads"));
        }

        static int inForce() {
            try (NumberOfThreads function = new NumberOfThreads()) {
                return function.call(0);
            }
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
