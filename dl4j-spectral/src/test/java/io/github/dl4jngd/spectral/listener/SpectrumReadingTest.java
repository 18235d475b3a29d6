package io.github.dl4jngd.spectral.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.spectral.Spectrum;
import io.github.dl4jngd.spectral.estimate.SpectralDensity;
import io.github.dl4jngd.spectral.estimate.TraceEstimate;
import io.github.dl4jngd.spectral.sink.CsvSink;
import io.github.dl4jngd.spectral.sink.JsonLinesSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The columns of readings in files, which earlier runs' files have too, and the line for people. */
class SpectrumReadingTest {

    private static final SpectralDensity DENSITY =
            new SpectralDensity(7, List.of(new SpectralDensity.Quadrature(List.of(0.5, 4.0), List.of(0.75, 0.25))));

    private static final SpectrumReading READING = new SpectrumReading(
            2,
            3,
            1,
            "probe",
            new Spectrum(
                    "true Fisher, the loss's own H, 12 samples",
                    7,
                    new Spectrum.Eigenvalues(List.of(4.0, 2.0), false, 6, true),
                    Optional.of(new TraceEstimate(8, 0, 0)),
                    Map.of("dense", spectrum(3)),
                    Optional.of(DENSITY)),
            new SpectrumReading.Rate(0.25, Double.NaN, 10),
            1.5);

    private static Spectrum spectrum(double lambdaMax) {
        return new Spectrum(
                "",
                7,
                new Spectrum.Eigenvalues(List.of(lambdaMax), false, 6, true),
                Optional.empty(),
                Map.of(),
                Optional.empty());
    }

    @TempDir
    private Path directory;

    @Test
    void csvColumns() throws IOException {
        Path file = directory.resolve("a.csv");
        try (CsvSink sink = new CsvSink(file)) {
            sink.accept(READING);
        }
        assertThat(Files.readString(file))
                .isEqualTo("iteration,epoch,lambda_max,two_over_lambda_max,learning_rate,natural_gradient_step,rate,"
                        + "rate_over_boundary,trace,lambda_2,lambda_max_of_dense,products,converged,milliseconds,model\n"
                        + "3,1,4.0,0.5,0.25,,2.5,5.0,8.0,2.0,3.0,6.0,1.0,1.5,2.0\n");
    }

    @Test
    void jsonFields() throws IOException {
        Path file = directory.resolve("a.jsonl");
        try (JsonLinesSink sink = new JsonLinesSink(file)) {
            sink.accept(READING);
        }
        assertThat(Files.readString(file))
                .startsWith("{\"iteration\":3,\"epoch\":1,\"lambda_max\":4.0,\"two_over_lambda_max\":0.5,")
                .contains("\"natural_gradient_step\":null,")
                .contains(
                        "\"milliseconds\":1.5,\"model\":2.0,\"matrix\":\"probe: true Fisher, the loss's own H, 12 samples\",")
                .contains("\"density\":[{", "\"nodes\":[0.5,4.0]", "\"weights\":[0.75,0.25]");
    }

    @Test
    void whatIsNotAskedForHasNoColumn() {
        SpectrumReading least = new SpectrumReading(
                0, 0, 0, "minibatch", spectrum(4), new SpectrumReading.Rate(0.25, Double.NaN, 1), 1);
        assertThat(least.values().keySet())
                .containsExactly(
                        "lambda_max",
                        "two_over_lambda_max",
                        "learning_rate",
                        "natural_gradient_step",
                        "rate",
                        "rate_over_boundary",
                        "products",
                        "converged",
                        "milliseconds",
                        "model");
        assertThat(least.details()).containsOnlyKeys("matrix");
    }

    /** A natural gradient's step is that of the mean loss, whatever DL4J sums. */
    @Test
    void aStepReplacesTheFactorOfTheGradient() {
        SpectrumReading stepped = READING.withStep(0.5);
        assertThat(stepped.rate()).isEqualTo(new SpectrumReading.Rate(0.25, 0.5, 1));
        assertThat(stepped.rate().value()).isEqualTo(0.125);
        assertThat(stepped.ratio()).isEqualTo(0.25);
        assertThat(stepped.spectrum()).isSameAs(READING.spectrum());
        assertThat(stepped.iteration()).isEqualTo(3);
        assertThat(stepped.milliseconds()).isEqualTo(1.5);
    }

    @Test
    void lineForPeople() {
        assertThat(READING.withStep(0.5))
                .hasToString(
                        "model 2, iteration 3: λ_max 4.000, 2/λ_max 0.5000, learning rate 0.2500 × step 0.5000: 0.250 of the "
                                + "boundary, trace 8.000; 2 ms");
    }
}
