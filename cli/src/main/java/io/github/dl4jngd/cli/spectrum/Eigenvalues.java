package io.github.dl4jngd.cli.spectrum;

import io.github.dl4jngd.spectral.FisherMatrix;
import io.github.dl4jngd.spectral.estimate.Lanczos;
import io.github.dl4jngd.spectral.estimate.LanczosQuadrature;
import io.github.dl4jngd.spectral.estimate.SpectralDensity;
import io.github.dl4jngd.spectral.estimate.TopEigenvalues;
import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.internal.chart.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Eigenvalues of a Fisher information matrix: all that are not zero where its dual is small, else the largest.
 *
 * @param top the largest, descending
 * @param all those of the dual matrix, descending; empty where it was not decomposed
 * @param converged whether the largest are known to the tolerance
 */
record Eigenvalues(List<Double> top, List<Double> all, boolean converged) {

    /** Up to this size the dual matrix is decomposed; above, the Lanczos process is faster. */
    private static final int LARGEST_DUAL = 1200;

    private static final double TOLERANCE = 1e-3;
    private static final int PRODUCTS = 150;
    private static final int DENSITY_VECTORS = 2;
    private static final int DENSITY_STEPS = 30;
    private static final int DENSITY_POINTS = 60;
    private static final double DENSITY_DECADES = 4;

    /**
     * Finds the largest eigenvalues, or all.
     *
     * @param dualSize N C, or a large number where there is no dual matrix
     * @param ofAll how many of the largest to keep where all are found
     * @param ofLanczos how many to look for else; few, because those of the bulk lie close together
     */
    static Eigenvalues of(FisherMatrix fisher, long dualSize, int ofAll, int ofLanczos) {
        if (dualSize <= LARGEST_DUAL) {
            List<Double> all = fisher.fullSpectrum().values();
            return new Eigenvalues(all.subList(0, Math.min(ofAll, all.size())), all, true);
        }
        TopEigenvalues found = new Lanczos(ofLanczos, TOLERANCE, PRODUCTS, 1).estimate(fisher);
        return new Eigenvalues(found.values(), List.of(), found.converged());
    }

    /** λ_max. */
    double largest() {
        return top.get(0);
    }

    /** How many eigenvalues lie above λ, over λ: counted where all are known, else by Lanczos quadrature. */
    LinePlot density(FisherMatrix matrix, String of, String label, int color) {
        DoubleUnaryOperator above = all.isEmpty()
                ? above(new LanczosQuadrature(DENSITY_VECTORS, DENSITY_STEPS, 1).estimate(matrix))
                : bound -> all.stream().filter(value -> value >= bound).count();
        List<Double> x = new ArrayList<>();
        List<Double> y = new ArrayList<>();
        for (int i = 0; i < DENSITY_POINTS; i++) {
            double bound = largest() * Math.pow(10, -DENSITY_DECADES * i / (DENSITY_POINTS - 1)) * (1 - 1e-6);
            x.add(bound);
            y.add(above.applyAsDouble(bound));
        }
        return new LinePlot(
                "eigenvalues above λ, of " + matrix.dimension() + of,
                LinePlot.Axis.logarithmic("λ"),
                LinePlot.Axis.logarithmic("number"),
                List.of(new Series(label, color, Series.Style.SOLID, x, y)));
    }

    private static DoubleUnaryOperator above(SpectralDensity density) {
        return bound -> density.dimension() * (1 - density.fractionUpTo(bound).value());
    }
}
