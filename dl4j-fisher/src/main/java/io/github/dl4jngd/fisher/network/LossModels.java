package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.loss.LossModel;
import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Squashing;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossFMeasure;
import org.nd4j.linalg.lossfunctions.impl.LossHinge;
import org.nd4j.linalg.lossfunctions.impl.LossKLD;
import org.nd4j.linalg.lossfunctions.impl.LossL1;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.linalg.lossfunctions.impl.LossMAE;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossMixtureDensity;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;
import org.nd4j.linalg.lossfunctions.impl.LossPoisson;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossSquaredHinge;

/**
 * Which loss model a DL4J loss function is, and which part of the output activation belongs to it.
 *
 * <p>The softmax of a multi-class cross-entropy and the sigmoid of a binary one are folded into the loss's metric, so
 * that the network's outputs are logits, whether they are the loss layer's own activation or, as in imported Keras
 * models, that of a layer below. With every other loss that has a metric of its own the output activation stays part of
 * the network; an unknown loss takes it along.
 */
final class LossModels {

    private LossModels() {}

    /** What becomes of a loss function. */
    private enum Kind {
        SQUARED_ERROR,
        ABSOLUTE_ERROR,
        /** MCXENT and its like, and KLD, whose derivatives are the same. */
        CROSS_ENTROPY,
        BINARY_CROSS_ENTROPY,
        POISSON,
        HINGE,
        OTHER
    }

    private static Kind kind(ILossFunction loss) {
        Class<?> type = loss.getClass();
        if (type == LossL2.class || type == LossMSE.class) {
            return Kind.SQUARED_ERROR;
        }
        if (type == LossL1.class || type == LossMAE.class) {
            return Kind.ABSOLUTE_ERROR;
        }
        if (type == LossMCXENT.class
                || type == LossNegativeLogLikelihood.class
                || type == LossSparseMCXENT.class
                || type == LossKLD.class) {
            return Kind.CROSS_ENTROPY;
        }
        if (type == LossBinaryXENT.class) {
            return Kind.BINARY_CROSS_ENTROPY;
        }
        if (type == LossPoisson.class) {
            return Kind.POISSON;
        }
        return type == LossHinge.class || type == LossSquaredHinge.class ? Kind.HINGE : Kind.OTHER;
    }

    /** The output activation, as far as it is part of the network and not of the loss. */
    static List<Operation> activationBelow(LayerDescription layer) {
        IActivation activation = activation(layer);
        Kind kind = kind(LossHead.loss(layer.configuration()));
        boolean folded = (kind == Kind.CROSS_ENTROPY && activation instanceof ActivationSoftmax)
                || (kind == Kind.BINARY_CROSS_ENTROPY && activation instanceof ActivationSigmoid)
                || kind == Kind.OTHER;
        return folded ? List.of() : Activations.operations(layer, activation);
    }

    private static IActivation activation(LayerDescription layer) {
        return ((BaseLayer) layer.configuration()).getActivationFn();
    }

    /**
     * What a layer below would have to make of logits for the loss to take it into itself: nothing where the loss layer
     * has an activation of its own.
     */
    static Squashing wanted(LayerDescription layer) {
        if (!(activation(layer) instanceof ActivationIdentity)) {
            return Squashing.NONE;
        }
        return switch (kind(LossHead.loss(layer.configuration()))) {
            case CROSS_ENTROPY -> Squashing.SOFTMAX;
            case BINARY_CROSS_ENTROPY -> Squashing.SIGMOID;
            default -> Squashing.NONE;
        };
    }

    /**
     * The loss at one position.
     *
     * @param layer the output layer
     * @param outputs C
     * @param folded whether what the loss {@link #wanted} below it has been taken into it
     * @param probabilities whether the outputs come from an activation, so that they may be probabilities
     */
    static LossModel of(LayerDescription layer, long outputs, boolean folded, boolean probabilities) {
        ILossFunction loss = LossHead.loss(layer.configuration());
        IActivation activation = activation(layer);
        return switch (kind(loss)) {
            case SQUARED_ERROR -> {
                INDArray weights = weights(layer, ((LossL2) loss).getWeights(), outputs);
                double scale = loss.getClass() == LossMSE.class ? 2.0 / outputs : 2.0;
                yield weights == null ? LossModel.squaredError(scale) : LossModel.squaredError(scale, weights);
            }
            case ABSOLUTE_ERROR ->
                LossModel.absoluteError(
                        loss.getClass() == LossMAE.class ? 1.0 / outputs : 1.0,
                        weights(layer, ((LossL1) loss).getWeights(), outputs));
            case CROSS_ENTROPY -> crossEntropy(layer, outputs, loss, folded, probabilities);
            case BINARY_CROSS_ENTROPY -> {
                LossBinaryXENT binary = (LossBinaryXENT) loss;
                INDArray weights = weights(layer, binary.getWeights(), outputs);
                if (folded || activation instanceof ActivationSigmoid) {
                    yield weights == null ? LossModel.sigmoidCrossEntropy() : LossModel.sigmoidCrossEntropy(weights);
                }
                requireProbabilities(layer, loss, probabilities, "SIGMOID");
                yield LossModel.bernoulli(weights, binary.getClipEps());
            }
            case POISSON -> LossModel.poisson();
            case HINGE -> loss.getClass() == LossHinge.class ? LossModel.hinge() : LossModel.squaredHinge();
            case OTHER -> {
                if (loss instanceof LossFMeasure || loss instanceof LossMixtureDensity) {
                    throw layer.unsupported("the loss " + loss.getClass().getSimpleName() + " has no rule: "
                            + (loss instanceof LossFMeasure
                                    ? "it is no sum over samples, so that no Fisher matrix is defined; train with XENT or "
                                            + "MCXENT, and measure F with Evaluation"
                                    : "its labels are not of the outputs' shape; train it without a natural gradient"));
                }
                yield LossModel.empirical(loss, activation);
            }
        };
    }

    private static LossModel crossEntropy(
            LayerDescription layer, long outputs, ILossFunction loss, boolean folded, boolean probabilities) {
        boolean divergence = loss instanceof LossKLD;
        INDArray weights = loss instanceof LossMCXENT plain ? weights(layer, plain.getWeights(), outputs) : null;
        boolean own = activation(layer) instanceof ActivationSoftmax;
        if (!folded && !own) {
            requireProbabilities(layer, loss, probabilities, "SOFTMAX");
            return LossModel.probabilityCrossEntropy(weights, divergence);
        }
        if (outputs < 2) {
            throw layer.unsupported("a softmax over one output is constant; use XENT with a sigmoid for two classes");
        }
        if (divergence) {
            return LossModel.softmaxDivergence();
        }
        if (weights != null) {
            return LossModel.weightedSoftmaxCrossEntropy(weights);
        }
        return own ? LossModel.softmaxCrossEntropy() : LossModel.unnormalizedSoftmaxCrossEntropy();
    }

    private static void requireProbabilities(
            LayerDescription layer, ILossFunction loss, boolean probabilities, String activation) {
        if (!probabilities) {
            throw layer.unsupported("the loss " + loss.getClass().getSimpleName()
                    + " takes the logarithm of outputs that nothing makes probabilities of: its activation is identity, and "
                    + "no activation is right below. Give this layer the activation " + activation);
        }
    }

    private static @Nullable INDArray weights(LayerDescription layer, @Nullable INDArray weights, long outputs) {
        if (weights == null) {
            return null;
        }
        if (weights.length() != outputs) {
            throw layer.unsupported(
                    "the loss has " + weights.length() + " per-output weights for " + outputs + " outputs");
        }
        if (!(weights.minNumber().doubleValue() > 0)) {
            throw layer.unsupported("per-output loss weights must be above zero, found " + weights
                    + "; leave the output out, or give it a small weight");
        }
        return weights;
    }
}
