package io.github.dl4jngd.fisher.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

@Tag("cpu")
class SelfTestTest {

    /** Set by the build, which has copied this version's jars. */
    private static final String ND4JS_VERSION = "nd4j.openblas.version";

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

    /**
     * What {@link LinearAlgebra#best()} finds in a process of its own, with OpenBLAS as tests have it and with the one
     * that ND4J brings, under its own choice of kernels and under kernels that it is told to run.
     */
    @ParameterizedTest
    @CsvSource({
        "new, , COOPERLAKE|SAPPHIRERAPIDS|SKYLAKEX|ZEN|HASWELL",
        "new, HASWELL, HASWELL",
        "new, PRESCOTT, PRESCOTT",
        "ND4J's, , ",
        "ND4J's, HASWELL, HASWELL",
        "ND4J's, PRESCOTT, PRESCOTT",
        "ND4J's, SKYLAKEX, SKYLAKEX",
    })
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    void theBestProviderIsRightUnderAnyKernels(String openBlas, String kernels, String expected)
            throws IOException, InterruptedException {
        String cpu = Files.readString(Path.of("/proc/cpuinfo"));
        assumeTrue(cpu.contains("avx2"), "the CPU has no AVX2");
        boolean ownIsNd4js = OpenBlasKernels.version().equals(System.getProperty(ND4JS_VERSION));
        assumeTrue(!openBlas.equals("new") || !ownIsNd4js, "this build runs on the OpenBLAS that ND4J brings");
        assumeTrue(!"SKYLAKEX".equals(kernels) || cpu.contains("avx512vl"), "the CPU has no AVX-512");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        openBlas.equals("new") ? System.getProperty("java.class.path") : classPathWithNd4jsOpenBlas(),
                        Best.class.getName())
                .redirectErrorStream(true);
        // Both are unset together: a machine that sets them does so for an old OpenBLAS, whose kernels one names and
        // whose blocks the other.
        builder.environment().keySet().removeAll(Set.of(OpenBlasKernels.VARIABLE, "OPENBLAS_L2_SIZE"));
        if (kernels != null) {
            builder.environment().put(OpenBlasKernels.VARIABLE, kernels);
        }
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("failure: none");
        if (expected != null) {
            assertThat(output).containsPattern("kernels: (" + expected + ")\\R");
        }
        // Where the old one's kernels are slow or wrong, what is logged names the artifact that brings better ones.
        if (!openBlas.equals("new") && (!output.contains("openblas, ") || output.contains("kernels: BARCELONA"))) {
            assertThat(output).contains("<artifactId>dl4j-openblas</artifactId>");
        }
    }

    /** This one, with the OpenBLAS and JavaCPP that the build copied from what ND4J depends on. */
    private static String classPathWithNd4jsOpenBlas() throws IOException {
        try (Stream<Path> jars =
                Files.list(Path.of("target", "openblas-of-nd4j-" + System.getProperty(ND4JS_VERSION)))) {
            return Stream.concat(
                            jars.map(Path::toString),
                            Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1)))
                    .collect(Collectors.joining(File.pathSeparator));
        }
    }

    /** The other process. */
    static final class Best {
        private Best() {}

        public static void main(String... args) {
            LinearAlgebra best = LinearAlgebra.best();
            System.out.println(
                    best.name() + ", failure: " + SelfTest.failure(best).orElse("none"));
            System.out.println("kernels: " + OpenBlasKernels.current().orElse("unknown"));
            System.out.println(OpenBlasKernels.advice().orElse("no advice"));
            try {
                OpenBlasLinearAlgebra.create();
            } catch (LinearAlgebraException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
