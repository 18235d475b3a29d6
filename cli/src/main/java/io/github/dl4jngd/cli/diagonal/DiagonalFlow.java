package io.github.dl4jngd.cli.diagonal;

import java.util.Arrays;

/**
 * Gradient flow of a diagonal linear network, β = u∘u − v∘v, L = ‖Xβ − y‖²/(2N), from u = v = α, with or without a
 * gradient regularisation.
 *
 * <p>Integrated in log u and log v, which keeps small numbers exact: with G = ∇_βL and h = (XᵀX/N)((u² + v²)∘G) the
 * exact penalty has d log u = −2G − γ(4G² + 8h), d log v = 2G − γ(4G² − 8h); a finite difference, r = γ/ε and G′ at
 * u∘(1 + 2εG), v∘(1 − 2εG), has d log u = −2[(1 − r)G + r(1 + 2εG)G′], d log v = 2[(1 − r)G + r(1 − 2εG)G′]. ∫ G∘G′
 * dt is carried along: it is what the penalty takes from α, α_j² = α² exp(−8γ ∫ G_jG′_j dt).
 */
final class DiagonalFlow {

    private static final int MOST_STEPS = 4_000;

    /** Of the adaptive steps, for log u and log v. */
    private static final double TOLERANCE = 1e-9;

    private final double[] beta;
    private final double[] scales;
    private final double[] predicted;
    private final double misfit;
    private final int steps;

    private DiagonalFlow(double[] beta, double[] scales, double[] predicted, double misfit, int steps) {
        this.beta = beta;
        this.scales = scales;
        this.predicted = predicted;
        this.misfit = misfit;
        this.steps = steps;
    }

    /** β at the end. */
    double[] beta() {
        return beta;
    }

    /** α_j = √(u_jv_j) at the end. */
    double[] scales() {
        return scales;
    }

    /** α_j by the integral. */
    double[] predicted() {
        return predicted;
    }

    /** ‖Xβ − y‖/‖y‖ at the end. */
    double misfit() {
        return misfit;
    }

    /** The integrator's steps. */
    int steps() {
        return steps;
    }

    /**
     * Integrates until the data are fitted.
     *
     * @param problem the regression
     * @param alpha u = v = α at the start
     * @param penalty the regularisation
     * @param misfit where to stop: ‖Xβ − y‖/‖y‖
     */
    static DiagonalFlow of(DiagonalProblem problem, double alpha, Penalty penalty, double misfit) {
        Equations equations = new Equations(problem, penalty);
        int d = DiagonalProblem.UNKNOWNS;
        double[] state = new double[3 * d];
        Arrays.fill(state, 0, 2 * d, Math.log(alpha));
        StiffIntegrator integrator = new StiffIntegrator(equations::slope, state, 2 * d, TOLERANCE);
        while (problem.misfit(equations.beta(integrator.state())) > misfit) {
            integrator.step();
            if (integrator.steps() > MOST_STEPS) {
                throw new ArithmeticException("The flow had not fitted the data after " + MOST_STEPS + " steps");
            }
        }
        double[] end = integrator.state();
        double[] scales = new double[d];
        double[] predicted = new double[d];
        for (int j = 0; j < d; j++) {
            scales[j] = Math.exp((end[j] + end[d + j]) / 2);
            predicted[j] = alpha * Math.exp(-4 * penalty.gamma() * end[2 * d + j]);
        }
        double[] beta = equations.beta(end);
        return new DiagonalFlow(beta, scales, predicted, problem.misfit(beta), integrator.steps());
    }

    double geometricMean() {
        double sum = 0;
        for (double scale : scales) {
            sum += Math.log(scale);
        }
        return Math.exp(sum / scales.length);
    }

    double least() {
        return Arrays.stream(scales).min().orElseThrow();
    }

    double largest() {
        return Arrays.stream(scales).max().orElseThrow();
    }

    /** The right-hand sides. */
    private record Equations(DiagonalProblem problem, Penalty penalty) {

        double[] beta(double[] state) {
            int d = state.length / 3;
            double[] beta = new double[d];
            for (int j = 0; j < d; j++) {
                beta[j] = Math.exp(2 * state[j]) - Math.exp(2 * state[d + j]);
            }
            return beta;
        }

        double[] slope(double[] state) {
            int d = state.length / 3;
            double[] g = problem.gradient(beta(state));
            double[] result = new double[3 * d];
            double gamma = penalty.gamma();
            if (penalty.isExact()) {
                double[] h = new double[d];
                for (int j = 0; j < d; j++) {
                    h[j] = (Math.exp(2 * state[j]) + Math.exp(2 * state[d + j])) * g[j];
                }
                h = Vectors.scaled(
                        Vectors.transposeTimes(problem.inputs(), Vectors.times(problem.inputs(), h)),
                        1.0 / DiagonalProblem.SAMPLES);
                for (int j = 0; j < d; j++) {
                    result[j] = -2 * g[j] - gamma * (4 * g[j] * g[j] + 8 * h[j]);
                    result[d + j] = 2 * g[j] - gamma * (4 * g[j] * g[j] - 8 * h[j]);
                    result[2 * d + j] = g[j] * g[j];
                }
                return result;
            }
            double epsilon = penalty.epsilon();
            double r = gamma / epsilon;
            double[] moved = new double[d];
            for (int j = 0; j < d; j++) {
                double u = Math.exp(state[j]) * (1 + 2 * epsilon * g[j]);
                double v = Math.exp(state[d + j]) * (1 - 2 * epsilon * g[j]);
                moved[j] = u * u - v * v;
            }
            double[] other = problem.gradient(moved);
            for (int j = 0; j < d; j++) {
                result[j] = -2 * ((1 - r) * g[j] + r * (1 + 2 * epsilon * g[j]) * other[j]);
                result[d + j] = 2 * ((1 - r) * g[j] + r * (1 - 2 * epsilon * g[j]) * other[j]);
                result[2 * d + j] = g[j] * other[j];
            }
            return result;
        }
    }
}
