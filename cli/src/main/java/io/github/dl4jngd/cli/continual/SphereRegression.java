package io.github.dl4jngd.cli.continual;

import io.github.dl4jngd.fisher.linalg.Cholesky;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.spectral.theory.KernelSpectrum;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Kernel regression of tasks one after the other, with random inputs on the sphere |x|² = D and errors averaged exactly
 * over targets and test inputs.
 *
 * <p>After all tasks f(x) = k(x, Z) M y, Z all inputs stacked, M block lower triangular, row block m (K_mm + λI)⁻¹([0
 * I 0] − K_{m,&lt;m}M_{&lt;m}). With K2 and K3 the square and the cube of the kernel and targets of covariance K2,
 * correlation ρ between tasks: E = Σ n_kη_k² − 2 Σ M∘K3(Z,Z) r + tr(K2 M S Mᵀ), S = K2∘R + σ²I, R and r 1 within a
 * task and ρ between.
 */
final class SphereRegression {

    /** Higher degrees add nothing to the square and the cube. */
    private static final int DEGREES = 15;

    private final DoubleUnaryOperator kernel;
    private final KernelSpectrum spectrum;
    private final int dimension;
    private final double noise;

    SphereRegression(DoubleUnaryOperator kernel, int dimension, double noise) {
        this.kernel = kernel;
        this.spectrum = KernelSpectrum.onSphere(kernel, dimension, DEGREES);
        this.dimension = dimension;
        this.noise = noise;
    }

    /**
     * The errors of one draw of inputs after the last of some tasks, as functions of the similarity, which are
     * linear.
     */
    static final class Draw {

        private final double[] none;
        private final double[] same;

        private Draw(double[] none, double[] same) {
            this.none = none;
            this.same = same;
        }

        /** The error on a task, after the last one. */
        double error(int task, double similarity) {
            return (1 - similarity) * none[task] + similarity * same[task];
        }
    }

    /**
     * Draws inputs and learns the tasks on them.
     *
     * @param sizes N of each task
     * @param ridges λ of each
     * @return for every number of tasks learnt, from 1 on, the errors then
     */
    List<Draw> draw(int[] sizes, double[] ridges, Random random) {
        int total = IntStream.of(sizes).sum();
        INDArray correlations = correlations(total, random);
        INDArray k = map(correlations, kernel);
        INDArray square = map(correlations, t -> spectrum.power(2, t));
        INDArray cube = map(correlations, t -> spectrum.power(3, t));
        INDArray m = Nd4j.zeros(DataType.DOUBLE, total, total);
        List<Draw> draws = new ArrayList<>();
        int from = 0;
        for (int task = 0; task < sizes.length; task++) {
            int to = from + sizes[task];
            INDArray right = Nd4j.zeros(DataType.DOUBLE, sizes[task], to);
            part(right, 0, sizes[task], from, to).assign(Nd4j.eye(sizes[task]).castTo(DataType.DOUBLE));
            if (from > 0) {
                part(right, 0, sizes[task], 0, from)
                        .subi(part(k, from, to, 0, from).mmul(part(m, 0, from, 0, from)));
            }
            INDArray own = part(k, from, to, from, to).dup();
            for (int i = 0; i < sizes[task]; i++) {
                own.putScalar(i, i, own.getDouble(i, i) + ridges[task]);
            }
            Cholesky factorisation = LinearAlgebra.best().cholesky(own);
            part(m, from, to, 0, to).assign(factorisation.solve(right));
            draws.add(errors(sizes, task + 1, to, m, square, cube));
            from = to;
        }
        return draws;
    }

    private Draw errors(int[] sizes, int tasks, int total, INDArray whole, INDArray squares, INDArray cubes) {
        INDArray m = part(whole, 0, total, 0, total);
        INDArray square = part(squares, 0, total, 0, total);
        // tr(K2 M S Mᵀ) is the sum of (Mᵀ K2 M)∘S
        INDArray covariance = m.transpose().mmul(square.mmul(m));
        INDArray weighted = covariance.mul(square);
        INDArray column = m.mul(part(cubes, 0, total, 0, total)).sum(0);
        double constant = 0;
        double[] eta = spectrum.eigenvalues();
        double[] n = spectrum.multiplicities();
        for (int d = 0; d < eta.length; d++) {
            constant += n[d] * eta[d] * eta[d];
        }
        double all = weighted.sumNumber().doubleValue();
        double within = 0;
        double trace = 0;
        double[] columns = new double[tasks];
        int from = 0;
        for (int task = 0; task < tasks; task++) {
            int to = from + sizes[task];
            within += part(weighted, from, to, from, to).sumNumber().doubleValue();
            columns[task] =
                    column.get(NDArrayIndex.interval(from, to)).sumNumber().doubleValue();
            from = to;
        }
        for (int i = 0; i < total; i++) {
            trace += covariance.getDouble(i, i);
        }
        double columnsSum = DoubleStream.of(columns).sum();
        double[] none = new double[tasks];
        double[] same = new double[tasks];
        for (int task = 0; task < tasks; task++) {
            none[task] = constant - 2 * columns[task] + within + noise * trace;
            same[task] = constant - 2 * columnsSum + all + noise * trace;
        }
        return new Draw(none, same);
    }

    private static INDArray part(INDArray matrix, int top, int bottom, int left, int right) {
        return matrix.get(NDArrayIndex.interval(top, bottom), NDArrayIndex.interval(left, right));
    }

    /** x·x′/D of inputs uniform on the sphere. */
    private INDArray correlations(int count, Random random) {
        double[][] inputs = new double[count][dimension];
        for (double[] input : inputs) {
            double norm = 0;
            for (int d = 0; d < dimension; d++) {
                input[d] = random.nextGaussian();
                norm += input[d] * input[d];
            }
            for (int d = 0; d < dimension; d++) {
                input[d] /= Math.sqrt(norm);
            }
        }
        INDArray z = Nd4j.createFromArray(inputs);
        return z.mmul(z.transpose());
    }

    private static INDArray map(INDArray correlations, DoubleUnaryOperator function) {
        int count = Math.toIntExact(correlations.size(0));
        double[][] from = correlations.toDoubleMatrix();
        double[][] to = new double[count][count];
        IntStream.range(0, count).parallel().forEach(i -> {
            for (int j = 0; j <= i; j++) {
                to[i][j] = function.applyAsDouble(i == j ? 1 : Math.max(-1, Math.min(1, from[i][j])));
            }
        });
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < i; j++) {
                to[j][i] = to[i][j];
            }
        }
        return Nd4j.createFromArray(to);
    }
}
