package io.github.dl4jngd.cli.diagonal;

import java.util.Arrays;

/**
 * Where gradient flow of a diagonal linear network f(x) = β·x, β = u∘u − v∘v, ends: argmin Σ_j α_j² q(β_j/α_j²) subject
 * to Xβ = y, q(z) = 2 − √(4 + z²) + z asinh(z/2), α_j² = u_jv_j at the end (Woodworth et al., COLT 2020).
 *
 * <p>Large α_j: the least ‖β‖₂; small ones: the least ‖β‖₁, but only as 1/log(1/α).
 */
final class ImplicitBias {

    private static final int ITERATIONS = 100;

    /** A shorter step changes the dual by rounding alone. */
    private static final double SHORTEST = 1e-9;

    /** ‖Xβ − y‖/‖y‖ that is good enough where rounding allows no better. */
    private static final double CLOSE = 1e-11;

    private ImplicitBias() {}

    /** The minimiser with the same α for every unknown. */
    static double[] minimizer(DiagonalProblem problem, double alpha) {
        double[] squares = new double[DiagonalProblem.UNKNOWNS];
        Arrays.fill(squares, alpha * alpha);
        return minimizer(problem, squares);
    }

    /**
     * The minimiser β = 2α²∘sinh(Xᵀν), by Newton's method from ν = 0 on the convex dual 2Σ α_j² cosh((Xᵀν)_j) − y·ν. A
     * step is halved until the dual is finite, as cosh overflows for small α, and falls.
     *
     * @param squares α_j²
     */
    static double[] minimizer(DiagonalProblem problem, double[] squares) {
        double[][] x = problem.inputs();
        double[] nu = new double[x.length];
        double scale = Vectors.norm(problem.targets());
        for (int iteration = 0; iteration < ITERATIONS; iteration++) {
            double[] beta = beta(problem, squares, nu);
            double[] residual = problem.residual(beta);
            double misfit = Vectors.norm(residual) / scale;
            double[] step = Vectors.solve(hessian(problem, squares, nu), residual);
            double[] next = moved(nu, step, 1);
            // near the end the dual does not see the digits that Newton's own step brings; the misfit does
            boolean better = problem.misfit(beta(problem, squares, next)) < misfit / 2;
            if (!better && misfit < CLOSE) {
                return beta;
            }
            double value = dual(problem, squares, nu);
            for (double length = 1; !better && !(dual(problem, squares, next) < value); ) {
                length /= 2;
                if (length < SHORTEST) {
                    throw new ArithmeticException("Newton's method stopped at a misfit of " + misfit);
                }
                next = moved(nu, step, length);
            }
            nu = next;
        }
        throw new ArithmeticException("The minimiser was not found in " + ITERATIONS + " steps of Newton's method");
    }

    private static double[] moved(double[] nu, double[] step, double length) {
        double[] result = nu.clone();
        for (int n = 0; n < result.length; n++) {
            result[n] -= length * step[n];
        }
        return result;
    }

    private static double dual(DiagonalProblem problem, double[] squares, double[] nu) {
        double[] z = Vectors.transposeTimes(problem.inputs(), nu);
        double sum = 0;
        for (int j = 0; j < z.length; j++) {
            sum += 2 * squares[j] * Math.cosh(z[j]);
        }
        return sum - Vectors.dot(problem.targets(), nu);
    }

    private static double[] beta(DiagonalProblem problem, double[] squares, double[] nu) {
        double[] z = Vectors.transposeTimes(problem.inputs(), nu);
        for (int j = 0; j < z.length; j++) {
            z[j] = 2 * squares[j] * Math.sinh(z[j]);
        }
        return z;
    }

    /** X diag(2α²∘cosh(Xᵀν)) Xᵀ. */
    private static double[][] hessian(DiagonalProblem problem, double[] squares, double[] nu) {
        double[][] x = problem.inputs();
        double[] weights = Vectors.transposeTimes(x, nu);
        for (int j = 0; j < weights.length; j++) {
            weights[j] = 2 * squares[j] * Math.cosh(weights[j]);
        }
        double[][] result = new double[x.length][x.length];
        for (int n = 0; n < x.length; n++) {
            for (int m = 0; m <= n; m++) {
                double sum = 0;
                for (int j = 0; j < weights.length; j++) {
                    sum += x[n][j] * weights[j] * x[m][j];
                }
                result[n][m] = sum;
                result[m][n] = sum;
            }
        }
        return result;
    }
}
