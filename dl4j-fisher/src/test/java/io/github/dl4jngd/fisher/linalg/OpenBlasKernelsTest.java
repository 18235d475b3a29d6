package io.github.dl4jngd.fisher.linalg;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
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

    /** Whatever machine this is: advice names the variable, and there is none where the variable is set to what it would name. */
    @Test
    void adviceIsOfTheVariable() {
        LinearAlgebra.best();
        OpenBlasKernels.advice().ifPresent(text -> {
            assertThat(text)
                    .contains(OpenBlasKernels.VARIABLE + "="
                            + OpenBlasKernels.recommended().orElseThrow());
            assertThat(System.getenv(OpenBlasKernels.VARIABLE)).isNull();
        });
    }
}
