package io.github.dl4jngd.spectral.theory;

import java.util.function.DoubleUnaryOperator;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;

/**
 * Expectations of an activation φ over Gaussian pre-activations: what mean-field theory knows of it.
 *
 * <p>u and v are jointly Gaussian with mean zero, variances {@code first} and {@code second} and the given covariance,
 * which may be negative.
 */
public interface GaussianMoments {

    /**
     * The mean product of two activations, E φ(u) φ(v).
     *
     * @param first the variance of u, at least zero
     * @param second the variance of v, at least zero
     * @param covariance of u and v
     * @return the moment
     */
    double product(double first, double second, double covariance);

    /**
     * The mean product of two slopes, E φ′(u) φ′(v).
     *
     * @param first the variance of u, at least zero
     * @param second the variance of v, at least zero
     * @param covariance of u and v
     * @return the moment
     */
    double slopeProduct(double first, double second, double covariance);

    /**
     * The mean square of the activation, E φ(u)².
     *
     * @param variance of u
     * @return ∫Dz φ²(√q z)
     */
    default double square(double variance) {
        return product(variance, variance, variance);
    }

    /**
     * The mean square of the activation's slope, E φ′(u)².
     *
     * @param variance of u
     * @return ∫Dz φ′²(√q z)
     */
    default double slopeSquare(double variance) {
        return slopeProduct(variance, variance, variance);
    }

    /**
     * ReLU, in closed form (Cho &amp; Saul 2009).
     *
     * @return its moments
     */
    static GaussianMoments relu() {
        return new ReluMoments();
    }

    /**
     * erf(x), in closed form (Williams 1997).
     *
     * @return its moments
     */
    static GaussianMoments erf() {
        return new ErfMoments();
    }

    /**
     * The moments of the identity as activation.
     *
     * @return its moments
     */
    static GaussianMoments linear() {
        return new LinearMoments();
    }

    /**
     * Any smooth activation, by Gauss–Hermite quadrature with 100 nodes in each direction.
     *
     * @param activation φ
     * @param derivative φ′
     * @return its moments; kinks cost accuracy, for ReLU about three digits are left
     */
    static GaussianMoments quadrature(DoubleUnaryOperator activation, DoubleUnaryOperator derivative) {
        return new QuadratureMoments(activation, derivative);
    }

    /**
     * One of DL4J's activations: closed forms for ReLU and the identity, quadrature otherwise.
     *
     * @param activation an element-wise activation
     * @return its moments
     */
    static GaussianMoments of(IActivation activation) {
        if (activation instanceof ActivationIdentity) {
            return linear();
        }
        if (activation instanceof ActivationReLU) {
            return relu();
        }
        return QuadratureMoments.of(activation);
    }
}
