package io.github.dl4jngd.fisher.operation;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A step of a compiled graph that joins several inputs and has no parameters, such as an addition or a concatenation.
 */
public non-sealed interface Junction extends Step {

    /**
     * Runs the step forward and keeps what its derivative needs.
     *
     * @param inputs at least one, first axis N each; not modified
     * @return the step linearised at the inputs
     */
    Linearized linearize(List<INDArray> inputs);

    @Override
    default Step.Linearized linearize(List<INDArray> inputs, INDArray parameters) {
        return linearize(inputs);
    }

    /** A junction linearised at its inputs. */
    non-sealed interface Linearized extends Step.Linearized {

        /**
         * Pushes tangents forward.
         *
         * @param tangents one for each input, null for zero, not all null; not modified
         * @return the output's tangent
         */
        INDArray jvp(List<@Nullable INDArray> tangents);

        @Override
        default @Nullable INDArray forward(List<@Nullable INDArray> inputTangents, INDArray tangent) {
            return inputTangents.stream().allMatch(Objects::isNull) ? null : jvp(inputTangents);
        }

        /**
         * Pulls K cotangents back.
         *
         * @param cotangents [K, N, …]; not modified
         * @return one array [K, N, …] for each input
         */
        List<INDArray> vjp(INDArray cotangents);

        @Override
        default List<INDArray> backward(
                INDArray cotangents, Function<Operation.Linearized, @Nullable INDArray> throughOperation) {
            return vjp(cotangents);
        }
    }
}
