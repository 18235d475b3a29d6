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

    private static final Stability PLAIN =
            new Stability("gradient descent", "2/λ_max", "Sgd", 2, false, false, Double.NaN, Optional.empty());

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
            PLAIN,
            0.75,
            new SpectrumReading.Tally(4, 7),
            0.125,
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
                        + "boundary,rate_over_boundary,preconditioned_lambda_max,loss,trace,lambda_2,lambda_max_of_dense,"
                        + "rate_over_boundary_of_dense,products,converged,milliseconds,reading_share,model\n"
                        + "3,1,4.0,0.5,0.25,,2.5,0.5,5.0,,0.75,8.0,2.0,3.0,3.75,6.0,1.0,1.5,0.125,2.0\n");
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
                .contains("\"milliseconds\":1.5,\"reading_share\":0.125,\"model\":2.0,"
                        + "\"matrix\":\"probe: true Fisher, the loss's own H, 12 samples\","
                        + "\"rule\":\"gradient descent\",\"rule_text\":\"2/λ_max\",\"updater\":\"Sgd\","
                        + "\"verdict\":\"beyond\",\"beyond_lately\":{\"beyond\":4,\"of\":7},")
                .contains("\"density\":[{", "\"nodes\":[0.5,4.0]", "\"weights\":[0.75,0.25]");
    }

    @Test
    void whatIsNotAskedForHasNoColumn() {
        SpectrumReading least = reading(PLAIN, new SpectrumReading.Rate(0.25, Double.NaN, 1));
        assertThat(least.values().keySet())
                .containsExactly(
                        "lambda_max",
                        "two_over_lambda_max",
                        "learning_rate",
                        "natural_gradient_step",
                        "rate",
                        "boundary",
                        "rate_over_boundary",
                        "preconditioned_lambda_max",
                        "loss",
                        "products",
                        "converged",
                        "milliseconds",
                        "reading_share",
                        "model");
        assertThat(least.details())
                .containsOnlyKeys("matrix", "rule", "rule_text", "updater", "verdict", "beyond_lately");
    }

    private static SpectrumReading reading(Stability stability, SpectrumReading.Rate rate) {
        return new SpectrumReading(
                0, 0, 0, "minibatch", spectrum(4), rate, stability, 1, new SpectrumReading.Tally(0, 1), 0.5, 1);
    }

    /** A natural gradient's step is that of the mean loss, whatever DL4J sums. */
    @Test
    void aStepReplacesTheFactorOfTheGradient() {
        SpectrumReading.Rate stepped = READING.rate().withStep(0.5);
        assertThat(stepped).isEqualTo(new SpectrumReading.Rate(0.25, 0.5, 1));
        assertThat(stepped.value()).isEqualTo(0.125);
        assertThat(reading(PLAIN, stepped).ratio()).isEqualTo(0.25);
    }

    @Test
    void aPreconditionedRuleLooksAtItsOwnMatrix() {
        Stability adam = new Stability(
                "Adam", "38/λ_max(P^-½ F P^-½)", "Adam(β₁ 0.9)", 38, true, false, Double.NaN, Optional.empty());
        SpectrumReading.Rate rate = new SpectrumReading.Rate(0.25, Double.NaN, 1);
        SpectrumReading unread = reading(adam, rate);
        assertThat(unread.boundary()).isNaN();
        assertThat(unread.verdict()).isEqualTo("unknown");
        assertThat(unread).asString().contains("λ_max(P^-½ F P^-½) could not be read");
        SpectrumReading read = reading(adam.with(spectrum(190)), rate);
        assertThat(read.boundary()).isEqualTo(0.2);
        assertThat(read.ratio()).isEqualTo(1.25);
        assertThat(read.verdict()).isEqualTo("beyond");
        assertThat(read.values())
                .containsEntry("preconditioned_lambda_max", 190.0)
                .containsEntry("two_over_lambda_max", 0.5)
                .containsEntry("products", 12.0);
    }

    @Test
    void verdicts() {
        double[] rates = {0.25, 0.26, 0.5, 0.51};
        String[] expected = {"stable", "near", "near", "beyond"};
        for (int i = 0; i < rates.length; i++) {
            assertThat(reading(PLAIN, new SpectrumReading.Rate(rates[i], Double.NaN, 1))
                            .verdict())
                    .isEqualTo(expected[i]);
        }
    }

    /** Its boundary is twice the step to the minimum along it, and not that of a step that is kept. */
    @Test
    void aFittedStepIsComparedAlongItself() {
        Stability fitted = new Stability(
                "natural gradient", "", "natural gradient, then Sgd", 2, true, true, 0.1, Optional.of(spectrum(40)));
        SpectrumReading within = reading(fitted, new SpectrumReading.Rate(1, 0.1, 1));
        assertThat(within.boundary()).isEqualTo(0.2);
        assertThat(within.ratio()).isEqualTo(0.5);
        assertThat(within.verdict()).isEqualTo("stable");
        assertThat(within.values()).containsEntry("rate_over_kept_step_boundary", 2.0);
        assertThat(reading(fitted, new SpectrumReading.Rate(1.9, 0.1, 1)).verdict())
                .isEqualTo("near");
        assertThat(reading(fitted, new SpectrumReading.Rate(2.1, 0.1, 1)).verdict())
                .isEqualTo("beyond");
        assertThat(reading(fitted.along(0.04), new SpectrumReading.Rate(1, 0.1, 1))
                        .verdict())
                .as("a step that goes past the minibatch's minimum more than twice")
                .isEqualTo("beyond");
        assertThat(reading(fitted.along(Double.NaN), new SpectrumReading.Rate(1, 0.1, 1))
                        .verdict())
                .as("nothing was measured along the step")
                .isEqualTo("unknown");
    }

    /** Layers by themselves would have other steps: they are compared with a kept step's boundary alone. */
    @Test
    void layersOfAFittedStep() {
        Stability fitted = new Stability(
                "natural gradient",
                "",
                "natural gradient, then Sgd",
                2,
                true,
                true,
                0.1,
                Optional.of(READING.spectrum()));
        SpectrumReading reading = new SpectrumReading(
                0,
                0,
                0,
                "minibatch",
                READING.spectrum(),
                new SpectrumReading.Rate(1, 0.1, 1),
                fitted,
                1,
                new SpectrumReading.Tally(0, 1),
                0.5,
                1);
        assertThat(reading.values())
                .containsEntry("rate_over_boundary", 0.5)
                .containsEntry("rate_over_kept_step_boundary", 0.1 * READING.lambdaMax() / 2)
                .containsKey("rate_over_kept_step_boundary_of_dense")
                .doesNotContainKey("rate_over_boundary_of_dense");
    }

    @Test
    void lineForPeople() {
        assertThat(READING)
                .hasToString(
                        "model 2, iteration 3: λ_max 4.000, 2/λ_max 0.5000, learning rate 0.2500: 5.00 of the boundary "
                                + "2/λ_max, trace 8.000; 2 ms");
        assertThat(reading(PLAIN, new SpectrumReading.Rate(0.25, 0.5, 1)))
                .asString()
                .contains("learning rate 0.2500 × step 0.5000: 0.250 of the boundary 2/λ_max;");
    }
}
