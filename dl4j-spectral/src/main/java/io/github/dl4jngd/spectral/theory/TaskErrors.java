package io.github.dl4jngd.spectral.theory;

/**
 * The errors of a sequence of tasks in theory; see {@link LearningCurve#sequence(double[], double)}. Tasks are counted
 * from 0.
 */
public final class TaskErrors {

    private final double[][] errors;
    private final double[] biases;

    TaskErrors(double[][] errors, double[] biases) {
        this.errors = errors;
        this.biases = biases;
    }

    /**
     * The number of tasks.
     *
     * @return T
     */
    public int tasks() {
        return errors.length;
    }

    /**
     * The error on the task just learnt.
     *
     * @param task n
     * @return E_n
     */
    public double error(int task) {
        return errors[task][task];
    }

    /**
     * The error on a task after a later one.
     *
     * @param after the task learnt last
     * @param task the task asked about, no later
     * @return E(f_after − f̄_task)²
     */
    public double error(int after, int task) {
        return errors[after][task];
    }

    /**
     * The part of the error that is not from the choice of samples, where all tasks have the same target.
     *
     * @param task n
     * @return the bias; NaN where the similarity is not 1
     */
    public double bias(int task) {
        return biases[task];
    }

    /**
     * The rest of the error.
     *
     * @param task n
     * @return E_n less the bias; NaN where the similarity is not 1
     */
    public double variance(int task) {
        return error(task) - bias(task);
    }
}
