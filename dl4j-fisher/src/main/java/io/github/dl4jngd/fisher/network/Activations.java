package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import java.util.List;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationPReLU;
import org.nd4j.linalg.activations.impl.ActivationRReLU;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;

/** DL4J's activations as operations. */
final class Activations {

    private Activations() {}

    static List<Operation> operations(LayerDescription layer, IActivation activation) {
        if (activation instanceof ActivationIdentity) {
            return List.of();
        }
        if (activation instanceof ActivationSoftmax) {
            return List.of(Operations.softmax());
        }
        if (activation instanceof ActivationRReLU) {
            throw layer.unsupported(
                    "RReLU draws its slopes anew at every pass, and DL4J's backprop ignores them; use leaky ReLU (slope 11/48) instead");
        }
        if (activation instanceof ActivationPReLU) {
            throw layer.unsupported(
                    "PReLU's slopes are parameters, for which there is no rule; use leaky ReLU instead");
        }
        return List.of(Operations.elementwise(activation));
    }
}
