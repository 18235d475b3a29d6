package io.github.dl4jngd.cli.diagonal;

import java.util.Optional;

/**
 * Gradient descent of a diagonal linear network from u = v = α, with a constant rate.
 */
final class Descent {

    /** Where it stops: ‖Xβ − y‖/‖y‖. */
    static final double MISFIT = 1e-5;

    /** A fraction of the bound 2/λ_max of the largest curvature on the way; larger rates have a bias of their own. */
    private static final double CAUTION = 0.3;

    private final double[] beta;
    private final double rate;
    private final int steps;

    private Descent(double[] beta, double rate, int steps) {
        this.beta = beta;
        this.rate = rate;
        this.steps = steps;
    }

    /** β at the end. */
    double[] beta() {
        return beta;
    }

    /** η. */
    double rate() {
        return rate;
    }

    /** The steps made. */
    int steps() {
        return steps;
    }

    /**
     * Descends.
     *
     * @param mostSteps after which it gives up
     * @return empty where it has not fitted the data by then
     */
    static Optional<Descent> of(DiagonalProblem problem, double alpha, int mostSteps) {
        int d = DiagonalProblem.UNKNOWNS;
        double[] u = new double[d];
        double[] v = new double[d];
        double[] beta = new double[d];
        for (int j = 0; j < d; j++) {
            u[j] = alpha;
            v[j] = alpha;
        }
        double largest = 0;
        for (double value : problem.truth()) {
            largest = Math.max(largest, Math.abs(value));
        }
        double rate = CAUTION * 2 / (4 * (2 * alpha * alpha + largest) * largestEigenvalue(problem));
        for (int step = 1; step <= mostSteps; step++) {
            double[] g = problem.gradient(beta);
            for (int j = 0; j < d; j++) {
                u[j] -= 2 * rate * u[j] * g[j];
                v[j] += 2 * rate * v[j] * g[j];
                beta[j] = u[j] * u[j] - v[j] * v[j];
            }
            if (problem.misfit(beta) <= MISFIT) {
                return Optional.of(new Descent(beta, rate, step));
            }
        }
        return Optional.empty();
    }

    /** λ_max(XᵀX/N), by power iteration. */
    private static double largestEigenvalue(DiagonalProblem problem) {
        double[] vector = problem.truth().clone();
        double value = 0;
        for (int i = 0; i < 200; i++) {
            vector = Vectors.scaled(vector, 1 / Vectors.norm(vector));
            vector = Vectors.scaled(
                    Vectors.transposeTimes(problem.inputs(), Vectors.times(problem.inputs(), vector)),
                    1.0 / DiagonalProblem.SAMPLES);
            value = Vectors.norm(vector);
        }
        return value;
    }
}
