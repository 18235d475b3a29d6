package io.github.dl4jngd.spectral.estimate;

import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * A spectral density (1/dimension) Σ_i δ(λ − λ_i) as quadratures of random directions' measures.
 *
 * @param dimension the number of eigenvalues
 * @param quadratures one a direction
 */
public record SpectralDensity(long dimension, List<Quadrature> quadratures) {

    /**
     * A discrete measure of mass one.
     *
     * @param nodes where, ascending
     * @param weights how much
     */
    public record Quadrature(List<Double> nodes, List<Double> weights) {

        /**
         * Copies the lists.
         *
         * @param nodes where
         * @param weights how much
         */
        public Quadrature {
            nodes = List.copyOf(nodes);
            weights = List.copyOf(weights);
        }

        double integral(DoubleUnaryOperator f) {
            double sum = 0;
            for (int i = 0; i < nodes.size(); i++) {
                sum += weights.get(i) * f.applyAsDouble(nodes.get(i));
            }
            return sum;
        }
    }

    /**
     * A number with its standard error.
     *
     * @param value the mean over directions
     * @param standardError from their scatter; NaN for one direction
     */
    public record Estimate(double value, double standardError) {}

    /**
     * Copies the list.
     *
     * @param dimension the number of eigenvalues
     * @param quadratures one a direction
     */
    public SpectralDensity {
        quadratures = List.copyOf(quadratures);
    }

    /**
     * The mean of a function of the eigenvalues, (1/dimension) Σ_i f(λ_i).
     *
     * @param f the function
     * @return the estimate
     */
    public Estimate mean(DoubleUnaryOperator f) {
        List<Double> values = quadratures.stream().map(q -> q.integral(f)).toList();
        return new Estimate(Trace.mean(values), Trace.standardError(values));
    }

    /**
     * The fraction of eigenvalues up to a bound.
     *
     * @param bound the largest eigenvalue counted
     * @return the estimate
     */
    public Estimate fractionUpTo(double bound) {
        return mean(value -> value <= bound ? 1 : 0);
    }

    /**
     * The density, smoothed by a Gaussian.
     *
     * @param at where
     * @param width the Gaussian's standard deviation, above zero
     * @return the density per unit of λ
     */
    public Estimate density(double at, double width) {
        double norm = 1 / (width * Math.sqrt(2 * Math.PI));
        return mean(value -> norm * Math.exp(-0.5 * Math.pow((at - value) / width, 2)));
    }

    /**
     * The largest node, close to the largest eigenvalue.
     *
     * @return the maximum over all quadratures
     */
    public double largest() {
        return quadratures.stream()
                .flatMap(q -> q.nodes().stream())
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(Double.NaN);
    }
}
