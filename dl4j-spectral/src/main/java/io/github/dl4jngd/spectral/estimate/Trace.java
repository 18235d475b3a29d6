package io.github.dl4jngd.spectral.estimate;

import io.github.dl4jngd.fisher.internal.Scratch;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Estimates of the trace of a matrix from products with random vectors; all are unbiased. */
@SuppressWarnings("try") // scopes are resources that are never named
public final class Trace {

    private Trace() {}

    /**
     * Hutchinson's estimator, the mean of zᵀA z over vectors of random signs: variance 2(‖A‖²_F − Σ a_ii²)/vectors.
     *
     * <p>Source: Hutchinson 1990.
     *
     * @param operator A
     * @param vectors how many, at least one; as many products
     * @param seed of the vectors
     * @return the estimate
     */
    public static TraceEstimate hutchinson(SymmetricOperator operator, int vectors, long seed) {
        requirePositive(vectors);
        RandomGenerator random = new SplittableRandom(seed);
        List<Double> values = new ArrayList<>();
        for (int i = 0; i < vectors; i++) {
            try (Scratch ignored = Scratch.open()) {
                INDArray z = RandomVectors.signs(operator, random);
                values.add(RandomVectors.dot(z, operator.times(z)));
            }
        }
        return new TraceEstimate(mean(values), standardError(values), vectors);
    }

    /**
     * Hutch++: the trace on the span Q of A times random vectors, exactly, and Hutchinson's estimator on what is
     * orthogonal to it. For spectra with few large eigenvalues its error falls as 1/products, Hutchinson's as
     * 1/√products.
     *
     * <p>Source: Meyer, Musco, Musco &amp; Woodruff, SOSA 2021, algorithm 1, with products/3 vectors for each part.
     *
     * @param operator A, positive semi-definite
     * @param products at least six
     * @param seed of the vectors
     * @return the estimate; its standard error is that of the second part
     */
    public static TraceEstimate hutchPlusPlus(SymmetricOperator operator, int products, long seed) {
        if (products < 6) {
            throw new IllegalArgumentException("Hutch++ needs at least six products, got " + products);
        }
        RandomGenerator random = new SplittableRandom(seed);
        int sketch = (int) Math.min(products / 3, operator.dimension());
        try (Basis basis = new Basis(operator.dataType(), operator.length())) {
            int used = 0;
            for (int i = 0; i < sketch; i++) {
                try (Scratch ignored = Scratch.open()) {
                    basis.extend(operator.times(RandomVectors.signs(operator, random)));
                }
                used++;
            }
            double captured = 0;
            for (int i = 0; i < basis.size(); i++) {
                try (Scratch ignored = Scratch.open()) {
                    INDArray q = basis.get(i);
                    captured += RandomVectors.dot(q, operator.times(q));
                }
                used++;
            }
            List<Double> rest = new ArrayList<>();
            while (used < products) {
                try (Scratch ignored = Scratch.open()) {
                    INDArray z = basis.orthogonalize(RandomVectors.signs(operator, random));
                    rest.add(RandomVectors.dot(z, operator.times(z)));
                }
                used++;
            }
            return new TraceEstimate(captured + mean(rest), standardError(rest), used);
        }
    }

    private static void requirePositive(int vectors) {
        if (vectors < 1) {
            throw new IllegalArgumentException("A trace needs at least one vector, got " + vectors);
        }
    }

    static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }

    /** The standard error of the mean. */
    static double standardError(List<Double> values) {
        int n = values.size();
        double mean = mean(values);
        double squares = values.stream()
                .mapToDouble(value -> (value - mean) * (value - mean))
                .sum();
        return n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1) / n);
    }
}
