package io.github.dl4jngd.fisher.linalg;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

@Tag("cpu")
class SelfTestTest {

    /** Java's LAPACK, whose Cholesky factors are those of another matrix in one data type. */
    private record WrongIn(LinearAlgebra right, DataType type) implements LinearAlgebra {

        @Override
        public String name() {
            return "wrong";
        }

        @Override
        public Cholesky cholesky(INDArray a) {
            return right.cholesky(a.dataType() == type ? a.mul(1.1) : a);
        }

        @Override
        public SymmetricEigen symmetricEigen(INDArray a) {
            return right.symmetricEigen(a);
        }

        @Override
        public GeneralSolution solve(INDArray a, INDArray b) {
            return right.solve(a, b);
        }

        @Override
        public INDArray solveBatch(INDArray a, INDArray b) {
            return right.solveBatch(a, b);
        }
    }

    @Test
    void passesWhatIsRight() {
        assertThat(SelfTest.failure(new JavaLinearAlgebra())).isEmpty();
        assertThat(SelfTest.failure(new PortableLinearAlgebra())).isEmpty();
    }

    @Test
    void namesWhatIsWrong() {
        assertThat(SelfTest.failure(new WrongIn(new JavaLinearAlgebra(), DataType.DOUBLE))
                        .orElseThrow())
                .contains("DOUBLE");
        assertThat(SelfTest.failure(new WrongIn(new JavaLinearAlgebra(), DataType.FLOAT))
                        .orElseThrow())
                .contains("FLOAT");
    }

    /** What {@link LinearAlgebra#best()} finds in a process of its own, under kernels that OpenBLAS is told to run. */
    @ParameterizedTest
    @ValueSource(strings = {"SKYLAKEX", "HASWELL", "PRESCOTT"})
    @EnabledOnOs(OS.LINUX)
    void theBestProviderIsRightUnderAnyKernels(String kernels) throws IOException, InterruptedException {
        if (kernels.equals("SKYLAKEX")
                && !Files.readString(Path.of("/proc/cpuinfo")).contains("avx512vl")) {
            return;
        }
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Best.class.getName())
                .redirectErrorStream(true);
        builder.environment().put(OpenBlasKernels.VARIABLE, kernels);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("failure: none");
    }

    /** The other process. */
    static final class Best {
        private Best() {}

        public static void main(String... args) {
            LinearAlgebra best = LinearAlgebra.best();
            System.out.println(
                    best.name() + ", failure: " + SelfTest.failure(best).orElse("none"));
        }
    }
}
