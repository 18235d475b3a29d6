package io.github.dl4jngd.spectral.estimate;

import io.github.dl4jngd.fisher.internal.Scratch;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import java.util.random.RandomGenerator;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The Lanczos process A Q = Q T + β q eᵀ with full reorthogonalisation, which keeps copies of found eigenvalues
 * ("ghosts") away. Where an invariant subspace is exhausted it goes on with a random vector orthogonal to it, so that T
 * falls into blocks.
 */
final class LanczosProcess implements AutoCloseable {

    /** In units of the largest |α| + β so far: what is left below it is rounding. */
    private final double breakdown;

    private final SymmetricOperator operator;
    private final RandomGenerator random;
    private final Basis basis;
    private final Tridiagonal tridiagonal = new Tridiagonal();
    /** The next basis vector, in memory of its own. */
    private final INDArray next;

    private double scale;
    private boolean exhausted;

    LanczosProcess(SymmetricOperator operator, INDArray start, RandomGenerator random) {
        this.operator = operator;
        this.random = random;
        this.basis = new Basis(operator.dataType(), operator.length());
        this.next = start;
        this.breakdown = Basis.dependence(operator.dataType());
    }

    Basis basis() {
        return basis;
    }

    Tridiagonal tridiagonal() {
        return tridiagonal;
    }

    /** Whether the whole space is spanned. */
    boolean isExhausted() {
        return exhausted;
    }

    /** One product with A. */
    @SuppressWarnings("try") // the scope is a resource that is never named
    void step() {
        try (Scratch ignored = Scratch.open()) {
            basis.add(next);
            INDArray w = operator.times(next);
            double alpha = RandomVectors.dot(next, w);
            if (!Double.isFinite(alpha)) {
                throw new ArithmeticException("A product with the matrix is " + alpha
                        + "; look for NaN or infinity in the data and the parameters");
            }
            basis.orthogonalize(w);
            double beta = RandomVectors.norm(w);
            scale = Math.max(scale, Math.abs(alpha) + beta);
            exhausted = basis.size() >= operator.dimension();
            if (beta > breakdown * scale) {
                tridiagonal.add(alpha, beta);
                next.assign(w.divi(beta));
            } else {
                tridiagonal.add(alpha, 0);
                if (!exhausted) {
                    next.assign(fresh());
                }
            }
        }
    }

    private INDArray fresh() {
        INDArray v = basis.orthogonalize(RandomVectors.unit(operator, random));
        return v.divi(RandomVectors.norm(v));
    }

    @Override
    public void close() {
        basis.close();
    }
}
