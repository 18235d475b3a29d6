package io.github.dl4jngd.fisher.operation;

import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One differentiable step of a compiled network, such as an affine map or an element-wise activation.
 *
 * <p>An operation is immutable and reads parameters only from the vector it is given; it never touches the live
 * network.
 */
public non-sealed interface Operation extends Step {

    /**
     * Runs the step forward and keeps what its derivative needs.
     *
     * @param input the step's input, first axis N; not modified
     * @param parameters the network's flat parameter vector, [P]; not modified
     * @return the step linearised at input and parameters
     */
    Linearized linearize(INDArray input, INDArray parameters);

    /**
     * Whether the second axis is one of parts of samples, such as time steps, each of which is worked on.
     *
     * @return false by default
     */
    default boolean worksOnParts() {
        return false;
    }

    @Override
    default Step.Linearized linearize(List<INDArray> inputs, INDArray parameters) {
        return linearize(inputs.get(0), parameters);
    }

    /** An operation linearised at one input. */
    non-sealed interface Linearized extends Step.Linearized {

        /**
         * Pushes tangents forward: ∂out/∂in·ẋ + ∂out/∂θ·v.
         *
         * @param inputTangent ẋ, of the input's shape; null for zero; not modified
         * @param tangent v, [P], the whole network's; not modified
         * @return the output's tangent; null for zero
         */
        @Nullable INDArray jvp(@Nullable INDArray inputTangent, INDArray tangent);

        @Override
        default @Nullable INDArray forward(List<@Nullable INDArray> inputTangents, INDArray tangent) {
            return jvp(inputTangents.get(0), tangent);
        }

        /**
         * Pulls K cotangents back to the input.
         *
         * @param cotangents [K, N, …] of the output's shape behind the first axis; not modified
         * @return the input's cotangents, [K, N, …]
         */
        INDArray vjp(INDArray cotangents);

        @Override
        default List<@Nullable INDArray> backward(
                INDArray cotangents, Function<Operation.Linearized, @Nullable INDArray> throughOperation) {
            return Collections.singletonList(throughOperation.apply(this));
        }

        /**
         * What makes the step's own part of the tangent kernel J Jᵀ of cotangents δ, [N, units]: the tangent of the
         * output along the gradient that they give the step's parameters is this matrix times δ.
         *
         * @return x xᵀ, with a bias plus 1, [N, N], a new array; null where the gradient itself is needed, or cheaper
         */
        default @Nullable INDArray inputGram() {
            return null;
        }

        /**
         * Pushes a tangent of the input forward, at parameters that do not move: ∂out/∂in·ẋ.
         *
         * @param inputTangent ẋ, of the input's shape; null for zero; not modified
         * @param still a parameter tangent, [P], that is zero at the step's own; not modified
         * @return the output's tangent, a new array; null for zero
         */
        default @Nullable INDArray jvpOfInput(@Nullable INDArray inputTangent, INDArray still) {
            return inputTangent == null ? null : jvp(inputTangent, still);
        }

        /**
         * Whether {@link #pullBack} writes the gradient of the step's parameters, so that it need not be made from
         * rows.
         *
         * @return false by default
         */
        default boolean sumsRows() {
            return false;
        }

        /**
         * Pulls one cotangent for every sample back to the input, and to the step's parameters, summed over samples.
         *
         * @param cotangent δ, [1, N, …] of the output's shape behind the first axis; not modified
         * @param toInput whether the input's cotangents are asked for
         * @param gradient [P]; written to where the step has trainable parameters and {@link #sumsRows()}
         * @return the input's cotangents, [1, N, …]; null where they are not asked for
         */
        default @Nullable INDArray pullBack(INDArray cotangent, boolean toInput, INDArray gradient) {
            return toInput ? vjp(cotangent) : null;
        }

        /**
         * Writes what a training step takes from running statistics: (1 − d)(running − batch), where the step has some.
         *
         * @param update [P]; written to where running statistics lie
         */
        default void writeStatistics(INDArray update) {}

        /**
         * The step's rows for given cotangents of its output.
         *
         * @param cotangents δ, [K, N, …]; kept
         * @param scaling the parameterisation's scales
         * @param coupled whether a row belongs to a cotangent and sums over all samples, and not to a pair of a
         *     cotangent and a sample
         * @return the layer's columns of the Jacobian
         * @throws IllegalStateException if the step has no trainable parameters
         */
        default LayerJacobian jacobian(INDArray cotangents, Parameterization scaling, boolean coupled) {
            throw new IllegalStateException("A step without trainable parameters has no columns in the Jacobian");
        }
    }
}
