package io.github.dl4jngd.fisher.operation;

import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * a = φ(z), element by element, with φ′(z) evaluated once and shared by every tangent and cotangent. φ′ of DL4J's own
 * activations is their {@code backprop} of ones; of a ReLU it is read off the output.
 */
final class ElementwiseOperation implements Operation {

    private final Function<INDArray, At> at;
    private final Squashing squashing;

    private ElementwiseOperation(Squashing squashing, Function<INDArray, At> at) {
        this.squashing = squashing;
        this.at = at;
    }

    static ElementwiseOperation of(UnaryOperator<INDArray> function, UnaryOperator<INDArray> derivative) {
        return new ElementwiseOperation(Squashing.NONE, z -> new At(function.apply(z), derivative.apply(z)));
    }

    static ElementwiseOperation of(IActivation activation) {
        Squashing squashing = activation.getClass() == ActivationSigmoid.class ? Squashing.SIGMOID : Squashing.NONE;
        return new ElementwiseOperation(squashing, z -> {
            if (activation.getClass() == ActivationReLU.class) {
                // φ′ = 1 where z > 0, else 0: the sign of the output
                INDArray rectified = Transforms.relu(z, true);
                return new At(rectified, Transforms.sign(rectified, true));
            }
            // DL4J's activations work in place
            INDArray output = activation.getActivation(z.dup('c'), false);
            INDArray ones = Nd4j.ones(z.dataType(), z.shape());
            INDArray derivative = activation.backprop(z.dup('c'), ones).getFirst();
            return new At(output, derivative);
        });
    }

    @Override
    public Squashing squashing() {
        return squashing;
    }

    @Override
    public Linearized linearize(INDArray input, INDArray parameters) {
        return at.apply(Folding.compact(input));
    }

    private record At(INDArray output, INDArray derivative) implements Linearized {

        @Override
        public @Nullable INDArray jvp(@Nullable INDArray inputTangent, INDArray tangent) {
            return inputTangent == null ? null : inputTangent.mul(derivative);
        }

        @Override
        public INDArray vjp(INDArray cotangents) {
            long[] shape = new long[derivative.rank() + 1];
            shape[0] = 1;
            System.arraycopy(derivative.shape(), 0, shape, 1, derivative.rank());
            return cotangents.mul(derivative.reshape(shape));
        }
    }
}
