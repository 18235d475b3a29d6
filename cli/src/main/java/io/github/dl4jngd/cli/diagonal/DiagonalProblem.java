package io.github.dl4jngd.cli.diagonal;

/**
 * Linear regression with more unknowns than samples: y = Xβ*, β* sparse. No random numbers, so that every run has the
 * same problem.
 */
final class DiagonalProblem {

    static final int SAMPLES = 20;

    static final int UNKNOWNS = 40;

    /** A prime: residues of a polynomial modulo it fill [0, 1008] evenly. */
    private static final int MODULUS = 1009;

    private final double mean;
    private final double[][] inputs;
    private final double[] targets;
    private final double[] truth;

    private DiagonalProblem(double mean, double[][] inputs, double[] targets, double[] truth) {
        this.mean = mean;
        this.inputs = inputs;
        this.targets = targets;
        this.truth = truth;
    }

    /** μ, the common mean of the inputs. */
    double mean() {
        return mean;
    }

    /** X, N rows of D numbers. */
    double[][] inputs() {
        return inputs;
    }

    /** y, N numbers. */
    double[] targets() {
        return targets;
    }

    /** β*, D numbers. */
    double[] truth() {
        return truth;
    }

    /** X[n, d] = μ + √12 (h/1008 − ½), h = (7n² + 13d² + 101nd + 17n + 29d) mod 1009, of variance about 1. */
    static DiagonalProblem of(double mean) {
        double[][] inputs = new double[SAMPLES][UNKNOWNS];
        for (int n = 1; n <= SAMPLES; n++) {
            for (int d = 1; d <= UNKNOWNS; d++) {
                int h = (7 * n * n + 13 * d * d + 101 * n * d + 17 * n + 29 * d) % MODULUS;
                inputs[n - 1][d - 1] = mean + Math.sqrt(12) * (h / (MODULUS - 1.0) - 0.5);
            }
        }
        double[] truth = new double[UNKNOWNS];
        truth[3] = 2;
        truth[11] = -1;
        truth[20] = 1.5;
        return new DiagonalProblem(mean, inputs, Vectors.times(inputs, truth), truth);
    }

    /** G = ∇_βL = Xᵀ(Xβ − y)/N. */
    double[] gradient(double[] beta) {
        return Vectors.scaled(Vectors.transposeTimes(inputs, residual(beta)), 1.0 / inputs.length);
    }

    /** Xβ − y. */
    double[] residual(double[] beta) {
        double[] residual = Vectors.times(inputs, beta);
        for (int n = 0; n < residual.length; n++) {
            residual[n] -= targets[n];
        }
        return residual;
    }

    /** ‖Xβ − y‖/‖y‖. */
    double misfit(double[] beta) {
        return Vectors.norm(residual(beta)) / Vectors.norm(targets);
    }

    /** ‖β − β*‖/‖β*‖. */
    double error(double[] beta) {
        double[] difference = beta.clone();
        for (int d = 0; d < difference.length; d++) {
            difference[d] -= truth[d];
        }
        return Vectors.norm(difference) / Vectors.norm(truth);
    }

    /** argmin ‖β‖₂ subject to Xβ = y: Xᵀ(XXᵀ)⁻¹y. */
    double[] leastSquares() {
        double[][] gram = new double[inputs.length][];
        for (int n = 0; n < inputs.length; n++) {
            gram[n] = Vectors.times(inputs, inputs[n]);
        }
        return Vectors.transposeTimes(inputs, Vectors.solve(gram, targets));
    }
}
