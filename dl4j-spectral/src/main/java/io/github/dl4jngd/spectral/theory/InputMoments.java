package io.github.dl4jngd.spectral.theory;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What mean-field theory knows of a training set.
 *
 * @param samples T, at least one
 * @param square q̂⁰: the mean over samples and inputs of x²
 * @param overlap q̂⁰_st: the mean over pairs s ≠ t of x_s·x_t/M₀; zero for one sample
 */
public record InputMoments(long samples, double square, double overlap) {

    /**
     * Checks the ranges.
     *
     * @param samples T
     * @param square q̂⁰
     * @param overlap q̂⁰_st
     */
    public InputMoments {
        if (samples < 1 || !(square >= 0) || !(Math.abs(overlap) <= square * (1 + 1e-9))) {
            throw new IllegalArgumentException(
                    "Input moments need at least one sample, and an overlap no larger than the " + "mean square, got "
                            + samples + ", " + overlap + " and " + square);
        }
    }

    /**
     * Independent standard normal inputs.
     *
     * @param samples T
     * @return the moments of their distribution
     */
    public static InputMoments standardNormal(long samples) {
        return new InputMoments(samples, 1, 0);
    }

    /**
     * Measures the moments of given inputs.
     *
     * @param inputs [T, M₀]
     * @return their moments
     */
    public static InputMoments of(INDArray inputs) {
        INDArray x = inputs.castTo(DataType.DOUBLE);
        double samples = x.size(0);
        double squares = squaredNorm(x);
        double square = squares / x.length();
        double overlap = samples < 2 ? 0 : (squaredNorm(x.sum(0)) - squares) / (samples * (samples - 1) * x.size(1));
        return new InputMoments(x.size(0), square, overlap);
    }

    private static double squaredNorm(INDArray array) {
        double norm = array.norm2Number().doubleValue();
        return norm * norm;
    }
}
