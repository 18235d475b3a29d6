package io.github.dl4jngd.spectral.theory;

import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.SymmetricEigen;
import java.util.function.DoubleUnaryOperator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Training of a network that stays linear in its parameters, seen at its outputs, for half the mean squared error
 * ½(1/T)Σ‖f − y‖².
 *
 * <p>Gradient descent: f_t − y = (I − ηΘ/T)ᵗ (f_0 − y). A natural gradient that is isotropic, J(F̂ + ρI)⁻¹Jᵀ/T = αI:
 * f_t − y = (1 − ηα)ᵗ(f_0 − y), whatever the data. Source: Lee et al., NeurIPS 2019; Karakida &amp; Osawa, NeurIPS
 * 2020.
 */
public final class FunctionSpace {

    private final SymmetricEigen kernel;
    private final INDArray residual;
    private final long samples;

    /**
     * A training set under a kernel.
     *
     * @param kernel Θ, [T, T], the same for every output
     * @param outputs f_0, [T, C]
     * @param labels y, [T, C]
     */
    public FunctionSpace(INDArray kernel, INDArray outputs, INDArray labels) {
        this.kernel = LinearAlgebra.best().symmetricEigen(kernel.castTo(DataType.DOUBLE));
        this.residual = outputs.castTo(DataType.DOUBLE).sub(labels.castTo(DataType.DOUBLE));
        this.samples = labels.size(0);
    }

    /**
     * The training loss of gradient descent.
     *
     * @param learningRate η
     * @param steps t
     * @return ½(1/T)‖(I − ηΘ/T)ᵗ(f_0 − y)‖²
     */
    public double gradientDescent(double learningRate, int steps) {
        INDArray decayed = kernel.reconstruct(value -> Math.pow(1 - learningRate * value / samples, steps))
                .mmul(residual);
        return halfMeanSquare(decayed);
    }

    /**
     * The training loss of an isotropic natural gradient.
     *
     * @param learningRate η
     * @param isotropy α
     * @param steps t
     * @return ½(1/T)(1 − ηα)²ᵗ‖f_0 − y‖²
     */
    public double naturalGradient(double learningRate, double isotropy, int steps) {
        return Math.pow(1 - learningRate * isotropy, 2.0 * steps) * halfMeanSquare(residual);
    }

    /**
     * The outputs for other samples after gradient descent.
     *
     * @param learningRate η
     * @param steps t
     * @param cross Θ(x, X), [S, T]
     * @param outputs f_0(x), [S, C]
     * @return f_t(x) = f_0(x) − Θ(x, X)Θ⁻¹(I − (I − ηΘ/T)ᵗ)(f_0(X) − y), [S, C], float64
     */
    public INDArray gradientDescentOutputs(double learningRate, int steps, INDArray cross, INDArray outputs) {
        // the limit at λ = 0 is ηt/T
        return moved(
                cross,
                outputs,
                value -> value > 0
                        ? (1 - Math.pow(1 - learningRate * value / samples, steps)) / value
                        : learningRate * steps / samples);
    }

    /**
     * The outputs for other samples after an isotropic natural gradient; the kernel must be regular.
     *
     * @param learningRate η
     * @param isotropy α
     * @param steps t
     * @param cross Θ(x, X), [S, T]
     * @param outputs f_0(x), [S, C]
     * @return f_t(x) = f_0(x) − (1 − (1 − ηα)ᵗ) Θ(x, X)Θ⁻¹(f_0(X) − y), [S, C], float64
     */
    public INDArray naturalGradientOutputs(
            double learningRate, double isotropy, int steps, INDArray cross, INDArray outputs) {
        double done = 1 - Math.pow(1 - learningRate * isotropy, steps);
        return moved(cross, outputs, value -> done / value);
    }

    private INDArray moved(INDArray cross, INDArray outputs, DoubleUnaryOperator function) {
        INDArray solved = kernel.reconstruct(function).mmul(residual);
        return outputs.castTo(DataType.DOUBLE).sub(cross.castTo(DataType.DOUBLE).mmul(solved));
    }

    /**
     * What training to the end predicts for other samples: f_0(x) − Θ(x, X)Θ⁻¹(f_0(X) − y), kernel regression on the
     * residual.
     *
     * @param cross Θ(x, X), [S, T]
     * @param outputs f_0(x), [S, C]
     * @param ridge what is added to Θ's eigenvalues, at least zero
     * @return f_∞(x), [S, C], float64
     */
    public INDArray regression(INDArray cross, INDArray outputs, double ridge) {
        return moved(cross, outputs, value -> 1 / (value + ridge));
    }

    private double halfMeanSquare(INDArray values) {
        double norm = values.norm2Number().doubleValue();
        return norm * norm / (2.0 * samples);
    }
}
