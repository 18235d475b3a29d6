package io.github.dl4jngd.spectral.estimate;

import io.github.dl4jngd.fisher.internal.Scratch;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.SymmetricEigen;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The largest eigenvalue by locally optimal conjugate iteration (LOBPCG): each step takes the best vector in the span
 * of the last one, its residual and the last step's direction (Rayleigh–Ritz in three dimensions).
 *
 * <p>An iteration is one product with A, like the power iteration's, but it converges about as fast as the Lanczos
 * process, without a growing basis, and starts from the last estimate's vector. Where the matrix has a dual
 * ({@link SymmetricOperator#dual()}) it iterates there, and the residual is the dual's, which bounds that of A. Memory:
 * six vectors. Source: Knyazev, SIAM J. Sci. Comput. 2001, here with a block of one and no preconditioner.
 *
 * <p>The same iteration finds the largest eigenvalue of P⁻¹A for a positive definite P of which P⁻¹ is known: in the
 * inner product ⟨x, Px⟩ that matrix is symmetric, and each vector x is kept beside Px. Memory: nine vectors.
 *
 * @param tolerance of λ, relative, above zero
 * @param maxIterations products with A, at least one
 * @param seed of the random start where none is given
 */
public record Lobpcg(double tolerance, int maxIterations, long seed) {

    /**
     * How much of a random direction is mixed into a given start, which else might miss that another eigenvalue has
     * become the largest.
     */
    private static final double NOVELTY = 0.1;

    private static final int LEAST_PRODUCTS = 4;

    /** Directions shorter than this beside the vectors before them are rounding. */
    private static final double NEGLIGIBLE = 1e-6;

    /** A square below zero by no more than this beside the vectors' lengths is one of nothing. */
    private static final double ROUNDING = 1e-6;

    /**
     * Checks the ranges.
     *
     * @param tolerance relative, above zero
     * @param maxIterations at least one
     * @param seed of the random start
     */
    public Lobpcg {
        if (!(tolerance > 0) || maxIterations < 1) {
            throw new IllegalArgumentException("LOBPCG needs a tolerance above zero and at least one "
                    + "iteration, got " + tolerance + " and " + maxIterations);
        }
    }

    /**
     * An iteration with a tolerance of 1e-3.
     *
     * @return the defaults
     */
    public static Lobpcg defaults() {
        return new Lobpcg(
                PowerIteration.DEFAULT_TOLERANCE, PowerIteration.DEFAULT_MAX_ITERATIONS, PowerIteration.DEFAULT_SEED);
    }

    /**
     * Estimates from a random start.
     *
     * @param operator A
     * @return the estimate
     * @throws ArithmeticException if a product is not finite
     */
    public LargestEigenvalue estimate(SymmetricOperator operator) {
        return estimate(operator, null);
    }

    /**
     * Estimates from a vector, such as the last estimate's.
     *
     * @param operator A
     * @param start where to start, [length], or null for a random direction; not modified
     * @return the estimate
     * @throws ArithmeticException if a product is not finite
     */
    public LargestEigenvalue estimate(SymmetricOperator operator, INDArray start) {
        return operator.dual()
                .map(dual -> inDual(operator, dual, start))
                .orElseGet(() -> iterate(operator, null, start));
    }

    /**
     * Estimates the largest λ with A x = λ P x, the largest eigenvalue of P⁻¹A and of P^-½ A P^-½, where P⁻¹ is known.
     * An iteration is one product with each. The residual is that of the third of these matrices, ‖Ax − λPx‖ in the
     * norm of P⁻¹.
     *
     * @param operator A, whose subspace P⁻¹ is restricted to
     * @param inverse P⁻¹, positive definite on the subspace
     * @param start where to start, the last estimate's vector, or null for a random direction; not modified
     * @return the estimate; its vector is Px
     * @throws ArithmeticException if a product is not finite
     */
    public LargestEigenvalue estimate(SymmetricOperator operator, SymmetricOperator inverse, INDArray start) {
        return iterate(operator, inverse, start);
    }

    /** The same eigenvalue from shorter vectors; half a product each for the start and for the vector in the end. */
    private LargestEigenvalue inDual(SymmetricOperator operator, SymmetricOperator.Dual dual, INDArray start) {
        INDArray mapped = start == null ? null : dual.fromPrimal(start.castTo(operator.dataType()));
        // a start that the matrix maps to zero says nothing
        boolean known = mapped != null && RandomVectors.norm(mapped) > 0;
        LargestEigenvalue found = iterate(dual, null, known ? mapped : null);
        INDArray v = dual.toPrimal(found.vector());
        if (found.value() > 0) {
            RandomVectors.normalize(v);
        } else {
            v = RandomVectors.unit(operator, new SplittableRandom(seed));
        }
        return new LargestEigenvalue(
                found.value(), found.residual(), found.relativeError(), found.iterations(), found.converged(), v);
    }

    /** The inverse is null where P is the identity. */
    @SuppressWarnings("try") // the scope is a resource that is never named
    private LargestEigenvalue iterate(SymmetricOperator operator, SymmetricOperator inverse, INDArray start) {
        INDArray v = RandomVectors.unit(operator, new SplittableRandom(seed));
        if (inverse != null) {
            v = reached(operator, v);
        }
        if (start != null) {
            // the part of another vector that may have become the top one
            INDArray last = operator.project(start.castTo(operator.dataType()).dup());
            RandomVectors.normalize(last);
            RandomVectors.add(last, NOVELTY, v);
            RandomVectors.normalize(last);
            v = last;
        }
        try (Space space = new Space(operator, inverse, v)) {
            Convergence convergence = new Convergence(tolerance, start == null ? 1 : LEAST_PRODUCTS);
            for (int products = 1; ; products++) {
                double residual = space.residual();
                boolean converged = convergence.reached(space.value, residual) || (space.value == 0 && residual == 0);
                if (converged || products >= maxIterations) {
                    return new LargestEigenvalue(
                            space.value, residual, convergence.error(residual), products, converged, v);
                }
                space.step();
            }
        }
    }

    /** An image of A: P⁻¹ may be huge where A is zero, and a start there would take long to leave. */
    private static INDArray reached(SymmetricOperator operator, INDArray random) {
        INDArray image = operator.times(random);
        double length = RandomVectors.norm(image);
        return length > 0 && Double.isFinite(length) ? image.divi(length) : random;
    }

    /** The vector, its residual and the last direction, with their images under A and P. */
    private static final class Space implements AutoCloseable {

        private final SymmetricOperator operator;
        /** P⁻¹; null where P is the identity. */
        private final SymmetricOperator inverse;
        /** v, w, p as rows. */
        private final INDArray[] vectors = new INDArray[3];
        /** Pv, Pw, Pp; the first is the caller's array. The vectors themselves where P is the identity. */
        private final INDArray[] duals;

        private final INDArray[] images = new INDArray[3];
        private boolean hasDirection;
        private double value;

        @SuppressWarnings("try")
        Space(SymmetricOperator operator, SymmetricOperator inverse, INDArray v) {
            this.operator = operator;
            this.inverse = inverse;
            this.duals = inverse == null ? vectors : new INDArray[3];
            for (int i = 0; i < 3; i++) {
                duals[i] = i == 0 ? v : Nd4j.create(v.dataType(), v.length());
                if (inverse != null) {
                    vectors[i] = Nd4j.create(v.dataType(), v.length());
                }
                images[i] = Nd4j.create(v.dataType(), v.length());
            }
            if (inverse != null) {
                solve(0);
                double length = length(0);
                if (length == 0) {
                    // P⁻¹ is zero wherever A is not: so is the eigenvalue
                    return;
                }
                normalize(0, length);
            }
            try (Scratch ignored = Scratch.open()) {
                images[0].assign(product(vectors[0]));
                value = RandomVectors.dot(vectors[0], images[0]);
            }
        }

        private INDArray product(INDArray vector) {
            return finite(operator.times(vector));
        }

        private static INDArray finite(INDArray product) {
            if (!Double.isFinite(RandomVectors.norm(product))) {
                throw new ArithmeticException(
                        "A product with the matrix is not finite; look for NaN or infinity in the data and the parameters");
            }
            return product;
        }

        /** Makes a vector from its image under P. */
        @SuppressWarnings("try")
        private void solve(int i) {
            try (Scratch ignored = Scratch.open()) {
                vectors[i].assign(operator.project(finite(inverse.times(duals[i]))));
            }
        }

        /** ⟨x, Px⟩^½. */
        private double length(int i) {
            if (inverse == null) {
                return RandomVectors.norm(vectors[i]);
            }
            double squared = RandomVectors.dot(vectors[i], duals[i]);
            if (squared < -ROUNDING * RandomVectors.norm(vectors[i]) * RandomVectors.norm(duals[i])) {
                throw new ArithmeticException("P⁻¹ is not positive definite: there is a vector with ⟨x, Px⟩ < 0");
            }
            return Math.sqrt(Math.max(0, squared));
        }

        private void normalize(int i, double length) {
            if (!(length > 0)) {
                throw new ArithmeticException(
                        "A vector of the iteration has no length in the norm of P: is P⁻¹ positive " + "definite?");
            }
            vectors[i].divi(length);
            if (inverse != null) {
                duals[i].divi(length);
            }
        }

        /** ‖Av − λPv‖/λ; leaves the residual in w. */
        double residual() {
            duals[1].assign(images[0]);
            RandomVectors.add(duals[1], -value, duals[0]);
            if (inverse != null) {
                solve(1);
            }
            double norm = length(1);
            return norm == 0 ? 0 : norm / Math.abs(value);
        }

        /** The best vector in the span; the residual is in w. */
        @SuppressWarnings("try")
        void step() {
            try (Scratch ignored = Scratch.open()) {
                orthogonalize(1, 0, false);
                normalize(1, length(1));
                images[1].assign(product(vectors[1]));
                int dimension = 2;
                if (hasDirection) {
                    double before = length(2);
                    orthogonalize(2, 0, true);
                    orthogonalize(2, 1, true);
                    double after = length(2);
                    if (after > NEGLIGIBLE * before) {
                        normalize(2, after);
                        images[2].divi(after);
                        dimension = 3;
                    }
                }
                combine(ritz(dimension));
                hasDirection = true;
            }
        }

        /** Takes from a vector, and from its images, its part along another of length one. */
        private void orthogonalize(int of, int along, boolean image) {
            double part = RandomVectors.dot(vectors[of], duals[along]);
            RandomVectors.add(vectors[of], -part, vectors[along]);
            if (inverse != null) {
                RandomVectors.add(duals[of], -part, duals[along]);
            }
            if (image) {
                RandomVectors.add(images[of], -part, images[along]);
            }
        }

        /** The coefficients of the best vector; sets its Rayleigh quotient. */
        private double[] ritz(int dimension) {
            double[][] projected = new double[dimension][dimension];
            for (int i = 0; i < dimension; i++) {
                for (int j = 0; j <= i; j++) {
                    projected[i][j] = RandomVectors.dot(vectors[i], images[j]);
                    projected[j][i] = projected[i][j];
                }
            }
            SymmetricEigen ritz = LinearAlgebra.best().symmetricEigen(Nd4j.createFromArray(projected));
            value = ritz.values().getDouble(dimension - 1);
            double[] coefficients = new double[dimension];
            for (int i = 0; i < dimension; i++) {
                coefficients[i] = ritz.vectors().getDouble(i, dimension - 1);
            }
            return coefficients;
        }

        /** p ← c_w w + c_p p, v ← c_v v + p, and their images alike. */
        private void combine(double[] coefficients) {
            combine(vectors, coefficients);
            combine(images, coefficients);
            if (inverse != null) {
                combine(duals, coefficients);
            }
            double length = length(0);
            normalize(0, length);
            images[0].divi(length);
        }

        private static void combine(INDArray[] three, double[] coefficients) {
            INDArray direction = three[2];
            direction.muli(coefficients.length == 3 ? coefficients[2] : 0);
            RandomVectors.add(direction, coefficients[1], three[1]);
            three[0].muli(coefficients[0]).addi(direction);
        }

        /** Frees all but the first of the images under P. */
        @Override
        public void close() {
            for (int i = 0; i < 3; i++) {
                free(images[i]);
                if (i > 0) {
                    free(duals[i]);
                }
                if (inverse != null) {
                    free(vectors[i]);
                }
            }
        }

        /** What lies in a workspace is the workspace's to free. */
        private static void free(INDArray array) {
            if (array.closeable()) {
                array.close();
            }
        }
    }
}
