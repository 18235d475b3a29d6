package io.github.dl4jngd.cli.spectrum;

import io.github.dl4jngd.spectral.Spectrum;
import io.github.dl4jngd.spectral.SpectrumMeter;
import io.github.dl4jngd.spectral.estimate.Lanczos;
import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.internal.chart.Series;
import java.util.ArrayList;
import java.util.List;

/** How the command finds eigenvalues, and how it draws how many there are. */
final class Eigenvalues {

    /** Up to this size the dual matrix is decomposed; above, the Lanczos process is faster. */
    private static final int LARGEST_DUAL = 1200;

    private static final double TOLERANCE = 1e-3;
    private static final int PRODUCTS = 150;
    private static final int DENSITY_VECTORS = 2;
    private static final int DENSITY_POINTS = 60;
    private static final double DENSITY_DECADES = 4;

    private Eigenvalues() {}

    /**
     * A meter that finds all eigenvalues that are not zero where the dual matrix is small, else the largest.
     *
     * @param ofLanczos how many are the largest; few, because those of the bulk lie close together
     */
    static SpectrumMeter.Builder meter(int ofLanczos) {
        return SpectrumMeter.builder().decompose(LARGEST_DUAL).top(new Lanczos(ofLanczos, TOLERANCE, PRODUCTS, 1));
    }

    /** The same, and the density where not all are found. */
    static SpectrumMeter.Builder meterWithDensity(int ofLanczos) {
        return meter(ofLanczos).density(DENSITY_VECTORS);
    }

    /** How many eigenvalues lie above λ, over λ. */
    static LinePlot density(Spectrum spectrum, String of, String label, int color) {
        List<Double> x = new ArrayList<>();
        List<Double> y = new ArrayList<>();
        for (int i = 0; i < DENSITY_POINTS; i++) {
            double bound =
                    spectrum.lambdaMax() * Math.pow(10, -DENSITY_DECADES * i / (DENSITY_POINTS - 1)) * (1 - 1e-6);
            x.add(bound);
            y.add(spectrum.countAbove(bound));
        }
        return new LinePlot(
                "eigenvalues above λ, of " + spectrum.dimension() + of,
                LinePlot.Axis.logarithmic("λ"),
                LinePlot.Axis.logarithmic("number"),
                List.of(new Series(label, color, Series.Style.SOLID, x, y)));
    }
}
