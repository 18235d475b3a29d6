package io.github.dl4jngd.cli.diagonal;

import java.util.function.UnaryOperator;

/**
 * Integrates stiff dx/dt = f(x): the linearly implicit Euler method, (I − hJ)Δ = h f(x), with 1 to {@value #ORDER}
 * substeps a step, extrapolated to h → 0 (Deuflhard 1985). The last two columns of the table say the error, which is
 * kept below the tolerance in the largest component.
 *
 * <p>The components after the coupled ones are integrals: nothing depends on them.
 */
final class StiffIntegrator {

    private static final int ORDER = 6;
    private static final double SAFETY = 0.8;
    private static final double MOST_GROWTH = 4;
    private static final double LEAST_GROWTH = 0.2;
    private static final double DIFFERENCE = 1e-7;

    private final UnaryOperator<double[]> slope;
    private final int coupled;
    private final double tolerance;
    private double[] state;
    private double size = 1e-3;
    private int steps;

    /**
     * At the start.
     *
     * @param slope f
     * @param start x
     * @param coupled how many components f depends on, the first ones
     * @param tolerance of a step
     */
    StiffIntegrator(UnaryOperator<double[]> slope, double[] start, int coupled, double tolerance) {
        this.slope = slope;
        this.coupled = coupled;
        this.tolerance = tolerance;
        this.state = start.clone();
    }

    double[] state() {
        return state.clone();
    }

    int steps() {
        return steps;
    }

    /** One step that was accurate enough. */
    void step() {
        double[][] jacobian = jacobian();
        while (true) {
            double[][] table = new double[ORDER][];
            double error = Double.NaN;
            for (int row = 0; row < ORDER; row++) {
                double[] entry = substeps(jacobian, row + 1);
                for (int column = 0; column <= row; column++) {
                    double[] above = table[column];
                    table[column] = entry;
                    if (column < row) {
                        // the entry to the left and the one above that make one of the next order
                        double weight = (row + 1.0) / (row - column) - 1;
                        double[] better = new double[entry.length];
                        for (int i = 0; i < entry.length; i++) {
                            better[i] = entry[i] + (entry[i] - above[i]) / weight;
                        }
                        error = distance(better, entry);
                        entry = better;
                    }
                }
            }
            double[] best = table[ORDER - 1];
            boolean accurate = error <= tolerance;
            size *= Double.isFinite(error)
                    ? Math.min(MOST_GROWTH, Math.max(LEAST_GROWTH, SAFETY * Math.pow(tolerance / error, 1.0 / ORDER)))
                    : LEAST_GROWTH;
            if (accurate) {
                state = best;
                steps++;
                return;
            }
            if (size < 1e-300) {
                throw new ArithmeticException("The flow cannot be followed any further");
            }
        }
    }

    private static double distance(double[] left, double[] right) {
        double largest = 0;
        for (int i = 0; i < left.length; i++) {
            double difference = Math.abs(left[i] - right[i]);
            if (!(difference <= largest)) {
                largest = difference;
            }
        }
        return largest;
    }

    private double[] substeps(double[][] jacobian, int count) {
        double h = size / count;
        double[][] matrix = new double[coupled][coupled];
        for (int i = 0; i < coupled; i++) {
            for (int j = 0; j < coupled; j++) {
                matrix[i][j] = (i == j ? 1 : 0) - h * jacobian[i][j];
            }
        }
        Elimination elimination = new Elimination(matrix);
        double[] x = state.clone();
        for (int substep = 0; substep < count; substep++) {
            double[] f = slope.apply(x);
            double[] right = new double[coupled];
            for (int i = 0; i < coupled; i++) {
                right[i] = h * f[i];
            }
            double[] change = elimination.solve(right);
            for (int i = coupled; i < x.length; i++) {
                double sum = f[i];
                for (int j = 0; j < coupled; j++) {
                    sum += jacobian[i][j] * change[j];
                }
                x[i] += h * sum;
            }
            for (int i = 0; i < coupled; i++) {
                x[i] += change[i];
            }
        }
        return x;
    }

    /** ∂f/∂x by central differences; an error in it costs accuracy that the table then asks smaller steps for. */
    private double[][] jacobian() {
        double[][] result = new double[state.length][coupled];
        double[] x = state.clone();
        for (int j = 0; j < coupled; j++) {
            double own = x[j];
            x[j] = own + DIFFERENCE;
            double[] above = slope.apply(x);
            x[j] = own - DIFFERENCE;
            double[] below = slope.apply(x);
            x[j] = own;
            for (int i = 0; i < result.length; i++) {
                result[i][j] = (above[i] - below[i]) / (2 * DIFFERENCE);
            }
        }
        return result;
    }

    /** Gauss's elimination with partial pivoting. */
    private static final class Elimination {

        private final double[][] factors;
        private final int[] order;

        Elimination(double[][] matrix) {
            int n = matrix.length;
            factors = matrix;
            order = new int[n];
            for (int i = 0; i < n; i++) {
                order[i] = i;
            }
            for (int k = 0; k < n; k++) {
                int pivot = k;
                for (int i = k + 1; i < n; i++) {
                    if (Math.abs(factors[i][k]) > Math.abs(factors[pivot][k])) {
                        pivot = i;
                    }
                }
                double[] row = factors[k];
                factors[k] = factors[pivot];
                factors[pivot] = row;
                int place = order[k];
                order[k] = order[pivot];
                order[pivot] = place;
                for (int i = k + 1; i < n; i++) {
                    double factor = factors[i][k] / factors[k][k];
                    factors[i][k] = factor;
                    for (int j = k + 1; j < n; j++) {
                        factors[i][j] -= factor * factors[k][j];
                    }
                }
            }
        }

        double[] solve(double[] right) {
            int n = order.length;
            double[] x = new double[n];
            for (int i = 0; i < n; i++) {
                x[i] = right[order[i]];
                for (int j = 0; j < i; j++) {
                    x[i] -= factors[i][j] * x[j];
                }
            }
            for (int i = n - 1; i >= 0; i--) {
                for (int j = i + 1; j < n; j++) {
                    x[i] -= factors[i][j] * x[j];
                }
                x[i] /= factors[i][i];
            }
            return x;
        }
    }
}
