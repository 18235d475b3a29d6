package io.github.dl4jngd.spectral.estimate;

import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The k largest eigenvalues by the Lanczos process with full reorthogonalisation and deflation.
 *
 * <p>A process stops where each of the k residuals β|s_i| is at most tolerance · λ_1. A single starting vector sees a
 * cluster of eigenvalues that are closer than the tolerance as one, so the process starts again in what is orthogonal
 * to the vectors found, until it finds nothing above the k-th: then, but for the unlikely start that is orthogonal to
 * one, none of nearly or exactly equal eigenvalues is left out, and none appears twice.
 *
 * <p>An iteration is one product with A and 4 m · length flops against the m vectors so far, which are kept: memory
 * length · m numbers. Source: Golub &amp; Van Loan, §10.3; Parlett, <em>The Symmetric Eigenvalue Problem</em>, §13.
 *
 * @param count k, at least one
 * @param tolerance relative to the largest eigenvalue, above zero
 * @param maxIterations products with A altogether, at least k
 * @param seed of the random starts
 */
public record Lanczos(int count, double tolerance, int maxIterations, long seed) {

    private static final int CHECK_EVERY = 5;

    /**
     * Checks the ranges.
     *
     * @param count k
     * @param tolerance relative to the largest eigenvalue
     * @param maxIterations products altogether
     * @param seed of the random starts
     */
    public Lanczos {
        if (count < 1 || !(tolerance > 0) || maxIterations < count) {
            throw new IllegalArgumentException(
                    "The Lanczos process needs a count of at least one, a tolerance above zero and at "
                            + "least as many iterations as eigenvalues, got " + count + ", " + tolerance + " and "
                            + maxIterations);
        }
    }

    /** An eigenvalue with its vector and ‖A v − λ v‖. */
    private record Pair(double value, double residual, INDArray vector) {}

    /**
     * The largest eigenvalues.
     *
     * @param operator A
     * @return min(k, dimension) eigenvalues with vectors
     * @throws ArithmeticException if a product is not finite
     */
    public TopEigenvalues estimate(SymmetricOperator operator) {
        int wanted = (int) Math.min(count, operator.dimension());
        SplittableRandom random = new SplittableRandom(seed);
        List<Pair> found = new ArrayList<>();
        int products = 0;
        boolean verified = false;
        while (!verified && products < maxIterations) {
            double floor = found.size() < wanted
                    ? Double.NEGATIVE_INFINITY
                    : found.get(wanted - 1).value();
            try (Deflated rest = new Deflated(operator, found);
                    Run run = new Run(rest, random, maxIterations - products, wanted, floor)) {
                products += run.products();
                int before = found.size();
                found.addAll(run.above(floor));
                found.sort(Comparator.comparingDouble(Pair::value).reversed());
                // nothing above the k-th is left, or nothing at all
                verified = run.isSettled() && (rest.dimension() <= run.products() || found.size() == before);
            }
        }
        List<Pair> top = found.subList(0, Math.min(wanted, found.size()));
        double largest = Math.max(Math.abs(top.get(0).value()), Double.MIN_NORMAL);
        List<Double> residuals =
                top.stream().map(pair -> pair.residual() / largest).toList();
        return new TopEigenvalues(
                top.stream().map(Pair::value).toList(),
                residuals,
                products,
                verified && top.size() == wanted && residuals.stream().allMatch(residual -> residual <= tolerance),
                Nd4j.vstack(top.stream()
                        .map(pair -> pair.vector().reshape('c', 1, operator.length()))
                        .toArray(INDArray[]::new)));
    }

    /** A on what is orthogonal to vectors found before. */
    private static final class Deflated implements SymmetricOperator, AutoCloseable {

        private final SymmetricOperator operator;
        private final Basis found;

        Deflated(SymmetricOperator operator, List<Pair> pairs) {
            this.operator = operator;
            this.found = new Basis(operator.dataType(), operator.length());
            pairs.forEach(pair -> found.extend(pair.vector().dup()));
        }

        @Override
        public long length() {
            return operator.length();
        }

        @Override
        public long dimension() {
            return operator.dimension() - found.size();
        }

        @Override
        public DataType dataType() {
            return operator.dataType();
        }

        @Override
        public INDArray times(INDArray vector) {
            return found.orthogonalize(operator.times(vector));
        }

        @Override
        public INDArray project(INDArray vector) {
            return found.orthogonalize(operator.project(vector));
        }

        @Override
        public void close() {
            found.close();
        }
    }

    /** One Lanczos process, until what it was to find has converged. */
    private final class Run implements AutoCloseable {

        private final LanczosProcess process;
        private final Tridiagonal.Decomposition ritz;
        private final boolean settled;

        /**
         * How many of the largest are wanted above the floor, or, where nothing is, the largest to within its distance
         * from it.
         */
        Run(Deflated operator, SplittableRandom random, int products, int wanted, double floor) {
            this.process = new LanczosProcess(operator, RandomVectors.unit(operator, random), random);
            Tridiagonal.Decomposition decomposition;
            int m;
            do {
                process.step();
                m = process.tridiagonal().size();
                decomposition = m % CHECK_EVERY == 0 || process.isExhausted() || m >= products
                        ? process.tridiagonal().decompose(LinearAlgebra.best())
                        : null;
            } while (!process.isExhausted()
                    && m < products
                    && (decomposition == null || !isSettled(decomposition, wanted, floor)));
            this.ritz = decomposition;
            this.settled = process.isExhausted() || isSettled(decomposition, wanted, floor);
        }

        private boolean isSettled(Tridiagonal.Decomposition decomposition, int wanted, double floor) {
            int m = decomposition.size();
            double largest = decomposition.value(m - 1);
            boolean none = floor > Double.NEGATIVE_INFINITY;
            for (int i = 0; i < Math.min(wanted, m); i++) {
                double value = decomposition.value(m - 1 - i);
                double residual = residual(decomposition, m - 1 - i);
                if (value <= floor) {
                    // the rest is below
                    return i > 0 || residual <= tolerance * Math.abs(floor);
                }
                if (residual > tolerance * Math.max(largest, none ? floor : largest)) {
                    return false;
                }
            }
            return m >= wanted;
        }

        private double residual(Tridiagonal.Decomposition decomposition, int index) {
            double beta = process.isExhausted() ? 0 : process.tridiagonal().lastBeta();
            return Math.abs(beta * decomposition.entry(decomposition.size() - 1, index));
        }

        /** Whether it ended because what was to be found was found, rather than for want of products. */
        boolean isSettled() {
            return settled;
        }

        int products() {
            return process.tridiagonal().size();
        }

        /** The pairs above the floor that have converged, at least one where there is no floor. */
        List<Pair> above(double floor) {
            int m = ritz.size();
            double scale = Math.max(Math.abs(ritz.value(m - 1)), floor);
            List<Pair> pairs = new ArrayList<>();
            for (int i = m - 1; i >= 0 && pairs.size() < count && ritz.value(i) > floor; i--) {
                double residual = residual(ritz, i);
                if (floor > Double.NEGATIVE_INFINITY && residual > tolerance * scale) {
                    break;
                }
                double[] coefficients = new double[m];
                for (int row = 0; row < m; row++) {
                    coefficients[row] = ritz.entry(row, i);
                }
                pairs.add(new Pair(ritz.value(i), residual, process.basis().combine(coefficients)));
            }
            return pairs;
        }

        @Override
        public void close() {
            process.close();
        }
    }
}
