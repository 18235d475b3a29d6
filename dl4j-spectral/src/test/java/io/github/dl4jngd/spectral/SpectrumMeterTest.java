package io.github.dl4jngd.spectral;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.data.Percentage.withPercentage;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.spectral.estimate.FullSpectrum;
import io.github.dl4jngd.spectral.estimate.Lanczos;
import io.github.dl4jngd.spectral.estimate.TraceEstimate;
import io.github.dl4jngd.testing.ImageNetworks;
import io.github.dl4jngd.testing.ImageNetworks.Case;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a meter measures, against all eigenvalues of the dual matrix. */
class SpectrumMeterTest {

    private static final String PLAIN = "residual without batch normalisation";
    private static final String COUPLED = "residual with batch normalisation";

    private static Case network(String name) {
        return ImageNetworks.grid()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static LinearizedNetwork compiled(Case c) {
        return LiveModel.of(c.model().model()).compile(BatchStatistics.COUPLED);
    }

    private static FisherMatrix matrix(Case c) {
        return FisherMatrix.of(compiled(c)).data(c.input()).build();
    }

    private static SpectrumMeter.Builder exact() {
        return SpectrumMeter.builder().tolerance(1e-8);
    }

    @Test
    void measuresWhatIsAskedForAndNothingElse() {
        Case c = network(PLAIN);
        FisherMatrix matrix = matrix(c);
        FullSpectrum full = matrix.fullSpectrum();

        Spectrum least = exact().build().measure(matrix);
        assertThat(least.lambdaMax()).isCloseTo(full.largest(), withPercentage(1e-6));
        assertThat(least.boundary()).isEqualTo(2 / least.lambdaMax());
        assertThat(least.dimension()).isEqualTo(matrix.dimension());
        assertThat(least.matrix()).isEqualTo(matrix.description());
        assertThat(least.eigenvalues().values()).hasSize(1);
        assertThat(least.eigenvalues().converged()).isTrue();
        assertThat(least.eigenvalues().products()).isPositive();
        assertThat(least.trace()).isEmpty();
        assertThat(least.layers()).isEmpty();
        assertThat(least.density()).isEmpty();
        assertThatIllegalStateException()
                .isThrownBy(() -> least.countAbove(1))
                .withMessageContaining("ask the meter for a density");

        Spectrum most = exact().top(3).perLayer().trace().density(2).build().measure(matrix);
        for (int i = 0; i < 3; i++) {
            assertThat(most.eigenvalues().values().get(i))
                    .isCloseTo(full.values().get(i), withPercentage(1e-4));
        }
        assertThat(most.trace()).contains(new TraceEstimate(matrix.trace(), 0, 0));
        assertThat(most.layers().keySet())
                .containsExactlyElementsOf(compiled(c).trainableLayers().stream()
                        .map(layer -> layer.name())
                        .toList());
        most.layers().forEach((name, block) -> {
            assertThat(block.dimension()).isEqualTo(matrix.layer(name).dimension());
            assertThat(block.lambdaMax())
                    .isCloseTo(matrix.layer(name).fullSpectrum().largest(), withPercentage(1e-6));
        });
        assertThat(most.density()).isPresent();
        assertThat(most.countAbove(most.lambdaMax() / 1e9)).isBetween(1.0, (double) matrix.dimension());
        assertThat(most.toString()).contains("λ_max", "trace", "true Fisher");
    }

    /** The dual matrix has NK rows; one more than the limit and it is left alone. */
    @Test
    void decomposesTheDualMatrixWhereItIsSmallEnough() {
        Case c = network(PLAIN);
        FisherMatrix matrix = matrix(c);
        FullSpectrum full = matrix.fullSpectrum();
        int rows = Math.toIntExact(full.dualSize());

        Spectrum all = SpectrumMeter.builder()
                .decompose(rows)
                .top(2)
                .density(1)
                .build()
                .measure(matrix);
        assertThat(all.eigenvalues()).isEqualTo(new Spectrum.Eigenvalues(full.values(), true, 0, true));
        assertThat(all.density()).isEmpty();
        double third = full.values().get(2);
        assertThat(all.countAbove(third * 0.999)).isEqualTo(3);

        Spectrum two =
                SpectrumMeter.builder().decompose(rows - 1).top(2).build().measure(matrix);
        assertThat(two.eigenvalues().complete()).isFalse();
        assertThat(two.eigenvalues().values()).hasSize(2);
    }

    @Test
    void theDualMatrixOfDrawsIsSmallerAndThatOfCoupledSamplesTooDear() {
        Case plain = network(PLAIN);
        LinearizedNetwork network = compiled(plain);
        FisherMatrix drawn =
                FisherMatrix.of(network).data(plain.input()).monteCarlo(2, 1).build();
        assertThat(drawn.dualSize()).isEqualTo(2L * plain.samples());
        FisherMatrix empirical = FisherMatrix.of(network)
                .data(List.of(new Minibatch(List.of(plain.input()), plain.labels())))
                .type(FisherType.EMPIRICAL)
                .build();
        assertThat(empirical.dualSize()).isEqualTo(plain.samples());

        Case coupled = network(COUPLED);
        Spectrum spectrum = SpectrumMeter.builder()
                .decompose(Integer.MAX_VALUE)
                .trace(30)
                .build()
                .measure(matrix(coupled));
        assertThat(spectrum.eigenvalues().complete()).isFalse();
        assertThat(spectrum.trace().orElseThrow().products()).isEqualTo(30);
    }

    @Test
    void theLanczosProcessMeasuresTheSame() {
        FisherMatrix matrix = matrix(network(COUPLED));
        List<Double> block =
                exact().top(3).build().measure(matrix).eigenvalues().values();
        List<Double> lanczos = exact().top(new Lanczos(3, 1e-8, 200, 1))
                .build()
                .measure(matrix)
                .eigenvalues()
                .values();
        for (int i = 0; i < 3; i++) {
            assertThat(lanczos.get(i)).isCloseTo(block.get(i), withPercentage(1e-3));
        }
    }

    /** A meter remembers nothing, unless it is told to. */
    @Test
    void measurementsDependOnEarlierOnesWithWarmStartsOnly() {
        Case c = network(PLAIN);
        FisherMatrix matrix = matrix(c);
        INDArray near = c.input()
                .add(normal(new Random(4), 1e-3, DataType.DOUBLE, c.input().shape()));
        FisherMatrix next = FisherMatrix.of(compiled(c)).data(near).build();

        for (int top : new int[] {1, 3}) {
            SpectrumMeter cold = SpectrumMeter.builder().top(top).perLayer().build();
            Spectrum first = cold.measure(next);
            cold.measure(matrix);
            assertThat(cold.measure(next)).isEqualTo(first);

            SpectrumMeter warm =
                    SpectrumMeter.builder().top(top).perLayer().warmStarts(3).build();
            assertThat(warm.measure(next)).isEqualTo(first);
            Spectrum second = warm.measure(next);
            assertThat(second.eigenvalues().products())
                    .isLessThan(first.eigenvalues().products());
            assertThat(second.lambdaMax()).isCloseTo(first.lambdaMax(), withPercentage(0.1));
            warm.forget();
            assertThat(warm.measure(next)).isEqualTo(first);
            assertThat(warm.measure(next)).as("every third starts anew").isEqualTo(first);
        }
    }

    @Test
    void aBlockHasItsOwnLayerOnly() {
        FisherMatrix matrix = matrix(network(PLAIN));
        String name = matrix.layers().get(1);
        Spectrum block = exact().perLayer().build().measure(matrix.layer(name));
        assertThat(block.layers().keySet()).containsExactly(name);
        assertThat(block.layers().get(name).lambdaMax()).isEqualTo(block.lambdaMax());
    }

    @Test
    void optionsAreChecked() {
        SpectrumMeter.Builder builder = SpectrumMeter.builder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.tolerance(0))
                .withMessageContaining("0");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.top(0)).withMessageContaining("got 0");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.trace(5)).withMessageContaining("six");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.density(0))
                .withMessageContaining("direction");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.decompose(0))
                .withMessageContaining("row");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.maxIterations(0))
                .withMessageContaining("product");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.warmStarts(0))
                .withMessageContaining("anew");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Spectrum.Eigenvalues(List.of(), true, 0, true))
                .withMessageContaining("at least one");
    }
}
