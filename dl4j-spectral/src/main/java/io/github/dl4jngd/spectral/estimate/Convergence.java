package io.github.dl4jngd.spectral.estimate;

/**
 * When an iteration for the largest eigenvalue has converged: where the residual is at most the tolerance, or where λ
 * itself has settled although its vector has not, as among nearly equal eigenvalues. λ grows with every iteration; its
 * last two increments, continued as a geometric series (Aitken), then add less than a hundredth of tolerance · λ, twice
 * in a row: a hundredth, because λ creeps from one of several near eigenvalues to the next and the series then
 * underestimates what is to come.
 */
final class Convergence {

    private static final int STEADY = 2;
    private static final double SAFETY = 100;

    private final double tolerance;
    private final int leastIterations;
    private int iterations;
    private double before = Double.NaN;
    private double increment = Double.NaN;
    private double error = Double.NaN;
    private int steady;

    /** With iterations that are made in any case. */
    Convergence(double tolerance, int leastIterations) {
        this.tolerance = tolerance;
        this.leastIterations = leastIterations;
    }

    /** Whether an iteration that left λ with this relative residual is the last. */
    boolean reached(double value, double residual) {
        double gained = value - before;
        double ratio = gained / increment;
        error = ratio >= 0 && ratio < 1 ? SAFETY * gained * ratio / (1 - ratio) / value : Double.NaN;
        steady = error <= tolerance ? steady + 1 : 0;
        before = value;
        increment = gained;
        iterations++;
        return iterations >= leastIterations && (residual <= tolerance || steady >= STEADY);
    }

    /** An estimate of λ's relative error, with the safety factor. */
    double error(double residual) {
        return Double.isNaN(error) ? residual : Math.min(error, residual);
    }
}
