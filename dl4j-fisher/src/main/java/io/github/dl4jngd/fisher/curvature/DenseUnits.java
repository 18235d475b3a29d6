package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.NotPositiveDefiniteException;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The units of one dense layer in float64, solved in chunks, in the dual (N×N) or the primal (in+1)², whichever is smaller. */
final class DenseUnits {

    /** Added to the diagonals that a factorisation failed on, as a fraction of each unit's mean diagonal, then escalated. */
    private static final double FIRST_JITTER = 1e-14;

    private static final double LARGEST_JITTER = 1e-8;
    private static final double JITTER_FACTOR = 100;

    private final LinearAlgebra linearAlgebra;
    private final DenseJacobian layer;
    private final INDArray input;
    private final long samples;
    /** w, [out, N]. */
    private final INDArray weights;

    private final boolean dual;
    /** ããᵀ/N, [N, N], in the dual. */
    private final INDArray inputGram;

    /**
     * @param matrix the layer's direction as [in(+1), out]
     */
    record Solution(INDArray matrix, double dampingQuadratic, double jitter) {}

    DenseUnits(LinearAlgebra linearAlgebra, DenseJacobian layer) {
        this.linearAlgebra = linearAlgebra;
        this.layer = layer;
        this.input = layer.input();
        this.samples = layer.samples();
        INDArray squares = layer.cotangents().mul(layer.cotangents());
        this.weights = (layer.cotangentCount() == 1 ? squares.reshape(samples, layer.outputs()) : squares.sum(0))
                .transpose()
                .dup('c');
        this.dual = samples < layer.inputs();
        this.inputGram = dual ? input.mmul(input.transpose()).divi(samples) : null;
    }

    /** The q-form, q in [K, N] float64; in the primal the gradient is made from q. */
    Solution naturalGradient(INDArray residual, Damping damping) {
        INDArray e = layer.contract(residual);
        if (!dual) {
            return solve(input.transpose().mmul(e).divi(samples), damping);
        }
        INDArray rootWeights = Transforms.sqrt(weights, true);
        // e/√w, zero where w = 0: there e is zero as well
        INDArray active = weights.gt(0).castTo(DataType.DOUBLE);
        INDArray right = e.transpose().dup('c').divi(rootWeights.add(active.rsub(1)));
        right.muli(active);
        INDArray x = Nd4j.createUninitialized(DataType.DOUBLE, layer.outputs(), samples);
        double[] jitter = new double[1];
        INDArray rho = overChunks(
                damping, jitter, (from, to, matrices) -> x.get(NDArrayIndex.interval(from, to), NDArrayIndex.all())
                        .assign(linearAlgebra.solveBatch(matrices, rows(right, from, to))));
        INDArray matrix =
                input.transpose().mmul(x.muli(rootWeights).transpose()).divi(samples);
        return new Solution(matrix, quadratic(matrix, rho), jitter[0]);
    }

    /**
     * (F_u + ρI)⁻¹ g_u for the gradient [in(+1), out] in float64; zero for units with F_u = 0 and ρ_u = 0, whatever their gradient (with
     * dropout DL4J's pass may reach units that the linearisation does not).
     */
    Solution solve(INDArray gradient, Damping damping) {
        double[] jitter = new double[1];
        if (dual) {
            Dampings.requirePositive(damping.value());
        }
        if (!dual) {
            INDArray right = gradient.transpose().dup('c');
            INDArray x = Nd4j.createUninitialized(DataType.DOUBLE, layer.outputs(), layer.inputs());
            INDArray rho = overChunks(
                    damping, jitter, (from, to, matrices) -> x.get(NDArrayIndex.interval(from, to), NDArrayIndex.all())
                            .assign(linearAlgebra.solveBatch(matrices, rows(right, from, to))));
            // a unit that is dead on the whole minibatch has no block and no relative damping, and stays
            INDArray alive = weights.sum(1).gt(0).castTo(DataType.DOUBLE);
            INDArray matrix =
                    damping.relative() || damping.value() == 0 ? x.transpose().mulRowVector(alive) : x.transpose();
            return new Solution(matrix, quadratic(matrix, rho), jitter[0]);
        }
        // v_u = (g_u − ãᵀ√w (√w ããᵀ √w/N + ρI)⁻¹ √w ã g_u/N)/ρ
        INDArray rootWeights = Transforms.sqrt(weights, true);
        INDArray right = input.mmul(gradient).transpose().dup('c').muli(rootWeights);
        INDArray x = Nd4j.createUninitialized(DataType.DOUBLE, layer.outputs(), samples);
        INDArray rho = overChunks(
                damping, jitter, (from, to, matrices) -> x.get(NDArrayIndex.interval(from, to), NDArrayIndex.all())
                        .assign(linearAlgebra.solveBatch(matrices, rows(right, from, to))));
        Dampings.requirePositive(rho.minNumber().doubleValue());
        INDArray correction =
                input.transpose().mmul(x.muli(rootWeights).transpose()).divi(samples);
        INDArray matrix = gradient.sub(correction).diviRowVector(rho);
        return new Solution(matrix, quadratic(matrix, rho), jitter[0]);
    }

    /** Σ_u tr(K_u (K_u + ρ_uI)⁻¹). */
    double projectorTrace(Damping damping) {
        double[] trace = new double[1];
        overChunks(damping, new double[1], (from, to, damped) -> {
            INDArray undamped = matrices(from, to);
            INDArray solved = linearAlgebra.solveBatch(damped, undamped);
            trace[0] += diagonals(solved.ordering() == 'c' ? solved : solved.dup('c'))
                    .sumNumber()
                    .doubleValue();
        });
        return trace[0];
    }

    private interface Chunk {
        void solve(long from, long to, INDArray dampedMatrices);
    }

    /** Runs over chunks of units and returns ρ_u, [out]. */
    private INDArray overChunks(Damping damping, double[] jitter, Chunk chunk) {
        long size = dual ? samples : layer.inputs();
        long chunkSize = Math.max(1, UnitWiseFisher.CHUNK_ELEMENTS / (size * size));
        INDArray rho = Nd4j.createUninitialized(DataType.DOUBLE, layer.outputs());
        for (long from = 0; from < layer.outputs(); from += chunkSize) {
            long to = Math.min(layer.outputs(), from + chunkSize);
            INDArray matrices = matrices(from, to);
            INDArray diagonals = diagonals(matrices);
            INDArray mean = diagonals.mean(1);
            INDArray added = damping.relative()
                    ? mean.mul(damping.value())
                    : Nd4j.valueArrayOf(new long[] {to - from}, damping.value(), DataType.DOUBLE);
            rho.get(NDArrayIndex.interval(from, to)).assign(added);
            diagonals.addiColumnVector(added.reshape(to - from, 1));
            dropEmptyRows(diagonals);
            jitter[0] = Math.max(jitter[0], solveWithJitter(from, to, matrices, diagonals, mean, chunk));
        }
        return rho;
    }

    /** Rows of weight zero are zero; without damping their diagonal is set to one, which drops them from the system. */
    private static void dropEmptyRows(INDArray diagonals) {
        diagonals.addi(diagonals.eq(0).castTo(DataType.DOUBLE));
    }

    private static double solveWithJitter(
            long from, long to, INDArray matrices, INDArray diagonals, INDArray mean, Chunk chunk) {
        double fraction = 0;
        while (true) {
            try {
                chunk.solve(from, to, matrices);
                return fraction == 0 ? 0 : fraction * mean.maxNumber().doubleValue();
            } catch (NotPositiveDefiniteException e) {
                double next = fraction == 0 ? FIRST_JITTER : fraction * JITTER_FACTOR;
                if (next > LARGEST_JITTER) {
                    throw e;
                }
                diagonals.addiColumnVector(mean.mul(next - fraction).reshape(to - from, 1));
                fraction = next;
            }
        }
    }

    private static INDArray diagonals(INDArray stack) {
        long n = stack.size(1);
        return Nd4j.create(stack.data(), new long[] {stack.size(0), n}, new long[] {n * n, n + 1}, stack.offset(), 'c');
    }

    private static INDArray rows(INDArray matrix, long from, long to) {
        return matrix.get(NDArrayIndex.interval(from, to), NDArrayIndex.all());
    }

    /** The undamped matrices of some units, [units, n, n]. */
    private INDArray matrices(long from, long to) {
        long units = to - from;
        INDArray w = rows(weights, from, to).dup('c');
        if (dual) {
            INDArray root = Transforms.sqrt(w, false);
            INDArray outer = root.reshape(units, samples, 1).mul(root.reshape(units, 1, samples));
            return outer.muli(inputGram.reshape(1, samples, samples));
        }
        long n = layer.inputs();
        INDArray stack = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {units, n, n}, 'c');
        for (long u = 0; u < units; u++) {
            INDArray weighted = input.mulColumnVector(w.getRow(u, true).transpose());
            stack.get(NDArrayIndex.point(u), NDArrayIndex.all(), NDArrayIndex.all())
                    .assign(weighted.transpose().mmul(input).divi(samples));
        }
        return stack;
    }

    private static double quadratic(INDArray matrix, INDArray rho) {
        return matrix.mul(matrix).sum(0).muli(rho).sumNumber().doubleValue();
    }
}
