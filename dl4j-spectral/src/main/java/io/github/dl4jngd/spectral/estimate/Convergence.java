package io.github.dl4jngd.spectral.estimate;

/**
 * When an iteration for the largest eigenvalue has converged: where the residual is at most the tolerance, or where λ itself has settled
 * although its vector has not, as among nearly equal eigenvalues. λ grows with every iteration; its last two increments, continued as a
 * geometric series (Aitken), then add less than tolerance · λ, twice in a row. Where the distance to the next eigenvalue is known, the
 * error of λ is at most residual²/gap, which is below the tolerance long before the residual is.
 */
final class Convergence {

    private static final int STEADY = 2;

    /** A gap from few dimensions is too large rather than too small; more than this, relative to λ, is not believed. */
    private static final double WIDEST_GAP = 0.1;

    private final double tolerance;
    private double before = Double.NaN;
    private double increment = Double.NaN;
    private double error = Double.NaN;
    private int steady;

    Convergence(double tolerance) {
        this.tolerance = tolerance;
    }

    /** Whether an iteration that left λ with this relative residual is the last. */
    boolean reached(double value, double residual) {
        return reached(value, residual, 0);
    }

    /** The same, with an estimate of the gap to the next eigenvalue, relative to λ; 0 where it is unknown. */
    boolean reached(double value, double residual, double gap) {
        double gained = value - before;
        double ratio = gained / increment;
        error = ratio >= 0 && ratio < 1 ? gained * ratio / (1 - ratio) / value : Double.NaN;
        steady = error <= tolerance ? steady + 1 : 0;
        before = value;
        increment = gained;
        double bound = residual * residual / Math.min(gap, WIDEST_GAP);
        error = gap > 0 && !(error <= bound) ? bound : error;
        return residual <= tolerance || bound <= tolerance || steady >= STEADY;
    }

    /** An estimate of λ's relative error. */
    double error(double residual) {
        return Double.isNaN(error) ? residual : Math.min(error, residual);
    }
}
