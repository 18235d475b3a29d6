package io.github.dl4jngd.transfer;

import java.util.Arrays;
import java.util.Locale;

/**
 * How well a model does each of T tasks after having learnt each of them: R[i][j] is the score of task j after task i,
 * b_j that before the first. A score is the better the higher it is; a loss enters with its sign changed. Tasks are
 * counted from 0.
 */
public final class ErrorMatrix {

    private final double[][] scores;
    private final double[] initial;

    private ErrorMatrix(double[][] scores, double[] initial) {
        this.scores = scores;
        this.initial = initial;
    }

    /**
     * The matrix of given scores.
     *
     * @param scores R[i][j], T rows of T numbers; copied
     * @param initial b_j, T numbers; copied
     * @return the matrix
     * @throws IllegalArgumentException if the numbers are not of T tasks, at least one
     */
    public static ErrorMatrix of(double[][] scores, double[] initial) {
        int tasks = initial.length;
        if (tasks == 0 || scores.length != tasks || Arrays.stream(scores).anyMatch(row -> row.length != tasks)) {
            throw new IllegalArgumentException(
                    "An error matrix of T tasks needs T rows of T scores and T initial ones, got "
                            + Arrays.deepToString(scores) + " and " + tasks);
        }
        return new ErrorMatrix(Arrays.stream(scores).map(double[]::clone).toArray(double[][]::new), initial.clone());
    }

    /**
     * The number of tasks.
     *
     * @return T
     */
    public int tasks() {
        return initial.length;
    }

    /**
     * A score.
     *
     * @param after i, the task learnt last
     * @param task j, the task that is tested
     * @return R[i][j]
     */
    public double score(int after, int task) {
        return scores[after][task];
    }

    /**
     * A score before the first task.
     *
     * @param task j
     * @return b_j
     */
    public double initial(int task) {
        return initial[task];
    }

    /**
     * What later tasks did to earlier ones: (1/(T−1)) Σ_{j&lt;T} (R[T][j] − R[j][j]), below zero where they were
     * forgotten (Lopez-Paz &amp; Ranzato 2017).
     *
     * @return the mean over all tasks but the last; 0 with one task
     */
    public double backwardTransfer() {
        int last = tasks() - 1;
        double sum = 0;
        for (int j = 0; j < last; j++) {
            sum += scores[last][j] - scores[j][j];
        }
        return last == 0 ? 0 : sum / last;
    }

    /**
     * What earlier tasks did for those not yet learnt: (1/(T−1)) Σ_{j≥2} (R[j−1][j] − b_j) (Lopez-Paz &amp; Ranzato
     * 2017).
     *
     * @return the mean over all tasks but the first; 0 with one task
     */
    public double forwardTransfer() {
        int last = tasks() - 1;
        double sum = 0;
        for (int j = 1; j <= last; j++) {
            sum += scores[j - 1][j] - initial[j];
        }
        return last == 0 ? 0 : sum / last;
    }

    /**
     * How much of the best is lost in the end: (1/(T−1)) Σ_{j&lt;T} (max_{l&lt;T} R[l][j] − R[T][j]) (Chaudhry et al.
     * 2018).
     *
     * @return the mean over all tasks but the last; 0 with one task
     */
    public double forgetting() {
        int last = tasks() - 1;
        double sum = 0;
        for (int j = 0; j < last; j++) {
            double best = Double.NEGATIVE_INFINITY;
            for (int l = 0; l < last; l++) {
                best = Math.max(best, scores[l][j]);
            }
            sum += best - scores[last][j];
        }
        return last == 0 ? 0 : sum / last;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%-8s", "after"));
        for (int j = 0; j < tasks(); j++) {
            text.append(String.format(Locale.ROOT, " %9s", "task " + (j + 1)));
        }
        row(text, "nothing", initial);
        for (int i = 0; i < tasks(); i++) {
            row(text, "task " + (i + 1), scores[i]);
        }
        return text.append(String.format(
                        Locale.ROOT,
                        "%nbackward transfer %.4f, forward transfer %.4f, forgetting %.4f",
                        backwardTransfer(),
                        forwardTransfer(),
                        forgetting()))
                .toString();
    }

    private static void row(StringBuilder text, String name, double[] values) {
        text.append(String.format(Locale.ROOT, "%n%-8s", name));
        for (double value : values) {
            text.append(String.format(Locale.ROOT, " %9.4f", value));
        }
    }
}
