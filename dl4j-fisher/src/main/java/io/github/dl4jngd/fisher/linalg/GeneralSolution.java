package io.github.dl4jngd.fisher.linalg;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The solution of A X = B for a general matrix.
 *
 * @param x X, of B's shape and data type
 * @param reciprocalCondition an estimate of 1 / (‖A‖₁ ‖A⁻¹‖₁), in [0, 1]; X has about −log₁₀ of it fewer correct digits
 *     than the data type has
 */
public record GeneralSolution(INDArray x, double reciprocalCondition) {}
