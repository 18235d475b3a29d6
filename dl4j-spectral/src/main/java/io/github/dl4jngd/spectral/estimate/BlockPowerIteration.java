package io.github.dl4jngd.spectral.estimate;

import io.github.dl4jngd.fisher.internal.Scratch;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.SymmetricEigen;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The k largest eigenvalues of a positive semi-definite matrix by block power (subspace) iteration with Rayleigh–Ritz.
 *
 * <p>A block of k and some more orthonormal vectors is multiplied by A, diagonalised within its span, and
 * orthonormalised. It stops where each of the k residuals ‖A v_i − λ_i v_i‖ is at most tolerance · λ_1. An iteration is
 * one product for each vector of the block; memory 3 blocks. It converges as (λ_{b+1}/λ_k)^t with b the block's size,
 * and can start from the last block, which the Lanczos process cannot. Source: Golub &amp; Van Loan, §8.2.4; Stewart
 * 1976.
 *
 * @param count k, at least one
 * @param oversampling further vectors in the block, at least zero
 * @param tolerance relative to the largest eigenvalue, above zero
 * @param maxIterations at least one
 * @param seed of the random start
 */
@SuppressWarnings("try") // scopes are resources that are never named
public record BlockPowerIteration(int count, int oversampling, double tolerance, int maxIterations, long seed) {

    /**
     * Checks the ranges.
     *
     * @param count k
     * @param oversampling further vectors
     * @param tolerance relative to the largest eigenvalue
     * @param maxIterations at least one
     * @param seed of the random start
     */
    public BlockPowerIteration {
        if (count < 1 || oversampling < 0 || !(tolerance > 0) || maxIterations < 1) {
            throw new IllegalArgumentException(
                    "A block power iteration needs a count and iterations of at least one, an "
                            + "oversampling of at least zero and a tolerance above zero, got " + count + ", "
                            + maxIterations
                            + ", " + oversampling + " and " + tolerance);
        }
    }

    /**
     * The largest eigenvalues from a random start.
     *
     * @param operator A
     * @return min(k, dimension) eigenvalues with vectors
     * @throws ArithmeticException if a product is not finite
     */
    public TopEigenvalues estimate(SymmetricOperator operator) {
        return estimate(operator, null);
    }

    /**
     * The largest eigenvalues from vectors such as the last estimate's.
     *
     * @param operator A
     * @param start rows to start from, at most as many as the block has, or null; not modified
     * @return min(k, dimension) eigenvalues with vectors
     * @throws ArithmeticException if a product is not finite
     */
    public TopEigenvalues estimate(SymmetricOperator operator, INDArray start) {
        int wanted = (int) Math.min(count, operator.dimension());
        int size = (int) Math.min((long) count + oversampling, operator.dimension());
        INDArray block = Nd4j.createUninitialized(operator.dataType(), new long[] {size, operator.length()}, 'c');
        INDArray products = Nd4j.createUninitialized(block.dataType(), block.shape(), 'c');
        SplittableRandom random = new SplittableRandom(seed);
        TopEigenvalues found = null;
        try (Scratch ignored = Scratch.open()) {
            block.assign(orthonormal(start(operator, start, size, random), operator, random));
        }
        for (int iteration = 1; found == null; iteration++) {
            for (int i = 0; i < size; i++) {
                try (Scratch ignored = Scratch.open()) {
                    products.putRow(i, operator.times(block.getRow(i)));
                }
            }
            try (Scratch ignored = Scratch.open()) {
                SymmetricEigen ritz = ritz(block, products);
                INDArray rotation = ritz.vectors().castTo(block.dataType()).transpose();
                block.assign(rotation.mmul(block));
                INDArray images = rotation.mmul(products);
                double largest = Math.max(ritz.values().getDouble(size - 1), Double.MIN_NORMAL);
                List<Double> values = new ArrayList<>();
                List<Double> residuals = new ArrayList<>();
                for (int i = 0; i < wanted; i++) {
                    int row = size - 1 - i;
                    double value = ritz.values().getDouble(row);
                    values.add(value);
                    residuals.add(RandomVectors.norm(
                                    images.getRow(row).sub(block.getRow(row).mul(value)))
                            / largest);
                }
                boolean converged = residuals.stream().allMatch(residual -> residual <= tolerance);
                if (converged || iteration == maxIterations) {
                    found = new TopEigenvalues(
                            values, residuals, iteration * size, converged, descending(block, wanted));
                } else {
                    block.assign(orthonormal(images, operator, random));
                }
            }
        }
        return found;
    }

    private static INDArray start(SymmetricOperator operator, INDArray start, int size, SplittableRandom random) {
        INDArray block = Nd4j.createUninitialized(operator.dataType(), new long[] {size, operator.length()}, 'c');
        for (int i = 0; i < size; i++) {
            boolean given = start != null && i < start.size(0);
            block.putRow(
                    i,
                    given
                            ? operator.project(
                                    start.getRow(i).castTo(operator.dataType()).dup())
                            : RandomVectors.unit(operator, random));
        }
        return block;
    }

    /** The eigenvalues of block A blockᵀ, ascending. */
    private static SymmetricEigen ritz(INDArray block, INDArray products) {
        INDArray projected = block.mmul(products.transpose()).castTo(DataType.DOUBLE);
        if (!Double.isFinite(projected.sumNumber().doubleValue())) {
            throw new ArithmeticException(
                    "A product with the matrix is not finite; look for NaN or infinity in the data and the parameters");
        }
        return LinearAlgebra.best()
                .symmetricEigen(projected.add(projected.transpose()).divi(2));
    }

    /**
     * The rows orthonormalised, the last, which belongs to the largest eigenvalue, first; what depends on others is
     * replaced by random directions.
     */
    private static INDArray orthonormal(INDArray rows, SymmetricOperator operator, SplittableRandom random) {
        int size = Math.toIntExact(rows.size(0));
        INDArray result = Nd4j.create(rows.dataType(), rows.shape());
        try (Basis basis = new Basis(rows.dataType(), rows.size(1))) {
            for (int i = size - 1; i >= 0; i--) {
                INDArray row = rows.getRow(i).dup();
                if (!basis.extend(row)) {
                    row = RandomVectors.unit(operator, random);
                    basis.extend(row);
                }
                result.putRow(i, row);
            }
        }
        return result;
    }

    /** Copies the last rows, the largest first, outside of workspaces. */
    private static INDArray descending(INDArray ascending, int count) {
        INDArray result;
        try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            result = Nd4j.createUninitialized(ascending.dataType(), new long[] {count, ascending.size(1)}, 'c');
        }
        for (int i = 0; i < count; i++) {
            result.putRow(i, ascending.getRow(ascending.size(0) - 1 - i));
        }
        return result;
    }
}
