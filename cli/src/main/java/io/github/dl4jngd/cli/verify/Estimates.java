package io.github.dl4jngd.cli.verify;

import io.github.dl4jngd.cli.reference.OutputLoss;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.spectral.FisherMatrix;
import io.github.dl4jngd.spectral.MetricConvention;
import io.github.dl4jngd.spectral.estimate.BlockPowerIteration;
import io.github.dl4jngd.spectral.estimate.Lanczos;
import io.github.dl4jngd.spectral.estimate.LanczosQuadrature;
import io.github.dl4jngd.spectral.estimate.LargestEigenvalue;
import io.github.dl4jngd.spectral.estimate.Lobpcg;
import io.github.dl4jngd.spectral.estimate.PowerIteration;
import io.github.dl4jngd.spectral.estimate.SpectralDensity;
import io.github.dl4jngd.spectral.estimate.TopEigenvalues;
import io.github.dl4jngd.spectral.estimate.Trace;
import io.github.dl4jngd.spectral.estimate.TraceEstimate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The spectrum of a Fisher matrix that is never formed, by each of dl4j-spectral's estimators. Eigenvalues are compared
 * one by one; what is estimated from random directions must be right within three of its standard errors.
 *
 * <p>The error of a Rayleigh quotient is of the order of the squared residual, so the residual need not be as small as
 * the tolerance.
 */
final class Estimates {

    private static final double TOLERANCE = 1e-6;
    private static final double RESIDUAL_DOUBLE = 1e-6;
    private static final double RESIDUAL_FLOAT = 1e-4;
    private static final int MOST_PRODUCTS = 4000;
    private static final int MOST_BLOCK_ITERATIONS = 400;
    private static final int DIRECTIONS = 30;
    private static final int DENSITY_DIRECTIONS = 20;
    private static final int NODES = 20;
    private static final double STANDARD_ERRORS = 3;
    private static final double RIDGE = 0.1;

    /** Eigenvalues below this fraction of the largest are rounding in a reference file, and left out. */
    private static final double NEGLIGIBLE = 1e-6;

    private final FisherMatrix fisher;
    private final double residual;
    private final double tolerance;
    private final long seed;
    private final List<Check> checks = new ArrayList<>();
    private String description = "";

    Estimates(LinearizedNetwork network, INDArray input, OutputLoss loss, double tolerance, long seed) {
        this.fisher = FisherMatrix.of(network)
                .data(input)
                .convention(loss == OutputLoss.HALF_SQUARED_ERROR ? MetricConvention.IDENTITY : MetricConvention.LOSS)
                .build();
        this.residual = fisher.dataType() == DataType.DOUBLE ? RESIDUAL_DOUBLE : RESIDUAL_FLOAT;
        this.tolerance = Math.max(tolerance, TOLERANCE);
        this.seed = seed;
    }

    /**
     * Estimates and compares.
     *
     * @param eigenvalues the largest of the reference, descending
     * @param trace of the reference
     * @param effectiveDimension Σ λ/(λ + λ_max/10) over all eigenvalues
     */
    List<Check> run(double[] eigenvalues, double trace, double effectiveDimension) {
        int count = 0;
        while (count < eigenvalues.length && eigenvalues[count] > NEGLIGIBLE * eigenvalues[0]) {
            count++;
        }
        LargestEigenvalue power = new PowerIteration(residual, MOST_PRODUCTS, seed).estimate(fisher);
        checks.add(Check.of("lambda_max (power iteration)", power.value(), eigenvalues[0], tolerance));
        LargestEigenvalue conjugate = new Lobpcg(residual, MOST_PRODUCTS, seed).estimate(fisher);
        checks.add(Check.of("lambda_max (conjugate iteration)", conjugate.value(), eigenvalues[0], tolerance));
        TopEigenvalues lanczos = new Lanczos(count, residual, MOST_PRODUCTS, seed).estimate(fisher);
        checks.add(new Check(
                "each of " + count + " eigenvalues (Lanczos)", worst(lanczos, eigenvalues, count), tolerance));
        TopEigenvalues block =
                new BlockPowerIteration(count, count, residual, MOST_BLOCK_ITERATIONS, seed).estimate(fisher);
        checks.add(new Check(
                "each of " + count + " eigenvalues (block iteration)", worst(block, eigenvalues, count), tolerance));
        TraceEstimate hutchinson = Trace.hutchinson(fisher, DIRECTIONS, seed);
        random("trace (Hutchinson)", hutchinson.value(), hutchinson.standardError(), trace);
        SpectralDensity density = new LanczosQuadrature(DENSITY_DIRECTIONS, NODES, seed).estimate(fisher);
        SpectralDensity.Estimate mean = density.mean(value -> saturated(value, eigenvalues[0]));
        random(
                "effective dimension (Lanczos quadrature)",
                density.dimension() * mean.value(),
                density.dimension() * mean.standardError(),
                effectiveDimension);
        description = String.format(
                Locale.ROOT,
                "products with F: power iteration %d (residual %.1e), conjugate iteration %d, Lanczos %d, block iteration %d, Hutchinson %d",
                power.iterations(),
                power.residual(),
                conjugate.iterations(),
                lanczos.products(),
                block.products(),
                DIRECTIONS);
        return checks;
    }

    /**
     * λ/(λ + λ_max/10), whose sum is the effective dimension: smooth at zero, and not that of one large eigenvalue
     * alone.
     */
    static double saturated(double eigenvalue, double largest) {
        return eigenvalue / (eigenvalue + RIDGE * largest);
    }

    /** NaN, which is never right, where eigenvalues are missing. */
    private static double worst(TopEigenvalues found, double[] eigenvalues, int count) {
        double worst = found.values().size() == count ? 0 : Double.NaN;
        for (int i = 0; i < found.values().size(); i++) {
            worst = Math.max(worst, Math.abs(found.values().get(i) - eigenvalues[i]) / eigenvalues[i]);
        }
        return worst;
    }

    private void random(String quantity, double value, double standardError, double reference) {
        double stated = STANDARD_ERRORS * standardError / reference;
        checks.add(Check.of(quantity + ", 3 standard errors", value, reference, Math.max(stated, tolerance)));
    }

    /** How the estimates went, for people. */
    String description() {
        return description;
    }
}
