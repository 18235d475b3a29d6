package io.github.dl4jngd.cli.npz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads the project's reference files where they lie beside the checkout. */
class ReferenceFilesTest {

    private static final Path REFERENCE = Path.of("..", "..", "shared", "reference");

    @ParameterizedTest
    @CsvSource({
        "binary-relu, 21, 0.34272675521606866, 1.2636511538330686",
        "ten-class-softmax, 24, 2.3446567247797856, 8.796419372668431",
        "ten-class-tanh, 24, 21.797717137689, 167.72145981168535",
        "convolution, 43, 6.5022818553168715, 30.080072690042723",
        "residual-batchnorm, 79, 5.934333589428899, 18.359212807280834"
    })
    void readsEigenvaluesAndTrace(String name, int arrays, double lambdaMax, double trace) throws IOException {
        NpzFile npz = NpzFile.read(reference(name));

        assertThat(npz.names()).hasSize(arrays);
        assertThat(Arrays.stream(npz.array("fisher_eigenvalues").toDoubles()).max())
                .hasValue(lambdaMax);
        assertThat(npz.array("fisher_trace").scalar()).isEqualTo(trace);
        assertThat(npz.array("x").shape()[0]).isEqualTo(npz.array("f").shape()[0]);
    }

    @Test
    void readsTheWeightsOfTheWideNetwork() throws IOException {
        NpzFile npz = NpzFile.read(reference("wide-three-layer"));

        assertThat(npz.array("W1").shape()).containsExactly(512, 784);
        assertThat(npz.array("W1").dtype()).isEqualTo("<f4");
        assertThat(npz.array("x").shape()).containsExactly(100, 784);
    }

    private static Path reference(String name) {
        Path file = REFERENCE.resolve(name + ".npz");
        assumeTrue(Files.exists(file), () -> "skipped: " + file.toAbsolutePath().normalize() + " is not there");
        return file;
    }
}
