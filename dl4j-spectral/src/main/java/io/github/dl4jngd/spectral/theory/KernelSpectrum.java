package io.github.dl4jngd.spectral.theory;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;

/**
 * The eigenvalues of an inner-product kernel k(x·x′/D) for inputs uniform on the sphere |x|² = D: k = Σ_i η_i φ_i(x)
 * φ_i(x′), E φ_iφ_j = δ_ij.
 *
 * <p>Spherical harmonics of degree k share one eigenvalue η_k, n_k = (2k + D − 2)/k · C(k + D − 3, k − 1) of them
 * (n_0 = 1), η_k = ∫₀^π k(cos θ) P_k(cos θ) sin^{D−2}θ dθ / ∫₀^π sin^{D−2}θ dθ with the Gegenbauer polynomials of
 * P_k(1) = 1, and Σ_k n_kη_k = k(1). The integrals are taken in θ, where kernels of ReLU networks are analytic.
 *
 * <p>At high degrees rounding, 1e-16 k(1)/√n_k, swamps η_k: the spectrum is cut where two degrees running have η_k√n_k
 * below 1e-12 k(1), and what is left out is the {@link #tail()}. In formulas of learning it acts as a ridge
 * ({@link LearningCurve}). All in float64. Cost: some hundred evaluations of the kernel.
 */
public final class KernelSpectrum {

    private static final double ROUNDING = 1e-12;

    private static final int NODES = 400;

    private static final int MANY_NODES = 1000;

    private static final int HIGH_DIMENSION = 100;

    private final int dimension;
    private final double[] eigenvalues;
    private final double[] multiplicities;
    private final double trace;

    private KernelSpectrum(int dimension, double[] eigenvalues, double[] multiplicities, double trace) {
        this.dimension = dimension;
        this.eigenvalues = eigenvalues;
        this.multiplicities = multiplicities;
        this.trace = trace;
    }

    /**
     * The spectrum of a kernel.
     *
     * @param kernel k(t) for the correlation t of two inputs, from −1 to 1
     * @param dimension D, at least 3
     * @param degrees how many degrees are kept at most, from degree 0 on; 40 is plenty
     * @return the spectrum
     * @throws IllegalArgumentException if the dimension is too small or there are no degrees
     */
    public static KernelSpectrum onSphere(DoubleUnaryOperator kernel, int dimension, int degrees) {
        Objects.requireNonNull(kernel, "kernel");
        if (dimension < 3 || degrees < 1) {
            throw new IllegalArgumentException("The spectrum on a sphere needs at least 3 dimensions and 1 degree, got "
                    + dimension + " and " + degrees);
        }
        GaussLegendre rule = new GaussLegendre(dimension > HIGH_DIMENSION ? MANY_NODES : NODES);
        double area = rule.integral(0, Math.PI, angle -> Math.pow(Math.sin(angle), dimension - 2));
        double trace = kernel.applyAsDouble(1);
        double[] eigenvalues = new double[degrees];
        double[] multiplicities = new double[degrees];
        int kept = 0;
        int below = 0;
        while (kept < degrees && below < 2) {
            int degree = kept;
            double value = rule.integral(
                            0,
                            Math.PI,
                            angle -> kernel.applyAsDouble(Math.cos(angle))
                                    * polynomial(degree, dimension, Math.cos(angle))
                                    * Math.pow(Math.sin(angle), dimension - 2))
                    / area;
            multiplicities[kept] = multiplicity(degree, dimension);
            boolean rounding = value * Math.sqrt(multiplicities[kept]) < ROUNDING * trace;
            below = rounding ? below + 1 : 0;
            eigenvalues[kept] = rounding ? 0 : value;
            kept++;
        }
        kept -= below;
        return new KernelSpectrum(
                dimension, Arrays.copyOf(eigenvalues, kept), Arrays.copyOf(multiplicities, kept), trace);
    }

    /**
     * The spectrum of an infinitely wide network's tangent kernel.
     *
     * @param kernel of a network whose first layer has D inputs
     * @param degrees how many degrees are kept at most
     * @return the spectrum for inputs with |x|² = D
     */
    public static KernelSpectrum onSphere(TangentKernel kernel, int degrees) {
        return onSphere(
                kernel::ofCorrelation, Math.toIntExact(kernel.theory().widths().get(0)), degrees);
    }

    /** n_k, which is beyond integers for high dimensions. */
    private static double multiplicity(int degree, int dimension) {
        double product = degree == 0 ? 1 : (2.0 * degree + dimension - 2) / degree;
        for (int i = 1; i < degree; i++) {
            product *= (dimension - 2.0 + i) / i;
        }
        return product;
    }

    /** P_k(t) with P_k(1) = 1: (k + D − 2) P_{k+1} = (2k + D − 2) t P_k − k P_{k−1}. */
    private static double polynomial(int degree, int dimension, double t) {
        double before = 1;
        double value = degree == 0 ? 1 : t;
        for (int k = 1; k < degree; k++) {
            double next = ((2.0 * k + dimension - 2) * t * value - k * before) / (k + dimension - 2.0);
            before = value;
            value = next;
        }
        return value;
    }

    /**
     * The dimension of the inputs.
     *
     * @return D
     */
    public int dimension() {
        return dimension;
    }

    /**
     * How many degrees are kept.
     *
     * @return K
     */
    public int degrees() {
        return eigenvalues.length;
    }

    /**
     * The eigenvalues by degree.
     *
     * @return η_0 … η_{K−1}, a copy
     */
    public double[] eigenvalues() {
        return eigenvalues.clone();
    }

    /**
     * How many eigenfunctions each degree has.
     *
     * @return n_0 … n_{K−1}, a copy
     */
    public double[] multiplicities() {
        return multiplicities.clone();
    }

    /**
     * The kernel of an input with itself.
     *
     * @return k(1)
     */
    public double trace() {
        return trace;
    }

    /**
     * The weight of the degrees left out.
     *
     * @return τ = k(1) − Σ_{k &lt; K} n_kη_k, at least 0
     */
    public double tail() {
        double sum = 0;
        for (int k = 0; k < eigenvalues.length; k++) {
            sum += multiplicities[k] * eigenvalues[k];
        }
        return Math.max(0, trace - sum);
    }

    /**
     * A power of the kernel as an operator.
     *
     * @param exponent p, at least 1
     * @param correlation t = x·x′/D
     * @return Σ_{k &lt; K} n_k η_k^p P_k(t)
     */
    public double power(int exponent, double correlation) {
        double before = 1;
        double value = 1;
        double sum = 0;
        for (int k = 0; k < eigenvalues.length; k++) {
            if (k == 1) {
                value = correlation;
            } else if (k > 1) {
                double next =
                        ((2.0 * k + dimension - 4) * correlation * value - (k - 1) * before) / (k + dimension - 3.0);
                before = value;
                value = next;
            }
            sum += multiplicities[k] * Math.pow(eigenvalues[k], exponent) * value;
        }
        return sum;
    }
}
