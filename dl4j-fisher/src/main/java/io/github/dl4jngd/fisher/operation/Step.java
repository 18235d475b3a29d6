package io.github.dl4jngd.fisher.operation;

import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.RowForm;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One node of a compiled network: an {@link Operation} of one input, perhaps with parameters, or a {@link Junction} of
 * several without.
 */
public sealed interface Step permits Operation, Junction {

    /**
     * Runs the step forward and keeps what its derivative needs.
     *
     * @param inputs one of an operation, at least one of a junction, first axis N each; not modified
     * @param parameters the network's flat parameter vector, [P]; not modified
     * @return the step linearised at inputs and parameters
     */
    Linearized linearize(List<INDArray> inputs, INDArray parameters);

    /**
     * The step's trainable parameters.
     *
     * @return empty by default
     */
    default Optional<ParameterBlock> block() {
        return Optional.empty();
    }

    /**
     * What the rows of the step's Jacobian are made of.
     *
     * @return formed rows by default
     */
    default RowForm rowForm() {
        return RowForm.FORMED;
    }

    /**
     * Whether the output for one sample depends on the others, so that one cotangent goes back to a whole minibatch.
     *
     * @return false by default; true for a batch normalisation with batch statistics
     */
    default boolean couplesSamples() {
        return false;
    }

    /**
     * Whether the step makes probabilities, so that a cross-entropy above may take it into itself.
     *
     * @return what it does; nothing of the kind by default
     */
    default Squashing squashing() {
        return Squashing.NONE;
    }

    /**
     * Whether all that the step does is to arrange the numbers of each sample in another way.
     *
     * @return how; it computes something by default
     */
    default Rearrangement rearrangement() {
        return Rearrangement.NONE;
    }

    /** A step linearised at its inputs. */
    sealed interface Linearized permits Operation.Linearized, Junction.Linearized {

        /**
         * The step's output.
         *
         * @return the output, first axis N
         */
        INDArray output();

        /**
         * The jvp: Σ_i ∂out/∂in_i·ẋ_i + ∂out/∂θ·v.
         *
         * @param inputTangents ẋ, one for each input, null for zero; not modified
         * @param tangent v, [P], the whole network's; not modified
         * @return the output's tangent; null for zero
         */
        @Nullable INDArray forward(List<@Nullable INDArray> inputTangents, INDArray tangent);

        /**
         * The vjp: K cotangents pulled back to the inputs.
         *
         * @param cotangents [K, N, …] of the output's shape behind the first axis; not modified
         * @param throughOperation how cotangents go back through an operation, where parameters may want their part
         * @return the cotangents of each input, [K, N, …]; null for one that the function returned null for
         */
        List<? extends @Nullable INDArray> backward(
                INDArray cotangents, Function<Operation.Linearized, @Nullable INDArray> throughOperation);
    }
}
