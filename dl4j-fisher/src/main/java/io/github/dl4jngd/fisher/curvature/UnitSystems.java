package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.internal.Diagonals;
import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.jacobian.DenseJacobian;
import io.github.dl4jngd.fisher.jacobian.EmbeddingJacobian;
import io.github.dl4jngd.fisher.jacobian.FormedJacobian;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.WeightSharedJacobian;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.NotPositiveDefiniteException;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The units of one layer in float64, solved in chunks, in the dual (rows²) or the primal (inputs²), whichever is
 * smaller.
 */
abstract class UnitSystems {

    /**
     * Added to the diagonals that a factorisation failed on, as a fraction of each unit's mean diagonal, then
     * escalated.
     */
    private static final double FIRST_JITTER = 1e-14;

    private static final double LARGEST_JITTER = 1e-8;
    private static final double JITTER_FACTOR = 100;

    final LinearAlgebra linearAlgebra;
    final ParameterBlock block;
    final long samples;
    final boolean dual;
    private final long size;

    /**
     * A layer's direction.
     *
     * @param weights [inputs without bias, units]
     * @param biases [1, units]; null without
     * @param dampingQuadratic Σ_u ρ_u ‖v_u‖²
     * @param jitter what was needed
     */
    record Solution(INDArray weights, @Nullable INDArray biases, double dampingQuadratic, double jitter) {

        static Solution of(INDArray weights, @Nullable INDArray biases, Solved solved, Damping damping) {
            double quadratic = quadratic(weights, solved, damping);
            if (biases != null) {
                quadratic += quadratic(biases, solved, damping);
            }
            return new Solution(weights, biases, quadratic, solved.jitter());
        }

        /** From [inputs, units], the bias the last row. */
        static Solution of(ParameterBlock block, INDArray matrix, Solved solved, Damping damping) {
            return new Solution(
                    block.weightRows(matrix),
                    block.hasBias() ? block.biasRow(matrix) : null,
                    quadratic(matrix, solved, damping),
                    solved.jitter());
        }

        /** Σ_u ρ_u ‖v_u‖² of the columns v_u. */
        private static double quadratic(INDArray columns, Solved solved, Damping damping) {
            return damping.relative()
                    ? columns.mul(columns).sum(0).muli(solved.rho()).sumNumber().doubleValue()
                    : damping.value() * Products.squaredNorm(columns);
        }
    }

    /**
     * @param linearAlgebra factorisations
     * @param block the layer's parameters
     * @param samples N
     * @param dualSize the size of one unit's dual system
     */
    UnitSystems(LinearAlgebra linearAlgebra, ParameterBlock block, long samples, long dualSize) {
        this.linearAlgebra = linearAlgebra;
        this.block = block;
        this.samples = samples;
        this.dual = dualSize < block.inputs();
        this.size = dual ? dualSize : block.inputs();
    }

    static UnitSystems of(LinearAlgebra linearAlgebra, LayerJacobian layer, long samples) {
        if (layer instanceof DenseJacobian dense) {
            return new DenseUnitSystems(linearAlgebra, dense);
        }
        LayerJacobian wide = layer.castTo(DataType.DOUBLE);
        if (wide instanceof WeightSharedJacobian shared) {
            return new FormedUnitSystems(linearAlgebra, shared.formed(DataType.DOUBLE), samples);
        }
        if (wide instanceof EmbeddingJacobian words) {
            // in the primal a unit has all words, and there are few
            return new FormedUnitSystems(
                    linearAlgebra,
                    words.rows() < words.block().inputs() ? words : new FormedJacobian(words.block(), words.toDense()),
                    samples);
        }
        if (wide instanceof FormedJacobian rows) {
            return new FormedUnitSystems(linearAlgebra, rows, samples);
        }
        throw new IllegalArgumentException("Layer " + layer.name() + ": "
                + layer.getClass().getSimpleName() + " has no rule for unit-wise blocks");
    }

    /** The q-form, q in float64; in the primal the gradient is made from q. */
    final Solution naturalGradient(INDArray residual, Damping damping) {
        return dual
                ? dualNaturalGradient(residual, damping)
                : solve(transposeTimes(residual).divi(samples), damping);
    }

    /**
     * (F_u + ρI)⁻¹ g_u for the gradient [inputs, units] in float64; zero for units with F_u = 0 and ρ_u = 0, whatever
     * their gradient (with dropout DL4J's pass may reach units that the linearisation does not).
     */
    final Solution solve(INDArray gradient, Damping damping) {
        if (dual) {
            Requirements.requirePositive(damping.value());
            return dualSolve(gradient, damping);
        }
        Solved solved = solveRows(gradient.transpose().dup('c'), damping);
        // a unit that is dead on the whole minibatch has no block and no relative damping, and stays
        INDArray matrix = damping.relative() || damping.value() == 0
                ? solved.x().transpose().mulRowVector(alive())
                : solved.x().transpose();
        return Solution.of(block, matrix, solved, damping);
    }

    /** J̃_lᵀ q, [inputs, units]. */
    abstract INDArray transposeTimes(INDArray residual);

    abstract Solution dualNaturalGradient(INDArray residual, Damping damping);

    abstract Solution dualSolve(INDArray gradient, Damping damping);

    /** 1 for units with a block, 0 for those that nothing reaches, [units]. */
    abstract INDArray alive();

    /** The undamped matrices of some units, [to − from, size, size]. */
    abstract INDArray matrices(long from, long to);

    /** One solution a unit, ρ_u and the jitter that was needed. */
    record Solved(INDArray x, INDArray rho, double jitter) {}

    /** Solves one system a unit for the rows of [units, size]. */
    Solved solveRows(INDArray right, Damping damping) {
        double[] jitter = new double[1];
        INDArray x = Nd4j.createUninitialized(DataType.DOUBLE, block.units(), size);
        INDArray rho = overChunks(
                damping, jitter, (from, to, matrices) -> x.get(NDArrayIndex.interval(from, to), NDArrayIndex.all())
                        .assign(linearAlgebra.solveBatch(matrices, rows(right, from, to))));
        return new Solved(x, rho, jitter[0]);
    }

    /** Σ_u tr(K_u (K_u + ρ_uI)⁻¹). */
    double projectorTrace(Damping damping) {
        double[] trace = new double[1];
        overChunks(damping, new double[1], (from, to, damped) -> {
            INDArray undamped = matrices(from, to);
            INDArray solved = linearAlgebra.solveBatch(damped, undamped);
            trace[0] += Diagonals.ofEach(solved.ordering() == 'c' ? solved : solved.dup('c'))
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
        long chunkSize = Math.max(1, UnitWiseFisher.CHUNK_ELEMENTS / (size * size));
        INDArray rho = Nd4j.createUninitialized(DataType.DOUBLE, block.units());
        for (long from = 0; from < block.units(); from += chunkSize) {
            long to = Math.min(block.units(), from + chunkSize);
            INDArray matrices = matrices(from, to);
            INDArray diagonals = Diagonals.ofEach(matrices);
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

    static INDArray rows(INDArray matrix, long from, long to) {
        return matrix.get(NDArrayIndex.interval(from, to), NDArrayIndex.all());
    }
}
