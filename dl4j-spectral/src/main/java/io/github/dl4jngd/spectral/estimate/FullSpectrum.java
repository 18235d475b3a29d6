package io.github.dl4jngd.spectral.estimate;

import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * All eigenvalues of a Fisher information matrix that can differ from zero, from its dual matrix: min(P, NK) of them.
 *
 * @param values in descending order; those of rounding's size may be negative
 * @param dimension P, the number of all eigenvalues
 * @param dualSize NK, the size of the dual matrix
 */
public record FullSpectrum(List<Double> values, long dimension, long dualSize) {

    /**
     * Copies the list.
     *
     * @param values in descending order
     * @param dimension P
     * @param dualSize NK
     */
    public FullSpectrum {
        values = List.copyOf(values);
    }

    /**
     * Decomposes a dual matrix. Costs 9 (NK)³ flops in float64 and 24 (NK)² bytes.
     *
     * @param dual Θ = SᵀJ (SᵀJ)ᵀ/N, [NK, NK], float64
     * @param dimension P, the number of all eigenvalues of F
     * @return the spectrum of F = (SᵀJ)ᵀ SᵀJ/N
     */
    public static FullSpectrum ofDual(INDArray dual, long dimension) {
        double[] ascending = LinearAlgebra.best().symmetricEigen(dual).values().toDoubleVector();
        List<Double> values = new ArrayList<>();
        long count = Math.min(ascending.length, dimension);
        for (int i = 0; i < count; i++) {
            values.add(ascending[ascending.length - 1 - i]);
        }
        return new FullSpectrum(values, dimension, ascending.length);
    }

    /**
     * The trace: the sum of all eigenvalues.
     *
     * @return Σ λ
     */
    public double trace() {
        return values.stream().mapToDouble(Double::doubleValue).sum();
    }

    /**
     * The largest eigenvalue.
     *
     * @return λ_max
     */
    public double largest() {
        return values.get(0);
    }

    /**
     * The smallest eigenvalue of the dual matrix: with H = I of the empirical neural tangent kernel JJᵀ/N.
     *
     * @return the smallest; zero where the dual matrix is larger than the number of parameters
     */
    public double smallestOfDual() {
        return dualSize > dimension ? 0 : values.get(values.size() - 1);
    }

    /**
     * The condition number of the dual matrix.
     *
     * @return the largest over the smallest eigenvalue; infinity where the smallest is zero or rounding has made it
     *     negative
     */
    public double conditionNumberOfDual() {
        double smallest = smallestOfDual();
        return smallest > 0 ? largest() / smallest : Double.POSITIVE_INFINITY;
    }
}
