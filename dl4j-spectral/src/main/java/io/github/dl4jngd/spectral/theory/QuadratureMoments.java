package io.github.dl4jngd.spectral.theory;

import java.util.function.DoubleUnaryOperator;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Moments by quadrature: v given u is Gaussian, so that E f(u)f(v) = E_z f(√q₁ z) E_w f(c z/√q₁ + √(q₂ − c²/q₁) w). */
record QuadratureMoments(DoubleUnaryOperator activation, DoubleUnaryOperator derivative) implements GaussianMoments {

    static QuadratureMoments of(IActivation activation) {
        return new QuadratureMoments(
                x -> activation.getActivation(scalar(x), true).getDouble(0), x -> {
                    Pair<INDArray, INDArray> back = activation.backprop(scalar(x), scalar(1));
                    return back.getFirst().getDouble(0);
                });
    }

    private static INDArray scalar(double x) {
        return Nd4j.createFromArray(x).castTo(DataType.DOUBLE).reshape(1, 1);
    }

    @Override
    public double product(double first, double second, double covariance) {
        return expectation(activation, first, second, covariance);
    }

    @Override
    public double slopeProduct(double first, double second, double covariance) {
        return expectation(derivative, first, second, covariance);
    }

    private static double expectation(DoubleUnaryOperator f, double first, double second, double covariance) {
        double deviation = Math.sqrt(first);
        double slope = first > 0 ? covariance / deviation : 0;
        double rest = Math.sqrt(Math.max(0, second - slope * slope));
        return GaussHermite.RULE.expectation(z -> f.applyAsDouble(deviation * z)
                * (rest < 1e-9 * Math.sqrt(second)
                        ? f.applyAsDouble(slope * z)
                        : GaussHermite.RULE.expectation(w -> f.applyAsDouble(slope * z + rest * w))));
    }
}
