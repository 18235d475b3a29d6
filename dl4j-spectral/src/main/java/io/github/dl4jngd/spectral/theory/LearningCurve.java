package io.github.dl4jngd.spectral.theory;

import java.util.Arrays;
import java.util.Objects;

/**
 * What learning tasks one after the other does to the error of a wide network: the replica theory of kernel regression
 * (Bordelon, Canatar &amp; Pehlevan, ICML 2020) applied task by task (Karakida &amp; Akaho, ICLR 2022).
 *
 * <p>Task n has N_n fresh samples on the sphere, labels f̄_n(x) + noise, f̄_n = Σ_i v_{n,i}φ_i with v ~ N(0, η²) and
 * correlation ρ between tasks. It is learnt to zero training error, or with a ridge λ, from the function that the task
 * before ended with: f_n = f_{n−1} + k(·, X_n)(K_n + λI)⁻¹(y_n − f_{n−1}(X_n)). Errors are E(f − f̄)², averaged over
 * samples, targets and inputs.
 *
 * <p>One task of N samples: 1 = Σ n_kη_k/(κ + Nη_k) + (λ + τ)/κ, γ = Σ n_k Nη_k²/(κ + Nη_k)², q_k = κ/(κ + Nη_k). τ is
 * the spectrum's tail, which acts as a ridge. Formulas of one and of two tasks and of any number are derived from
 * what a task does to the power s_k of an error in each mode: s_k′ = q_k² s_k + (1 − q_k)²/N · (Σ_j n_jq_j²s_j +
 * σ²)/(1 − γ). All in float64; O(K) a task.
 */
public final class LearningCurve {

    private static final int BISECTIONS = 400;
    private static final double SMALLEST = 1e-300;
    private static final int RIDGES = 60;
    private static final double LOWEST_RIDGE = 1e-6;
    private static final double HIGHEST_RIDGE = 1e8;
    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

    private final double noise;
    private final double[] eta;
    private final double[] n;
    private final double tail;

    /**
     * Curves of a kernel.
     *
     * @param spectrum its eigenvalues
     * @param noise σ², the variance of the noise of labels, at least 0
     * @throws IllegalArgumentException if σ² is negative
     */
    public LearningCurve(KernelSpectrum spectrum, double noise) {
        Objects.requireNonNull(spectrum, "spectrum");
        if (!(noise >= 0)) {
            throw new IllegalArgumentException("The variance of the noise must be at least 0, was " + noise);
        }
        this.noise = noise;
        this.eta = spectrum.eigenvalues();
        this.n = spectrum.multiplicities();
        this.tail = spectrum.tail();
    }

    /**
     * The order parameters of one task.
     *
     * @param kappa κ, the effective ridge
     * @param gamma γ, in [0, 1)
     */
    public record Order(double kappa, double gamma) {}

    /**
     * The order parameters of one task without a ridge.
     *
     * @param samples N, at least 1
     * @return κ and γ
     */
    public Order order(double samples) {
        return order(samples, 0);
    }

    /**
     * The order parameters of one task.
     *
     * @param samples N, at least 1
     * @param ridge λ ≥ 0
     * @return κ and γ
     * @throws IllegalArgumentException if there is no sample or the ridge is negative
     */
    public Order order(double samples, double ridge) {
        if (!(samples >= 1) || !(ridge >= 0)) {
            throw new IllegalArgumentException(
                    "A task needs at least one sample and a ridge of at least 0, got " + samples + " and " + ridge);
        }
        double sum = ridge + tail;
        for (int k = 0; k < eta.length; k++) {
            sum += n[k] * eta[k];
        }
        double low = Math.log(SMALLEST);
        double high = Math.log(sum);
        for (int i = 0; i < BISECTIONS && low < high; i++) {
            double middle = (low + high) / 2;
            double kappa = Math.exp(middle);
            double value = (ridge + tail) / kappa;
            for (int k = 0; k < eta.length; k++) {
                value += n[k] * eta[k] / (kappa + samples * eta[k]);
            }
            if (value > 1) {
                low = middle;
            } else {
                high = middle;
            }
        }
        double kappa = Math.exp((low + high) / 2);
        double gamma = 0;
        for (int k = 0; k < eta.length; k++) {
            double ratio = eta[k] / (kappa + samples * eta[k]);
            gamma += n[k] * samples * ratio * ratio;
        }
        return new Order(kappa, gamma);
    }

    /** One task at its order parameters. */
    private final class Task {

        private final double samples;
        private final double gamma;
        private final double[] q;

        Task(double samples, double ridge) {
            Order order = order(samples, ridge);
            this.samples = samples;
            this.gamma = order.gamma();
            this.q = new double[eta.length];
            for (int k = 0; k < q.length; k++) {
                q[k] = order.kappa() / (order.kappa() + samples * eta[k]);
            }
        }

        /** (Σ n_kq_k²s_k + σ²)/(1 − γ). */
        double total(double[] powers) {
            double sum = noise;
            for (int k = 0; k < q.length; k++) {
                sum += n[k] * q[k] * q[k] * powers[k];
            }
            return sum / (1 - gamma);
        }

        /** The error after the task of one with these powers before it. */
        double error(double[] powers) {
            double sum = gamma * noise;
            for (int k = 0; k < q.length; k++) {
                sum += n[k] * q[k] * q[k] * powers[k];
            }
            return sum / (1 - gamma);
        }
    }

    /** v_k² = η_k². */
    private double[] targets() {
        double[] powers = new double[eta.length];
        for (int k = 0; k < powers.length; k++) {
            powers[k] = eta[k] * eta[k];
        }
        return powers;
    }

    /**
     * The error of one task, learnt from zero.
     *
     * @param samples N
     * @return E_1
     */
    public double error(double samples) {
        return error(samples, 0);
    }

    /**
     * The error of one task, learnt from zero with a ridge.
     *
     * @param samples N
     * @param ridge λ ≥ 0
     * @return E_1
     */
    public double error(double samples, double ridge) {
        return new Task(samples, ridge).error(targets());
    }

    /**
     * The error of the average of two networks that learnt different samples of one task.
     *
     * @param samples N of each
     * @return E_ave; (1 − γ/2) E_1 without noise
     */
    public double averagedError(double samples) {
        Task task = new Task(samples, 0);
        double bias = 0;
        for (int k = 0; k < eta.length; k++) {
            bias += n[k] * task.q[k] * task.q[k] * eta[k] * eta[k];
        }
        return (bias + task.error(targets())) / 2;
    }

    /**
     * Errors of task B learnt after task A.
     *
     * @param first E_A, A learnt alone
     * @param second E_B, B learnt alone
     * @param forward E_{A→B}, on B after both
     * @param backward E^back_{A→B}, on A after both
     */
    public record TwoTasks(double first, double second, double forward, double backward) {}

    /**
     * Task B after task A, both to zero training error.
     *
     * @param first N_A
     * @param second N_B
     * @param similarity ρ, from −1 to 1
     * @return the errors
     */
    public TwoTasks twoTasks(double first, double second, double similarity) {
        return twoTasks(first, second, similarity, 0);
    }

    /**
     * Task B, learnt with a ridge, after task A: B's loss is ½Σ_i(f(x_i) − y_i)² + ½λ‖θ − θ_A‖², a sum over its
     * samples.
     *
     * @param first N_A
     * @param second N_B
     * @param similarity ρ, from −1 to 1
     * @param ridge λ of task B
     * @return the errors
     * @throws IllegalArgumentException if the similarity is not in [−1, 1]
     */
    public TwoTasks twoTasks(double first, double second, double similarity, double ridge) {
        checkSimilarity(similarity);
        Task a = new Task(first, 0);
        Task b = new Task(second, ridge);
        double total = a.total(targets());
        double[] powers = new double[eta.length];
        double shift = 0;
        for (int k = 0; k < eta.length; k++) {
            double square = eta[k] * eta[k];
            powers[k] = square * (2 * (1 - similarity) * (1 - a.q[k]) + a.q[k] * a.q[k])
                    + (1 - a.q[k]) * (1 - a.q[k]) * total / first;
            shift += n[k] * square * (1 - b.q[k] * (2 - a.q[k]));
        }
        double forward = b.error(powers);
        return new TwoTasks(a.error(targets()), b.error(targets()), forward, forward + 2 * (1 - similarity) * shift);
    }

    private static void checkSimilarity(double similarity) {
        if (!(similarity >= -1 && similarity <= 1)) {
            throw new IllegalArgumentException(
                    "The similarity of tasks is a correlation from -1 to 1, got " + similarity);
        }
    }

    /**
     * From which similarity on having learnt A helps B.
     *
     * @param first N_A
     * @param second N_B
     * @return ρ*; above 1 it never does
     */
    public double criticalForward(double first, double second) {
        TwoTasks none = twoTasks(first, second, 0);
        TwoTasks same = twoTasks(first, second, 1);
        return (none.forward() - none.second()) / (none.forward() - same.forward());
    }

    /**
     * From which similarity on learning B does not harm A.
     *
     * @param first N_A
     * @param second N_B
     * @return ρ*; above 1 it harms even where both are the same: self-knowledge forgetting
     */
    public double criticalBackward(double first, double second) {
        TwoTasks none = twoTasks(first, second, 0);
        TwoTasks same = twoTasks(first, second, 1);
        return (none.backward() - none.first()) / (none.backward() - same.backward());
    }

    /**
     * The limit of E_{A→B}/E_A for the same target and N_A ≫ N_B.
     *
     * @param second N_B
     * @return 1/(1 − γ_B), above 1
     */
    public double forgettingLimit(double second) {
        return 1 / (1 - order(second).gamma());
    }

    /**
     * A ridge and the error that it leaves.
     *
     * @param ridge λ; 0 where none is better than any
     * @param error E_{A→B} for the same target
     */
    public record Ridge(double ridge, double error) {}

    /**
     * The ridge of task B that leaves the least error where both tasks have the same target. It never forgets: an
     * infinite one leaves E_A.
     *
     * @param first N_A
     * @param second N_B
     * @return λ and the error: the least of 60 values from 1e-6 to 1e8, refined by golden section
     */
    public Ridge bestRidge(double first, double second) {
        double ratio = Math.log(HIGHEST_RIDGE / LOWEST_RIDGE) / (RIDGES - 1);
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < RIDGES; i++) {
            double error = withRidge(first, second, Math.log(LOWEST_RIDGE) + i * ratio);
            if (error < least) {
                least = error;
                best = i;
            }
        }
        if (best == 0) {
            return new Ridge(0, twoTasks(first, second, 1).forward());
        }
        double low = Math.log(LOWEST_RIDGE) + (best - 1) * ratio;
        double high = Math.log(LOWEST_RIDGE) + Math.min(RIDGES - 1, best + 1) * ratio;
        while (high - low > 1e-7) {
            double left = high - GOLDEN * (high - low);
            double right = low + GOLDEN * (high - low);
            if (withRidge(first, second, left) < withRidge(first, second, right)) {
                high = right;
            } else {
                low = left;
            }
        }
        double found = (low + high) / 2;
        return new Ridge(Math.exp(found), withRidge(first, second, found));
    }

    private double withRidge(double first, double second, double logarithm) {
        return twoTasks(first, second, 1, Math.exp(logarithm)).forward();
    }

    /**
     * Tasks one after the other.
     *
     * @param sizes N_1 … N_T
     * @param similarity ρ between any two
     * @return the errors
     */
    public TaskErrors sequence(double[] sizes, double similarity) {
        return sequence(sizes, similarity, new double[sizes.length]);
    }

    /**
     * Tasks one after the other, each with a ridge of its own.
     *
     * @param sizes N_1 … N_T
     * @param similarity ρ between any two, from −1 to 1
     * @param ridges λ_1 … λ_T
     * @return the errors
     * @throws IllegalArgumentException if there is no task, not one ridge a task, or the similarity is no correlation
     */
    public TaskErrors sequence(double[] sizes, double similarity, double[] ridges) {
        checkSimilarity(similarity);
        if (sizes.length == 0 || ridges.length != sizes.length) {
            throw new IllegalArgumentException("A sequence needs at least one task and a ridge for each, got "
                    + sizes.length + " and " + ridges.length);
        }
        int tasks = sizes.length;
        int degrees = eta.length;
        double[] v = targets();
        // means of f v of a task to come, and of f², in each mode
        double[] a = new double[degrees];
        double[] c = new double[degrees];
        double[] decay = new double[degrees];
        Arrays.fill(decay, 1);
        double[][] x = new double[tasks][degrees];
        double[][] errors = new double[tasks][];
        double[] biases = new double[tasks];
        for (int t = 0; t < tasks; t++) {
            Task task = new Task(sizes[t], ridges[t]);
            double[] before = new double[degrees];
            for (int k = 0; k < degrees; k++) {
                before[k] = v[k] - 2 * a[k] + c[k];
            }
            double total = task.total(before);
            for (int k = 0; k < degrees; k++) {
                double q = task.q[k];
                x[t][k] = v[k] - q * (v[k] - a[k]);
                for (int earlier = 0; earlier < t; earlier++) {
                    x[earlier][k] = q * x[earlier][k] + (1 - q) * similarity * v[k];
                }
                c[k] = v[k] - 2 * q * (v[k] - a[k]) + q * q * before[k] + (1 - q) * (1 - q) * total / task.samples;
                a[k] = similarity * v[k] * (1 - q) + q * a[k];
                decay[k] *= q;
                biases[t] += n[k] * v[k] * decay[k] * decay[k];
            }
            errors[t] = new double[t + 1];
            for (int j = 0; j <= t; j++) {
                for (int k = 0; k < degrees; k++) {
                    errors[t][j] += n[k] * (v[k] - 2 * x[j][k] + c[k]);
                }
            }
            biases[t] = similarity == 1 ? biases[t] : Double.NaN;
        }
        return new TaskErrors(errors, biases);
    }
}
