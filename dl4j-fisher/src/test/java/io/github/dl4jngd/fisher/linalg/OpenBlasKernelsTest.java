package io.github.dl4jngd.fisher.linalg;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("cpu")
class OpenBlasKernelsTest {

    @ParameterizedTest
    @CsvSource({
        "fpu sse2 fma avx2 avx512f avx512dq avx512cd avx512bw avx512vl, HASWELL",
        "fpu sse2 fma avx2, HASWELL",
        "fpu sse2 avx, ",
        "fpu sse2 avx2, ",
    })
    void kernelsByTheFeaturesOfTheCpu(String flags, String kernels) {
        String info = "processor\t: 0\nmodel\t\t: 207\nflags\t\t: " + flags + "\nbugs\t\t: none\n\nprocessor\t: 1\n";
        assertThat(OpenBlasKernels.recommended(info).orElse(null)).isEqualTo(kernels);
    }

    @Test
    void otherSystemsSayNothing() {
        assertThat(OpenBlasKernels.recommended("")).isEmpty();
        assertThat(OpenBlasKernels.recommended("Features : fp asimd\n")).isEmpty();
    }

    @Test
    void adviceBringsANewerOpenBlas() {
        assertThat(OpenBlasKernels.advice("BARCELONA", "HASWELL", "0.3.19-1.5.7", null))
                .contains("OpenBLAS 0.3.19-1.5.7", "BARCELONA", "<artifactId>dl4j-openblas</artifactId>")
                .contains(OpenBlasKernels.VARIABLE + "=HASWELL");
        assertThat(OpenBlasKernels.advice("PRESCOTT", "HASWELL", "0.3.31-1.5.13", "PRESCOTT"))
                .contains(OpenBlasKernels.VARIABLE + "=PRESCOTT", "unset it")
                .doesNotContain("dl4j-openblas");
    }

    @Test
    void aMixtureIsNamed() {
        assertThat(OpenBlasKernels.mixture("0.3.31-1.5.13", "1.5.13")).isEmpty();
        assertThat(OpenBlasKernels.mixture("0.3.31-1.5.13", "1.5.7").orElseThrow())
                .contains("0.3.31-1.5.13", "JavaCPP 1.5.7", "Declare dl4j-openblas before nd4j-native");
        assertThat(OpenBlasKernels.mixture("(version unknown)", "1.5.7")).isEmpty();
    }

    @Test
    void theVersionIsThatOfTheClassPath() {
        assertThat(OpenBlasKernels.version()).matches("0\\.3\\.\\d+-1\\.5\\.\\d+");
    }

    /** Whatever machine this is: the kernels have a name once OpenBLAS is loaded. */
    @Test
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    void theKernelsInUseAreKnown() {
        LinearAlgebra.best();
        assertThat(OpenBlasKernels.current()).isPresent();
    }
}
