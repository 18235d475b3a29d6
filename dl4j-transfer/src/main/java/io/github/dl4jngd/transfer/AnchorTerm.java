package io.github.dl4jngd.transfer;

import java.io.Serial;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.core.JsonGenerator;
import org.nd4j.shade.jackson.databind.JsonSerializer;
import org.nd4j.shade.jackson.databind.SerializerProvider;
import org.nd4j.shade.jackson.databind.annotation.JsonSerialize;
import org.nd4j.shade.jackson.databind.jsontype.TypeSerializer;

/**
 * An anchor among the penalties of a layer. It belongs to one model in this process: copies of the model and files have
 * nothing of it.
 */
@JsonSerialize(using = AnchorTerm.LeavesNothing.class)
final class AnchorTerm implements Regularization {

    private static final long serialVersionUID = 1L;

    private final transient AnchoredPenalty penalty;

    AnchorTerm(AnchoredPenalty penalty) {
        this.penalty = penalty;
    }

    @Override
    public ApplyStep applyStep() {
        return ApplyStep.BEFORE_UPDATER;
    }

    @Override
    public void apply(INDArray parameter, INDArray gradient, double rate, int iteration, int epoch) {
        gradient.addi(penalty.gradient(parameter).reshape(gradient.ordering(), gradient.shape()));
    }

    @Override
    public double score(INDArray parameter, int iteration, int epoch) {
        return penalty.value(parameter);
    }

    @Override
    @SuppressWarnings("MissingSuperCall") // a copy of the model has no anchor
    public Regularization clone() {
        return new L2Regularization(0);
    }

    /**
     * Java's serialisation writes in its place a penalty of DL4J's that adds nothing.
     *
     * @return that penalty
     */
    @Serial
    private Object writeReplace() {
        return new L2Regularization(0);
    }

    /** Writes no element where the list of a layer's penalties has a term. */
    static final class LeavesNothing extends JsonSerializer<AnchorTerm> {

        @Override
        public void serialize(AnchorTerm term, JsonGenerator json, SerializerProvider provider) {
            // nothing
        }

        @Override
        public void serializeWithType(
                AnchorTerm term, JsonGenerator json, SerializerProvider provider, TypeSerializer type) {
            // nothing
        }
    }
}
